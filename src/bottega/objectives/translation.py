"""Writing a text in answer to another: translation, and writing anew what stands in the gaps of a text.

A source is ``[class] text eos``, a target ``bos text eos``; see ``bottega.datasets.pairs``. The loss is cross-entropy
with label smoothing (Szegedy et al. 2016, arXiv:1512.00567), as in Vaswani et al. 2017.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from bottega.networks.encoder_decoder import EncoderDecoder
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.beams import search
from bottega.objectives.choosing import choose
from bottega.objectives.rows import together
from bottega.randomness import Random

TOGETHER = 4096  # tokens of sources read at once, all their beams counted
Texts = Sequence[np.ndarray]


class Translation(Objective):
    """An encoder–decoder that learns to answer.

    Args:
        model: the network.
        special: numbers of the special tokens, as ``Tokens.special``.
        classes: how many; 0 when nothing steers.
        optimizers: for the one phase, "model".
        smoothing: share of certainty spread over all other tokens.
        hidden: share of the target's tokens that the decoder does not see while it learns to continue them.

    Attributes:
        rewrites: whether it has learned from texts with gaps, and not from pairs.
    """

    averaged = ("model",)
    rewrites: Tensor

    def __init__(
        self,
        *,
        model: EncoderDecoder,
        special: dict[str, int],
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        smoothing: float = 0.1,
        hidden: float = 0.0,
    ) -> None:
        super().__init__()
        self.model, self.special, self.classes = model, special, classes
        self.smoothing, self.hidden = smoothing, hidden
        self.optimizers = optimizers or {}
        self.register_buffer("rewrites", torch.tensor(False))

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizers.get("model", OptimizerSettings()))]

    # ---- learning --------------------------------------------------------------------------------------------------

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Nats a token of pairs ``(B, 2, L)``: with smoothing, which is minimised, and without."""
        source, target = self._trimmed(batch[:, 0]), self._trimmed(batch[:, 1])
        self.rewrites |= (target == self.special["gap"]).any()
        read = target[:, :-1]
        if self.hidden:
            gone = random.uniform(len(batch), read.shape[1]).to(batch.device) < self.hidden
            read = read.masked_fill(gone & (read != self.special["bos"]), self.special["gap"])
        known = source != self.special["pad"]
        features = self.model.decode(read, self.model.encode(source, known), known)
        wanted = target[:, 1:]
        there = (wanted != self.special["pad"]) & (wanted != self.special["gap"])  # where gaps are is given
        loss, nats = Smoothed.apply(self.model.logits(features[there]), wanted[there], self.smoothing)
        return {"loss": loss, "nats": nats}

    def _trimmed(self, ids: Tensor) -> Tensor:
        """Without the columns at the end in which nothing stands."""
        return ids[:, : int((ids != self.special["pad"]).sum(1).max())]

    # ---- answering -------------------------------------------------------------------------------------------------

    def source(self, text: np.ndarray, label: int | None = None) -> np.ndarray:
        """A text as the encoder reads it: after its class, with its end."""
        head = []
        if self.classes:
            head.append(self.special["any"] if label is None else self.special[f"class {label}"])
        return np.concatenate([head, text, [self.special["eos"]]]).astype(np.int64)

    def answers(self, sources: Texts, *, beams: int = 5, penalty: float = 0.6) -> list[np.ndarray]:
        """The likeliest answer to each source, int64 without special tokens.

        Args:
            sources: as ``source`` gives them.
            beams: 1 takes the likeliest token at every place.
            penalty: how much longer answers are favoured: 0 not at all; 0.6 as in Vaswani et al. 2017.
        """
        return [ids for ids, _score in self.scored_answers(sources, beams=beams, penalty=penalty)]

    def scored_answers(self, sources: Texts, *, beams: int = 5, penalty: float = 0.6) -> list[tuple[np.ndarray, float]]:
        """``answers``, and the score each was chosen by: its log-likelihood over its length, in nats."""
        found: list[tuple[np.ndarray, float]] = [(np.empty(0, np.int64), 0.0)] * len(sources)
        for rows, batch in self._together(sources, beams):
            room = _room(batch.shape[1])
            answers = search(self.model, batch, self.special, beams=beams, penalty=penalty, room=room)
            for row, answer in zip(rows, answers, strict=True):
                found[row] = (answer.ids.cpu().numpy(), answer.score)
        return found

    @torch.no_grad()
    def filled(
        self,
        targets: Texts,
        sources: Texts,
        random: Random,
        *,
        never: np.ndarray,
        begins: np.ndarray,
        temperature: float = 0.8,
        top_p: float = 0.95,
    ) -> list[np.ndarray]:
        """The targets with other words in their gaps, drawn by chance; marks and all, int64.

        Args:
            targets, sources: as ``with_gaps`` gives them, the sources as ``source`` goes on.
            never: tokens that no gap takes, beside special ones.
            begins: which tokens begin a word, bool ``(V,)``: a gap begins as what it held.
            temperature: 0 takes the likeliest token; below 1 is careful, above 1 daring.
            top_p: only the likeliest tokens that hold this share together (Holtzman et al. 2020, arXiv:1904.09751).
        """
        found: list[np.ndarray] = [np.empty(0, np.int64)] * len(sources)
        closed = np.union1d(never, [number for name, number in self.special.items() if name != "middle"])
        for rows, batch in self._together(sources, 1):
            pens = [Pen(targets[row], self.special, begins) for row in rows]
            room = max(pen.room for pen in pens)
            chance = random.child(rows[0]).uniform(room, len(rows)).numpy()
            reading = self.model.begin(batch, batch != self.special["pad"], 1, room)
            last = [self.special["bos"]] * len(rows)
            for place in range(room):
                logits = self.model.step(torch.tensor(last, device=batch.device)[:, None], reading)[:, 0]
                logits = logits.float().cpu().numpy()
                for row, pen in zip(logits, pens, strict=True):
                    row[closed] = -np.inf
                    pen.restrict(row)
                drawn = choose(logits, chance[place], temperature, top_p).tolist()
                last = [pen.take(token) for pen, token in zip(pens, drawn, strict=True)]
                if not any(pen.left for pen in pens):
                    break
            for row, pen in zip(rows, pens, strict=True):
                found[row] = np.array(pen.written, np.int64)
        return found

    @torch.no_grad()
    def nats(self, targets: Texts, sources: Texts) -> np.ndarray:
        """How unlikely each target is as the answer to its source, its end included: float64 ``(N,)`` nats.

        Where its gaps are is given.
        """
        found = np.zeros(len(sources))
        bos, eos = self.special["bos"], self.special["eos"]
        device = next(self.model.parameters()).device
        for rows, batch in self._together(sources, 1):
            answers = [torch.from_numpy(np.concatenate([[bos], targets[row], [eos]])) for row in rows]
            target = pad_sequence(answers, batch_first=True, padding_value=self.special["pad"]).to(device)
            shares = self.model(batch, batch != self.special["pad"], target[:, :-1]).float().log_softmax(2)
            each = -shares.gather(2, target[:, 1:, None])[:, :, 0].double()
            given = (target[:, 1:] == self.special["pad"]) | (target[:, 1:] == self.special["gap"])
            found[rows] = each.masked_fill(given, 0).sum(1).cpu().numpy()
        return found

    def _together(self, sources: Texts, texts: int) -> Iterator[tuple[list[int], Tensor]]:
        """Sources of similar length as one padded batch each, with their numbers; ``texts`` are written to each."""
        device = next(self.model.parameters()).device
        for rows, batch in together(sources, self.special["pad"], TOGETHER // texts, device):
            yield rows.tolist(), batch


class Pen:
    """Writes a target once more: what stands between its gaps as it is, what stands in them as it is drawn.

    Args:
        target: with "gap" and "middle" around what is to be other words.

    Attributes:
        begins: which tokens begin a word, bool ``(V,)``.

    Attributes:
        left: what is still to be written, the last first.
        room: the most tokens there can be.
    """

    def __init__(self, target: np.ndarray, special: dict[str, int], begins: np.ndarray) -> None:
        self.gap, self.middle, self.pad = special["gap"], special["middle"], special["pad"]
        self.left, self.written, self.begins = target[::-1].tolist(), list[int](), begins
        self.room = 2 * len(target) + 4 * int((target == self.gap).sum()) + 1
        self.inside: list[int] | None = None
        self.most = self.words = 0

    def restrict(self, logits: np.ndarray) -> None:
        """Rule out of ``logits (V,)`` what may not come next in a gap.

        At first that is what it held, or what begins no word where that did; then its end, as long as there are fewer
        words than it held, so that a line keeps its measure; at last one more word than that, or twice as much.
        """
        if self.inside is None:
            return
        begun = int(self.begins[self.inside[1:]].sum()) + 1
        if len(self.inside) >= self.most:
            logits[np.arange(len(logits)) != self.middle] = -np.inf
        elif not self.inside:
            logits[self.begins != self.begins[self.left[-1]]] = -np.inf
            logits[[self.middle, self.left[-1]]] = -np.inf
        elif begun < self.words:
            logits[self.middle] = -np.inf
        elif begun > self.words:
            logits[self.begins & (np.arange(len(logits)) != self.middle)] = -np.inf

    def take(self, drawn: int) -> int:
        """The token that comes next; ``drawn`` in a gap, what is there elsewhere."""
        if self.inside is None:
            token = self.left.pop() if self.left else self.pad
            if token == self.gap:
                held = self.left[: -self.left[::-1].index(self.middle) - 1 : -1]
                self.inside, self.most = [], 2 * len(held) + 2
                self.words = int(self.begins[held[1:]].sum()) + 1
        else:
            token = drawn
            self.inside.append(token)
            if token == self.middle:
                self.inside = None
                while self.left.pop() != self.middle:
                    pass
        self.written += [token] * (token != self.pad)
        return token


class Smoothed(torch.autograd.Function):
    """Cross-entropy with and without label smoothing; passes over the logits ``(n, V)`` half as often as torch's."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, wanted: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
        """Both in nats, the mean of all places; only the first leads back."""
        total = logits.logsumexp(1)
        nats = (total - logits.gather(1, wanted[:, None])[:, 0]).mean()
        loss = (1 - smoothing) * nats + smoothing * (total - logits.mean(1)).mean()
        ctx.save_for_backward(logits, total, wanted)
        ctx.smoothing = smoothing
        ctx.mark_non_differentiable(nats)
        return loss, nats

    @staticmethod
    def backward(ctx: Any, loss: Tensor, _nats: Tensor) -> tuple[Tensor, None, None]:
        """The shares of the network minus the wanted ones."""
        logits, total, wanted = ctx.saved_tensors
        p = (logits - total[:, None]).exp_().sub_(ctx.smoothing / logits.shape[1])
        p.scatter_add_(1, wanted[:, None], p.new_full((len(p), 1), ctx.smoothing - 1))
        return p.mul_(loss / len(p)), None, None


def _room(source: int) -> int:
    """The most tokens of an answer to a source of so many."""
    return 2 * source + 10

"""Writing one token after another: every token is predicted from those before it.

What a work is about to be can stand at its beginning as the token of its class; it is left out now and then, so that
the same network also writes without one, and guidance can tell the two apart (Ho & Salimans 2022, arXiv:2207.12598).
A share of the rows is turned around so that the network learns to fill gaps (Bavarian et al. 2022, arXiv:2207.14255).
"""

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bottega.datasets.windows import class_word
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.rows import is_class, predicted, together
from bottega.randomness import Random

TOGETHER = 16_384  # tokens looked at together when only their likelihood is asked for


class Autoregressive(Objective):
    """Next-token prediction.

    Args:
        model: ``ids (B, T), state -> logits (B, T, V), state``; with ``begin(n)`` for the state of ``n`` new texts.
        special: numbers of the special tokens, as ``Tokens.special``.
        classes: how many; 0 when nothing steers.
        optimizers: for the one phase, "model".
        masked: share of the tokens that are hidden from the network while it predicts the others; Gao et al. 2025,
            arXiv:2510.04071: what makes small collections go further.
        infill: share of the rows in which a part of a work is moved to its end, to be filled in.
        dropped: share of the classes that are left out.
        lengths: of the rows, in tokens, at even intervals of training: short ones first cost less and teach as much.
            Empty: whole rows always.
    """

    averaged = ("model",)
    controls: ClassVar[dict[str, float]] = {
        "temperature": 0.8, "top_p": 1.0, "min_p": 0.05, "guidance": 1.5, "repeat": 8,
    }  # fmt: skip

    def __init__(
        self,
        *,
        model: nn.Module,
        special: dict[str, int],
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        masked: float = 0.0,
        infill: float = 0.0,
        dropped: float = 0.15,
        lengths: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.model, self.special, self.classes = model, special, classes
        self.masked, self.infill, self.dropped, self.lengths = masked, infill, dropped, tuple(lengths)
        self.last = max(special.values())  # of the special tokens; all others stand for text
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizers.get("model", OptimizerSettings()))]

    # ---- learning --------------------------------------------------------------------------------------------------

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean nats a token of rows ``(B, L + 1)``; the class of a work is given, not predicted."""
        rows = self.cut(batch, progress)
        if self.infill:
            rows = self.with_gaps(rows, random)
        x, y = rows[:, :-1], rows[:, 1:]
        y = predicted(y, self.special, self.classes)
        if self.classes and self.dropped:
            hidden = random.uniform(*x.shape).to(x.device) < self.dropped
            x = x.masked_fill(hidden & self.is_class(x), self.special["any"])
        if self.masked:
            hidden = random.uniform(*x.shape).to(x.device) < self.masked
            x = x.masked_fill(hidden & (x > self.last), self.special["pad"])
        logits, _state = self.model(x)
        return {"loss": cross_entropy(logits.flatten(0, 1), y.flatten())}

    def cut(self, rows: Tensor, progress: float) -> Tensor:
        """Rows ``(B, L + 1)`` in as many pieces as the length of this time asks for; each predicts its last token."""
        if not self.lengths:
            return rows
        wanted = self.lengths[min(int(progress * len(self.lengths)), len(self.lengths) - 1)]
        length = min(wanted, rows.shape[1] - 1)
        return rows.unfold(1, length + 1, length).flatten(0, 1)

    def with_gaps(self, rows: Tensor, random: Random) -> Tensor:
        """Some rows with a gap in one of their works, and at its end what belongs there; cut to their length."""
        chosen = (random.uniform(len(rows)) < self.infill).tolist()
        places = random.uniform(len(rows), 2).tolist()
        return torch.stack(
            [self._with_gap(row, *place) if yes else row for row, yes, place in zip(rows, chosen, places, strict=True)]
        )

    def _with_gap(self, row: Tensor, begin: float, long: float) -> Tensor:
        """``before, gap, after, middle, what was there, eos`` in the place of the work that a random place is in."""
        length, a = len(row), int(begin * (len(row) - 4)) + 1
        ends = (row[a:] == self.special["eos"]).nonzero()
        end = a + int(ends[0]) if len(ends) else length - 3
        while a < end and row[a] <= self.last:  # where a work begins, the gap comes after that
            a += 1
        b = a + math.ceil(long**2 * (end - a))  # short gaps more often than long ones
        gap, middle, eos = (row.new_tensor([self.special[name]]) for name in ("gap", "middle", "eos"))
        rest = row[end + 1 :] if len(ends) else row[:0]
        return torch.cat([row[:a], gap, row[b:end], middle, row[a:b], eos, rest])[:length]

    def is_class(self, ids: Tensor) -> Tensor:
        """Where a token says to which class a work belongs, or that it may be any."""
        return is_class(ids, self.special, self.classes)

    # ---- writing ---------------------------------------------------------------------------------------------------

    def writer(self, n: int, random: Random) -> "Autoregressive":
        """Who writes ``n`` texts: this one."""
        return self

    def opening(self, text: np.ndarray, label: int | None = None) -> np.ndarray:
        """What is read before a text is carried on: its beginning, after the word for its class."""
        return np.concatenate([self._head(label), text]).astype(np.int64)

    def around(self, before: np.ndarray, after: np.ndarray, label: int | None = None) -> np.ndarray:
        """What is read before a gap between two texts is filled."""
        gap, middle = self.special["gap"], self.special["middle"]
        return np.concatenate([self._head(label), before, [gap], after, [middle]]).astype(np.int64)

    def _head(self, label: int | None) -> list[int]:
        head = [self.special["bos"]]
        if self.classes:
            head.append(class_word(self.classes if label is None else label, self.special))
        return head

    # ---- judging ---------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def nats(self, ids: Sequence[np.ndarray], labels: Sequence[int | None] | None = None) -> np.ndarray:
        """How unlikely each work is, its end included: float64 ``(N,)`` nats, with all the context there is.

        Args:
            ids: works without special tokens.
            labels: the class of each; without, any.
        """
        device = next(self.model.parameters()).device
        labels = labels or [None] * len(ids)
        rows = [np.append(self.opening(work, k), self.special["eos"]) for work, k in zip(ids, labels, strict=True)]
        found = np.zeros(len(rows))
        for group, batch in together(rows, self.special["pad"], TOGETHER, device):
            found[group] = self._nats(batch).cpu().numpy()
        return found

    def _nats(self, rows: Tensor) -> Tensor:
        """Nats of padded rows ``(B, L)``, read piece by piece."""
        state = self.model.begin(len(rows))
        total = torch.zeros(len(rows), dtype=torch.float64, device=rows.device)
        piece = max(1, min(256, TOGETHER // len(rows)))
        for x, y in zip(rows[:, :-1].split(piece, 1), rows[:, 1:].split(piece, 1), strict=True):
            logits, state = self.model(x, state)
            y = predicted(y, self.special, self.classes)
            total += cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).double().sum(1)
        return total

"""Writing tunes: next-event prediction with a head of words that say what a tune is, and gaps of whole bars."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn

from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.base import OptimizerSettings
from bottega.randomness import Random

HEAD = 4  # words before every tune: valence, arousal, key, tempo; a fifth where there are classes


class Tunes(Autoregressive):
    """Next-event prediction, with several words that are told instead of predicted, each of which can be left open.

    Where ``Autoregressive`` takes the number of a class, this takes the whole head of a tune, as ``Events.head``.

    Args:
        model: as that of ``Autoregressive``.
        special: numbers of the special tokens, as ``Events.special``.
        words: the last number of the words that are told; they begin at "any".
        bars: the first number of the tokens that begin a bar, and the one past the last.
        classes: how many classes there are.
        optimizers: for the one phase, "model".
        masked: share of the events that are hidden from the network while it predicts the others.
        infill: share of the rows in which some bars are moved to the end, to be filled in.
        dropped: share of the words that are left out, each by itself; of as many rows again all are.
    """

    controls: ClassVar[dict[str, float]] = {
        "temperature": 1.0, "top_p": 1.0, "min_p": 0.03, "guidance": 1.5, "repeat": 0,
    }  # fmt: skip

    def __init__(
        self,
        *,
        model: nn.Module,
        special: dict[str, int],
        words: int,
        bars: tuple[int, int],
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        masked: float = 0.0,
        infill: float = 0.0,
        dropped: float = 0.1,
    ) -> None:
        told = words - special["any"]  # all of them are to the other class what classes are
        super().__init__(
            model=model, special=special, classes=told, optimizers=optimizers, masked=masked, infill=infill,
            dropped=dropped,
        )  # fmt: skip
        self.last, self.bars, self.head = words, tuple(bars), HEAD + bool(classes)

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean nats an event of rows ``(B, L + 1)``, filled up with "pad" at the end."""
        open_ = random.uniform(len(batch), 1).to(batch.device) < self.dropped
        rows = batch.masked_fill(open_ & self.is_class(batch), self.special["any"])
        return super().loss(rows, label, random, progress)

    def _with_gap(self, row: Tensor, begin: float, long: float) -> Tensor:
        """``head, bars before, gap, bars after, middle, the bars between, eos``; some bars in a row are the gap."""
        bars = ((row >= self.bars[0]) & (row < self.bars[1])).nonzero()[:, 0].tolist()
        ends = (row == self.special["eos"]).nonzero()
        if ends.numel():
            bars.append(int(ends[0]))
        if len(bars) < 3:
            return row
        count = 1 + int(long**2 * (len(bars) - 2))  # few bars more often than many
        first = int(begin * (len(bars) - count))
        a, b, end = bars[first], bars[first + count], bars[-1]
        gap, middle, eos = (row.new_tensor([self.special[name]]) for name in ("gap", "middle", "eos"))
        filled = torch.cat([row[:a], gap, row[b:end], middle, row[a:b], eos])[: len(row)]
        return torch.cat([filled, row.new_full((len(row) - len(filled),), self.special["pad"])])

    def _head(self, label: Sequence[int] | None) -> list[int]:  # type: ignore[override]
        if label is None:
            return [self.special["bos"]] + [self.special["any"]] * self.head
        return list(label)

"""Classification: which class a work belongs to. It makes no works; it gives features, and checks those that do."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from bottega.datasets.augmentation import mirror
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random


class Classification(Objective):
    """Cross-entropy with label smoothing (Szegedy et al. 2016), on works flipped and shifted a little.

    Args:
        classifier: ``x -> logits (B, classes)``, with ``features(x)``.
        classes: how many; at least 2.
        optimizers: for the one phase, "classifier".
        smoothing: share of certainty spread over the other classes.
        flip: whether left and right may be exchanged; shift: by how much of a side the work may move.
    """

    averaged = ("classifier",)

    def __init__(
        self,
        *,
        classifier: nn.Module,
        classes: int,
        optimizers: dict[str, OptimizerSettings] | None = None,
        smoothing: float = 0.1,
        flip: bool = True,
        shift: float = 0.125,
    ) -> None:
        super().__init__()
        self.classifier, self.classes = classifier, classes
        self.smoothing, self.flip, self.shift = smoothing, flip, shift
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        settings = self.optimizers.get("classifier", OptimizerSettings())
        return [Phase("classifier", ("classifier",), self.loss, settings)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """The cross-entropy in nats, and the share of works named rightly."""
        logits = self.classifier(self.varied(batch, random))
        right = (logits.argmax(1) == label).float().mean()
        # works without a class carry the label one past the last, and teach nothing here
        loss = cross_entropy(logits, label, label_smoothing=self.smoothing, ignore_index=self.classes)
        return {"loss": loss, "accuracy": right}

    def varied(self, batch: Tensor, random: Random) -> Tensor:
        """The batch, each work flipped or not, and all moved within a margin that mirrors their edges."""
        if self.flip:
            batch = mirror(batch, random)
        height, width = batch.shape[-2:]
        down, right = int(height * self.shift), int(width * self.shift)
        if not (down or right):
            return batch
        wide = pad(batch, (right, right, down, down), mode="reflect")
        tops = random.integers(2 * down + 1, len(batch)).tolist()
        lefts = random.integers(2 * right + 1, len(batch)).tolist()
        moved = [one[:, y : y + height, x : x + width] for one, y, x in zip(wide, tops, lefts, strict=True)]
        return torch.stack(moved).contiguous(memory_format=torch.channels_last)

    @torch.no_grad()
    def features(self, x: Tensor) -> Tensor:
        """What the network sees in each work: ``(B, C, H, W) -> (B, D)``."""
        return self.classifier.features(x)

    @torch.no_grad()
    def accuracy(self, x: Tensor, label: Tensor) -> float:
        """The share of works ``(B, C, H, W)`` whose class ``(B,)`` is named rightly."""
        return (self.classifier(x).argmax(1) == label).float().mean().item()

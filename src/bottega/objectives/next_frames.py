"""The frames to come from the frames so far.

In training the network sees the beginning of a clip and goes on from its own frames, as it will when it is used, so
that it learns to mend what its own mistakes do to the frames that follow; it goes farther the longer it has learned
(after Bengio et al. 2015, arXiv:1506.03099).
"""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.latent import Tell
from bottega.randomness import Random


class NextFrames(Objective):
    """A network ``frame, state -> next frame, state``; see ``networks.next_frame.FrameGru``.

    Args:
        model: the network.
        classes: number of classes, 0 for none.
        optimizers: settings of the phase ``"model"``.
        seen: share of a clip that is seen before the network goes on alone; in half of the steps less.
        absolute: weight of the mean absolute error beside the mean squared error.
        beginnings: weight of the error while frames are still seen.
        growth: share of training after which the network goes on to the end of the clip; at first it makes 2 frames.
    """

    averaged = ("model",)

    def __init__(
        self,
        model: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        seen: float = 0.5,
        absolute: float = 0.1,
        beginnings: float = 0.2,
        growth: float = 0.5,
    ) -> None:
        super().__init__()
        self.model: Any = model
        self.classes = classes
        self.optimizer = optimizers.get("model", OptimizerSettings())
        self.seen, self.absolute, self.beginnings, self.growth = seen, absolute, beginnings, growth
        self.length = self.model.shape[1]

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizer)]

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """How far the frames are from those of the clips ``x`` (B, C, T, H, W): squared, and a little absolute."""
        most = max(1, round(self.seen * x.shape[2]))
        fewer = bool(random.child("fewer").permutation(2)[0])  # the same in every process
        begun = 1 + int(random.child("begun").permutation(most)[0]) if fewer else most
        share = min(1.0, progress / self.growth) if self.growth else 1.0
        last = begun + max(2, round(share * (x.shape[2] - begun)))
        made = self._told(x[:, :, : min(last, x.shape[2])], begun, label)
        off = made - x[:, :, 1 : made.shape[2] + 1]
        each = (off.square() + self.absolute * off.abs()).mean((0, 1, 3, 4))  # (T - 1,)
        weights = torch.ones_like(each)
        weights[: begun - 1] = self.beginnings
        squared = off[:, :, begun - 1 :].square().mean().detach()
        return {"loss": (weights * each).sum() / weights.sum(), "squared": squared}

    def _told(self, x: Tensor, begun: int, label: Tensor | None) -> Tensor:
        """What the network makes of each frame after the first: ``(B, C, T - 1, H, W)``; ``begun`` frames are seen."""
        state, frame, made = self.model.begin(len(x)), x[:, :, 0], []
        for t in range(x.shape[2] - 1):
            if 0 < t < begun:
                frame = x[:, :, t]
            frame, state = self.model(frame, state, label)
            made.append(frame)
        return torch.stack(made, 2)

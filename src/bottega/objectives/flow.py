"""Flow matching: learn the velocity that carries noise to works along straight lines.

Lipman et al. 2023, "Flow Matching for Generative Modeling", arXiv:2210.02747; times are drawn as in Esser et al. 2024,
arXiv:2403.03206; guidance without a classifier is Ho & Salimans 2022, arXiv:2207.12598.
"""

from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from bottega.datasets import augmentation
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random


class Flow(Objective):
    """Flow matching with a velocity network ``v(x, t, label, augmentation)``; t = 0 is noise, t = 1 a work.

    Args:
        velocity: the network; its output has the shape of x.
        classes: number of classes, 0 for none.
        optimizers: settings of the phase ``"velocity"``.
        time_mean, time_std: training times are ``sigmoid(N(time_mean, time_std²))``.
        unlabelled: share of works shown without their class, so that guidance is possible.
        mirror: whether a work's mirror image is as good as the work.
        augmentation: probability of each conditional augmentation (0 = none).
    """

    averaged = ("velocity",)
    controls: ClassVar[dict[str, float]] = {"steps": 12.0, "guidance": 2.0, "temperature": 1.0}
    quick: ClassVar[dict[str, float]] = {"steps": 8.0, "guidance": 1.0}

    def __init__(
        self,
        velocity: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        time_mean: float = 0.0,
        time_std: float = 1.0,
        unlabelled: float = 0.1,
        mirror: bool = True,
        augmentation: float = 0.0,
    ) -> None:
        super().__init__()
        self.velocity, self.classes = velocity, classes
        self.optimizer = optimizers.get("velocity", OptimizerSettings())
        self.time_mean, self.time_std = time_mean, time_std
        self.unlabelled, self.mirror, self.augmentation = unlabelled, mirror, augmentation
        self.shape = velocity.shape

    def phases(self) -> list[Phase]:
        return [Phase("velocity", ("velocity",), self.loss, self.optimizer)]

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean squared error of the velocity at a random time between noise and works ``x`` (B, C, H, W)."""
        n, device = len(x), x.device
        if self.mirror:
            x = augmentation.mirror(x, random.child("mirror"))
        description = None
        if self.augmentation:
            x, description = augmentation.conditional(x, random.child("augmentation"), self.augmentation)
        if label is not None:
            hidden = random.child("unlabelled").uniform(n).to(device) < self.unlabelled
            label = torch.where(hidden, self.classes, label)
        e = random.child("noise").normal(*x.shape).to(device)
        t = torch.sigmoid(random.child("time").normal(n) * self.time_std + self.time_mean).to(device)
        v = x - e
        x_t = torch.addcmul(e, t[:, None, None, None], v)  # (1 - t) e + t x
        out = self.velocity(x_t.contiguous(memory_format=torch.channels_last), t, label, description)
        return {"loss": (out - v).square().mean()}

    def sample(
        self,
        n: int,
        label: Tensor | None,
        random: Random,
        *,
        steps: float = 12,
        guidance: float = 2.0,
        temperature: float = 1.0,
    ) -> Tensor:
        """From noise to works ``(n, C, H, W)`` by the two-step method of Adams and Bashforth.

        Args:
            steps: of the solver; each costs one evaluation of the network, or two with guidance.
            guidance: 1 follows the class, above 1 exaggerates it, which costs variety and gains clarity.
            temperature: scale of the first noise; below 1 gives calmer works.
        """
        device = next(self.parameters()).device
        x = random.normal(n, *self.shape).to(device) * temperature
        x = x.contiguous(memory_format=torch.channels_last)
        times = torch.linspace(0, 1, int(steps) + 1).tolist()
        before = None
        for here, there in pairwise(times):
            v = self._guided(x, here, label, guidance)
            x = x + (there - here) * (v if before is None else 1.5 * v - 0.5 * before)
            before = v
        return x

    def _guided(self, x: Tensor, t: float, label: Tensor | None, guidance: float) -> Tensor:
        times = torch.full((len(x),), t, device=x.device)
        if label is None or guidance == 1:
            return self.velocity(x, times, label)
        both = torch.cat([label, torch.full_like(label, self.classes)])
        with_label, without = self.velocity(torch.cat([x, x]), torch.cat([times, times]), both).chunk(2)
        return without + guidance * (with_label - without)

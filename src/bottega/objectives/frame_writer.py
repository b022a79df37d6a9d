"""Frames of a codec written one after the other, each drawn from what the network expects after those before.

A mixture of Gaussians for each frame (Graves 2013, arXiv:1308.0850). In training the frames that are read bear noise,
so that the network learns to go on from frames that are not perfect, such as its own.
"""

import math
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.objectives.latent import Tell
from bottega.randomness import Random

LEAST, MOST = -3.0, 1.0
"""Bounds of the logarithm of a standard deviation: few sounds are soon known by heart, and must not be all spikes."""


class FrameWriter(Objective):
    """A network ``frames -> mixture`` over frames ``(B, T, L)``; see ``networks.frames.FrameMemory``.

    Args:
        model: the network.
        classes: number of classes, 0 for none.
        optimizers: settings of the phase ``"model"``.
        noise: most noise on the frames that are read in training, as a share of their size; each row has its own.
        unlabelled: share of rows shown without their class.
    """

    averaged = ("model",)
    controls: ClassVar[dict[str, float]] = {"temperature": 0.8}

    def __init__(
        self,
        model: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        noise: float = 0.3,
        unlabelled: float = 0.1,
    ) -> None:
        super().__init__()
        self.model: Any = model
        self.classes = classes
        self.optimizer = optimizers.get("model", OptimizerSettings())
        self.noise, self.unlabelled = noise, unlabelled
        self.width, self.length = self.model.shape

    def phases(self) -> list[Phase]:
        return [Phase("model", ("model",), self.loss, self.optimizer)]

    def loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Nats for each number of the frames ``x`` (B, L, T), read under noise."""
        if label is not None:
            unlabelled = random.child("unlabelled").uniform(len(x)).to(x.device) < self.unlabelled
            label = torch.where(unlabelled, self.classes, label)
        level = self.noise * random.child("level").uniform(len(x), 1, 1).to(x)
        heard = x + level * random.child("noise").normal(*x.shape).to(x)
        return {"loss": self._nats(x, heard, label).mean()}

    @torch.no_grad()
    def nats(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """What each work ``(B, L, T)`` costs, in nats for each number of its frames: ``(B,)``."""
        return self._nats(x, x, label).mean(1)

    def _nats(self, x: Tensor, heard: Tensor, label: Tensor | None) -> Tensor:
        """For each frame ``(B, T)``, divided by its width."""
        first = self.model.first.expand(len(x), 1, -1)
        (weights, means, deviations), _state = self.model(torch.cat([first, heard.transpose(1, 2)[:, :-1]], 1), label)
        deviations = bounded(deviations)
        off = (x.transpose(1, 2)[:, :, None] - means) * (-deviations).exp()  # (B, T, K, L)
        each = -0.5 * off.square().sum(3) - deviations.sum(3)
        nats = 0.5 * self.width * math.log(2 * math.pi) - torch.logsumexp(weights.log_softmax(2) + each, 2)
        return nats / self.width

    def sample(
        self,
        n: int,
        label: Tensor | None,
        random: Random,
        *,
        frames: int | None = None,
        temperature: float = 0.8,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """New works ``(n, L, frames)``, of any length.

        Args:
            temperature: below 1 is careful, above 1 daring; 0 takes what is expected.
        """
        x = self.model.first.new_zeros(n, self.width, frames or self.length)
        nothing = torch.zeros(n, 1, x.shape[2], dtype=torch.bool, device=x.device)
        return self.complete(x, nothing, label, random, temperature=temperature, tell=tell)

    @torch.no_grad()
    def complete(
        self,
        known: Tensor,
        mask: Tensor,
        label: Tensor | None,
        random: Random,
        *,
        temperature: float = 0.8,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """``known`` (B, L, T) with what follows its beginning written anew.

        Args:
            mask: bool ``(B, 1, T)``, True where frames are known: the same beginning in every row.
            temperature: as for ``sample``.

        Raises:
            ValueError: other frames than a beginning are known.
        """
        begun, count = int(mask[0, 0].sum()), known.shape[2]
        if not bool((mask == (torch.arange(count, device=mask.device) < begun)).all()):
            raise ValueError("a network that goes from frame to frame can only carry a beginning on")
        n, made = len(known), known.clone()
        if label is None and self.classes:
            label = torch.full((n,), self.classes, device=known.device)
        read = torch.cat([self.model.first.expand(n, 1, -1), known[..., :begun].transpose(1, 2)], 1)
        mixture, state = self.model(read, label)
        draws, noise = random.child("which").uniform(n, count), random.child("noise").normal(n, count, self.width)
        draws, noise = draws.to(known), noise.to(known)
        for t in range(begun, count):
            frame = draw(mixture, draws[:, t], noise[:, t], temperature)
            made[..., t] = frame
            if t + 1 < count:
                mixture, state = self.model(frame[:, None], label, state)
            tell((t + 1 - begun) / (count - begun))
        return made


def draw(mixture: tuple[Tensor, Tensor, Tensor], share: Tensor, noise: Tensor, temperature: float) -> Tensor:
    """A frame ``(n, L)`` from the last mixture of ``FrameMemory``.

    Args:
        share: uniform, ``(n,)``: which Gaussian.
        noise: normal, ``(n, L)``.
    """
    weights, means, deviations = (part[:, -1] for part in mixture)
    edges = (weights / max(temperature, 1e-3)).softmax(1).cumsum(1)
    which = (share[:, None] * edges[:, -1:] >= edges).sum(1).clamp(max=edges.shape[1] - 1)
    row = torch.arange(len(which), device=which.device)
    return means[row, which] + temperature * bounded(deviations[row, which]).exp() * noise


def bounded(deviations: Tensor) -> Tensor:
    """Logarithms of standard deviations, held softly between their bounds."""
    return LEAST + (MOST - LEAST) * torch.sigmoid(deviations)

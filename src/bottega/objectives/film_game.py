"""The relativistic game played with films, and one wish more: that little is in front."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Number, Objective, OptimizerSettings
from bottega.objectives.relativistic import Relativistic
from bottega.randomness import Random


class FilmGame(Relativistic):
    """``Relativistic`` with a generator of films that has something in front and something behind.

    Args:
        generator, discriminator: networks as in ``bottega.networks.clip``.
        classes, optimizers, gamma, lazy, augment, mirror: as there; all frames of a film are augmented alike.
        front: weight of the mean share of a film that is in front (VGAN's L1 on the mask): what need not move is
            left to what is behind.

    Attributes:
        longest: how many frames it makes, no more.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        gamma: Number = (2.0, 0.2),
        lazy: int = 16,
        augment: Number = 0.0,
        mirror: bool = False,
        front: float = 0.1,
    ) -> None:
        super().__init__(
            generator, discriminator,
            classes=classes, optimizers=optimizers, gamma=gamma, lazy=lazy, augment=augment, mirror=mirror,
        )  # fmt: skip
        self.front = front
        self.longest: int = self.generator.longest
        self.made: tuple[Tensor, Tensor | None] | None = None
        self.verdict: Tensor | None = None

    complete = Objective.complete  # films are found again by search, but none is carried on

    def discriminator_loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """As there. Its films, and its verdict on the works, are kept for the generator's turn, which saves both."""
        self.made = self.verdict = None
        return super().discriminator_loss(x, label, random, progress)

    def generator_loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """softplus(D(x) - D(G(z))), and how much is in front."""
        if self.made is None:  # its turn without the discriminator's before it
            self._generate(len(x), label, random)
        assert self.made is not None
        (films, mask), self.made = self.made, None
        if self.verdict is None:
            with torch.no_grad():
                self._judge(x, label, random, progress)
        assert self.verdict is not None
        loss = softplus(self.verdict - self._judge(films, label, random, progress)).mean()
        self.verdict = None
        if mask is None:
            return {"loss": loss}
        share = mask.mean()
        return {"loss": loss + self.front * share, "in front": share.detach()}

    def _judge(self, seen: Tensor, label: Tensor | None, random: Random, progress: float) -> Tensor:
        logits = super()._judge(seen, label, random, progress)
        if self.verdict is None:  # the works are judged first
            self.verdict = logits.detach()
        return logits

    def _generate(self, n: int, label: Tensor | None, random: Random) -> Tensor:
        generator: Any = self.generator
        with torch.enable_grad():
            z = random.child("z").normal(n, generator.latent).to(next(self.parameters()).device)
            self.made = generator.layers(z, label)
        return self.made[0].detach()

    @torch.no_grad()
    def sample(
        self, n: int, label: Tensor | None, random: Random, *, frames: int | None = None, truncation: float = 1.0
    ) -> Tensor:
        """Films ``(n, C, frames, H, W)``, of at most ``longest`` frames; "no class", or no label, takes any.

        ``truncation`` below 1 draws z closer to the middle: more typical, less varied.
        """
        label = any_class(label, n, self.classes, random.child("class"))
        device = next(self.parameters()).device
        z = random.normal(n, self.generator.latent).to(device) * truncation
        return self.generator(z, None if label is None else label.to(device))[:, :, :frames]

"""Relativistic pairing with penalties on both gradients: today's GAN loss (R3GAN).

Jolicoeur-Martineau 2018, arXiv:1807.00734; Huang et al. 2024, arXiv:2501.05441. A pair of a work x and a generated
work G(z) is judged by the difference of its logits, so the discriminator has to keep every generated work below every
real one and the generator cannot win by dropping modes. R1 and R2 (Mescheder et al. 2018, arXiv:1801.04406) make it
converge.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from bottega.datasets import augmentation, sound_augmentation
from bottega.objectives.base import Number, OptimizerSettings, Phase, at
from bottega.objectives.game import Game
from bottega.randomness import Random


class Relativistic(Game):
    """A generator and a discriminator that judges pairs.

    Args:
        generator, discriminator: networks as in ``bottega.networks``.
        classes: number of classes, 0 for none.
        optimizers: settings of the phases ``"discriminator"`` and ``"generator"``.
        gamma: weight of the gradient penalties, scheduled.
        lazy: penalties are computed in one of so many steps, and weigh so many times more (Karras et al. 2020).
        augment: probability of each differentiable augmentation, scheduled.
        mirror: whether a work's mirror image is as good as the work.
    """

    averaged = ("generator",)
    controls: ClassVar[dict[str, float]] = {"truncation": 1.0}

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        classes: int,
        optimizers: dict[str, OptimizerSettings],
        gamma: Number = (0.2, 0.02),
        lazy: int = 1,
        augment: Number = 0.0,
        mirror: bool = True,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator, self.classes = generator, discriminator, classes
        self.optimizers = {name: optimizers.get(name, OptimizerSettings()) for name in ("discriminator", "generator")}
        self.gamma, self.lazy, self.augment, self.mirror = gamma, lazy, augment, mirror

    def phases(self) -> list[Phase]:
        return [
            Phase("discriminator", ("discriminator",), self.discriminator_loss, self.optimizers["discriminator"]),
            Phase("generator", ("generator",), self.generator_loss, self.optimizers["generator"]),
        ]

    def discriminator_loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """softplus(D(G(z)) - D(x)), and in turn γ/2 (|∇D(x)|² + |∇D(G(z))|²)."""
        if self.mirror:
            x = augmentation.mirror(x, random.child("mirror"))
        with torch.no_grad():
            fake = self._generate(len(x), label, random)
            x, fake = self._look(x, random, progress), self._look(fake, random, progress)
        penalised = int(random.child("lazy").permutation(self.lazy)[0]) == 0
        x, fake = x.requires_grad_(penalised), fake.requires_grad_(penalised)
        real, made = self._judge(x, label, random, progress), self._judge(fake, label, random, progress)
        loss = softplus(made - real).mean()
        if penalised:
            slopes = torch.autograd.grad(real.sum() + made.sum(), [x, fake], create_graph=True)
            penalty = sum(slope.square().flatten(1).sum(1).mean() for slope in slopes)
            loss = loss + 0.5 * at(self.gamma, progress) * self.lazy * penalty
        return {"loss": loss, "told apart": (real > made).float().mean().detach()}

    def generator_loss(self, x: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """softplus(D(x) - D(G(z)))."""
        made = self._look(self._generate(len(x), label, random), random, progress)
        made = self._judge(made, label, random, progress)
        with torch.no_grad():
            real = self._judge(self._look(x, random, progress), label, random, progress)
        return {"loss": softplus(real - made).mean()}

    def sample(self, n: int, label: Tensor | None, random: Random, *, truncation: float = 1.0) -> Tensor:
        """Works from z of length ``truncation`` times the usual: below 1 more typical, less varied."""
        device = next(self.parameters()).device
        return self.generator(random.normal(n, self.generator.latent).to(device) * truncation, label)

    def _generate(self, n: int, label: Tensor | None, random: Random) -> Tensor:
        z = random.child("z").normal(n, self.generator.latent)
        return self.generator(z.to(next(self.parameters()).device), label)

    def _look(self, works: Tensor, random: Random, progress: float) -> Tensor:
        """Where slopes are penalised: a picture itself, what a critic with eyes sees of a sound.

        A work and its partner are augmented alike, since both draw from the same stream.
        """
        if not hasattr(self.discriminator, "look"):
            return works
        changed = sound_augmentation.differentiable(works, random.child("augment"), at(self.augment, progress))
        return self.discriminator.look(changed)

    def _judge(self, seen: Tensor, label: Tensor | None, random: Random, progress: float) -> Tensor:
        """Logits; pictures are augmented alike here, so that slopes are those of whole pictures."""
        if hasattr(self.discriminator, "look"):
            return self.discriminator.judge(seen, label)
        changed = augmentation.differentiable(seen, random.child("augment"), at(self.augment, progress))
        return self.discriminator(changed, label)

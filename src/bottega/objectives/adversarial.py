"""The first adversarial game (Goodfellow et al. 2014, arXiv:1406.2661), in its non-saturating form.

The discriminator D minimises -log D(x) - log(1 - D(G(z))), the generator -log D(G(z)). Written with logits, log D is
``-softplus(-logit)``, which never overflows.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from bottega.objectives.base import OptimizerSettings, Phase
from bottega.objectives.game import Game
from bottega.randomness import Random


class Adversarial(Game):
    """A generator that learns to fool a discriminator, which learns to tell its pictures from the works.

    Args:
        generator, discriminator: networks as in ``bottega.networks``.
        classes: 0 for none.
        optimizers: per phase ("generator", "discriminator").
        smoothing: the works count as real with 1 - smoothing (Salimans et al. 2016).
    """

    averaged = ("generator",)
    controls: ClassVar[dict[str, float]] = {"truncation": 1.0}

    def __init__(
        self,
        *,
        generator: nn.Module,
        discriminator: nn.Module,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        smoothing: float = 0.0,
    ) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.classes, self.smoothing = classes, smoothing
        self.optimizers = optimizers or {}
        self.made: Tensor | None = None

    def phases(self) -> list[Phase]:
        generator, discriminator = (
            self.optimizers.get(name, OptimizerSettings()) for name in ("generator", "discriminator")
        )
        return [
            Phase("generator", ("generator",), self.loss_of_generator, generator, keeps_graph=True),
            Phase("discriminator", ("discriminator",), self.loss_of_discriminator, discriminator),
        ]

    def loss_of_generator(self, batch: Tensor, label: Tensor | None, random: Random, progress: float):
        """-log D(G(z)); the verdict is kept for the discriminator's turn, which saves making and judging others."""
        z = random.normal(len(batch), self.generator.latent).to(batch.device)
        self.made = self.discriminator(self.generator(z, label), label)
        return {"loss": softplus(-self.made).mean()}

    def loss_of_discriminator(self, batch: Tensor, label: Tensor | None, random: Random, progress: float):
        """-log D(x) - log(1 - D(G(z))); works and fakes pass separately, each with its own batch statistics."""
        if self.made is None:  # its turn without the generator's before it
            self.loss_of_generator(batch, label, random, progress)
        made, self.made = self.made, None
        real = self.discriminator(batch, label)
        loss = (1 - self.smoothing) * softplus(-real) + self.smoothing * softplus(real)
        right = ((real > 0).float().mean() + (made < 0).float().mean()) / 2
        return {"loss": loss.mean() + softplus(made).mean(), "told apart": right.detach()}

    @torch.no_grad()
    def sample(self, n: int, label: Tensor | None, random: Random, truncation: float = 1.0) -> Tensor:
        """``n`` pictures ``(n, C, H, W)`` in [-1, 1]; label "no class", or none at all, takes any class.

        ``truncation`` below 1 draws z closer to the middle: more typical, less varied.
        """
        z = random.normal(n, self.generator.latent) * truncation
        label = any_class(label, n, self.classes, random)
        device = next(self.generator.parameters()).device
        return self.generator(z.to(device), None if label is None else label.to(device))


def any_class(label: Tensor | None, n: int, classes: int, random: Random) -> Tensor | None:
    """The labels with "no class" (``classes``) replaced by one drawn at random; None when there are no classes."""
    if not classes:
        return None
    drawn = random.integers(classes, n)
    return drawn if label is None else torch.where(label.cpu() == classes, drawn, label.cpu())

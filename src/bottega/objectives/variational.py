"""The variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114), with the variance of its output learned.

A work x is encoded as a cloud q(z|x) in latent space and decoded to p(x|z) = N(decoder(z), σ²). Training minimises

    -ELBO = -log p(x|z) + β KL(q(z|x) || N(0, 1)).

σ² is the mean squared error of the batch, which maximises the likelihood (σ-VAE, Rybkin et al. 2021,
arXiv:2006.13202): it balances the two terms for any size and kind of work without a weight to tune.
"""

import math
from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from bottega.networks.layers import average, one_hot
from bottega.objectives import latent
from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.objectives.crossing import crossed
from bottega.objectives.latent import Observation, Place, Tell
from bottega.randomness import Random


class Variational(Objective):
    """An encoder and a decoder that meet in a latent space with a simple distribution.

    Args:
        encoder: ``x, label -> mean, logvar``; decoder: ``z, label -> x``.
        classes: 0 for none.
        optimizers: for the one phase, "autoencoder".
        beta: weight of the KL term; above 1 smoother samples, below 1 sharper reconstructions.
        free_bits: nats of KL that each latent number has for free (Kingma et al. 2016).
    """

    averaged = ("encoder", "decoder")
    controls: ClassVar[dict[str, float]] = {"truncation": 1.0}

    def __init__(
        self,
        *,
        encoder: nn.Module,
        decoder: nn.Module,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        beta: Number = 1.0,
        free_bits: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.classes = encoder, decoder, classes
        self.beta, self.free_bits = beta, free_bits
        self.optimizers = optimizers or {}

    def phases(self) -> list[Phase]:
        settings = self.optimizers.get("autoencoder", OptimizerSettings())
        return [Phase("autoencoder", ("encoder", "decoder"), self.loss, settings)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """-ELBO per number of the work, in nats; also the two terms and σ."""
        mean, logvar = self.encoder(batch, label)
        noise = random.normal(*mean.shape).to(mean.device)
        picture = self.decoder(mean + (0.5 * logvar).exp() * noise, label)
        variance = average((picture - batch).square().mean()) + 1e-6
        numbers = batch[0].numel()
        misfit = 0.5 * numbers * (variance.log() + 1 + math.log(2 * math.pi))
        divergence = average(0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean(0))  # (latent,)
        kl = divergence.clamp(min=self.free_bits).sum()
        loss = (misfit + at(self.beta, progress) * kl) / numbers
        return {"loss": loss, "misfit": misfit.detach() / numbers, "kl": kl.detach(), "sigma": variance.detach().sqrt()}

    @torch.no_grad()
    def sample(self, n: int, label: Tensor | None, random: Random, truncation: float = 1.0) -> Tensor:
        """``n`` pictures ``(n, C, H, W)`` in about [-1, 1]; label "no class", or none at all, takes any class.

        ``truncation`` below 1 draws z closer to the middle: more typical, less varied.
        """
        z = random.normal(n, self.decoder.latent) * truncation
        label = any_class(label, n, self.classes, random)
        device = next(self.decoder.parameters()).device
        return self.decoder(z.to(device), None if label is None else label.to(device)).clamp(-1, 1)

    def places(self, n: int, label: Tensor | None, random: Random) -> Place:
        return latent.places(n, self.decoder, self.classes, label, random)

    def to_latent(self, x: Tensor, label: Tensor | None, random: Random, tell: Tell = lambda share: None) -> Place:
        """By the encoder, then some steps nearer by gradient: it encodes all works at once, and each a little off."""
        whole = latent.everything(x)
        first = self._near(whole, label)
        return latent.invert(self.decoder, None, whole, first, steps=40, tell=tell)

    @torch.no_grad()
    def from_latent(self, place: Place) -> Tensor:
        return self.decoder(place.z, place.label).clamp(-1, 1)

    def complete(
        self,
        observation: Observation,
        label: Tensor | None,
        random: Random,
        start: Place | None = None,
        tell: Tell = lambda share: None,
    ) -> Tensor:
        """From where the encoder sees the known part, with the mean of all known numbers in place of the rest."""
        first = self._near(observation, label)
        if start is not None:
            first = latent.start_from(start, self.decoder, self.classes, label, random)
        return self.from_latent(latent.invert(self.decoder, None, observation, first, steps=100, tell=tell))

    def mix(self, first: Place, second: Place, share: float, random: Random) -> Tensor:
        """The arrangement of one work, the colours and textures of another."""
        made = crossed(self.decoder, (first.z, first.label), (second.z, second.label), share)
        return super().mix(first, second, share, random) if made is None else made

    def _near(self, observation: Observation, label: Tensor | None) -> Callable[[int], Place]:
        """For each work the places that the encoder names: one for its class, or one for each class it could have."""

        @torch.no_grad()
        def first(row: int) -> Place:
            x = observation[row].guess
            if not self.classes:
                return Place(self.encoder(x, None)[0], None)
            wanted = (
                torch.arange(self.classes, device=x.device)
                if label is None
                else label.expand(len(observation))[row : row + 1]
            )
            z = self.encoder(x.expand(len(wanted), -1, -1, -1), wanted)[0]
            return Place(z, one_hot(wanted, self.classes))

        return first

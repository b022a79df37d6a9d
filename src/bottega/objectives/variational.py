"""The variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114), with the variance of its output learned.

A work x is encoded as a cloud q(z|x) in latent space and decoded to p(x|z) = N(decoder(z), σ²). Training minimises

    -ELBO = -log p(x|z) + β KL(q(z|x) || N(0, 1)).

σ² is the mean squared error of the batch, which maximises the likelihood (σ-VAE, Rybkin et al. 2021,
arXiv:2006.13202): it balances the two terms for any size and kind of work without a weight to tune.
"""

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from bottega.networks.layers import average
from bottega.objectives.adversarial import any_class
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
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
        return self.decode(z.to(device), None if label is None else label.to(device))

    @torch.no_grad()
    def encode(self, batch: Tensor, label: Tensor | None = None) -> Tensor:
        """The place of each work in latent space: ``(B, C, H, W) -> (B, latent)``."""
        return self.encoder(batch, label)[0]

    @torch.no_grad()
    def decode(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """The work at each place: ``(B, latent) -> (B, C, H, W)`` in [-1, 1]."""
        return self.decoder(z, label).clamp(-1, 1)

    def reconstruct(self, batch: Tensor, label: Tensor | None = None) -> Tensor:
        """Each work as the model remembers it, ``(B, C, H, W)``."""
        return self.decode(self.encode(batch, label), label)

    def interpolate(self, first: Tensor, last: Tensor, count: int, label: Tensor | None = None) -> Tensor:
        """``count`` works on the way from one to another: two ``(C, H, W) -> (count, C, H, W)``, both ends included.

        The way follows the arc between the two places, since the works lie on a shell around the middle.
        """
        both = None if label is None else label.reshape(1).repeat(2)
        start, end = self.encode(torch.stack([first, last]), both)
        cosine = torch.cosine_similarity(start, end, 0).clamp(-0.9999, 0.9999)
        angle = cosine.acos()
        share = torch.linspace(0, 1, count, device=start.device).unsqueeze(1)  # (count, 1)
        z = ((1 - share) * angle).sin() / angle.sin() * start + (share * angle).sin() / angle.sin() * end
        return self.decode(z, None if label is None else label.reshape(1).repeat(count))

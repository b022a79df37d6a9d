"""A codec of films: an autoencoder whose latent frames are few numbers each, and smooth.

What comes out is compared with what went in pixel by pixel and level by level of a Laplacian pyramid (Burt & Adelson
1983; as a loss Bojanowski et al. 2018, arXiv:1707.05776), so that edges count. The latent frames are clouds near
N(0, 1) (Kingma & Welling 2014, arXiv:1312.6114), so that a second model can learn to write them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.randomness import Random

BLOCK = 32
"""Frames that are coded at once: long films need no more memory than short ones."""
LEVELS = 3
"""Of the pyramid, each half as large as the one before."""


class FilmCodec(Objective):
    """An encoder and a decoder that meet in a sequence of latent frames, one for each frame of the film.

    Args:
        encoder: ``(B, C, T, H, W) -> mean, logvar (B, T, L)``, frame by frame.
        decoder: ``(B, T, L) -> (B, C, T, H, W)``.
        classes: not looked at.
        optimizers: for the one phase, "codec".
        edges: weight of the pyramid beside the pixels.
        kl: weight of the mean KL divergence of a latent number from N(0, 1), in nats.
    """

    averaged = ("encoder", "decoder")
    hop = 1
    """Frames of a film in a latent frame."""

    def __init__(
        self,
        *,
        encoder: nn.Module,
        decoder: nn.Module,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        edges: float = 1.0,
        kl: Number = 0.001,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.classes = encoder, decoder, classes
        self.optimizers = optimizers or {}
        self.edges, self.kl = edges, kl

    @property
    def width(self) -> int:
        """Numbers of a latent frame."""
        return self.encoder.latent  # type: ignore[return-value]

    def phases(self) -> list[Phase]:
        settings = self.optimizers.get("codec", OptimizerSettings())
        return [Phase("codec", ("encoder", "decoder"), self.loss, settings)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Differences of pixels and of the pyramid's levels for ``batch`` (B, C, T, H, W), and the KL term."""
        mean, logvar = self.encoder(batch)
        y = self.decoder(mean + (0.5 * logvar).exp() * random.normal(*mean.shape).to(mean))
        parts = differences(*(film.transpose(1, 2).flatten(0, 1) for film in (batch, y)))
        parts["kl"] = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss = parts["pixels"] + self.edges * parts["edges"] + at(self.kl, progress) * parts["kl"]
        return {"loss": loss} | {name: part.detach() for name, part in parts.items()}

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Films ``(B, C, T, H, W)`` of any length to the means of their latent frames ``(B, L, T)``."""
        parts = [self.encoder(part)[0] for part in x.split(BLOCK, 2)]
        return torch.cat(parts, 1).transpose(1, 2).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor, *, loop: bool = False) -> Tensor:
        """Latent frames ``(B, L, T)`` to films ``(B, C, T, H, W)`` in about [-1, 1].

        Args:
            loop: whether the last frame stands before the first.
        """
        reach, count = int(self.decoder.reach), z.shape[2]  # type: ignore[arg-type]
        frames = z.transpose(1, 2)
        parts = []
        for first in range(0, count, BLOCK):
            last = min(first + BLOCK, count)
            places = torch.arange(first - reach, last + reach, device=z.device)
            if loop:
                begin, places = reach, places % count
            else:
                begin, places = min(first, reach), places[(places >= 0) & (places < count)]
            parts.append(self.decoder(frames[:, places])[:, :, begin : begin + last - first])
        return torch.cat(parts, 2)


def differences(x: Tensor, y: Tensor) -> dict[str, Tensor]:
    """Between pictures ``(N, C, H, W)``: mean absolute ones of pixels, and of the levels of their Laplacian pyramids,
    each level times the side of its pixels; 0 where equal."""
    off = y - x  # a pyramid is linear: that of the difference is the difference of the pyramids
    pixels, edges = off.abs().mean(), off.new_zeros(())
    for level in range(LEVELS):
        if min(off.shape[2:]) < 2:
            break
        smaller = F.avg_pool2d(off, 2)
        larger = F.interpolate(smaller, off.shape[2:], mode="bilinear")
        edges = edges + 2**level * (off - larger).abs().mean()
        off = smaller
    return {"pixels": pixels, "edges": edges}

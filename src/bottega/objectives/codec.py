"""A codec of sounds: an autoencoder whose few frames a second keep what an ear would miss.

What comes out is compared with what went in as spectra through windows of several lengths (Yamamoto et al. 2020,
arXiv:1910.11480; RAVE: Caillon & Esling 2021, arXiv:2111.05011) and, so that phases come out right too, sample by
sample. The latent frames are clouds near N(0, 1) (Kingma & Welling 2014, arXiv:1312.6114), so that a second model can
learn to write them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bottega.networks.layers import average
from bottega.networks.spectral import REACH, power
from bottega.objectives.base import Number, Objective, OptimizerSettings, Phase, at
from bottega.randomness import Random

BLOCK, MARGIN = 256, 24
"""Frames that are coded at once, and those beside them that they can see."""
SILENCE = 1e-7
"""Power below which a frequency counts as silent."""


class Codec(Objective):
    """An encoder and a decoder that meet in a sequence of latent frames.

    Args:
        encoder: ``(B, C, N) -> mean, logvar (B, T, L)``; decoder: ``(B, T, L) -> (B, C, N)``.
        classes: not looked at.
        optimizers: for the one phase, "codec".
        windows: of the spectra that are compared, in samples; looks: how many of them, drawn anew, at each step.
        wave: weight of the difference of samples beside that of spectra.
        kl: weight of the mean KL divergence of a latent number from N(0, 1), in nats.
    """

    averaged = ("encoder", "decoder")

    def __init__(
        self,
        *,
        encoder: nn.Module,
        decoder: nn.Module,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        windows: tuple[int, ...] = (2048, 1024, 512, 256, 128),
        looks: int = 2,
        wave: float = 0.5,
        kl: Number = 0.01,
    ) -> None:
        super().__init__()
        self.encoder, self.decoder, self.classes = encoder, decoder, classes
        self.optimizers = optimizers or {}
        self.windows, self.looks, self.wave, self.kl = windows, looks, wave, kl

    @property
    def hop(self) -> int:
        """Samples of a latent frame."""
        return self.encoder.span  # type: ignore[return-value]

    @property
    def width(self) -> int:
        """Numbers of a latent frame."""
        return self.encoder.latent  # type: ignore[return-value]

    def phases(self) -> list[Phase]:
        settings = self.optimizers.get("codec", OptimizerSettings())
        return [Phase("codec", ("encoder", "decoder"), self.loss, settings)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Differences of spectra and samples, and the KL term; each also by itself."""
        x = pad(batch, (0, -batch.shape[2] % self.hop))
        mean, logvar = self.encoder(x)
        noise = random.normal(*mean.shape).to(mean.device)
        y = self.decoder(mean + (0.5 * logvar).exp() * noise)
        chosen = random.child("windows").permutation(len(self.windows))[: self.looks]
        parts = differences(x.flatten(0, 1), y.flatten(0, 1), [self.windows[i] for i in chosen])
        parts["kl"] = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss = parts["convergence"] + parts["log"] + self.wave * parts["wave"] + at(self.kl, progress) * parts["kl"]
        return {"loss": loss} | {name: part.detach() for name, part in parts.items()}

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Sounds ``(B, C, N)`` of any length to the means of their latent frames ``(B, L, ceil(N / hop))``."""
        x = pad(x, (0, -x.shape[2] % self.hop))
        span, count = self.hop, x.shape[2] // self.hop
        parts = [
            self.encoder(x[:, :, a * span : b * span])[0][:, left:right] for a, b, left, right in _stretches(count)
        ]
        return torch.cat(parts, 1).transpose(1, 2).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """Latent frames ``(B, L, T)`` to sounds ``(B, C, T · hop)``."""
        span, frames = self.hop, z.transpose(1, 2)
        parts = [
            self.decoder(frames[:, a:b])[:, :, left * span : right * span]
            for a, b, left, right in _stretches(frames.shape[1])
        ]
        return torch.cat(parts, 2)


def differences(x: Tensor, y: Tensor, windows: Sequence[int]) -> dict[str, Tensor]:
    """Between sounds ``(B, N)``: of spectra (convergence and log) and of samples; 0 where equal."""
    convergence, log = x.new_zeros(()), x.new_zeros(())
    for size in windows:
        p, q = (power(s, size // REACH).clamp(min=SILENCE) for s in (x, y))
        convergence = convergence + _relative(p.sqrt(), q.sqrt())
        log = log + (p.log() - q.log()).abs().mean() / 2
    count = len(windows)
    return {"convergence": convergence / count, "log": log / count, "wave": _relative(x, y)}


def _relative(x: Tensor, y: Tensor) -> Tensor:
    """Mean over the batch of |x - y| / |x|, soft rows not blown up without end."""
    size = x.flatten(1).square().mean(1).sqrt()
    floor = 0.1 * average(size.mean()) + 1e-4
    return ((x - y).flatten(1).square().mean(1).add(1e-12).sqrt() / (size + floor)).mean()


def _stretches(count: int) -> list[tuple[int, int, int, int]]:
    """For each block of frames: where to begin and end reading, and which part of what is read to keep."""
    found = []
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        begin, end = max(first - MARGIN, 0), min(last + MARGIN, count)
        found.append((begin, end, first - begin, last - begin))
    return found

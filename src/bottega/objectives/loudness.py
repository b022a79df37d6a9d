"""A codec that keeps how loud each band is and forgets phases, for models that make frames.

Phases turn at random from frame to frame: a model that has to foretell them learns little else, and its sounds are
noise. Here a frame is what a few directions keep of a mel spectrogram; the way back begins with phases of tones that go
on, and makes them fit (Griffin & Lim 1984, in the fast form of Perraudin et al. 2013).
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from bottega.networks.spectral import REACH, mel_filters, sound, spectra
from bottega.objectives.base import Objective, OptimizerSettings, Phase
from bottega.randomness import Random

SEEN = 0.0464
"""Seconds of a spectrum, about: it has a power of two samples. Columns are a quarter of it apart."""
SOFTEST = 1e-3
"""Amplitude, in units of a spectrum, below which nothing is heard."""
MIDDLE, SPREAD = -3.5, 2.5
"""About the mean and the deviation of what is heard, in nats."""
MOMENTUM = 0.9


class LoudnessCodec(Objective):
    """An encoder and a decoder of mel spectrograms.

    Args:
        coder: see ``networks.linear_coder``.
        classes: not looked at.
        optimizers: for the one phase, "codec".
        rate: samples a second, for the mel scale.
        rounds: of finding phases; each takes about 2 ms for a second of sound.
    """

    averaged = ("coder",)

    def __init__(
        self,
        *,
        coder: nn.Module,
        classes: int = 0,
        optimizers: dict[str, OptimizerSettings] | None = None,
        rate: int = 22050,
        rounds: int = 6,
    ) -> None:
        super().__init__()
        self.coder: Any = coder
        self.classes, self.rounds = classes, rounds
        self.filters: Tensor
        self.back: Tensor
        self.settings = (optimizers or {}).get("codec", OptimizerSettings())
        self.column = 2 ** max(6, round(math.log2(SEEN * rate))) // 4  # samples from one to the next
        filters = mel_filters(rate, 4 * self.column, coder.bands)
        filters = filters / filters.sum(0).clamp(min=1e-9)
        self.register_buffer("filters", filters, persistent=False)  # (F, bands)
        self.register_buffer("back", torch.linalg.pinv(filters), persistent=False)

    @property
    def hop(self) -> int:
        """Samples of a latent frame."""
        return self.column * self.coder.stride

    @property
    def width(self) -> int:
        """Numbers of a latent frame."""
        return self.coder.latent

    def phases(self) -> list[Phase]:
        return [Phase("codec", ("coder",), self.loss, self.settings)]

    def loss(self, batch: Tensor, label: Tensor | None, random: Random, progress: float) -> dict[str, Tensor]:
        """Mean squared error of what is heard, in units of ``SPREAD`` nats."""
        heard = self.heard(batch)
        return {"loss": (self.coder(heard) - heard).square().mean()}

    def heard(self, x: Tensor) -> Tensor:
        """How loud each band of sounds ``(B, C, N)`` is: ``(B, ceil(N / hop), C · stride · bands)``."""
        x = pad(x, (0, -x.shape[2] % self.hop))
        mel = spectra(x.flatten(0, 1), self.column).abs() @ self.filters  # (B·C, columns, bands)
        heard = ((mel + SOFTEST).log() - MIDDLE) / SPREAD
        heard = heard.view(*x.shape[:2], -1, self.coder.stride * self.coder.bands)
        return heard.transpose(1, 2).flatten(2)

    @torch.no_grad()
    def encode(self, x: Tensor) -> Tensor:
        """Sounds ``(B, C, N)`` of any length to latent frames ``(B, L, ceil(N / hop))``."""
        return self.coder.down(self.heard(x)).transpose(1, 2).contiguous()

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """Latent frames ``(B, L, T)`` to sounds ``(B, C, T · hop)``; the same frames always give the same sound."""
        heard = self.coder.up(z.transpose(1, 2)) * SPREAD + MIDDLE  # (B, T, C · stride · bands)
        heard = heard.unflatten(2, (self.coder.channels, -1)).transpose(1, 2)
        mel = heard.reshape(len(z) * self.coder.channels, -1, self.coder.bands)
        mel = mel.clamp(max=math.log(self.column)).exp() - SOFTEST  # of a tone at full scale
        made = with_phases((mel.clamp(min=0) @ self.back).clamp(min=0), self.rounds)
        return made.view(len(z), self.coder.channels, -1)


def with_phases(magnitudes: Tensor, rounds: int) -> Tensor:
    """Sounds ``(B, T · hop)`` whose spectra have about these magnitudes ``(B, T, 2 · hop + 1)``."""
    hop = (magnitudes.shape[2] - 1) // 2
    phase, before = torch.polar(torch.ones_like(magnitudes), turning(magnitudes)), None
    for _round in range(rounds):
        now = spectra(sound(magnitudes * phase, hop), hop)
        ahead = now if before is None else now + MOMENTUM * (now - before)
        phase, before = ahead / ahead.abs().clamp(min=1e-8), now
    return sound(magnitudes * phase, hop)


def turning(magnitudes: Tensor) -> Tensor:
    """Phases in [0, 2π), as ``magnitudes (B, T, F)``, of tones that go on from column to column: every bin turns with
    the peak next to it, as far as the frequency of that peak asks for (Beauregard, Harish & Wyse 2015)."""
    bins, circle = torch.arange(magnitudes.shape[2], device=magnitudes.device), 2 * math.pi
    loud = (magnitudes + 1e-6).log()
    left, right = pad(loud[..., :-1], (1, 0), value=-20.0), pad(loud[..., 1:], (0, 1), value=-20.0)
    peak = (loud >= left) & (loud > right)
    beside = (0.5 * (left - right) / (left - 2 * loud + right).clamp(max=-1e-6)).clamp(-0.5, 0.5)  # of a parabola
    below = torch.where(peak, bins, -1).cummax(2).values
    above = len(bins) - torch.where(peak, len(bins) - bins, -1).flip(2).cummax(2).values.flip(2)
    far = (below < 0) | ((above < len(bins)) & (above - bins < bins - below))
    near = torch.where(far, above, below).clamp(max=len(bins) - 1)
    advance = ((bins + beside) * circle / REACH).gather(2, near)  # in a column
    so_far = pad(advance[:, :-1], (0, 0, 1, 0)).gather(2, near)
    step = ((advance + so_far) / 2 + math.pi * ((bins - near) % 2)) % circle  # beside a peak they alternate
    begin = circle * Random("phases").uniform(len(bins)).to(magnitudes)  # all alike would be a click
    phase = begin[near[:, 0]] + step[:, 0]
    phases = [phase]
    for column in range(1, magnitudes.shape[1]):
        phase = (phase.gather(1, near[:, column]) + step[:, column]) % circle
        phases.append(phase)
    return torch.stack(phases, 1)

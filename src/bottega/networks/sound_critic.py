"""Critic of rebuilt sounds: looks at complex spectra through several windows, frame by frame.

EnCodec's critic (Défossez et al. 2022, arXiv:2210.13438) convolves over time and frequency; here a frame's whole
spectrum enters one matrix and ConvNeXt blocks look along time, which costs a tenth of it on a CPU. It answers for each
frame and each of a few bands.
"""

import torch
from torch import Tensor, nn

from bottega.networks.convnext import blocks
from bottega.networks.spectral import REACH, spectra

POWER, FAINT = 0.3, 1e-4
"""Spectra are compressed to |c|^0.3 e^{iφ}; amplitudes below FAINT count as silence."""


class Eye(nn.Module):
    """One window: sounds ``(B, N) -> scores (B, T, bands)``, and what it saw on the way."""

    def __init__(self, window: int, width: int, count: int, bands: int) -> None:
        super().__init__()
        self.hop = window // REACH
        self.enter = nn.Linear(2 * (2 * self.hop + 1), width)
        self.blocks = blocks(count, width)
        self.norm = nn.LayerNorm(width)
        self.leave = nn.Linear(width, bands)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        s = spectra(x, self.hop)
        real, imaginary = s.real, s.imag
        size = (real.square() + imaginary.square() + FAINT**2).pow((POWER - 1) / 2)
        h = self.enter(torch.cat([real * size, imaginary * size], 2))
        seen = [h]
        for block in self.blocks:
            h = block(h)
            seen.append(h)
        return self.leave(self.norm(h)), seen


class Critic(nn.Module):
    """Sounds ``(B, C, N)`` to what each eye says: a list of ``(scores (B·C, T, bands), what it saw)``.

    Args:
        shape: not looked at, since every channel is judged by itself; nor are classes.
        windows: in samples, one eye each.
        width, count: channels and blocks of an eye.
        bands: scores of a frame.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        windows: tuple[int, ...] = (2048, 512),
        width: int = 128,
        count: int = 2,
        bands: int = 8,
    ) -> None:
        super().__init__()
        self.eyes = nn.ModuleList(Eye(window, width, count, bands) for window in windows)

    def forward(self, x: Tensor) -> list[tuple[Tensor, list[Tensor]]]:
        return [eye(x.flatten(0, 1)) for eye in self.eyes]

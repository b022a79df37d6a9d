"""How far one sound is from another that should be the same.

The multi-resolution STFT distance (Yamamoto et al. 2020, arXiv:1910.11480) looks at magnitudes only, over windows from
128 to 2048 samples, so that it does not mind where in its period a tone begins: what an ear minds, nearly. The
signal-to-distortion ratio compares sample by sample.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from bottega.networks.spectral import REACH, mel_filters, power

WINDOWS = (2048, 1024, 512, 256, 128)
FLOOR = 1e-7  # of power: what is softer counts as silence


@dataclass(frozen=True)
class StftDistance:
    """The two halves of the distance, each the mean over all windows; ``total`` is their sum.

    Attributes:
        convergence: |S - Ŝ| / |S| of the magnitudes, which the loud parts decide; 0 for equal sounds, 1 for silence.
        log: mean of |log S - log Ŝ| in nats, which soft and loud parts decide alike.
    """

    convergence: float
    log: float

    @property
    def total(self) -> float:
        return self.convergence + self.log


@torch.no_grad()
def stft_distance(reference: Tensor, other: Tensor) -> StftDistance:
    """The multi-resolution STFT distance of two sounds ``(C, N)`` of one length."""
    convergence, log = 0.0, 0.0
    for size in WINDOWS:
        p, q = (_power(x, size) for x in (reference, other))
        s, t = p.sqrt(), q.sqrt()
        convergence += float((s - t).norm() / s.norm())
        log += float((p.log() - q.log()).abs().mean() / 2)
    return StftDistance(convergence / len(WINDOWS), log / len(WINDOWS))


@torch.no_grad()
def mel_distance(reference: Tensor, other: Tensor, rate: int, *, size: int = 1024, bands: int = 80) -> float:
    """Mean of |difference| of two log-mel pictures of sounds ``(C, N)`` of one length, in nats."""
    filters = mel_filters(rate, size, bands, reference.device)
    p, q = ((_power(x, size).sqrt() @ filters).clamp(min=1e-5).log() for x in (reference, other))
    return float((p - q).abs().mean())


@torch.no_grad()
def distortion_ratio(reference: Tensor, other: Tensor) -> float:
    """Signal to distortion in decibels: 10 log10(|x|² / |x - y|²)."""
    error = (reference - other).square().sum()
    return float(10 * torch.log10(reference.square().sum() / error.clamp(min=1e-20)))


def _power(x: Tensor, size: int) -> Tensor:
    """``(C, N) -> (C, T, size / 2 + 1)``, never below the floor."""
    hop = size // REACH
    return power(pad(x, (0, -x.shape[1] % hop)), hop).clamp(min=FLOOR)

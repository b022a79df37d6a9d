"""Clipped peaks, rebuilt so that the spectrum stays sparse.

Weighted l1 by Chambolle & Pock 2011 in a Gabor frame, consistent with what is known: reliable samples stay as they are,
clipped ones lie beyond the level (Záviška, Rajmic, Ozerov & Rencker 2021, "A Survey and an Extensive Evaluation of
Popular Audio Declipping Methods"). Their weights rise with the square of frequency; after a first round ours come from
the spectrum found so far, smoothed over neighbours in time and frequency (Candès, Wakin & Boyd 2008; the neighbours
after Siedenburg, Kowalski & Dörfler 2014), which gains 2 to 3 dB.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

WINDOW = 0.19  # seconds, about
OVERLAP = 4
ROUNDS, EVERY = 500, 100  # iterations, and after how many the weights are looked at again
STEEPNESS = 16.0  # of the first weights, in units of the peak
FAINT = 3e-3  # of the strongest coefficient: what is well below is not there
NEIGHBOURS = (5, 3)  # frames, bins
NEAR = 1e-6  # of the level
CHUNK = 20 * 44100  # samples rebuilt at once, for memory


def rebuilt(
    x: np.ndarray, low: float, high: float, rate: int, told: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """A sound with its clipped peaks rebuilt.

    Args:
        x: float32 ``(N,)``.
        low, high: the levels of clipping; infinite on a side that is whole.
        rate: in Hz.
        told: how much is done, in [0, 1].

    Returns:
        float32 ``(N,)``; where ``low < x < high`` exactly ``x``, elsewhere beyond the level.
    """
    window = 2 ** round(np.log2(WINDOW * rate))
    clipped = (x >= high - NEAR) | (x <= low + NEAR)
    made = x.copy()
    for start in range(0, len(x), CHUNK):
        end = min(start + CHUNK, len(x))
        inside = np.flatnonzero(clipped[start:end])
        if len(inside):
            a, b = max(0, start + inside[0] - window), min(len(x), start + inside[-1] + 1 + window)
            part = _sparse(torch.from_numpy(x[a:b]), low, high, window).numpy()
            made[start:end] = np.where(clipped[start:end], _spread(part, a, start, end), x[start:end])
        told(end / len(x))
    return made


def _spread(part: np.ndarray, a: int, start: int, end: int) -> np.ndarray:
    """The samples from start to end, of which ``part`` begins at ``a``; zeros where it has none."""
    out = np.zeros(end - start, np.float32)
    first, last = max(a, start), min(a + len(part), end)
    out[first - start : last - start] = part[first - a : last - a]
    return out


@torch.no_grad()
def _sparse(y: Tensor, low: float, high: float, window: int) -> Tensor:
    """Chambolle–Pock on ``(n,)``: least weighted l1 norm of the frame's coefficients between the bounds."""
    scale = float(y.abs().max())
    y = y / scale
    top, bottom = y >= (high - NEAR) / scale, y <= (low + NEAR) / scale
    least = torch.where(top, torch.clamp(y, min=high / scale), torch.where(bottom, -torch.inf, y))
    most = torch.where(bottom, torch.clamp(y, max=low / scale), torch.where(top, torch.inf, y))
    frame = _Frame(len(y), window)
    k = torch.arange(1, frame.bins + 1) / frame.bins
    weights = (STEEPNESS * k**2).expand(frame.frames, frame.bins)
    x, ahead = y.clone(), y.clone()
    dual = torch.zeros(frame.frames, frame.bins, dtype=torch.complex64)
    for step in range(ROUNDS):
        if step and step % EVERY == 0:
            weights = _weights(frame.analysed(x).abs())
        dual += frame.analysed(ahead)
        parts = torch.view_as_real(dual)
        power = parts.square().sum(-1)
        parts *= (weights.square() / power.clamp(min=1e-30)).clamp_(max=1).sqrt_()[..., None]
        new = torch.minimum(torch.maximum(x - frame.synthesised(dual), least), most)
        ahead, x = 2 * new - x, new
    return x * scale


def _weights(size: Tensor) -> Tensor:
    """Heavy where a coefficient ``(T, K)`` and its neighbours are faint, next to nothing where they are strong."""
    t, k = NEIGHBOURS
    padded = F.pad(size.square()[None, None], (k // 2, k // 2, t // 2, t // 2), mode="replicate")
    around = F.avg_pool2d(padded, NEIGHBOURS, stride=1)[0, 0].sqrt()
    faint = FAINT * around.max().clamp(min=1e-12)
    return faint / (around + faint)


class _Frame:
    """A tight Gabor frame with a Hann window for sounds of n samples: synthesis is the adjoint and the inverse."""

    def __init__(self, n: int, window: int) -> None:
        hann = torch.hann_window(window)
        self.n, self.size, self.hop = n, window, window // OVERLAP
        self.window = hann / (hann.square().sum() / self.hop).sqrt()
        self.frames = -(-(n + window) // self.hop) + 1
        self.bins = window // 2 + 1

    def analysed(self, x: Tensor) -> Tensor:
        """Coefficients complex64 ``(T, K)`` of ``(n,)``."""
        total = (self.frames - 1) * self.hop + self.size
        padded = F.pad(x, (self.size, max(0, total - self.size - self.n)))[:total]
        return torch.fft.rfft(padded.unfold(0, self.size, self.hop) * self.window, norm="ortho")

    def synthesised(self, q: Tensor) -> Tensor:
        """Samples ``(n,)`` of coefficients ``(T, K)``."""
        pieces = torch.fft.irfft(q, n=self.size, norm="ortho") * self.window  # (T, size)
        out = torch.zeros(self.frames + OVERLAP - 1, self.hop)
        for i in range(OVERLAP):
            out[i : i + self.frames] += pieces[:, i * self.hop : (i + 1) * self.hop]
        return out.reshape(-1)[self.size : self.size + self.n]

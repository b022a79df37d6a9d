"""Sound as short spectra, and back: of frames that overlap by three quarters, or of lapped blocks, which do not repeat
themselves; and the mel scale.

A sound ``(B, N)`` whose length is a multiple of ``hop`` has ``N / hop`` frames of ``REACH * hop`` samples, each
centred on its own ``hop`` samples; outside of the sound is silence. Frames weighted by Hann's window add up to a
constant, so that the way back is exact everywhere.
"""

import math
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import pad

REACH = 4
"""Hops in a frame."""


@cache
@torch.inference_mode(False)  # kept for training too, whoever asks first
def window(size: int, device: torch.device = torch.device("cpu")) -> Tensor:  # noqa: B008
    """Hann's window ``(size,)``, periodic."""
    return torch.hann_window(size, device=device)


def framed(x: Tensor, hop: int) -> Tensor:
    """``(B, N) -> (B, N / hop, REACH * hop)``: a view of the sound, overlapping."""
    beside = (REACH - 1) * hop
    return pad(x, (beside // 2, beside - beside // 2)).unfold(1, REACH * hop, hop)


def overlapped(frames: Tensor, hop: int) -> Tensor:
    """``(B, T, REACH * hop) -> (B, T * hop)``: the frames added where they lie; the transpose of ``framed``."""
    batch, count = frames.shape[:2]
    parts = frames.view(batch, count, REACH, hop)
    total = pad(parts[:, :, 0], (0, 0, 0, REACH - 1))  # (B, T + REACH - 1, hop)
    for i in range(1, REACH):
        total = total + pad(parts[:, :, i], (0, 0, i, REACH - 1 - i))
    beside = (REACH - 1) * hop
    return total.view(batch, -1)[:, beside // 2 : beside // 2 + count * hop]


def spectra(x: Tensor, hop: int) -> Tensor:
    """``(B, N) -> (B, N / hop, 2 * hop + 1)`` complex: the spectrum of each windowed frame."""
    size = REACH * hop
    return torch.fft.rfft(framed(x, hop) * window(size, x.device))


def sound(s: Tensor, hop: int) -> Tensor:
    """Spectra ``(B, T, 2 * hop + 1)`` to the sound ``(B, T * hop)`` that fits them best: the inverse of ``spectra``."""
    size = REACH * hop
    w = window(size, s.device)
    frames = torch.fft.irfft(s, n=size) * w
    weight = overlapped(w.square().expand(1, s.shape[1], size).contiguous(), hop)
    return overlapped(frames, hop) / weight.clamp(min=1e-3)


class _Power(torch.autograd.Function):
    """|spectrum|² of windowed frames; the gradient goes back by one inverse transform, without complex graphs."""

    @staticmethod
    def forward(ctx, x: Tensor, hop: int) -> Tensor:  # type: ignore[override]
        s = spectra(x, hop)
        ctx.save_for_backward(s)
        ctx.hop = hop
        return s.real.square().add_(s.imag.square())

    @staticmethod
    def backward(ctx, gradient: Tensor):  # type: ignore[override]
        (s,) = ctx.saved_tensors
        size = REACH * ctx.hop
        g = s * gradient  # half of the derivative, which is right for all but the first and last of rfft's numbers
        g[..., 0] *= 2
        g[..., -1] *= 2
        frames = torch.fft.irfft(g, n=size, norm="forward") * window(size, s.device)
        return overlapped(frames, ctx.hop), None


def power(x: Tensor, hop: int) -> Tensor:
    """``(B, N) -> (B, N / hop, 2 * hop + 1)``: the power of each frequency in each frame."""
    return _Power.apply(x, hop)


# ---- lapped blocks --------------------------------------------------------------------------------------------------


@cache
@torch.inference_mode(False)  # kept for training too, whoever asks first
def _cosines(hop: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """The orthonormal DCT-IV ``(hop, hop)``, its own inverse, and the two weights ``(hop / 2,)`` of every seam."""
    steps = torch.arange(hop, dtype=torch.float64) + 0.5
    matrix = torch.cos(math.pi / hop * steps[:, None] * steps) * math.sqrt(2 / hop)
    angle = math.pi / 4 * (1 + steps[: hop // 2] / (hop // 2))  # from the seam inwards
    return matrix.float().to(device), angle.sin().float().to(device), angle.cos().float().to(device)


def lapped(x: Tensor, hop: int) -> Tensor:
    """``(B, N) -> (B, N / hop, hop)``: blocks that overlap softly, each as its frequencies; orthonormal.

    The modified discrete cosine transform (Malvar 1990) with a sine window: samples on both sides of a seam are turned
    into each other before each block is transformed by itself. The two ends of the sound are no seams.
    """
    matrix, inside, beyond = _cosines(hop, x.device)
    return _turned(x.reshape(len(x), -1, hop), inside, beyond) @ matrix


def unlapped(blocks: Tensor) -> Tensor:
    """``(B, T, hop) -> (B, T * hop)``: the inverse of ``lapped``."""
    matrix, inside, beyond = _cosines(blocks.shape[2], blocks.device)
    return _turned(blocks @ matrix, inside, -beyond).reshape(len(blocks), -1)


def _turned(blocks: Tensor, inside: Tensor, beyond: Tensor) -> Tensor:
    """Every pair of samples at one distance from a seam, rotated; ``-beyond`` rotates back."""
    half = blocks.shape[2] // 2
    before, after = blocks[:, :-1, half:].flip(2), blocks[:, 1:, :half]  # from the seam outwards
    ends = inside * before - beyond * after
    begins = inside * after + beyond * before
    heads = torch.cat([blocks[:, :1, :half], begins], 1)
    tails = torch.cat([ends.flip(2), blocks[:, -1:, half:]], 1)
    return torch.cat([heads, tails], 2)


# ---- the mel scale --------------------------------------------------------------------------------------------------


@cache
@torch.inference_mode(False)  # kept for training too, whoever asks first
def mel_filters(rate: int, size: int, bands: int, device: torch.device = torch.device("cpu")) -> Tensor:  # noqa: B008
    """Triangles of area 1 on the mel scale of Slaney, ``(size / 2 + 1, bands)``, from 0 Hz to half the rate."""
    edges = _hertz(torch.linspace(0, _mel(rate / 2), bands + 2, dtype=torch.float64))  # (bands + 2,)
    frequencies = torch.linspace(0, rate / 2, size // 2 + 1, dtype=torch.float64)[:, None]
    rise = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    triangles = torch.minimum(rise, fall).clamp(min=0)
    return (triangles * 2 / (edges[2:] - edges[:-2])).float().to(device)


def _mel(hertz: float) -> float:
    """Straight up to 1 kHz, logarithmic above."""
    return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * math.log(hertz / 1000) / math.log(6.4)


def _hertz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15, mel * 200 / 3, 1000 * torch.exp((mel - 15) * math.log(6.4) / 27))

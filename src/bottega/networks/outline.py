"""What a sound is like, tick by tick: how loud it is in each of some bands, how high, and how surely.

A frame stands for ``TICK`` samples and is heard in a window around them. What it tells of the bands says a linear
prediction too: the loudness of the bands is a spectrum, a spectrum is an autocorrelation, and from that Levinson and
Durbin compute how the next sample follows from the last ones (as in LPCNet: Valin & Skoglund 2019, arXiv:1810.11846).
"""

import math
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.networks.spectral import window

TICK = 64  # samples of a frame
BANDS = 20
FRAME = BANDS + 2  # numbers in a frame: a cosine transform of the bands, how high, how surely
WINDOW = 256  # samples in which the bands are heard
LONG = 512  # samples in which it is heard how high the sound is
LAGS = (20, 160)  # the shortest period that is looked for, and the first that is not
PERIOD = 70  # the period that is told as 0
DOUBT = 0.06  # likeness that twice a period has to have more than the period
VOICED = 0.4  # likeness to itself a period before from which a sound has a height
BEND = 6.0  # how much finer the bands are below than above
ORDER = 16  # samples from which the next one is foreseen in a straight line
QUIET = 1e-4  # what cannot be heard
MIDDLE, SPREAD = -11.0, 3.0  # of the logarithms of power, about


@torch.no_grad()
def outlined(y: Tensor) -> Tensor:
    """Sounds ``(B, T)``, whole ticks long, to their frames ``(B, T / TICK, FRAME)``, all numbers about 1 in size."""
    heard = _around(y, WINDOW)
    power = torch.fft.rfft(heard, 2 * WINDOW).abs().square() / window(WINDOW, y.device).square().sum()
    bands = _bands(y.device)
    loud = (power @ (bands / bands.sum(0)) + QUIET**2).log()
    again = _autocorrelation(_around(y, LONG))
    own = _autocorrelation(window(LONG, y.device))
    likeness = again[..., slice(*LAGS)] / (again[..., :1] + LONG * QUIET**2) * (own[0] / own[slice(*LAGS)])
    lag = (likeness - DOUBT * torch.log2(torch.arange(*LAGS, device=y.device))).argmax(-1)
    sure = likeness.gather(-1, lag[..., None])[..., 0]
    high = torch.where(sure > VOICED, 2 * torch.log((lag + LAGS[0]) / PERIOD), 0.0)
    return bundled(torch.cat([(loud - MIDDLE) / SPREAD, torch.stack([high, 2 * sure.clamp(0, 1) - 1], -1)], -1))


def plain(frames: Tensor) -> Tensor:
    """Frames ``(…, FRAME)`` with the loudness of each band in place of its transform, which ``bundled`` takes back."""
    return torch.cat([frames[..., :BANDS] @ _cosines(frames.device), frames[..., BANDS:]], -1)


def bundled(numbers: Tensor) -> Tensor:
    """The frames ``(…, FRAME)`` of plain numbers."""
    return torch.cat([numbers[..., :BANDS] @ _cosines(numbers.device).T, numbers[..., BANDS:]], -1)


@torch.no_grad()
def foretold(frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What frames ``(…, FRAME)`` say of their samples.

    Returns:
        the inverse hyperbolic tangents of the reflections of a linear prediction ``(…, ORDER)``, the logarithm of how
        far it will miss ``(…,)``, and the samples in a period, int64 ``(…,)``.
    """
    loud = plain(frames)[..., :BANDS] * SPREAD + MIDDLE
    power = (loud @ _bands(frames.device).T).clamp(max=-MIDDLE).exp()
    again = torch.fft.irfft(power)[..., : ORDER + 1]
    missed = again[..., 0] * 1.0001 + QUIET**2
    taps, reflections = again[..., :0], []
    for i in range(ORDER):
        reflection = (again[..., i + 1] - (taps * again[..., 1 : i + 1].flip(-1)).sum(-1)) / missed
        reflections.append(reflection)
        taps = _one_more(taps, reflection[..., None])
        missed = missed * (1 - reflection.square())
    bent = torch.stack(reflections, -1).clamp(-0.999, 0.999).atanh()
    lag = (PERIOD * torch.exp(frames[..., BANDS].clamp(-4, 4) / 2)).round().long()
    return bent, missed.clamp(min=QUIET**2).log() / 2, lag.clamp(LAGS[0], LAGS[1] - 1)


def straight(bent: Tensor) -> Tensor:
    """The weights of the last ``ORDER`` samples, the latest first, of which such reflections foresee the next.

    As no reflection reaches 1, what is foreseen again and again dies away, whatever the numbers ``(…, ORDER)`` are.
    """
    reflections = bent.tanh()
    taps = reflections[..., :0]
    for i in range(ORDER):
        taps = _one_more(taps, reflections[..., i : i + 1])
    return taps


def _one_more(taps: Tensor, reflection: Tensor) -> Tensor:
    """One step of Levinson and Durbin."""
    return torch.cat([taps - reflection * taps.flip(-1), reflection], -1)


def _around(y: Tensor, size: int) -> Tensor:
    """Windows of ``size`` samples around each tick ``(B, T / TICK, size)``; silence is before and after."""
    beside = (size - TICK) // 2
    return F.pad(y, (beside, beside)).unfold(1, size, TICK) * window(size, y.device)


def _autocorrelation(x: Tensor) -> Tensor:
    return torch.fft.irfft(torch.fft.rfft(x, 2 * x.shape[-1]).abs().square())


@cache
@torch.inference_mode(False)  # kept for training too, whoever asks first
def _cosines(device: torch.device) -> Tensor:
    """The orthogonal transform after which neighbours no longer move together, ``(BANDS, BANDS)``."""
    i, j = torch.arange(BANDS, device=device)[:, None], torch.arange(BANDS, device=device)
    return torch.cos(math.pi * i * (j + 0.5) / BANDS) * torch.where(i == 0, 1.0, 2**0.5) / BANDS**0.5


@cache
@torch.inference_mode(False)
def _bands(device: torch.device) -> Tensor:
    """Triangles that overlap and add up to one, narrow below and wide above, ``(WINDOW + 1, BANDS)``."""
    places = torch.log1p(BEND * torch.arange(WINDOW + 1, device=device) / WINDOW) / math.log1p(BEND) * (BANDS - 1)
    return (1 - (places[:, None] - torch.arange(BANDS, device=device)).abs()).clamp(min=0)

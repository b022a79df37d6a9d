"""One kind of damage after the other, mended; every sample that is not part of it stays what it was, bit by bit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bottega.editing.repairing import clipping, copying, denoising, flaws, gaps
from bottega.editing.repairing.flaws import Span

PREDICTABLE = 0.08  # seconds: longer holes are copied from elsewhere
NEAR = 300  # seconds of a sound, around a hole, or from the beginning of another, that are searched
CLICK = {"orders": (256,), "context": 2048}
PASSES = 2  # over the clicks: a loud one hides those beside it
STEPS_OF_16_BITS = 32768

Told = Callable[[float], None]


@dataclass(frozen=True)
class Filled:
    """What was done about holes.

    Attributes:
        predicted, copied: how many each way; a hole in two channels at once is one.
        seconds: of sound that was made.
        alike: of the copies, how alike their surroundings were to those of the hole; the lowest.
        left: holes that nothing could be found for.
    """

    predicted: int = 0
    copied: int = 0
    seconds: float = 0.0
    alike: float = 1.0
    left: tuple[Span, ...] = ()


def holes(
    samples: np.ndarray, rate: int, named: Sequence[Span], others: Sequence[np.ndarray], *, look: bool
) -> tuple[np.ndarray, Filled]:
    """Fill holes: short ones by prediction, channel by channel, longer ones with what is alike elsewhere.

    Args:
        samples: float32 ``(C, N)``.
        rate: in Hz.
        named: holes that a person names, in all channels.
        others: float32 ``(C, M)`` each, at the same rate: where to look for copies besides ``samples``.
        look: whether to look for holes too.

    Returns:
        float32 ``(C, N)`` and what was done.
    """
    missing = np.zeros(samples.shape, bool)
    for start, end in named:
        missing[:, start:end] = True
    if look:
        for channel, row in zip(samples.astype(np.float64), missing, strict=True):
            for start, end in flaws.holes(channel, rate):
                row[start:end] = True
    spans = flaws.runs(missing.any(axis=0))
    if not spans:
        return samples, Filled()
    x = samples.astype(np.float64)
    for channel, row in zip(x, missing, strict=True):
        for start, end in flaws.runs(row):
            channel[start:end] = gaps.linear(channel, start, end)
    long = [span for span in spans if span[1] - span[0] > PREDICTABLE * rate]
    for start, end in spans:
        if (start, end) not in long:
            for channel, row in zip(x, missing, strict=True):
                for a, b in flaws.runs(row[start:end]):
                    channel[start + a : start + b] = gaps.fill(channel, start + a, start + b)
    alike, left = 1.0, []
    for start, end in long:
        found = copying.fill(x, start, end, _donors(x, long, start, others, rate), rate)
        if found is None:
            left.append((start, end))
            missing[:, start:end] = False
            continue
        x[:, start:end] = np.where(missing[:, start:end], found[0], x[:, start:end])
        alike = min(alike, found[1])
    made = _with(samples, x, missing)
    copied = len(long) - len(left)
    return made, Filled(len(spans) - len(long), copied, float(missing.any(axis=0).sum() / rate), alike, tuple(left))


def _donors(
    x: np.ndarray, long: Sequence[Span], start: int, others: Sequence[np.ndarray], rate: int
) -> list[np.ndarray]:
    """The sound around a hole, NaN where it has long holes, and the others."""
    near = NEAR * rate
    own = x.copy()
    for a, b in long:
        own[:, a:b] = np.nan
    return [own[:, max(0, start - near // 2) : start + near // 2], *(o[:, :near].astype(np.float64) for o in others)]


def clicks(samples: np.ndarray, rate: int) -> tuple[np.ndarray, int]:
    """Replace clicks by what prediction expects there; float32 ``(C, N)`` and how many there were."""
    x = samples.astype(np.float64)
    touched = np.zeros(samples.shape, bool)
    for channel, row in zip(x, touched, strict=True):
        for _pass in range(PASSES):
            spans = flaws.clicks(channel, rate)
            for start, end in spans:
                channel[start:end] = gaps.linear(channel, start, end)
            for start, end in spans:
                channel[start:end] = gaps.fill(channel, start, end, **CLICK)
                row[start:end] = True
    return _with(samples, x, touched), len(flaws.runs(touched.any(axis=0)))


def peaks(samples: np.ndarray, rate: int, told: Told = lambda share: None) -> tuple[np.ndarray, int, float]:
    """Rebuild clipped peaks; float32 ``(C, N)``, how many samples were clipped, and the highest peak now."""
    made, count = samples.copy(), 0
    for number, channel in enumerate(samples):
        low, high = flaws.clip_levels(channel.astype(np.float64))
        if np.isinf(low) and np.isinf(high):
            continue
        made[number] = clipping.rebuilt(
            channel, low, high, rate, lambda share, number=number: told((number + share) / len(samples))
        )
        count += int(((channel >= high - clipping.NEAR) | (channel <= low + clipping.NEAR)).sum())
    return made, count, float(np.abs(made).max(initial=0.0))


def noise(samples: np.ndarray, rate: int, quiet: Span | None) -> tuple[np.ndarray, float]:
    """Turn steady noise down; float32 ``(C, N)`` and by how many dB."""
    made, gained = np.empty_like(samples), []
    for number, channel in enumerate(samples.astype(np.float64)):
        made[number], by = denoising.denoised(channel, rate, channel[slice(*quiet)] if quiet else None)
        gained.append(by)
    return made, float(np.mean(gained))


def _with(samples: np.ndarray, x: np.ndarray, touched: np.ndarray) -> np.ndarray:
    """The samples with what is touched from ``x``, in 16 bits where the rest is: the file keeps its depth."""
    scaled = samples * STEPS_OF_16_BITS
    if np.array_equal(scaled, np.rint(scaled)):
        x = np.clip(np.rint(x * STEPS_OF_16_BITS), -STEPS_OF_16_BITS, STEPS_OF_16_BITS - 1) / STEPS_OF_16_BITS
    return np.where(touched, x.astype(np.float32), samples)

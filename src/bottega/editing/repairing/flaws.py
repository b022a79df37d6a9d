"""What is wrong with a sound: clicks, holes and clipped peaks, found without being told where."""

import numpy as np

from bottega.editing.repairing.prediction import burg

ORDER = 32  # of prediction when clicks are looked for
BLOCK = 4096
UNLIKELY, LIKELY = 12.0, 4.0  # times what the error of prediction rarely is beside it: for one sample, for the others
BESIDE = 0.01  # seconds, on each side, 2 ms away
QUIET = 1e-4  # what nobody hears
LONGEST_CLICK = 0.002  # seconds
APART = 0.0004  # seconds: what is closer is one click
SHORTEST_HOLE, SHORTEST_STILL, LONGEST_HOLE = 0.0005, 0.005, 2.0  # seconds of zeros, of another value, and of either
LOUD = 10 ** (-50 / 20)  # root mean square beside a hole: what is quieter may well have been silent
EDGE = 0.005  # seconds beside a hole to listen to
TOO_MANY = 20  # holes in a second: a square wave, not damage
RUN, RUNS = 3, 3  # equal samples in a row at the peak, and how many such rows: clipping

Span = tuple[int, int]


def clicks(x: np.ndarray, rate: int) -> list[Span]:
    """Where single samples, or up to 2 ms of them, fit neither to what is before nor to what is behind.

    Args:
        x: float64 ``(N,)``.
        rate: in Hz.
    """
    from scipy.ndimage import percentile_filter

    if len(x) < 4 * ORDER:
        return []
    error = _unpredicted(x)
    beside, away = max(8, round(BESIDE * rate)), round(LONGEST_CLICK * rate)
    usual = percentile_filter(error, 98, size=beside, mode="nearest")
    padded = np.pad(usual, beside // 2 + away, mode="edge")
    usual = np.maximum(padded[: len(x)], padded[-len(x) :]) + QUIET
    spans = runs(error > LIKELY * usual, round(APART * rate))
    sure = np.concatenate([[0], np.cumsum(error > UNLIKELY * usual)])
    return [(max(0, a - 2), min(len(x), b + 2)) for a, b in spans if b - a <= max(2, away) and sure[b] > sure[a]]


def _unpredicted(x: np.ndarray) -> np.ndarray:
    """The geometric mean of the errors of prediction in both directions, ``(N,)``: large only at clicks."""
    from scipy.signal import lfilter

    error = np.zeros(len(x))
    half = BLOCK // 2
    for start in range(0, len(x), BLOCK):
        first = max(0, min(start - half, len(x) - 4 * ORDER))
        piece = x[first : start + BLOCK + half]
        limit = 8 * np.median(np.abs(piece)) + 1e-9
        (a,) = burg([np.clip(piece, -limit, limit)], [ORDER])  # without the clicks, which should not be learned
        both = np.abs(lfilter(a, [1.0], piece) * lfilter(a, [1.0], piece[::-1])[::-1]) ** 0.5
        both[:ORDER] = both[-ORDER:] = 0.0
        error[start : start + BLOCK] = both[start - first : start - first + BLOCK]
    return error


def holes(x: np.ndarray, rate: int) -> list[Span]:
    """Where a sound stands still although it is loud on both sides."""
    if len(x) < 2:
        return []
    still = np.concatenate([[False], np.diff(x) == 0])
    spans = [(a - 1, b) for a, b in runs(still, 0)]  # the first of equal samples is one of them
    edge, peak = max(1, round(EDGE * rate)), np.abs(x).max()
    found = []
    for a, b in spans:
        shortest = SHORTEST_HOLE if x[a] == 0 else SHORTEST_STILL
        long_enough = shortest * rate <= b - a <= LONGEST_HOLE * rate
        if long_enough and abs(x[a]) < 0.9 * peak and a > 0 and b < len(x):
            before, after = x[max(0, a - edge) : a], x[b : b + edge]
            if min(np.mean(before**2), np.mean(after**2)) > LOUD**2:
                found.append((a, b))
    return found if len(found) <= max(TOO_MANY, TOO_MANY * len(x) / rate) else []


def clip_levels(x: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest value beyond which everything was cut; infinite on a side that is whole."""
    return -_ceiling(-x), _ceiling(x)


def _ceiling(x: np.ndarray) -> float:
    if len(x) < RUN or x.max() <= 1e-3:
        return np.inf
    top = x >= x.max() - 1e-6
    rows = [b - a for a, b in runs(top, 0) if b - a >= RUN]
    flat_enough = len(rows) >= RUNS and top.mean() < 0.5
    return float(x.max()) if flat_enough else np.inf


def runs(where: np.ndarray, gap: int = 0) -> list[Span]:
    """The stretches of True; those no more than ``gap`` apart are one."""
    steps = np.diff(np.concatenate([[0], where.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if not len(starts):
        return []
    new = np.concatenate([[True], starts[1:] - ends[:-1] > gap])
    last = np.concatenate([new[1:], [True]])
    return list(zip(starts[new].tolist(), ends[last].tolist(), strict=True))

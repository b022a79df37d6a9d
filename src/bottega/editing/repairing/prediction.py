"""Linear prediction: each sample as a weighted sum of those before it (or behind it).

Burg's method (Burg 1975, "Maximum Entropy Spectral Analysis"): the weights are found order by order from the errors of
prediction in both directions. Always stable; several pieces of a sound can be used at once: a hole is never learned.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

FLOOR = 10 ** (-90 / 20)  # of noise below the sound: keeps the filter from inverting what a codec has cut away
SMALLEST = 1e-9  # of the root mean square: what is below is silence


def burg(pieces: Sequence[np.ndarray], orders: Sequence[int]) -> list[np.ndarray]:
    """Filters that turn a sound into what cannot be predicted.

    Args:
        pieces: float64 ``(n,)`` each, all of one sound; none shorter than the largest order + 2.
        orders: how many earlier samples to look at, in rising order; all from one run.

    Returns:
        For each order p: ``(p + 1,)``, the first 1: the error of prediction is ``sum_k a_k x[n - k]``. Silence gives
        ``[1, 0, …]``.
    """
    from scipy.linalg import blas

    a = np.zeros(orders[-1] + 1)
    a[0] = 1.0
    level = np.sqrt(sum(piece @ piece for piece in pieces) / sum(map(len, pieces)))
    if level < SMALLEST:
        return [a[: order + 1].copy() for order in orders]
    forward = [piece / level + FLOOR * _noise(len(piece)) for piece in pieces]
    backward = [f.copy() for f in forward]
    energy = sum(f[1:] @ f[1:] + b[:-1] @ b[:-1] for f, b in zip(forward, backward, strict=True))
    turn = np.zeros(5)  # BLAS: f + k b and b + k f at once, in place
    found = []
    for m in range(orders[-1]):
        both = sum(blas.ddot(f, b, n=len(f) - m - 1, offx=m + 1) for f, b in zip(forward, backward, strict=True))
        k = min(1.0, max(-1.0, -2 * both / energy)) if energy > 0 else 0.0
        turn[2] = turn[3] = k
        energy *= 1 - k * k
        for f, b in zip(forward, backward, strict=True):
            n = len(f) - m - 1
            blas.drotm(f, b, turn, n=n, offx=m + 1, overwrite_x=True, overwrite_y=True)
            energy -= f[m + 1] ** 2 + b[n - 1] ** 2
        a[1 : m + 2] += k * a[: m + 1][::-1]
        if m + 1 in orders:
            found.append(a[: m + 2].copy())
    return found


def predicted(before: np.ndarray, a: np.ndarray, count: int) -> np.ndarray:
    """The next ``count`` samples after ``before`` (float64, longer than the filter) if nothing new happens."""
    from scipy.signal import lfilter, lfiltic

    past = lfiltic([1.0], a, before[: -len(a) : -1])
    return lfilter([1.0], a, np.zeros(count), zi=past)[0]


@lru_cache(maxsize=16)
def _noise(count: int) -> np.ndarray:
    """The same standard normal numbers each time, float64 ``(count,)``."""
    from bottega.randomness import Random

    return Random("prediction").normal(count).double().numpy()

"""Holes of up to about 80 ms, filled so that prediction from both sides errs least.

Gap-wise Janssen (Janssen, Veldhuis & Vries 1986, "Adaptive interpolation of discrete-time signals that can be modeled
as autoregressive processes"; Mokrý & Rajmic 2025, "On the Use of Autoregressive Methods for Audio Inpainting"), changed
in three ways: Burg's filter is found from both sides without the hole, so that one round does what took ten; the
normal equations are solved as what they are, a Toeplitz system (Levinson); and two orders are averaged, since a low
one follows what moves and a high one separates what lies close.
"""

import numpy as np

from bottega.editing.repairing.prediction import burg, predicted

CONTEXT = 4096  # samples on each side
ORDERS = (768, 1536)
ALONE = 2000  # samples of a hole beyond which the lower order costs more than it gives
LEAST = 16  # samples on a side below which there is nothing to predict from


def fill(
    x: np.ndarray, start: int, end: int, *, orders: tuple[int, ...] = ORDERS, context: int = CONTEXT
) -> np.ndarray:
    """What stood between two places of a sound, most likely.

    Args:
        x: float64 ``(N,)``; what lies in the hole does not matter.
        start, end: the hole, ``0 <= start < end <= N``.
        orders: of prediction, in rising order; less where the context is short.
        context: samples on each side to learn from.

    Returns:
        float64 ``(end - start,)``.
    """
    count = end - start
    left = x[max(0, start - context) : start]
    right = x[end : end + context]
    if min(len(left), len(right)) < LEAST:
        return one_sided(x, start, end, orders=orders[:1], context=context)
    most = min(len(left), len(right)) // 2
    usable = sorted({min(order, most) for order in (orders[-1:] if count > ALONE else orders)})
    guesses = [_between(left, right, count, a) for a in burg([left, right], usable)]
    return _tamed(np.mean(guesses, axis=0), left, right)


def one_sided(
    x: np.ndarray, start: int, end: int, *, orders: tuple[int, ...] = ORDERS[:1], context: int = CONTEXT
) -> np.ndarray:
    """As ``fill``, from the longer side only: before the hole, if both are long enough."""
    before, after = x[max(0, start - context) : start], x[end : end + context][::-1]
    known = before if len(before) >= min(LEAST, len(after)) else after
    if len(known) < LEAST:
        return np.zeros(end - start)
    (a,) = burg([known], [min(orders[0], len(known) // 2)])
    made = predicted(known, a, end - start)
    return made if known is before else made[::-1]


def linear(x: np.ndarray, start: int, end: int) -> np.ndarray:
    """A straight line across the hole."""
    before = x[start - 1] if start else (x[end] if end < len(x) else 0.0)
    after = x[end] if end < len(x) else before
    return np.linspace(before, after, end - start + 2)[1:-1]


def _between(left: np.ndarray, right: np.ndarray, count: int, a: np.ndarray) -> np.ndarray:
    """The least squares of the error of prediction over the hole and as far behind it as the filter reaches."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import fftconvolve

    p = len(a) - 1
    known = np.concatenate([left[-p:], np.zeros(count), right[:p]])
    error = fftconvolve(known, a)[p : p + count + p]
    towards = fftconvolve(error, a[::-1])[p : p + count]
    alike = np.zeros(count)  # autocorrelation of the filter: the first column of the normal equations
    both = fftconvolve(a, a[::-1])[p:]
    alike[: min(count, p + 1)] = both[:count]
    return -solve_toeplitz(alike, towards)


def _tamed(made: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A fill never louder than twice what is around it: a badly conditioned system may do anything."""
    loudest = 2 * max(np.abs(left).max(), np.abs(right).max())
    if not np.isfinite(made).all():
        return np.linspace(left[-1], right[0], len(made) + 2)[1:-1]
    return np.clip(made, -loudest, loudest)

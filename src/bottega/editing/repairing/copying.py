"""Holes of up to some seconds, filled with what follows and precedes alike elsewhere.

The place is the one whose surroundings correlate best with both sides of the hole, sample by sample, so that a copy is
in phase with what it continues (after Perraudin, Holighaus, Majdak & Balazs 2018, "Inpainting of Long Audio Segments
With Similarity Graphs"). The seams are two short holes, which prediction closes.
"""

from collections.abc import Sequence

import numpy as np

from bottega.editing.repairing import gaps

LISTEN = 0.25  # seconds on each side that are compared
EMPHASIS = 0.95  # of the previous sample is taken away before comparing, or only the bass would be heard
SEAM = 0.008  # seconds
LOUDER = 2.0  # the most that a copy is made louder, or softer


def fill(
    x: np.ndarray, start: int, end: int, donors: Sequence[np.ndarray], rate: int
) -> tuple[np.ndarray, float] | None:
    """What is missing, copied from the best place.

    Args:
        x: float64 ``(C, N)``; what lies in the hole does not matter.
        start, end: the hole.
        donors: float64 ``(C, M)`` each; where a donor is ``x`` itself, the hole should hold NaN there.
        rate: in Hz.

    Returns:
        float64 ``(C, end - start)`` and how alike the surroundings are, in [-1, 1]; None when nothing is long enough.
    """
    count, listen = end - start, round(LISTEN * rate)
    before, after = x[:, max(0, start - listen) : start], x[:, end : end + listen]
    best, place = -np.inf, None
    for donor in donors:
        likeness = _alike(_bright(donor), _bright(before), count, _bright(after))
        if len(likeness) and likeness.max() > best:
            best, place = float(likeness.max()), donor[:, int(likeness.argmax()) :]
    if place is None:
        return None
    wide = before.shape[1]
    around = np.concatenate([place[:, :wide], place[:, wide + count : wide + count + after.shape[1]]], axis=1)
    own = np.concatenate([before, after], axis=1)
    gain = np.clip(np.sqrt((own**2).sum() / max((around**2).sum(), 1e-12)), 1 / LOUDER, LOUDER)
    return _sewn(x, start, end, gain * place[:, wide : wide + count], round(SEAM * rate)), best


def _bright(x: np.ndarray) -> np.ndarray:
    return x - EMPHASIS * np.pad(x, ((0, 0), (1, 0)))[:, :-1]


def _alike(donor: np.ndarray, before: np.ndarray, count: int, after: np.ndarray) -> np.ndarray:
    """Normalised correlation of a hole's surroundings with those of every place of a donor, ``(places,)``."""
    from scipy.signal import correlate

    wide, length = before.shape[1], before.shape[1] + count + after.shape[1]
    if donor.shape[1] < length or before.shape[1] + after.shape[1] == 0:
        return np.empty(0)
    template = np.concatenate([before, np.zeros((len(before), count)), after], axis=1)
    missing = np.isnan(donor).any(axis=0)
    known = np.where(missing, 0.0, donor)
    match = sum(correlate(known[c], template[c], "valid", "fft") for c in range(len(known)))
    energy = np.concatenate([[0.0], np.cumsum((known**2).sum(axis=0))])
    places = np.arange(donor.shape[1] - length + 1)
    heard = energy[places + wide] - energy[places] + energy[places + length] - energy[places + wide + count]
    likeness = match / np.sqrt(np.maximum(heard * (template**2).sum(), 1e-12))
    gone = np.concatenate([[0], np.cumsum(missing)])
    likeness[gone[places + length] > gone[places]] = -np.inf
    return likeness if np.isfinite(likeness).any() else np.empty(0)


def _sewn(x: np.ndarray, start: int, end: int, copy: np.ndarray, seam: int) -> np.ndarray:
    """A copy with both seams closed by prediction, ``(C, end - start)``."""
    whole = x.copy()
    whole[:, start:end] = copy
    if end - start > 4 * seam:
        for channel in whole:
            for a, b in ((start, start + seam), (end - seam, end)):
                channel[a:b] = gaps.fill(channel, a, b, orders=(512,))
    return whole[:, start:end]

"""How far two collections of clips are from each other, told from their features."""

import numpy as np

from bottega.evaluation.distances import KernelDistance, kernel_distance
from bottega.evaluation.films.features import slices

SHRINK = 0.25
"""Directions count that vary at least about this share of the mean where there are as many clips as directions, and
less where there are more clips: in others, chance is larger."""
MOST = 4.0
"""Deviations, about, that a number counts at most: beyond, it is wrong, and how wrong says nothing more."""


class Scale:
    """What "far" means: measured once on real clips, so that several distances can be compared.

    Each group of numbers is turned to the directions in which real clips differ, counts in units of their deviation
    along each, and counts as much as any other group.

    Args:
        real: features of real clips ``(N, D)``.
    """

    def __init__(self, real: np.ndarray) -> None:
        self.mean = real.mean(0, dtype=np.float64)
        centred = real - self.mean
        self.turns = {}
        for name, place in slices().items():
            inside = centred[:, place]
            deviation = inside.std(0)
            unit = 1 / np.maximum(deviation, 0.1 * deviation.mean() + 1e-6)
            variance, ways = np.linalg.eigh(np.cov((inside * unit).T, bias=True))
            least = SHRINK * min(len(unit) / len(real), 1.0) * max(float(variance.mean()), 1e-6)
            away = ways / np.sqrt(variance.clip(0) + least)
            self.turns[name] = unit[:, None] * away, np.sqrt(real.shape[1] / (len(slices()) * len(unit)))

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        """In these units, ``(n, D)``."""
        centred = vectors - self.mean
        parts = []
        for name, place in slices().items():
            turn, weight = self.turns[name]
            parts.append(weight * MOST * np.tanh(centred[:, place] @ turn / MOST))
        return np.concatenate(parts, 1)

    def distance(self, a: np.ndarray, b: np.ndarray) -> KernelDistance:
        """The kernel distance of features ``(N, D)`` and ``(M, D)``: unbiased, cubic, see
        ``bottega.evaluation.distances``; 0 means "no difference seen", and chance may take it a little below."""
        return kernel_distance(self(a), self(b))


def distance(made: np.ndarray, real: np.ndarray, scale: Scale | None = None) -> KernelDistance:
    """The kernel distance between features of made clips ``(N, D)`` and of real ones ``(M, D)``, at least 2 each.

    Args:
        scale: of all real clips that are known; of ``real`` when not given.
    """
    return (scale or Scale(real)).distance(made, real)

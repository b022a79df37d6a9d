"""How far two collections of sounds are from each other, told from the statistics of their seconds."""

import numpy as np
import torch
from torch import Tensor

from bottega.evaluation.distances import squared_distances

MOST = 4000
"""Vectors of a side, at most: enough for two digits."""


class Scale:
    """What "far" means: measured once on real sounds, so that several distances can be compared.

    Args:
        real: vectors of real sounds ``(N, D)``: each number counts in units of its deviation among them, and the
            kernel reaches as far as two of them lie apart in the median.
    """

    def __init__(self, real: np.ndarray) -> None:
        self.mean, deviation = real.mean(0), real.std(0)
        self.std = np.maximum(deviation, 0.1 * deviation.mean() + 1e-6)
        x = self(real)
        apart = torch.cat([distance.flatten() for _start, distance in squared_distances(x, x)])
        self.width = float(apart[apart > 0].median()) if (apart > 0).any() else 1.0  # squared

    def __call__(self, vectors: np.ndarray) -> Tensor:
        """In these units, ``(n, D)``, at most ``MOST`` of them from all over."""
        if len(vectors) > MOST:
            vectors = vectors[np.linspace(0, len(vectors) - 1, MOST).astype(int)]
        return torch.as_tensor((vectors - self.mean) / self.std).float()

    def distance(self, a: np.ndarray, b: np.ndarray) -> float:
        """The unbiased squared maximum mean discrepancy (Gretton et al. 2012) with a Gaussian kernel, for sounds as in
        Chung et al. 2025, arXiv:2502.15602; 0 means "no difference seen", and chance may take it a little below.

        Args:
            a, b: vectors ``(N, D)`` and ``(M, D)``.

        Raises:
            ValueError: fewer than two vectors on a side.
        """
        if min(len(a), len(b)) < 2:
            raise ValueError("a kernel distance needs at least two windows on each side")
        x, y = self(a), self(b)
        n, m = len(x), len(y)
        within_x = (self._sum(x, x) - n) / (n * (n - 1))  # a vector and itself are left out: their kernel is 1
        within_y = (self._sum(y, y) - m) / (m * (m - 1))
        return within_x + within_y - 2 * self._sum(x, y) / (n * m)

    def _sum(self, x: Tensor, y: Tensor) -> float:
        parts = (torch.exp(-distance.double() / self.width).sum() for _start, distance in squared_distances(x, y))
        return float(sum(parts))

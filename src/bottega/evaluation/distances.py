"""Distances between two sets of works, given as feature vectors, and what share of each the other covers.

All of them work in float64 where they subtract large numbers, and in chunks, so that 10,000 against 10,000 vectors
never hold more than a few hundred megabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bottega.randomness import Random

CHUNK = 1_000
SUBSET = 500
SUBSETS = 50


@dataclass(frozen=True)
class KernelDistance:
    """An unbiased estimate with its standard error; a value below 0 means "no difference seen"."""

    value: float
    error: float


@dataclass(frozen=True)
class Neighbourhoods:
    """What two sets share, each a share of works (density may pass 1).

    Attributes:
        precision: of the samples, those within reach of a real work: do they look right?
        recall: of the real works, those within reach of a sample: is the whole variety there?
        density: how many real neighbourhoods a sample lies in, in units of k; outliers do not flatter it.
        coverage: of the real works, those that have a sample in their neighbourhood.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def kernel_distance(a: np.ndarray, b: np.ndarray) -> KernelDistance:
    """Kernel inception distance (Bińkowski et al. 2018): the unbiased squared maximum mean discrepancy with the kernel
    ``(x·y / D + 1)^3``, over all pairs; the error comes from 50 subsets.

    Args:
        a, b: feature vectors ``(N, D)`` and ``(M, D)``, each at least 2.

    Raises:
        ValueError: fewer than two vectors on a side.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("a kernel distance needs at least two works on each side")
    x, y = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    n, m = len(x), len(y)
    within_x = (kernel_sum(x, x) - kernel(x, x, paired=True).sum()) / (n * (n - 1))
    within_y = (kernel_sum(y, y) - kernel(y, y, paired=True).sum()) / (m * (m - 1))
    value = within_x + within_y - 2 * kernel_sum(x, y) / (n * m)
    return KernelDistance(float(value), subset_error(x, y))


def subset_error(x: Tensor, y: Tensor) -> float:
    """Standard error of the distance, from how much it varies among halves (or subsets of 500) of the works."""
    size = min(SUBSET, len(x) // 2, len(y) // 2)
    if size < 2:
        return float("nan")
    random, values = Random("kernel distance"), []
    for _subset in range(SUBSETS):
        u, v = x[random.permutation(len(x))[:size]], y[random.permutation(len(y))[:size]]
        kuu, kvv, kuv = kernel(u, u), kernel(v, v), kernel(u, v)
        inner = (kuu.sum() - kuu.trace() + kvv.sum() - kvv.trace()) / (size * (size - 1))
        values.append(inner - 2 * kuv.mean())
    # subsets drawn without repeats vary by 1/size - 1/n where the whole varies by 1/n
    n = min(len(x), len(y))
    return float(torch.stack(values).std() * (size / (n - size)) ** 0.5)


def kernel(x: Tensor, y: Tensor, paired: bool = False) -> Tensor:
    """The cubic polynomial kernel of every pair ``(N, M)``, or of rows of the same number ``(N,)``."""
    inner = (x * y).sum(1) if paired else x @ y.T
    return (inner / x.shape[1] + 1) ** 3


def kernel_sum(x: Tensor, y: Tensor) -> Tensor:
    return torch.stack([kernel(part, y).sum() for part in x.split(CHUNK)]).sum()


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance between the Gaussians fitted to two sets (Heusel et al. 2017):
    ``|μa - μb|² + tr(Σa + Σb - 2 (Σa Σb)^½)``. Biased upwards when works are few: compare it with its floor.

    Args:
        a, b: feature vectors ``(N, D)`` and ``(M, D)``, each at least 2.

    Raises:
        ValueError: fewer than two vectors on a side.
    """
    if min(len(a), len(b)) < 2:
        raise ValueError("a Fréchet distance needs at least two works on each side")
    x, y = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    return frechet_of_moments(x.mean(0), covariance(x), y.mean(0), covariance(y))


def frechet_of_moments(mean_a: Tensor, cov_a: Tensor, mean_b: Tensor, cov_b: Tensor) -> float:
    """The same from means ``(D,)`` and covariances ``(D, D)``, float64."""
    # the eigenvalues of Σa Σb are those of the symmetric Σa^½ Σb Σa^½: no root of a general matrix is needed
    variance, directions = torch.linalg.eigh(cov_a)
    root = (directions * variance.clamp(min=0).sqrt()) @ directions.T
    shared = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    distance = (mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * shared
    return max(float(distance), 0.0)


def covariance(x: Tensor) -> Tensor:
    centred = x - x.mean(0)
    return centred.T @ centred / (len(x) - 1)


def neighbourhoods(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Neighbourhoods:
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020).

    A work's neighbourhood is the ball that reaches to its k-th nearest neighbour in its own set. Use as many real works
    as samples: recall and coverage depend on both numbers.

    Args:
        real, fake: feature vectors ``(N, D)`` and ``(M, D)``, each more than k.

    Raises:
        ValueError: too few vectors on a side.
    """
    if min(len(real), len(fake)) <= k:
        raise ValueError(f"neighbourhoods of {k} need more than {k} works on each side")
    x, y = torch.as_tensor(real).float(), torch.as_tensor(fake).float()
    real_reach, fake_reach = reach(x, k), reach(y, k)  # (N,), (M,)
    hits = torch.zeros(len(y))  # real neighbourhoods each sample lies in
    recalled = covered = 0
    for start, distance in squared_distances(x, y):
        rows = slice(start, start + len(distance))
        hits += (distance < real_reach[rows, None]).sum(0)
        recalled += int((distance < fake_reach).any(1).sum())
        covered += int((distance.amin(1) < real_reach[rows]).sum())
    return Neighbourhoods(
        precision=float((hits > 0).float().mean()),
        recall=recalled / len(x),
        density=float(hits.mean()) / k,
        coverage=covered / len(x),
    )


def precision_recall(real: np.ndarray, fake: np.ndarray, k: int = 5) -> tuple[float, float]:
    """Improved precision and recall (Kynkäänniemi et al. 2019); see ``neighbourhoods``."""
    both = neighbourhoods(real, fake, k)
    return both.precision, both.recall


def density_coverage(real: np.ndarray, fake: np.ndarray, k: int = 5) -> tuple[float, float]:
    """Density and coverage (Naeem et al. 2020); see ``neighbourhoods``."""
    both = neighbourhoods(real, fake, k)
    return both.density, both.coverage


def reach(x: Tensor, k: int) -> Tensor:
    """Squared distance of each vector to its k-th nearest other: ``(N,)``."""
    parts = []
    for start, distance in squared_distances(x, x):
        distance.diagonal(start).fill_(float("inf"))  # a work is not its own neighbour, a copy of it is
        parts.append(distance.kthvalue(k, 1).values)
    return torch.cat(parts)


def squared_distances(x: Tensor, y: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Squared distances of a chunk of ``x`` to all of ``y``, with the chunk's first row: ``(start, (n, M))``."""
    centre = y.mean(0)  # the closer to zero, the less is lost when large squares are subtracted
    x, y = x - centre, y - centre
    y_squares = y.square().sum(1)
    for start in range(0, len(x), CHUNK):
        part = x[start : start + CHUNK]
        distance = torch.addmm(y_squares, part, y.T, alpha=-2) + part.square().sum(1, keepdim=True)
        yield start, distance.clamp_(min=0)

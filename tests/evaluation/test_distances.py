"""Distances agree with closed forms, with scipy, and with the definitions worked out pair by pair."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from bottega.evaluation import distances
from bottega.evaluation.distances import (
    density_coverage,
    frechet_distance,
    frechet_of_moments,
    kernel_distance,
    neighbourhoods,
    precision_recall,
)


def normal(count: int, dimensions: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(shift, scale, (count, dimensions))).astype(np.float32)


def test_frechet_of_known_gaussians() -> None:
    one, two = torch.eye(4, dtype=torch.float64), 4 * torch.eye(4, dtype=torch.float64)
    zero, three = torch.zeros(4, dtype=torch.float64), torch.full((4,), 3.0, dtype=torch.float64)
    assert frechet_of_moments(zero, one, zero, one) == pytest.approx(0, abs=1e-12)
    assert frechet_of_moments(zero, one, three, one) == pytest.approx(36)
    assert frechet_of_moments(zero, one, zero, two) == pytest.approx(4)  # 4 dimensions, (2 - 1)^2 each
    samples = frechet_distance(normal(50_000, 4, 0), normal(50_000, 4, 1, scale=2, shift=3))
    assert samples == pytest.approx(40, rel=0.01)


@pytest.mark.parametrize("count", [400, 12])  # with 12 works in 20 dimensions the covariances are singular
def test_frechet_agrees_with_a_general_matrix_root(count: int) -> None:
    mix = np.random.default_rng(2).normal(size=(20, 20))
    a, b = normal(count, 20, 3) @ mix, normal(count, 20, 4, shift=0.3) @ mix.T
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    root = sqrtm(cov_a @ cov_b + 1e-10 * np.eye(20)).real
    expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-3)


def test_kernel_distance_is_the_mean_over_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "CHUNK", 7)
    a, b = normal(20, 5, 0).astype(float), normal(30, 5, 1, shift=0.5).astype(float)

    def kernel(u: np.ndarray, v: np.ndarray) -> float:
        return (float(u @ v) / 5 + 1) ** 3

    within_a = np.mean([kernel(a[i], a[j]) for i in range(20) for j in range(20) if i != j])
    within_b = np.mean([kernel(b[i], b[j]) for i in range(30) for j in range(30) if i != j])
    across = np.mean([kernel(u, v) for u in a for v in b])
    assert kernel_distance(a, b).value == pytest.approx(within_a + within_b - 2 * across, rel=1e-9)


def test_kernel_distance_is_unbiased_and_its_error_is_honest() -> None:
    same = [kernel_distance(normal(100, 8, 2 * i), normal(100, 8, 2 * i + 1)) for i in range(60)]
    values = np.array([one.value for one in same])
    assert abs(values.mean()) < 4 * values.std() / math.sqrt(60)
    shifted = [kernel_distance(normal(100, 8, 2 * i), normal(100, 8, 2 * i + 1, shift=0.4)) for i in range(60)]
    spread = np.std([one.value for one in shifted])
    assert np.mean([one.error for one in shifted]) == pytest.approx(spread, rel=0.4)
    assert min(one.value for one in shifted) > values.max()


def test_kernel_distance_of_very_few_works_has_no_error_to_report() -> None:
    assert math.isnan(kernel_distance(normal(3, 4, 0), normal(3, 4, 1)).error)


def brute_force(real: np.ndarray, fake: np.ndarray, k: int) -> tuple[float, float, float, float]:
    def radius(points: np.ndarray, i: int) -> float:
        return sorted(float(np.linalg.norm(points[i] - p)) for j, p in enumerate(points) if j != i)[k - 1]

    real_reach = [radius(real, i) for i in range(len(real))]
    fake_reach = [radius(fake, i) for i in range(len(fake))]
    gap = np.array([[np.linalg.norm(r - f) for f in fake] for r in real])
    inside = gap < np.array(real_reach)[:, None]
    return (
        float(inside.any(0).mean()),
        float((gap < np.array(fake_reach)).any(1).mean()),
        float(inside.sum(0).mean() / k),
        float(np.mean([gap[i].min() < real_reach[i] for i in range(len(real))])),
    )


def test_neighbourhoods_agree_with_the_definitions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "CHUNK", 17)
    real, fake = normal(60, 3, 0), normal(45, 3, 1, scale=0.7, shift=0.8)
    found = neighbourhoods(real, fake, k=3)
    expected = brute_force(real, fake, 3)
    assert (found.precision, found.recall, found.density, found.coverage) == pytest.approx(expected, abs=1e-6)
    assert precision_recall(real, fake, k=3) == pytest.approx(expected[:2])
    assert density_coverage(real, fake, k=3) == pytest.approx(expected[2:])


def test_neighbourhoods_of_equal_and_of_distant_sets() -> None:
    real = normal(500, 6, 0)
    equal = neighbourhoods(real, normal(500, 6, 1))
    assert equal.precision > 0.9 and equal.recall > 0.9
    assert equal.density == pytest.approx(1, abs=0.12)
    assert equal.coverage == pytest.approx(1 - 2**-5, abs=0.03)  # the expectation given by Naeem et al.
    apart = neighbourhoods(real, normal(500, 6, 2, shift=50))
    assert (apart.precision, apart.recall, apart.density, apart.coverage) == (0, 0, 0, 0)


def test_one_repeated_good_work_is_precise_but_covers_nothing() -> None:
    real = normal(500, 6, 0)
    found = neighbourhoods(real, np.repeat(normal(5, 6, 1), 100, 0) * 0.2)
    assert found.precision > 0.9 and found.coverage < 0.3 and found.recall < 0.1


def test_too_few_works_are_refused() -> None:
    few = normal(5, 4, 0)
    with pytest.raises(ValueError, match="more than 5 works"):
        neighbourhoods(few, normal(50, 4, 1))
    for distance in (kernel_distance, frechet_distance):
        with pytest.raises(ValueError, match="at least two works"):
            distance(few[:1], few)

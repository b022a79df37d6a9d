"""Loss curves: drawn inside their frame, whatever the numbers."""

import re

import numpy as np
import pytest

from bottega.demo.chart import HEIGHT, WIDTH, curve


def coordinates(svg: str) -> np.ndarray:
    paths = re.findall(r' d="M([^"]+)"', svg)
    assert len(paths) == 2
    return np.array([[float(v) for v in point.split()] for path in paths for point in path.split("L")])


@pytest.mark.parametrize(
    "values",
    [
        [1.0, 1.0],
        [0.0] * 50,
        list(np.geomspace(1e6, 1e-3, 3000)),
        [100.0, *np.linspace(1, 0, 400)],
        list(-np.linspace(0, 5, 30)),
    ],
)
def test_a_curve_stays_in_its_frame(values: list[float]) -> None:
    at = coordinates(curve("loss", list(enumerate(values))))
    assert np.isfinite(at).all()
    assert (at >= 0).all()
    assert (at[:, 0] <= WIDTH).all()
    assert (at[:, 1] <= HEIGHT).all()
    assert len(at) <= 2 * 240


def test_one_early_spike_does_not_flatten_the_rest() -> None:
    values = [1000.0, *np.linspace(1, 0, 400)]
    at = coordinates(curve("loss", list(enumerate(values))))
    assert np.ptp(at[10:200, 1]) > HEIGHT / 3


def test_the_name_is_escaped() -> None:
    assert "<b>" not in curve("<b>", [(0, 1.0), (1, 2.0)])

"""Flow: known motion is found, what is hidden is known, and small or flat frames break nothing."""

import numpy as np
import pytest

from bottega.editing.moving.flow import agree, flow, is_cut, motion, warp


def pattern(height: int, width: int, shift: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> np.ndarray:
    """Waves in all directions, moved by (x, y): uint8 ``(height, width, 3)``."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x, y = x - shift[0], y - shift[1]
    waves = np.zeros((height, width, 3))
    for _wave in range(24):
        a, b, phase = draw.uniform(-0.4, 0.4), draw.uniform(-0.4, 0.4), draw.uniform(0, 7, 3)
        waves += np.sin(a * x[..., None] + b * y[..., None] + phase)
    return (128 + 18 * waves).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("shift", [(3.0, 0.0), (-2.5, 4.0)])
def test_a_shift_is_found(shift):
    still, moved = pattern(72, 96), pattern(72, 96, shift)
    found = motion(still, moved)
    inner = np.s_[12:-12, 12:-12]
    assert np.abs(found.forward[inner] - np.array(shift)).mean() < 0.1
    assert np.abs(found.backward[inner] + np.array(shift)).mean() < 0.1
    assert found.seen[inner].mean() > 0.98
    assert np.abs(warp(moved, found.forward)[inner].astype(int) - still[inner]).mean() < 3


def test_what_is_hidden_is_known():
    ground, thing = pattern(80, 120), pattern(80, 120, seed=1)
    frames = [ground.copy(), ground.copy()]
    frames[0][20:60, 30:60], frames[1][20:60, 30:60] = thing[20:60, 30:60], ground[20:60, 30:60]
    frames[1][20:60, 44:74] = thing[20:60, 30:60]
    seen = motion(*frames).seen
    assert seen[25:55, 62:72].mean() < 0.4  # will be covered
    assert seen[25:55, 34:56].mean() > 0.9  # moves along


def test_number_of_threads_changes_nothing():
    import cv2

    frames = pattern(150, 200), pattern(150, 200, (4, 2))
    found = []
    for count in (1, 3):
        cv2.setNumThreads(count)
        found.append(flow(*frames))
    assert np.array_equal(*found)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (7, 9), (8, 200), (31, 33)])
def test_small_frames(size):
    found = motion(pattern(*size), pattern(*size, (1, 0)))
    assert found.forward.shape == (*size, 2)
    assert np.isfinite(found.forward).all()
    assert agree(found.forward, found.backward).shape == size


def test_cuts():
    assert is_cut(pattern(90, 120), pattern(90, 120, seed=5))
    assert is_cut(np.zeros((40, 60, 3), np.uint8), np.full((40, 60, 3), 255, np.uint8))
    assert not is_cut(pattern(90, 120), pattern(90, 120, (7, 5)))
    assert not is_cut(pattern(90, 120), pattern(90, 120))
    assert not is_cut(np.full((9, 9, 4), 90, np.uint8), np.full((9, 9, 4), 95, np.uint8))

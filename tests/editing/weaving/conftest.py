from fractions import Fraction

import numpy as np
import pytest

from bottega.media.video import Film


def drawn(count: int, height: int = 24, width: int = 32, channels: int = 3, period: int = 12) -> np.ndarray:
    """A ball that goes round on a ground that stays: uint8 ``(count, height, width, channels)``."""
    ground = np.random.default_rng(1).integers(60, 110, (height, width, 3))
    rows, columns = np.mgrid[0:height, 0:width]
    frames = np.empty((count, height, width, channels), np.uint8)
    for number in range(count):
        angle = 2 * np.pi * number / period
        y, x = height / 2 + height / 4 * np.sin(angle), width / 2 + width / 4 * np.cos(angle)
        inside = ((rows - y) ** 2 + (columns - x) ** 2 < (height / 7) ** 2)[..., None]
        frames[number, ..., :3] = np.where(inside, [240, 40 + 8 * (number % 3), 30], ground)
        frames[number, ..., 3:] = 255
    return frames


@pytest.fixture
def draw():
    """Draws frames of a ball that goes round: see ``drawn``."""
    return drawn


@pytest.fixture
def film():
    """Two and a half rounds of the ball, at 12 frames a second, with a sound that is none."""
    return Film(drawn(30), Fraction(12), b"a track")

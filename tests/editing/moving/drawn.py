"""What moves in the tests of films."""

import numpy as np


def waves(shift: float, seed: int = 0, size: tuple[int, int] = (64, 96)) -> np.ndarray:
    """A pattern moved to the right, uint8 ``(*size, 3)``."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float64)
    picture = np.zeros((*size, 3))
    for _wave in range(20):
        a, b = draw.uniform(-0.5, 0.5, 2)
        picture += np.sin(a * (x - shift)[..., None] + b * y[..., None] + draw.uniform(0, 7, 3))
    return (128 + 20 * picture).clip(0, 255).astype(np.uint8)

"""A folder of works for the tests of collections."""

from pathlib import Path

import numpy as np
from PIL import Image


def write_pictures(folder: Path, count: int, first: int = 0, classes: int = 2) -> Path:
    """Pictures of random soft blobs: no two alike."""
    for number in range(first, first + count):
        blobs = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
        path = folder / f"kind {number % classes}" / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(blobs).resize((64, 48), Image.Resampling.BICUBIC).save(path)
    return folder

"""Samples on disk: int16, the channels of a moment side by side, one recording after the other."""

import os
import weakref
from pathlib import Path

import numpy as np

from bottega.errors import DataError
from bottega.language import _

FULL = 32_768.0


class SampleFile:
    """A file of int16 frames ``(N, C)`` and nothing else, of which stretches are read.

    Read in place rather than mapped, for the reasons that ``bottega.datasets.rows.PixelFile`` gives; a crop of a second
    takes 20 µs.
    """

    def __init__(self, path: Path, channels: int) -> None:
        self.path, self.channels = path, channels
        self.file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.file)

    def __call__(self, begin: int, count: int) -> np.ndarray:
        """Some frames, int16 ``(count, C)``. Raises DataError when the file was cut since it was opened."""
        frames = np.empty((count, self.channels), "<i2")
        place, rest = begin * 2 * self.channels, memoryview(frames).cast("B") if count else memoryview(b"")
        while rest:
            read = os.preadv(self.file, [rest], place)  # at most 2 GB at once
            if not read:
                raise DataError(_("{path} is damaged. Start again: it will be made anew.").format(path=self.path))
            rest, place = rest[read:], place + read
        return frames


def as_whole(samples: np.ndarray) -> np.ndarray:
    """float32 ``(C, n)`` as int16 ``(n, C)``; what exceeds full scale is cut."""
    steps = samples.T * np.float32(FULL)
    np.rint(steps, out=steps)
    return np.ascontiguousarray(steps.clip(-FULL, FULL - 1), "<i2")


def as_float(frames: np.ndarray) -> np.ndarray:
    """int16 of any shape as float32 in [-1, 1), in the order of its axes."""
    return np.multiply(frames, np.float32(1 / FULL), dtype=np.float32, order="C")

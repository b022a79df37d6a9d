"""Rows of a memory-mapped file, read without keeping the file in this process's memory."""

import mmap
from pathlib import Path

import numpy as np

TOUCHED_BYTES = 64 << 20  # after this much was mapped, the mapping is let go
PAGES_AROUND = 64 << 10  # touching one row maps the pages around it too


class PixelFile:
    """A file of uint8 rows ``(H, W, C)`` and nothing else.

    Resident memory stays constant however many rows are read: the pages remain in the system's file cache, from where
    they are mapped again at no cost worth measuring.
    """

    def __init__(self, path: Path, row: tuple[int, int, int]) -> None:
        with open(path, "rb") as file:
            self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.array = np.frombuffer(self.map, np.uint8).reshape(-1, *row)  # (N, H, W, C)
        self.touched = 0

    def __call__(self, indices: np.ndarray) -> np.ndarray:
        """Copies of these rows: uint8 ``(n, H, W, C)``."""
        rows = self.array[np.asarray(indices)]
        self.touched += len(rows) * max(self.array[0].nbytes, PAGES_AROUND)
        if self.touched > TOUCHED_BYTES and hasattr(mmap, "MADV_DONTNEED"):
            self.map.madvise(mmap.MADV_DONTNEED)
            self.touched = 0
        return rows

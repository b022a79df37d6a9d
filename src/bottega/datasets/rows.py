"""Rows of pixels on disk, read without keeping the file in this process's memory."""

import os
import weakref
from pathlib import Path

import numpy as np

from bottega.errors import DataError
from bottega.language import _


class PixelFile:
    """A file of uint8 rows ``(H, W, C)`` and nothing else.

    Each row is read at its place in the file, which the system keeps in its own cache: 64 rows of 32 × 32 take less
    than 0.1 ms. A memory map is no faster, counts up to 2 MB around every row it touches as this process's memory
    (large folios, Linux 6), and ends the process when the file shrinks; here that is a sentence.
    """

    def __init__(self, path: Path, row: tuple[int, int, int]) -> None:
        self.path, self.row = path, row
        self.file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self.file)
        self.bytes = int(np.prod(row))
        self.count = os.fstat(self.file).st_size // self.bytes

    def __call__(self, indices: np.ndarray) -> np.ndarray:
        """Copies of these rows: uint8 ``(n, H, W, C)``.

        Raises:
            IndexError: a number outside 0 … count - 1.
            DataError: the file was cut since it was opened.
        """
        indices = np.asarray(indices, np.int64)
        if len(indices) and not 0 <= indices.min() <= indices.max() < self.count:
            raise IndexError(f"rows are numbered 0 … {self.count - 1}")
        rows = np.empty((len(indices), *self.row), np.uint8)
        for row, index in zip(rows, indices.tolist(), strict=True):
            if os.preadv(self.file, [row], index * self.bytes) != self.bytes:
                raise DataError(_("{path} is damaged. Start again: it will be made anew.").format(path=self.path))
        return rows

"""Films: read any of them, and write them with their record.

A film is a row of pictures of one size at a fixed rate, and the sound that belongs to it.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

__all__ = ["Film"]


@dataclass(frozen=True, eq=False)
class Film:
    """A film in memory.

    Attributes:
        frames: uint8 ``(T, H, W, 3)``, or premultiplied ``(T, H, W, 4)``; T is at least 1.
        rate: frames per second.
        sound: the sound track as a Matroska file in memory, its packets exactly as they were in the film it was read
            from; None for a silent film.
    """

    frames: np.ndarray
    rate: Fraction
    sound: bytes | None = None

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(len(self.frames) / self.rate)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.frames.shape[1], self.frames.shape[2]

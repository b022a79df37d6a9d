"""Near-duplicates among films: the same clip coded again, in another size or light, or beginning at another time.

They matter because a held-out clip whose twin was trained on measures memory, not learning. Each frame that differs
from the one before it gets a word of 32 bits: the signs of its lowest cosine frequencies. Equal words of two films
propose how these lie to each other; a few seconds around the place where they agree decide, by what they show and, if
anything moves, by how it moves: another take in front of the same wall is no duplicate.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bottega.datasets.sketches import Sketches, grouped

SIDE, WAVES = 16, 6  # pixels of a thumbnail, and cosine frequencies along a side
LEAST = 0.5  # grey levels: a weaker frequency has no sign
SECONDS, ENOUGH = 4.0, 1.5  # that are compared, and that two films have in common at least, or half of the shorter one
STILL = 2.0  # grey levels: what moves less is a still picture
SHOWN, MOVED = 0.9, 0.8  # correlation of what is shown, and of how it moves
SAME = 0.98  # correlation of still pictures

Read = Callable[[int, int], np.ndarray]
"""``read(begin, count)``: frames of the cache, uint8 ``(count, H, W, 3)``."""


def thumbnails(frames: np.ndarray) -> np.ndarray:
    """Frames uint8 ``(T, H, W, 3)`` as float32 grey ``(T, 16, 16)``."""
    import cv2

    small = [cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for frame in frames]
    return np.stack(small) @ np.array([0.299, 0.587, 0.114], np.float32)


class Words:
    """Makes the words of a film that passes by in blocks."""

    def __init__(self) -> None:
        place = (np.arange(SIDE) + 0.5) / SIDE
        self.waves = np.cos(np.pi * np.arange(WAVES)[:, None] * place).astype(np.float32) / SIDE  # (6, 16)
        self.before = np.uint32(0)

    def take(self, frames: np.ndarray) -> np.ndarray:
        """Of the next block: uint32 ``(T,)``; 0 where a frame says nothing new."""
        strengths = (self.waves @ thumbnails(frames) @ self.waves.T).reshape(len(frames), -1)[:, 1:33]
        words = np.packbits(strengths > LEAST, axis=1).view(np.uint32)[:, 0]
        fresh = words != np.concatenate([[self.before], words[:-1]])
        self.before = words[-1]
        return words * fresh


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two stretches of film, grey ``(T, 16, 16)``, are the same but for light and coding."""
    if correlation(one, other) < SHOWN:
        return False
    moves, others = (stretch - stretch.mean(0) for stretch in (one, other))
    if max(moves.std(), others.std()) < STILL:
        return correlation(one, other) >= SAME
    return correlation(moves, others) >= MOVED


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Of all their numbers, from -1 to 1; 0 where one of them is flat."""
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum()) / norm if norm > 1e-3 else 0.0


def find_pairs(
    path: Path, places: Sequence[tuple[int, int]], rate: float, read: Read
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """All near-duplicates.

    Args:
        path: the file of all words, one for each frame of the cache.
        places: where each film begins in the cache, and its frames.
        rate: frames a second.
        read: gives frames.

    Returns:
        the pairs that hold the groups together, and int64 ``(N,)``: the lowest number of each film's group.
    """

    def alike(one: int, other: int, place: int, shift: int) -> bool:
        return together(places[one], places[other], place, shift, rate, read)

    return grouped(Sketches(path, places), alike)


def together(one: tuple[int, int], other: tuple[int, int], place: int, shift: int, rate: float, read: Read) -> bool:
    """Whether two films agree around a place of the first one; also a frame earlier or later, as time is sampled."""
    reach = round(SECONDS * rate / 2)
    needed = min(ENOUGH * rate, min(one[1], other[1]) / 2)
    for late in (0, 1, -1):
        moved = shift + late
        begin, end = max(place - reach, moved, 0), min(place + reach, one[1], other[1] + moved)
        if end - begin < max(needed, 1):
            continue
        first, second = (
            thumbnails(read(film + at, end - begin)) for film, at in ((one[0], begin), (other[0], begin - moved))
        )
        if same(first, second):
            return True
    return False

"""Near-duplicates among sounds: the same recording coded again, louder, cut elsewhere, or a part of it.

They matter because a held-out recording whose twin was trained on measures memory, not learning. A sketch of 32 bits
for every 20 ms says in which bands the energy rises faster than in the next (Haitsma and Kalker 2002, "A Highly Robust
Audio Fingerprinting System"). Equal words of two sketches propose how the recordings lie to each other; the share of
differing bits where they then overlap decides.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bottega.datasets.sketches import Sketches, grouped

RATE, WINDOW, HOP = 8_000, 2_048, 160  # Hz, samples, samples
LOWEST, HIGHEST, BANDS = 200.0, 3_800.0, 33  # Hz
ALIKE = 0.125  # share of differing bits up to which it is the same sound: by chance half, in words said alike 0.14
OVERLAP, ENOUGH = 0.5, 250  # of the shorter recording, or words (5 seconds), have to be the same


class Sketcher:
    """Sketches a sound that passes by in blocks."""

    def __init__(self, rate: int) -> None:
        import soxr

        self.stream = soxr.ResampleStream(rate, RATE, 1, "float32", "LQ")
        self.rest = np.zeros(WINDOW // 2, np.float32)
        edges = np.geomspace(LOWEST, HIGHEST, BANDS + 1) * WINDOW / RATE
        places = np.arange(WINDOW // 2 + 1)
        self.bands = ((places[:, None] >= edges[:-1]) & (places[:, None] < edges[1:])).astype(np.float32)
        self.window = np.hanning(WINDOW).astype(np.float32)
        self.before: np.ndarray | None = None
        self.words: list[np.ndarray] = []

    def take(self, samples: np.ndarray) -> None:
        """The next block, float32 ``(C, n)``."""
        self._sketch(self.stream.resample_chunk(samples.mean(axis=0)).reshape(-1))

    def finished(self) -> np.ndarray:
        """The sketch: uint32 ``(T,)``, 50 words a second; 0 where nothing is heard."""
        last = self.stream.resample_chunk(np.empty(0, np.float32), last=True).reshape(-1)
        self._sketch(np.concatenate([last, np.zeros(WINDOW // 2, np.float32)]))
        return np.concatenate([*self.words, np.empty(0, np.uint32)])

    def _sketch(self, fresh: np.ndarray) -> None:
        sound = np.concatenate([self.rest, fresh])
        count = max(0, (len(sound) - WINDOW) // HOP + 1)
        self.rest = sound[count * HOP :]
        if not count:
            return
        frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: count * HOP : HOP] * self.window
        spectrum = np.fft.rfft(frames)
        energy = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ self.bands  # (T, 33)
        energy = np.concatenate([energy[:1] if self.before is None else self.before, energy])
        self.before = energy[-1:]
        slope = np.diff(energy, axis=1)
        rise = np.diff(slope, axis=0)  # (T, 32)
        self.words.append(np.packbits(rise > 0, axis=1).view(np.uint32)[:, 0])


def differing(one: np.ndarray, other: np.ndarray, shift: int) -> tuple[float, int]:
    """The share of differing bits where two sketches overlap, and how many words that are.

    Words of silence say nothing and are left out.
    """
    begin, end = max(shift, 0), min(len(one), len(other) + shift)
    if end <= begin:
        return 1.0, 0
    first, second = one[begin:end], other[begin - shift : end - shift]
    heard = (first != 0) & (second != 0)
    count = int(heard.sum())
    return (float(np.bitwise_count(first[heard] ^ second[heard]).sum()) / (32 * count) if count else 1.0), count


def find_pairs(path: Path, places: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], np.ndarray]:
    """All near-duplicates: the pairs that hold the groups together, and int64 ``(N,)``, the lowest row of each group.

    Args:
        path: the file of all sketches.
        places: where each recording's sketch begins in it, and how long it is.
    """
    sketches = Sketches(path, places)

    def alike(one: int, other: int, _place: int, shift: int) -> bool:
        share, count = differing(sketches[one], sketches[other], shift)
        shorter = int(min(sketches.lengths[one], sketches.lengths[other]))
        return share < ALIKE and count >= min(OVERLAP * shorter, ENOUGH)

    return grouped(sketches, alike)

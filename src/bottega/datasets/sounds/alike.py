"""Near-duplicates among sounds: the same recording coded again, louder, cut elsewhere, or a part of it.

They matter because a held-out recording whose twin was trained on measures memory, not learning. A sketch of 32 bits
for every 20 ms says in which bands the energy rises faster than in the next (Haitsma and Kalker 2002, "A Highly Robust
Audio Fingerprinting System"). Equal words of two sketches propose how the recordings lie to each other; the share of
differing bits where they then overlap decides.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

RATE, WINDOW, HOP = 8_000, 2_048, 160  # Hz, samples, samples
LOWEST, HIGHEST, BANDS = 200.0, 3_800.0, 33  # Hz
LONG = 1_500  # words, half a minute
NEIGHBOURS = 3  # in the order of words, with which a word is compared
TRIES = 4  # ways in which two recordings are laid over each other
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


class Sketches:
    """All sketches in one file; a word is found by its place, a recording by its number."""

    def __init__(self, path: Path, places: Sequence[tuple[int, int]]) -> None:
        self.begins, self.lengths = np.array(places, np.int64).reshape(-1, 2).T
        empty = not path.exists() or not path.stat().st_size
        self.words = np.empty(0, np.uint32) if empty else np.memmap(path, np.uint32, "r")

    def __getitem__(self, row: int) -> np.ndarray:
        return self.words[self.begins[row] : self.begins[row] + self.lengths[row]]

    def telling(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The words to look up: their values, recordings and places in these; of a long recording one in eight.

        Which of them are taken is decided by the word itself, so a copy gives the same ones.
        """
        values, rows, at = [], [], []
        for row in range(len(self.begins)):
            words = self[row]
            chosen = words != 0
            if len(words) > LONG:
                chosen &= (words * np.uint32(2654435761)) >> np.uint32(29) == 0  # Knuth's multiplicative hash
            found = np.flatnonzero(chosen)
            values.append(words[found])
            at.append(found)
            rows.append(np.full(len(found), row))
        return np.concatenate(values), np.concatenate(rows), np.concatenate(at)


def proposals(sketches: Sketches) -> Iterator[tuple[int, int, int]]:
    """Pairs of recordings and how much later the first one's sound stands in it, the best supported ones first."""
    values, rows, at = sketches.telling()
    order = np.lexsort((rows, values))
    values, rows, at = values[order], rows[order], at[order]
    found = []
    for step in range(1, NEIGHBOURS + 1):
        same = (values[step:] == values[:-step]) & (rows[step:] != rows[:-step])
        one, other = np.flatnonzero(same), np.flatnonzero(same) + step
        found.append(np.stack([rows[one], rows[other], at[one] - at[other]], axis=1))
    ways, votes = np.unique(np.concatenate(found), axis=0, return_counts=True)
    for place in np.argsort(-votes, kind="stable").tolist():
        yield tuple(ways[place].tolist())


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
    """All near-duplicates.

    Args:
        path: the file of all sketches.
        places: where each recording's sketch begins in it, and how long it is.

    Returns:
        the pairs that hold the groups together, and int64 ``(N,)``: the lowest row of each row's group.
    """
    sketches = Sketches(path, places)
    root = np.arange(len(places))
    pairs = []
    tried: Counter[tuple[int, int]] = Counter()
    for one, other, shift in proposals(sketches) if len(places) > 1 else ():
        low, high = sorted((int(root[one]), int(root[other])))
        tried[one, other] += 1
        if low == high or tried[one, other] > TRIES:
            continue
        share, count = differing(sketches[one], sketches[other], shift)
        shorter = int(min(sketches.lengths[one], sketches.lengths[other]))
        if share < ALIKE and count >= min(OVERLAP * shorter, ENOUGH):
            root[root == high] = low
            pairs.append((min(one, other), max(one, other)))
    return sorted(pairs), root

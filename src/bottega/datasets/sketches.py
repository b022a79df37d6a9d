"""Works as rows of words of 32 bits, by which those that nearly repeat each other are found."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

LONG = 1_500  # words; of a longer work one in eight is looked up
NEIGHBOURS = 3  # in the order of words, with which a word is compared
TRIES = 4  # ways in which two works are laid over each other


class Sketches:
    """All sketches in one file; a word is found by its place, a work by its number.

    Args:
        path: the file, uint32.
        places: where each work's sketch begins in it, and how long it is.
    """

    def __init__(self, path: Path, places: Sequence[tuple[int, int]]) -> None:
        self.begins, self.lengths = np.array(places, np.int64).reshape(-1, 2).T
        empty = not path.exists() or not path.stat().st_size
        self.words = np.empty(0, np.uint32) if empty else np.memmap(path, np.uint32, "r")

    def __len__(self) -> int:
        return len(self.begins)

    def __getitem__(self, row: int) -> np.ndarray:
        return self.words[self.begins[row] : self.begins[row] + self.lengths[row]]

    def telling(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The words to look up: their values, works and places in these; of a long work one in eight.

        Which of them are taken is decided by the word itself, so a copy gives the same ones.
        """
        values, rows, at = [], [], []
        for row in range(len(self)):
            words = self[row]
            chosen = words != 0
            if len(words) > LONG:
                chosen &= (words * np.uint32(2654435761)) >> np.uint32(29) == 0  # Knuth's multiplicative hash
            found = np.flatnonzero(chosen)
            values.append(words[found])
            at.append(found)
            rows.append(np.full(len(found), row))
        return np.concatenate(values), np.concatenate(rows), np.concatenate(at)


def proposals(sketches: Sketches) -> Iterator[tuple[int, int, int, int]]:
    """Pairs of works, a place in the first, and how much later than in the second it is; best supported first."""
    values, rows, at = sketches.telling()
    order = np.lexsort((rows, values))
    values, rows, at = values[order], rows[order], at[order]
    found = []
    for step in range(1, NEIGHBOURS + 1):
        same = (values[step:] == values[:-step]) & (rows[step:] != rows[:-step])
        one, other = np.flatnonzero(same), np.flatnonzero(same) + step
        found.append(np.stack([rows[one], rows[other], at[one] - at[other], at[one]], axis=1))
    every = np.concatenate(found)
    ways, first, votes = np.unique(every[:, :3], axis=0, return_index=True, return_counts=True)
    for place in np.argsort(-votes, kind="stable").tolist():
        one, other, shift = ways[place].tolist()
        yield one, other, int(every[first[place], 3]), shift


def grouped(
    sketches: Sketches, alike: Callable[[int, int, int, int], bool]
) -> tuple[list[tuple[int, int]], np.ndarray]:
    """All near-duplicates.

    Args:
        alike: whether two works are, laid over each other as one of the ``proposals`` says.

    Returns:
        the pairs that hold the groups together, and int64 ``(N,)``: the lowest number of each work's group.
    """
    root = np.arange(len(sketches))
    pairs: list[tuple[int, int]] = []
    tried: Counter[tuple[int, int]] = Counter()
    for one, other, place, shift in proposals(sketches) if len(sketches) > 1 else ():
        low, high = sorted((int(root[one]), int(root[other])))
        tried[one, other] += 1
        if low == high or tried[one, other] > TRIES:
            continue
        if alike(one, other, place, shift):
            root[root == high] = low
            pairs.append((min(one, other), max(one, other)))
    return sorted(pairs), root

"""Which sound is held out: whole recordings, or a stretch of each where there are too few."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

SHARE = 0.1
MOST_HELD = 300.0  # seconds from which it is enough
FEW = 3  # recordings, from which none can be spared
STRETCH = (0.8, 0.9)  # of a recording, held out where there are few: an end may fade out, and is like nothing else
TRAIN, HELD_OUT, NEITHER = 0, 1, 2


class Recording(Protocol):
    """What is asked of a recording: its samples from ``begin + first`` to ``begin + last`` in the cache."""

    name: str
    digest: str
    begin: int
    first: int
    last: int


def rows_of(
    places: Sequence[Recording], groups: np.ndarray, rate: int
) -> tuple[list[list[int]], list[tuple[str, float, float]]]:
    """The rows, each ``[file, begin, samples, side]``, and the stretches held out where there are few recordings.

    Args:
        groups: int64 ``(N,)``, a number for each group of near-duplicates, which stay on one side.
    """
    rows = [[file, place.begin + place.first, place.last - place.first, TRAIN] for file, place in enumerate(places)]
    if len(np.unique(groups)) <= FEW:
        return in_stretches(rows, places, groups, rate)
    for file in held_out([place.digest for place in places], groups, np.array([row[2] for row in rows]) / rate):
        rows[file][3] = HELD_OUT
    return rows, []


def in_stretches(
    rows: list[list[int]], places: Sequence[Recording], groups: np.ndarray, rate: int
) -> tuple[list[list[int]], list[tuple[str, float, float]]]:
    """Rows of which a stretch is held out; of near-duplicates the longest is used, the others on neither side."""
    parted, held = [], []
    for file, begin, length, _side in rows:
        twins = [row for row in rows if groups[row[0]] == groups[file]]
        if file != min(twins, key=lambda row: (-row[2], places[row[0]].digest, row[0]))[0]:
            parted.append([file, begin, length, NEITHER])
            continue
        cuts = [0, int(STRETCH[0] * length), max(int(STRETCH[1] * length), int(STRETCH[0] * length) + 1), length]
        sides = (TRAIN, HELD_OUT, TRAIN)
        parted += [
            [file, begin + a, b - a, side] for a, b, side in zip(cuts[:-1], cuts[1:], sides, strict=True) if b > a
        ]
        start = places[file].first
        held.append((places[file].name, (start + cuts[1]) / rate, (start + cuts[2]) / rate))
    return parted, held


def held_out(digests: list[str], groups: np.ndarray, seconds: np.ndarray) -> list[int]:
    """Choose recordings by their content alone, a tenth to a fifth of the sound, but no more than ten minutes.

    Neither names nor order nor luck move them. Groups of near-duplicates are taken whole, while they fit and until the
    tenth is reached; if none fits, the shortest is.
    """
    names, inverse = np.unique(groups, return_inverse=True)
    lengths = np.bincount(inverse, weights=seconds)
    smallest: dict[int, str] = {}
    for digest, group in zip(digests, inverse.tolist(), strict=True):
        smallest[group] = min(digest, smallest.get(group, digest))
    enough = min(SHARE * float(seconds.sum()), MOST_HELD)
    chosen, held = set(), 0.0
    for group in sorted(range(len(names)), key=lambda group: smallest[group]):
        if held < enough and held + lengths[group] <= 2 * enough:
            chosen.add(group)
            held += lengths[group]
    chosen = chosen or {min(range(len(names)), key=lambda group: (lengths[group], smallest[group]))}
    return [file for file, group in enumerate(inverse.tolist()) if group in chosen]

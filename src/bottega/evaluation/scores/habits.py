"""What scores are like, in a few numbers that musicians would agree to: which notes, how many, how regular.

Pitch classes, scale and groove as in Wu & Yang 2020, "The Jazz Transformer on the front line", arXiv:2008.01307.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bottega.representations.grid import STEPS, Grid, key_of
from bottega.representations.keys import scale_of

SIXTEENTH = STEPS // 4


def pitched(grid: Grid) -> np.ndarray:
    """The notes that are no drums, int64 ``(N, 5)``."""
    drums = np.array([drums for _program, drums, _rank in grid.tracks], bool)
    return grid.notes[~drums[grid.notes[:, 4]]] if len(grid.notes) else grid.notes


def degrees(grids: Sequence[Grid]) -> np.ndarray:
    """How long each degree above the tonic sounds, in major and in minor keys: shares ``(24,)``."""
    total = np.full(24, 0.5)  # half a step each, so that nothing is impossible
    for grid in grids:
        key = key_of(grid.notes, np.array([not drums for _program, drums, _rank in grid.tracks]))
        notes = pitched(grid)
        total[key // 12 * 12 :][:12] += np.bincount((notes[:, 2] - key) % 12, weights=notes[:, 1], minlength=12)
    return total / total.sum()


def divergence(made: Sequence[Grid], real: Sequence[Grid]) -> float:
    """Kullback–Leibler divergence of the degrees of some scores from those of others, nats."""
    p, q = degrees(made), degrees(real)
    return float((p * np.log(p / q)).sum())


def density(grid: Grid) -> float:
    """Onsets in a quarter."""
    return len(np.unique(grid.notes[:, 0])) * STEPS / max(1, int(grid.begins[-1]))


def in_scale(grid: Grid) -> float:
    """The share of the notes that belong to the scale of its key."""
    notes = pitched(grid)
    key = key_of(grid.notes, np.array([not drums for _program, drums, _rank in grid.tracks]))
    return float(np.isin(notes[:, 2] % 12, scale_of(key)).mean()) if len(notes) else 0.0


def groove(grid: Grid) -> float:
    """How alike the rhythms of two bars in a row are: the share of sixteenths on which both begin a note or neither."""
    rhythms = []
    for begin, end in zip(grid.begins[:-1], grid.begins[1:], strict=True):
        onsets = grid.notes[(grid.notes[:, 0] >= begin) & (grid.notes[:, 0] < end), 0] - begin
        places = np.zeros(-(-int(end - begin) // SIXTEENTH), bool)
        places[onsets // SIXTEENTH] = True
        rhythms.append(places)
    alike = [float((a == b).mean()) for a, b in pairwise(rhythms) if len(a) == len(b)]
    return float(np.mean(alike)) if alike else 1.0


def mean(of, grids: Sequence[Grid]) -> float:
    """The mean of a number over scores."""
    return float(np.mean([of(grid) for grid in grids]))

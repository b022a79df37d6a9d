"""The copy audit of scores: does a model compose, or recite what it learned from?

A melody is the line of highest notes; two melodies agree for as long as their intervals and their rhythm do, in
whatever key. Folk tunes agree with each other for bars, so the same is measured of held-out tunes of the same length.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bottega.representations.grid import Grid

FEWEST = 12  # notes in a row that make a copy
SEED = 6  # notes by which runs are found
LINE = np.iinfo(np.int64).min  # between two tunes; it equals nothing


@dataclass(frozen=True)
class Run:
    """Notes in a row that stand in a training tune too: how many, from which note on, and where."""

    notes: int
    begin: int = 0
    tune: int = -1


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes:
        longest: the longest run of each melody.
        share: of all notes that lie in runs of at least ``FEWEST``.
    """

    longest: list[Run]
    share: float

    @property
    def mean(self) -> float:
        """The longest run of a tune, on average, in notes."""
        return float(np.mean([run.notes for run in self.longest])) if self.longest else 0.0


def melody(grid: Grid) -> np.ndarray:
    """The line of highest notes that are no drums: int64 ``(N, 2)``, onset and pitch."""
    drums = np.array([drums for _program, drums, _rank in grid.tracks], bool)
    notes = grid.notes[~drums[grid.notes[:, 4]]] if len(grid.notes) else grid.notes
    notes = notes[np.lexsort((-notes[:, 2], notes[:, 0]))]
    top = notes[np.unique(notes[:, 0], return_index=True)[1]]
    ends, kept = 0, []
    high = -1
    for onset, long, pitch, _v, _t in top.tolist():
        if onset < ends and pitch < high - 7:  # an accompaniment under a held note
            continue
        kept.append((onset, pitch))
        ends, high = onset + long, pitch
    return np.array(kept, np.int64).reshape(-1, 2)


def steps(line: np.ndarray) -> np.ndarray:
    """A melody as moves, int64 ``(N - 1,)``: interval and time to the next note in one number."""
    return np.diff(line[:, 1]) * 4096 + np.diff(line[:, 0]) if len(line) > 1 else np.zeros(0, np.int64)


class Library:
    """The melodies that are searched.

    Args:
        lines: of the training tunes, as ``melody`` gives them.
    """

    def __init__(self, lines: Sequence[np.ndarray]) -> None:
        parts = [np.append(steps(line), LINE) for line in lines]
        self.moves = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        self.tune = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        self.places: dict[bytes, list[int]] = {}
        for i in range(len(self.moves) - SEED + 1):
            piece = self.moves[i : i + SEED]
            if LINE not in piece:
                self.places.setdefault(piece.tobytes(), []).append(i)

    def runs(self, line: np.ndarray) -> list[Run]:
        """For each move of a melody the longest run that begins with it; 0 notes where none of ``SEED`` does."""
        moves, found = np.append(steps(line), LINE + 1), []
        for i in range(len(moves) - 1):
            best = Run(0, i)
            for at in self.places.get(moves[i : i + SEED].tobytes(), ()):
                room = min(len(moves) - i, len(self.moves) - at)
                differs = np.flatnonzero(moves[i : i + room] != self.moves[at : at + room])
                same = int(differs[0]) if len(differs) else room
                if same + 1 > best.notes:
                    best = Run(same + 1, i, int(self.tune[at]))
            found.append(best)
        return found


def audit(lines: Sequence[np.ndarray], library: Library) -> Audit:
    """Search melodies for runs of a library."""
    longest, inside, total = [], 0, 0
    for line in lines:
        runs = library.runs(line)
        longest.append(max(runs, key=lambda run: run.notes, default=Run(0)))
        mine = np.zeros(len(line), bool)
        for run in runs:
            if run.notes >= FEWEST:
                mine[run.begin : run.begin + run.notes] = True
        inside, total = inside + int(mine.sum()), total + len(line)
    return Audit(longest, inside / max(1, total))

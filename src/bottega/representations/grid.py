"""A score laid on a grid of twelfths of a quarter: its bars, its parts, and the notes that begin on each step.

The grid holds sixteenths, triplets and sextuplets exactly. A part is what one instrument plays; several tracks with one
instrument are told apart by how high they lie, so that the same part means the same thing in every tune.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bottega.datasets.scores.moods import MAJOR, MINOR, fit

if TYPE_CHECKING:
    from bottega.media.score import Score

STEPS = 12  # of a quarter
QUARTER = 480  # ticks of a quarter in the scores that are made
TICKS = QUARTER // STEPS
LONGEST = 4096  # bars that are read of one score


@dataclass(frozen=True)
class Grid:
    """A score on the grid.

    Attributes:
        meters: numerator and denominator of each bar.
        begins: the step at which each bar begins, and where the last one ends, int64 ``(bars + 1,)``.
        notes: int64 ``(N, 5)``: onset, duration (steps), pitch, velocity, track; by onset, track, then pitch downwards.
        tracks: what plays each track: ``(program, drums, rank)``; rank 0 is the highest of that instrument.
        tempo: quarters a minute, the one that lasts longest.
    """

    meters: list[tuple[int, int]]
    begins: np.ndarray
    notes: np.ndarray
    tracks: list[tuple[int, bool, int]]
    tempo: float

    def __len__(self) -> int:
        """How many bars it has."""
        return len(self.meters)


def bar_steps(meter: tuple[int, int]) -> int:
    """Steps in a bar of that meter."""
    return max(1, round(meter[0] * 4 * STEPS / meter[1]))


def laid_out(score: "Score") -> Grid:
    """A score on the grid; every bar up to the last note, those before the first one too."""
    notes, names = _notes(score)
    end = int((notes[:, 0] + notes[:, 1]).max(initial=1))
    meters, begins = _bars(score, end)
    return Grid(meters, np.array(begins, np.int64), notes, names, _tempo(score))


def as_score(grid: Grid, key: int | None = None) -> "Score":
    """Notes on the grid as a score; parts that play nothing are left out."""
    from bottega.media.score import Score, Track

    tracks = []
    for number, (program, drums, _rank) in enumerate(grid.tracks):
        own = grid.notes[grid.notes[:, 4] == number]
        if len(own):
            own = np.column_stack([own[:, :2] * TICKS, own[:, 2:4]]).astype(np.int32)
            tracks.append(Track(name="", program=program, drums=drums, notes=own))
    changes = [i for i, meter in enumerate(grid.meters) if i == 0 or meter != grid.meters[i - 1]]
    meters = [(int(grid.begins[i]) * TICKS, *grid.meters[i]) for i in changes]
    keys = [] if key is None else [(0, key % 12, "minor" if key >= 12 else "major")]
    return Score(tracks=tracks, quarter=QUARTER, tempos=[(0, float(grid.tempo))], meters=meters, keys=keys)


def trimmed(grid: Grid) -> Grid:
    """Without the empty bars before the first note."""
    if not len(grid.notes):
        return grid
    first = int(np.searchsorted(grid.begins, grid.notes[0, 0], side="right")) - 1
    notes = grid.notes.copy()
    notes[:, 0] -= grid.begins[first]
    return Grid(grid.meters[first:], grid.begins[first:] - grid.begins[first], notes, grid.tracks, grid.tempo)


def key_of(notes: np.ndarray, pitched: np.ndarray) -> int:
    """The key that notes sound in: 0 … 11 C major to B major, 12 … 23 C minor to B minor.

    Args:
        notes: as in ``Grid``.
        pitched: which of its tracks are no drums, bool ``(tracks,)``.
    """
    heard = notes[pitched[notes[:, 4]]] if len(notes) else notes
    classes = np.bincount(heard[:, 2] % 12, weights=np.minimum(heard[:, 1], 4 * STEPS), minlength=12)
    (major, tonic), (minor, other) = fit(classes, MAJOR), fit(classes, MINOR)
    return tonic if major >= minor else 12 + other


def nearest(known: Sequence[int], wanted: np.ndarray) -> np.ndarray:
    """For each of some numbers ``(N,)`` the nearest of the ascending known ones, the smaller of two."""
    table = np.array(known)
    return table[np.abs(np.asarray(wanted)[:, None] - table).argmin(1)]


def apart(notes: np.ndarray, together: bool, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Notes ``(N, 5)`` of one part, none twice, and the steps ``(N,)`` until the next one of the same pitch begins.

    Args:
        together: until the next one of any pitch.
        end: of the score.
    """
    notes = notes[np.lexsort((-notes[:, 1], notes[:, 0], notes[:, 2]))]
    notes = notes[np.unique(notes[:, [2, 0]], axis=0, return_index=True)[1]]  # of two alike the longer one
    line = notes[:, :1] if together else notes[:, [2, 0]]
    starts, group = np.unique(line, axis=0, return_inverse=True)
    after = np.full(len(starts), end)
    follows = np.ones(len(starts) - 1, bool) if together else starts[1:, 0] == starts[:-1, 0]
    after[:-1][follows] = starts[1:, -1][follows]
    return notes, np.maximum(after[group.ravel()] - notes[:, 0], 1)


def fitting(known: Sequence[int], wanted: np.ndarray, room: np.ndarray) -> np.ndarray:
    """For each duration ``(N,)`` the nearest known one, or the longest one that has room where that has none."""
    table, near = np.array(known), nearest(known, np.minimum(wanted, room))
    under = table[np.maximum(np.searchsorted(table, room, side="right") - 1, 0)]
    return np.where(near > room, under, near)


def _notes(score: "Score") -> tuple[np.ndarray, list[tuple[int, bool, int]]]:
    """All notes on the grid, and what plays each track that has any."""
    scale = STEPS / score.quarter
    rows, kinds, heights = [], [], []
    for track in score.tracks:
        if not len(track.notes):
            continue
        raw = np.asarray(track.notes, np.int64)
        begin = np.rint(raw[:, 0] * scale).astype(np.int64)
        stop = np.rint((raw[:, 0] + raw[:, 1]) * scale).astype(np.int64)
        number = np.full(len(raw), len(kinds))
        rows.append(np.stack([begin, np.maximum(stop - begin, 1), raw[:, 2], raw[:, 3], number], 1))
        kinds.append((0 if track.drums else int(track.program), bool(track.drums)))
        heights.append(float(raw[:, 2].mean()))
    order = sorted(range(len(kinds)), key=lambda i: -heights[i])
    seen: dict[tuple[int, bool], int] = {}
    names: list[tuple[int, bool, int]] = [(0, False, 0)] * len(kinds)
    for i in order:
        names[i] = (*kinds[i], seen.get(kinds[i], 0))
        seen[kinds[i]] = seen.get(kinds[i], 0) + 1
    notes = np.concatenate(rows) if rows else np.zeros((0, 5), np.int64)
    return notes[np.lexsort((-notes[:, 2], notes[:, 4], notes[:, 0]))], names


def _bars(score: "Score", end: int) -> tuple[list[tuple[int, int]], list[int]]:
    """The meter of each bar and where it begins; a bar cut short by a new meter gets the meter of its length."""
    scale = STEPS / score.quarter
    changes = sorted((round(tick * scale), (int(over), int(under))) for tick, over, under in score.meters)
    if not changes or changes[0][0] > 0:
        changes.insert(0, (0, (4, 4)))
    meters, begins = [], [0]
    for i, (_start, meter) in enumerate(changes):
        stop = changes[i + 1][0] if i + 1 < len(changes) else end
        while begins[-1] < min(stop, end) and len(meters) < LONGEST:
            long = bar_steps(meter)
            if i + 1 < len(changes) and begins[-1] + long > stop:
                long = stop - begins[-1]
                meters.append(_shortest(long))
            else:
                meters.append(meter)
            begins.append(begins[-1] + long)
    return meters, begins


def _shortest(steps: int) -> tuple[int, int]:
    """The simplest meter whose bar has so many steps."""
    for under in (4, 8, 16):
        if steps * under % (4 * STEPS) == 0:
            return steps * under // (4 * STEPS), under
    return steps, 4 * STEPS


def _tempo(score: "Score") -> float:
    """The tempo that holds for the longest time."""
    if not score.tempos:
        return 120.0
    tempos = sorted(score.tempos)
    last = max((int((t.notes[:, 0] + t.notes[:, 1]).max()) for t in score.tracks if len(t.notes)), default=0)
    ends: Sequence[float] = [*(tick for tick, _bpm in tempos[1:]), max(last, tempos[-1][0] + 1)]
    lasting = [max(0.0, end - tick) / max(bpm, 1e-3) for (tick, bpm), end in zip(tempos, ends, strict=True)]
    return float(tempos[int(np.argmax(lasting))][1])

"""A score brought into another mood by rule: mode, tempo, loudness, articulation and register.

The rules are those that listeners agree about (Livingstone et al. 2010, "Changing musical emotion"): major and high for
bright, minor and low for dark; fast, loud and short for wild, slow, soft and bound for calm.
"""

from dataclasses import replace

import numpy as np

from bottega.media.score import Score, Track, tidy
from bottega.representations.grid import key_of, laid_out

FIRM = 0.2  # from which valence on, up or down, the mode is changed
FASTER, LOUDER = 1.5, 24  # at arousal 1
SHORT, BOUND = 0.55, 1.0  # share of a note that sounds at arousal 1 and -1
HIGH = 0.5  # from which valence on, up or down, all moves by an octave where there is room
LOWEST, HIGHEST = 48, 76  # mean pitches that an octave up or down may not leave
TO_MINOR = {4: -1, 9: -1, 11: -1}
TO_MAJOR = {3: 1, 8: 1, 10: 1}


def changed(score: Score, valence: float, arousal: float, octaves: bool = True) -> Score:
    """The score in that mood, from -1 to 1 each; 0 leaves what it speaks of as it is.

    Args:
        octaves: whether it may move by one.
    """
    grid = laid_out(score)
    key = key_of(grid.notes, np.array([not drums for _program, drums, _rank in grid.tracks]))
    steps: dict[int, int] = {}
    if valence <= -FIRM and key < 12:
        steps = TO_MINOR
    elif valence >= FIRM and key >= 12:
        steps = TO_MAJOR
    mode = "major" if (key < 12) != bool(steps) else "minor"
    octave = 12 * (valence >= HIGH) - 12 * (valence <= -HIGH)
    pitches = [track.notes[:, 2] for track in score.tracks if not track.drums]
    mean = float(np.concatenate(pitches).mean()) if pitches else 60.0
    if not octaves or not LOWEST <= mean + octave <= HIGHEST:
        octave = 0
    tracks = [_track(track, key % 12, steps, octave, arousal) for track in score.tracks]
    tempos = [(at, bpm * FASTER**arousal) for at, bpm in score.tempos]
    return tidy(replace(score, tracks=tracks, tempos=tempos, keys=[(0, key % 12, mode)]))


def _track(track: Track, tonic: int, steps: dict[int, int], octave: int, arousal: float) -> Track:
    notes = track.notes.astype(np.int64)
    notes[:, 3] = np.clip(np.rint(notes[:, 3] + LOUDER * arousal), 1, 127)
    if not track.drums:
        shift = np.array([steps.get(degree, 0) for degree in range(12)])
        notes[:, 2] = np.clip(notes[:, 2] + shift[(notes[:, 2] - tonic) % 12] + octave, 0, 127)
        held = BOUND - (BOUND - SHORT) * max(arousal, 0.0)
        notes[:, 1] = np.maximum(np.rint(notes[:, 1] * held), 1)
    return replace(track, notes=notes.astype(np.int32))

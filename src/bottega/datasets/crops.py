"""Rows of sound for training: crops at random places of recordings, and short sounds as a whole."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bottega.datasets.order import EndToEnd, rows
from bottega.language import later
from bottega.randomness import Random

Key = tuple[int | str, ...]
SPEEDS = 48  # kept resampling ratios a semitone, so that filters are designed once
EDGE = 64  # samples around a resampled stretch that its filter needs


class Sounds(Protocol):
    """What is asked of a prepared collection; see ``bottega.datasets.sounds``."""

    train: np.ndarray
    labels: np.ndarray | None
    lengths: np.ndarray
    rate: int
    channels: int

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """A stretch of a row, float32 ``(C, n)``."""
        ...


@dataclass(frozen=True)
class Changes:
    """What happens to a sound each time it is shown.

    Attributes:
        softer, louder: decibels by which it gets softer or louder at most; never so loud that it exceeds full scale.
        flip: the share whose polarity is turned round, which nobody hears.
        pitch: semitones by which it is played faster and higher, or slower and lower, at most.
        pitched: the share to which that happens.
    """

    softer: float = 6.0
    louder: float = 3.0
    flip: float = 0.5
    pitch: float = 0.0
    pitched: float = 0.5

    def apply(self, sounds: np.ndarray, random: np.ndarray) -> None:
        """Change loudness and polarity of ``(B, C, N)`` in place, by numbers ``(B, 2)`` in [0, 1)."""
        if not (self.softer or self.louder or self.flip):
            return
        gain = 10 ** ((random[:, 0] * (self.softer + self.louder) - self.softer) / 20)
        if self.louder:
            peaks = np.maximum(sounds.max(axis=(1, 2)), -sounds.min(axis=(1, 2)))
            gain = np.minimum(gain, np.maximum(1.0, 1.0 / np.maximum(peaks, 1e-6)))
        gain *= np.where(random[:, 1] < self.flip, -1.0, 1.0)
        sounds *= gain.astype(np.float32)[:, None, None]

    def speeds(self, random: np.ndarray) -> np.ndarray:
        """How fast each sound is played, by numbers ``(B, 2)`` in [0, 1): whole parts of a semitone."""
        if not self.pitch:
            return np.ones(len(random))
        steps = np.rint((2 * random[:, 0] - 1) * self.pitch * SPEEDS)
        return np.where(random[:, 1] < self.pitched, 2 ** (steps / (12 * SPEEDS)), 1.0)


class Crops:
    """What the training loop shows: ``batch`` is a pure function of its arguments.

    Every epoch goes through all of the sound once, in another order and with other beginnings. A sound shorter than a
    row stands somewhere in it, with silence around it.

    Args:
        data: the collection; its training rows are shown.
        samples: of a row.
        changes: what happens to each crop; nothing when not given.

    Attributes:
        unit, per_row: what a row is counted in, and how many of those it is.
    """

    unit = later("seconds")

    def __init__(self, data: Sounds, *, samples: int, changes: Changes | None = None) -> None:
        if samples < 1:
            raise ValueError(f"samples is at least 1, not {samples}")
        self.data, self.count, self.changes = data, samples, changes
        self.per_row = samples / data.rate
        self.order = EndToEnd(data.lengths[data.train], samples, "crops")

    def __len__(self) -> int:
        """Rows in an epoch."""
        return len(self.order)

    def batch(
        self, key: Key, step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's rows of a step, float32 ``(size // world, C, samples)``, and their labels."""
        dice = self.order.dice(key, step, size, 6, rank, world)
        works = self.data.train[self.order.works(key, step, size, dice[:, 0], rank, world)]
        speeds = self.changes.speeds(dice[:, 1:3]) if self.changes else np.ones(len(works))
        sounds = np.empty((len(works), self.data.channels, self.count), np.float32)
        for sound, row, place, speed in zip(sounds, works.tolist(), dice[:, 3], speeds, strict=True):
            self._cut(sound, row, place, speed)
        if self.changes:
            self.changes.apply(sounds, dice[:, 4:])
        return sounds, None if self.data.labels is None else self.data.labels[works]

    def _cut(self, sound: np.ndarray, row: int, place: float, speed: float) -> None:
        """Fill a row ``(C, samples)`` with a stretch of a recording, ``place`` in [0, 1) of the way into it."""
        if speed == 1.0:
            fill(sound, self.data, row, place)
            return
        stretch = np.empty((len(sound), round(self.count * speed) + 2 * EDGE), np.float32)
        fill(stretch, self.data, row, place)
        played = faster(stretch, speed, self.count)
        sound[:, : played.shape[1]], sound[:, played.shape[1] :] = played, 0.0


class Whole:
    """Short sounds as rows: each as it is, cut or filled up with silence to one length, a little later each time.

    Args:
        data: the collection; its training rows are shown.
        samples: of a row.
        changes: what happens to each sound; nothing when not given.
        shift: the share of a row by which its sound begins later at most; one that fills it begins at its beginning.
    """

    unit, per_row = later("works"), 1.0

    def __init__(self, data: Sounds, *, samples: int, changes: Changes | None = None, shift: float = 0.05) -> None:
        if samples < 1 or not 0 <= shift <= 1:
            raise ValueError(f"samples is at least 1 and shift in [0, 1], not {samples} and {shift}")
        self.data, self.count, self.changes, self.shift = data, samples, changes, shift

    def __len__(self) -> int:
        return len(self.data.train)

    def batch(
        self, key: Key, step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's rows of a step, float32 ``(size // world, C, samples)``, and their labels."""
        works = self.data.train[rows(len(self), key, step, size, rank, world)]
        dice = Random(*key, "whole", step, rank=rank, world=world).uniform(len(works), 5).numpy().astype(np.float64)
        speeds = self.changes.speeds(dice[:, :2]) if self.changes else np.ones(len(works))
        sounds = np.zeros((len(works), self.data.channels, self.count), np.float32)
        for sound, row, later_by, speed in zip(sounds, works.tolist(), dice[:, 2], speeds, strict=True):
            self._place(sound, row, later_by, speed)
        if self.changes:
            self.changes.apply(sounds, dice[:, 3:])
        return sounds, None if self.data.labels is None else self.data.labels[works]

    def _place(self, sound: np.ndarray, row: int, later_by: float, speed: float) -> None:
        wanted = self.count if speed == 1.0 else round(self.count * speed)
        heard = self.data.samples(row, 0, min(wanted, int(self.data.lengths[row])))
        if speed != 1.0:
            silence = np.zeros((len(heard), EDGE), np.float32)
            heard = faster(np.concatenate([silence, heard, silence], axis=1), speed, round(heard.shape[1] / speed))
        room = min(self.count - heard.shape[1], round(self.count * self.shift))
        begin = int(later_by * (room + 1)) if room > 0 else 0
        heard = heard[:, : self.count - begin]
        sound[:, begin : begin + heard.shape[1]] = heard


def fill(sound: np.ndarray, data: Sounds, row: int, place: float) -> None:
    """Fill ``(C, n)`` with a stretch of a recording, ``place`` in [0, 1) of all ways to lay one into the other."""
    room = int(data.lengths[row]) - sound.shape[1]
    if room >= 0:
        sound[:] = data.samples(row, int(place * (room + 1)), sound.shape[1])
        return
    begin = int(place * (1 - room))
    sound[:] = 0.0
    sound[:, begin : begin + int(data.lengths[row])] = data.samples(row)


def faster(stretch: np.ndarray, speed: float, count: int) -> np.ndarray:
    """A stretch ``(C, EDGE + about count · speed + EDGE)`` at a speed: ``(C, count)`` or hardly less, without edges."""
    import soxr

    played = soxr.resample(np.ascontiguousarray(stretch.T), speed, 1.0, "MQ").reshape(-1, len(stretch)).T  # (C, n)
    begin = round(EDGE / speed)
    return played[:, begin : begin + count]

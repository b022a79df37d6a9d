"""Rows of film for training: windows of frames at random times, all frames of one changed alike."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import numpy as np

from bottega.datasets.order import EndToEnd
from bottega.language import later

Key = tuple[int | str, ...]


class Films(Protocol):
    """What is asked of a collection; see ``bottega.datasets.films``."""

    train: np.ndarray
    labels: np.ndarray | None
    lengths: np.ndarray
    rate: Fraction
    size: tuple[int, int]

    def frames(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """Some frames of a row, uint8 ``(T, H, W, C)``."""
        ...


class FilmsInMemory:
    """Films that were drawn or read already, as a collection.

    Args:
        films: uint8 ``(T_i, H, W, C)`` each, all of one size.
        labels: int64 ``(N,)``; None without classes.
        classes: their names.
        rate: frames a second.
        held_out: row numbers; all others are trained on.
        names: of the films; their numbers when not given.
    """

    def __init__(
        self,
        films: Sequence[np.ndarray],
        labels: np.ndarray | None = None,
        classes: Sequence[str] = (),
        *,
        rate: Fraction = Fraction(12),
        held_out: np.ndarray | None = None,
        names: Sequence[str] = (),
    ) -> None:
        self.films, self.labels, self.classes, self.rate = films, labels, list(classes), rate
        self.lengths = np.array([len(film) for film in films], np.int64)
        self.held_out = np.arange(0) if held_out is None else np.asarray(held_out)
        self.train = np.setdiff1d(np.arange(len(films)), self.held_out)
        self.names = list(names) or [f"{number:05}" for number in range(len(films))]
        self.fingerprint = ""

    def __len__(self) -> int:
        return len(self.films)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of every frame."""
        return self.films[0].shape[1], self.films[0].shape[2]

    def frames(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """Some frames of a row, uint8 ``(T, H, W, C)``."""
        return self.films[row][start : None if count is None else start + count]


class Clips:
    """What the training loop shows: ``batch`` is a pure function of its arguments.

    Every epoch goes through all of the film once, in another order and with other beginnings. What is shorter than a
    row is played from its beginning, and its last frame is held.

    Args:
        data: the collection; its training rows are shown.
        frames: of a row.
        mirror: whether half of the clips are turned left to right: not for films with writing, or where it matters
            which way things go.
        reverse: whether half of the clips are played backwards: only for films that could as well have gone that way.

    Attributes:
        unit, per_row: what a row is counted in, and how many of those it is.
    """

    unit = later("seconds")

    def __init__(self, data: Films, *, frames: int, mirror: bool = True, reverse: bool = False) -> None:
        if frames < 1 or not len(data.train):
            raise ValueError("clips need at least one film to train on, and rows of at least one frame")
        self.data, self.count, self.mirror, self.reverse = data, frames, mirror, reverse
        self.per_row = frames / float(data.rate)
        self.order = EndToEnd(data.lengths[data.train], frames, "clips")

    def __len__(self) -> int:
        """Rows in an epoch."""
        return len(self.order)

    def batch(
        self, key: Key, step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's rows of a step, uint8 ``(size // world, T, H, W, C)``, and their labels."""
        dice = self.order.dice(key, step, size, 4, rank, world)
        works = self.data.train[self.order.works(key, step, size, dice[:, 0], rank, world)]
        clips = np.stack([self._window(row, place) for row, place in zip(works.tolist(), dice[:, 1], strict=True)])
        if self.mirror:
            turned = dice[:, 2] < 0.5
            clips[turned] = clips[turned, :, :, ::-1]
        if self.reverse:
            turned = dice[:, 3] < 0.5
            clips[turned] = clips[turned, ::-1]
        return clips, None if self.data.labels is None else self.data.labels[works]

    def _window(self, row: int, place: float) -> np.ndarray:
        """Frames of a row ``(T, H, W, C)``, ``place`` in [0, 1) of all windows that it has."""
        room = int(self.data.lengths[row]) - self.count
        clip = self.data.frames(row, int(place * (room + 1)) if room > 0 else 0, self.count if room > 0 else None)
        return clip if room >= 0 else np.concatenate([clip, np.repeat(clip[-1:], -room, axis=0)])

"""Which film is held out: whole films, or the last tenth of each where there are too few."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from bottega.datasets.sounds.split import FEW, HELD_OUT, NEITHER, SHARE, TRAIN, held_out

SHORTEST = 4  # frames: less is no movement


class Shown(Protocol):
    """What is asked of a film: its shots, of frames counted from ``begin`` in the cache."""

    name: str
    digest: str
    begin: int
    shots: list[list[int]]


def rows_of(
    films: Sequence[Shown], groups: np.ndarray, rate: float
) -> tuple[list[list[int]], list[tuple[str, float, float]]]:
    """The rows, each ``[film, begin, frames, side]``, and the stretches held out where there are few films.

    Args:
        groups: int64 ``(N,)``, a number for each group of near-duplicates, which stay on one side.
    """
    frames = np.array([sum(last - first for first, last in film.shots) for film in films])
    if len(np.unique(groups)) <= FEW:
        return in_time(films, groups, frames, rate)
    held = set(held_out([film.digest for film in films], groups, frames / rate))
    return [
        [number, film.begin + first, last - first, HELD_OUT if number in held else TRAIN]
        for number, film in enumerate(films)
        for first, last in film.shots
    ], []


def in_time(
    films: Sequence[Shown], groups: np.ndarray, frames: np.ndarray, rate: float
) -> tuple[list[list[int]], list[tuple[str, float, float]]]:
    """Rows of films whose last tenth is held out; of near-duplicates the longest is used, the others nowhere."""
    rows, held = [], []
    for number, film in enumerate(films):
        twins = np.flatnonzero(groups == groups[number]).tolist()
        if number != min(twins, key=lambda twin: (-frames[twin], films[twin].digest, twin)):
            rows += [[number, film.begin + first, last - first, NEITHER] for first, last in film.shots]
            continue
        cut = time_of(film.shots, int(frames[number]) - max(SHORTEST, round(SHARE * int(frames[number]))))
        for first, last in film.shots:
            parts = ((first, min(last, cut), TRAIN), (max(first, cut), last, HELD_OUT))
            rows += [[number, film.begin + a, b - a, side] for a, b, side in parts if b - a >= SHORTEST]
        if any(row[0] == number and row[3] == HELD_OUT for row in rows):
            held.append((film.name, cut / rate, film.shots[-1][1] / rate))
    return rows, held


def time_of(shots: list[list[int]], shown: int) -> int:
    """The frame of a film before which so many frames are shown in its shots."""
    for first, last in shots:
        if shown <= last - first:
            return first + max(shown, 0)
        shown -= last - first
    return shots[-1][1]

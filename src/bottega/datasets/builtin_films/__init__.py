"""The built-in collection of films: small paper animations of one hand, all drawn by code.

Things fall, swing, bounce, turn, grow and glow. Every film is a pure function of its number, so the collection needs no
download and is the same on every machine; what swings, turns or glows is back where it began after the last frame.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from bottega.datasets.builtin.hand import SEED, Sheet
from bottega.datasets.builtin_films.machines import balls, emblems, pendulums, springs
from bottega.datasets.builtin_films.nature import fireflies, orbits, plants, waves
from bottega.datasets.clips import FilmsInMemory
from bottega.media.files import write_each

RATE = Fraction(12)
FRAMES = 32
FIRST = 1_000_000  # the films' sheets are others than those of the pictures
_MOTIFS = (balls, emblems, fireflies, orbits, pendulums, plants, springs, waves)
CLASSES: tuple[str, ...] = tuple(motif.__name__ for motif in _MOTIFS)


def draw(index: int, size: int = 64, frames: int = FRAMES) -> tuple[np.ndarray, str]:
    """Draw one film.

    Args:
        index: its number; classes take turns, so any run of numbers is balanced.
        size: side in pixels. The same number at another size is the same film, drawn finer or coarser.
        frames: of the film, at ``RATE``; with more of them everything moves more slowly.

    Returns:
        Frames uint8 ``(frames, size, size, 3)`` and the name of the class.
    """
    motif = _MOTIFS[index % len(_MOTIFS)]
    sheet = Sheet(FIRST + index, size)
    paint = motif(sheet)
    ground, drawn = sheet.canvas, []
    for frame in range(frames):
        sheet.canvas = ground.copy()
        sheet.random = np.random.default_rng((SEED, index))  # so that edges and brushwork do not change with the time
        paint(frame / frames)
        drawn.append(sheet.finish())
    return np.stack(drawn), motif.__name__


def in_memory(count: int = 240, size: int = 64, frames: int = FRAMES, held_out: float = 0.1) -> FilmsInMemory:
    """The first films of the collection without any files; of each class the last ones are held out."""
    films = [draw(index, size, frames)[0] for index in range(count)]
    first = count - round(held_out * count)
    labels = np.arange(count) % len(CLASSES)
    return FilmsInMemory(films, labels, CLASSES, rate=RATE, held_out=np.arange(first, count))


def write_collection(
    folder: Path, count: int = 240, size: int = 64, on_progress: Callable[[int, int], None] | None = None
) -> Path:
    """Write ``count`` films as ``folder/<class>/<number>.mkv``, lossless, all of them or nothing.

    If ``folder`` exists already it is left as it is.

    Returns:
        The folder.
    """
    from bottega.media import video

    def write(index: int, place: Path) -> None:
        frames, name = draw(index, size)
        video.write(place / name / f"{index:05}.mkv", video.Film(frames, RATE))

    return write_each(folder, CLASSES, count, write, on_progress)

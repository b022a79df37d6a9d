"""The built-in collection: pictures of one hand, cut from paper and painted in gouache, all drawn by code.

Every picture is a pure function of its number, so the collection needs no download and is the same on every machine.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from bottega.datasets.builtin.air import birds
from bottega.datasets.builtin.faces import masks
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.land import houses, mountains
from bottega.datasets.builtin.lights import lanterns
from bottega.datasets.builtin.plants import flowers
from bottega.datasets.builtin.water import boats, fish
from bottega.media.files import write_each

_MOTIFS = (birds, boats, fish, flowers, houses, lanterns, masks, mountains)
CLASSES: tuple[str, ...] = tuple(motif.__name__ for motif in _MOTIFS)


def draw(index: int, size: int = 64) -> tuple[np.ndarray, str]:
    """Draw one picture.

    Args:
        index: its number; classes take turns, so any run of numbers is balanced.
        size: side in pixels. The same number at another size is the same picture, drawn finer or coarser.

    Returns:
        Pixels uint8 ``(size, size, 3)`` and the name of the class.
    """
    motif = _MOTIFS[index % len(_MOTIFS)]
    sheet = Sheet(index, size)
    motif(sheet)
    return sheet.finish(), motif.__name__


def write_collection(
    folder: Path, count: int = 4000, size: int = 64, on_progress: Callable[[int, int], None] | None = None
) -> Path:
    """Write ``count`` pictures as ``folder/<class>/<number>.png``, all of them or nothing.

    If ``folder`` exists already it is left as it is.

    Returns:
        The folder.
    """

    def write(index: int, place: Path) -> None:
        pixels, name = draw(index, size)
        Image.fromarray(pixels).save(place / name / f"{index:05}.png", compress_level=1)

    return write_each(folder, CLASSES, count, write, on_progress)

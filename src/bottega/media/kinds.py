"""Works of any medium: what they are, how their files end, and who writes and reads those."""

from pathlib import Path
from typing import Any

import numpy as np

from bottega.media import image, text

WRITTEN = {"image": tuple(image.WRITTEN), "text": text.WRITTEN}
"""How files of each medium end that Bottega writes, the usual ending first."""


def medium_of(content: np.ndarray | str) -> str:
    """``"image"`` or ``"text"``."""
    return "text" if isinstance(content, str) else "image"


def medium_of_file(path: Path) -> str | None:
    """The medium of a file that Bottega may have written, by its ending."""
    return next((medium for medium, endings in WRITTEN.items() if path.suffix.lower() in endings), None)


def write(path: Path, content: np.ndarray | str, record: dict[str, Any] | None = None, **more: Any) -> None:
    """Writes a work with its record inside; ``more`` is the medium's own, such as a picture's ``profile``."""
    if isinstance(content, str):
        text.write(path, content, record)
    else:
        image.write(path, content, record, **more)


def read(path: Path) -> np.ndarray | str:
    """The content of a work: a picture with its transparency, or a text. Raises UnreadableWork when it is neither."""
    return text.read(path) if medium_of_file(path) == "text" else image.read(path, alpha=True)


def read_record(path: Path) -> dict[str, Any] | None:
    """The record inside a work, or None. Raises UnreadableWork when the file is no work."""
    return text.read_record(path) if medium_of_file(path) == "text" else image.read_record(path)


def read_as(medium: str, path: Path) -> Any:
    """The content of a work of that medium, a picture with its transparency. Raises UnreadableWork when it is none."""
    return image.read(path, alpha=True) if medium == "image" else text.read(path)

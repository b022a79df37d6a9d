"""Works of any medium: what they are, how their files end, and who writes and reads those."""

import os
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from bottega.media import audio, image, score, text, video
from bottega.media.audio import Sound
from bottega.media.score import Score
from bottega.media.video import Film

Content: TypeAlias = "np.ndarray | Sound | Score | str | Film"
"""What a work is: a picture, uint8 ``(H, W, C)``, a sound, a score, a text or a film."""

MODULES: dict[str, Any] = {"image": image, "video": video, "audio": audio, "score": score, "text": text}
"""Where files of two media end alike, the first one is meant that they hold: a GIF that moves is a film, and so is a
video with a sound track."""
CLASSES = {"image": np.ndarray, "audio": Sound, "score": Score, "text": str, "video": Film}

WRITTEN = {medium: tuple(module.WRITTEN) for medium, module in MODULES.items()}
"""How files of each medium end that Bottega writes, the usual ending first."""


def medium_of(content: Content) -> str:
    """``"image"``, ``"audio"``, ``"score"``, ``"text"`` or ``"video"``."""
    return next(medium for medium, kind in CLASSES.items() if isinstance(content, kind))


def medium_of_file(path: Path) -> str | None:
    """The medium of a file that holds one work, by its ending, or of a folder of frames; None for any other file, and
    for words that are no name of a file, however long."""
    if os.path.isdir(path) or (path.suffix.lower() in image.READ and video.moves(path)):
        return "video"
    return next((medium for medium, module in MODULES.items() if path.suffix.lower() in module.READ), None)


def write(path: Path, content: Content, record: dict[str, Any] | None = None, **more: Any) -> None:
    """Writes a work with its record inside; ``more`` is the medium's own, such as a picture's ``profile``."""
    MODULES[medium_of(content)].write(path, content, record, **more)


def read(path: Path) -> Content:
    """The content of a work, of its file's medium. Raises UnreadableWork when it is none."""
    return read_as(medium_of_file(path) or "image", path)


def read_as(medium: str, path: Path) -> Any:
    """The content of a work of that medium, a picture with its transparency. Raises UnreadableWork when it is none."""
    return image.read(path, alpha=True) if medium == "image" else MODULES[medium].read(path)


def read_record(path: Path) -> dict[str, Any] | None:
    """The record inside a work, or None. Raises UnreadableWork when the file is no work."""
    return MODULES[medium_of_file(path) or "image"].read_record(path)


def picture(content: Content) -> np.ndarray | None:
    """How a work looks, uint8 ``(H, W, C)``: a sound by its spectrogram, a score by its piano roll, a film by a strip
    of its frames; None for a text."""
    if isinstance(content, Film):
        from bottega.media import strip

        return strip.strip(content)
    if isinstance(content, Sound):
        from bottega.media import spectrogram

        return spectrogram.picture(content)
    if isinstance(content, Score):
        from bottega.media import roll

        return roll.picture(content)
    return None if isinstance(content, str) else content

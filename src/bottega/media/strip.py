"""Contact strips: a film in one picture, time from left to right."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bottega.errors import UsageError
from bottega.language import _
from bottega.media.image import over_checkerboard, resize

if TYPE_CHECKING:
    from bottega.media.video import Film


def strip(film: "Film", count: int = 8, height: int = 96, *, gap: int = 2) -> np.ndarray:
    """Frames of a film side by side, at even distances from its first to its last.

    Args:
        film: at least one frame; transparency is shown over a light checkerboard.
        count: how many frames at most.
        height: of each in pixels; small ones grow by whole numbers without smoothing.
        gap: white pixels between and around them.

    Returns:
        uint8 ``(H, W, 3)``.
    """
    if len(film) == 0 or count < 1 or height < 1:
        raise UsageError(_("A contact strip needs at least one frame."))
    places = np.unique(np.linspace(0, len(film) - 1, min(count, len(film))).round().astype(int))
    frames = [_sized(film.frames[place], height) for place in places]
    if film.frames.shape[3] == 4:
        frames = list(over_checkerboard(np.stack(frames)))
    width = frames[0].shape[1]
    page = np.full((frames[0].shape[0] + 2 * gap, len(frames) * (width + gap) + gap, 3), 255, np.uint8)
    for number, frame in enumerate(frames):
        left = gap + number * (width + gap)
        page[gap : -gap or None, left : left + width] = frame
    return page


def sheet(films: Sequence["Film"], count: int = 8, height: int = 96, *, gap: int = 2) -> np.ndarray:
    """Strips of films below each other, one row a film; shorter rows end in white. Returns uint8 ``(H, W, 3)``."""
    if not films:
        raise UsageError(_("A contact strip needs at least one frame."))
    rows = [strip(film, count, height, gap=gap) for film in films]
    width = max(row.shape[1] for row in rows)
    rows = [row[: row.shape[0] - gap] if number < len(rows) - 1 else row for number, row in enumerate(rows)]
    padded = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    return np.concatenate(padded)


def _sized(frame: np.ndarray, height: int) -> np.ndarray:
    """A frame ``(h, w, C)`` about ``height`` pixels high."""
    high, wide = frame.shape[:2]
    if high <= height:
        factor = height // high
        return frame.repeat(factor, axis=0).repeat(factor, axis=1)
    return resize(frame, (height, max(1, round(wide * height / high))), (0, 0, wide, high))

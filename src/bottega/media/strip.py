"""Films on paper: evenly spaced frames in a row, time from left to right."""

from collections.abc import Sequence

import numpy as np

from bottega.media import image
from bottega.media.video import Film

GAP = 2


def strip(film: Film, count: int = 8, height: int = 96) -> np.ndarray:
    """Evenly spaced frames of a film in a row, the first and the last among them.

    Args:
        count: how many; a shorter film shows all it has.
        height: of the strip in pixels; small films are enlarged without smoothing.

    Returns:
        uint8 ``(height, W, 3)``; transparency over a light checkerboard.
    """
    at = np.unique(np.linspace(0, len(film) - 1, min(count, len(film))).round().astype(int))
    frames = film.frames[at]
    tall, wide = film.size
    if tall >= height:
        shape = height, max(1, round(wide * height / tall))
        frames = np.stack([image.fit(frame, shape, "stretch") for frame in frames])
        return image.sheet(frames, columns=len(frames), scale=1, gap=GAP)[GAP:-GAP, GAP:-GAP]
    return image.sheet(frames, columns=len(frames), scale=max(1, height // tall), gap=GAP)[GAP:-GAP, GAP:-GAP]


def sheet(films: Sequence[Film], count: int = 8, height: int = 96) -> np.ndarray:
    """A strip for each film, one below the other, uint8 ``(H, W, 3)``."""
    strips = [strip(film, count, height) for film in films]
    wide = max(one.shape[1] for one in strips)
    page = np.full((sum(one.shape[0] + GAP for one in strips) + GAP, wide + 2 * GAP, 3), image.PAPER, np.uint8)
    top = GAP
    for one in strips:
        page[top : top + one.shape[0], GAP : GAP + one.shape[1]] = one
        top += one.shape[0] + GAP
    return page

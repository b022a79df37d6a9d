"""Films made of others: many at once, and the time-lapse of a training."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from bottega.media import image
from bottega.media.video import Film

PREVIEWS, REST = Fraction(9, 4), 5
"""Previews of a training that are shown a second, and for how many of them the last one is shown."""


def mosaic(films: Sequence[Film]) -> Film:
    """Films of one size and rate, side by side; shorter ones begin again."""
    count = max(map(len, films))
    pages = [image.sheet(np.stack([film.frames[t % len(film)] for film in films])) for t in range(count)]
    return Film(np.stack(pages), films[0].rate)


def time_lapse(previews: Sequence[np.ndarray]) -> Film:
    """Previews of a training, uint8 ``(H, W, 3)``, as a film that rests on the last one before it begins again."""
    return Film(np.stack([*previews, *[previews[-1]] * (REST - 1)]), PREVIEWS)

"""Many films at once, and the film of a training."""

from fractions import Fraction

import numpy as np

from bottega.media import montage
from bottega.media.video import Film


def test_shorter_films_begin_again_beside_longer_ones():
    films = [Film(np.full((n, 8, 8, 3), np.arange(n)[:, None, None, None], np.uint8), Fraction(6)) for n in (2, 5)]
    made = montage.mosaic(films)
    assert len(made) == 5 and made.rate == 6
    seen = [set(np.unique(frame)) - {255} for frame in made.frames]
    assert seen == [{0}, {1}, {0, 2}, {1, 3}, {0, 4}]


def test_a_time_lapse_rests_on_its_end():
    made = montage.time_lapse([np.full((4, 4, 3), i, np.uint8) for i in range(3)])
    assert made.frames[:, 0, 0, 0].tolist() == [0, 1, 2, 2, 2, 2, 2]

"""Piano rolls: every note is where it should be, in its track's colour."""

import time

import numpy as np

from bottega.media import roll, score
from bottega.media.score import Score, Track


def tune(notes: list, **more) -> Score:
    return score.tidy(Score([Track("lead", 0, False, np.array(notes, np.int32))], 480, **more))


def ink(pixels: np.ndarray, number: int) -> np.ndarray:
    """Where a picture shows the hue of a track, bool (H, W)."""
    apart = pixels.astype(int) - roll.COLOURS[number].astype(int)
    return np.abs(apart).sum(2) < 90


def test_a_note_is_drawn_at_its_time_and_pitch():
    pixels = roll.picture(tune([[0, 480, 60, 127], [960, 480, 72, 127], [1_440, 480, 60, 127]]))
    assert pixels.dtype == np.uint8 and pixels.shape[1:] == (900, 3)
    rows, columns = np.nonzero(ink(pixels, 0)[:-12])
    low, high = columns[rows > rows.mean()], columns[rows < rows.mean()]
    assert rows.max() - rows.min() >= 12 * 4 and low.min() < high.min() < low.max()
    per_quarter = roll.WIDE
    assert abs(high.min() - (roll.LEFT + 2 * per_quarter)) <= 1


def test_long_scores_take_rows_and_very_long_ones_still_a_bounded_picture():
    for count in (10, 400, 20_000):
        began = time.process_time()
        pixels = roll.picture(tune([[k * 480, 480, 60 + k % 5, 90] for k in range(count)]))
        assert pixels.shape[0] < 1_800 and time.process_time() - began < 5


def test_tracks_and_drums_have_colours_of_their_own():
    made = Score(
        [
            Track("one", 0, False, np.array([[0, 480, 60, 127]], np.int32)),
            Track("two", 0, False, np.array([[480, 480, 64, 127]], np.int32)),
            Track("beat", 0, True, np.array([[0, 10, 36, 127], [480, 10, 42, 127]], np.int32)),
        ]
    )
    pixels = roll.picture(made)
    assert all(ink(pixels, number)[:-12].any() for number in range(3))


def test_odd_scores_can_be_drawn():
    drums = Score([Track("", 0, True, np.array([[0, 10, 36, 100]], np.int32))])
    wide = tune([[0, 480, 0, 1], [0, 480, 127, 127]], meters=[(0, 64, 1)])
    short = tune([[0, 1, 60, 100]])
    for made in (drums, wide, short, tune([[480 * 4 * 5_000, 10, 60, 90]])):
        assert roll.picture(made).dtype == np.uint8

"""Seams: a tone rings on as it was, and each channel gets its share."""

import numpy as np
import pytest

from bottega.editing.sounding.parts import back, joined, onward, shares
from bottega.media.audio import Sound

RATE = 16000


def tone(count: int, start: int = 0) -> np.ndarray:
    t = (start + np.arange(count)) / RATE
    return (0.4 * np.sin(2 * np.pi * 440 * t) + 0.2 * np.sin(2 * np.pi * 1210 * t)).astype(np.float32)[None]


def test_a_tone_rings_on():
    went_on, true = onward(tone(4000), 160, RATE), tone(160, 4000)
    assert np.square(went_on - true).sum() < 0.05 * np.square(true).sum()


def test_what_rings_on_is_never_louder_than_what_was():
    draw = np.random.default_rng(0)
    for _time in range(10):
        heard = draw.standard_normal((2, draw.integers(1, 3000))).astype(np.float32)
        assert np.abs(onward(heard, 500, RATE)).max() <= np.abs(heard).max() + 1e-6
    assert not onward(np.zeros((1, 1000), np.float32), 50, RATE).any()


def test_seams_do_not_click():
    before, after = tone(4000), tone(4000, 8000)
    made = 0.3 * np.random.default_rng(0).standard_normal((1, 4000)).astype(np.float32)
    whole = np.concatenate([before, joined(made, before, after, RATE), after], 1)[0]
    rough = np.concatenate([before, made, after], 1)[0]
    largest = np.abs(np.diff(tone(4000)[0])).max()
    for place in (3999, 7999):
        assert abs(whole[place + 1] - whole[place]) < 1.3 * largest
    assert abs(rough[4000] - rough[3999]) > 0  # without the seam nothing holds it together
    assert np.array_equal(joined(made, before[:, :0], after[:, :0], RATE), made)


def test_each_channel_gets_its_share():
    left = tone(2000)
    sound = Sound(np.concatenate([left, 0.25 * left, 0.5 * left]), RATE)
    again = shares(sound.samples)[:, None] * sound.samples.mean(0)
    assert again == pytest.approx(sound.samples, abs=0.02)
    assert back(Sound(0.5 * left, RATE), Sound(np.concatenate([left, left]), RATE), 2500).shape == (2, 2500)
    assert shares(np.zeros((2, 10), np.float32)).tolist() == [1, 1]

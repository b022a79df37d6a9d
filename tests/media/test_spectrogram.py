"""Spectrograms: a tone is a line at its pitch, of any sound, quickly."""

import time

import numpy as np
import pytest

from bottega.media import spectrogram
from bottega.media.audio import Sound


def tone(hertz: float, seconds: float = 1.0, rate: int = 22_050) -> Sound:
    return Sound(np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate).astype(np.float32)[None], rate)


@pytest.mark.parametrize("hertz", [110, 440, 3_000])
def test_a_tone_is_a_line_at_its_pitch(hertz):
    pixels = spectrogram.picture(tone(hertz), 400, 300)
    assert pixels.shape == (300, 400, 3) and pixels.dtype == np.uint8
    bands = 300 - spectrogram.BELOW - spectrogram.BETWEEN - (300 - spectrogram.BELOW - spectrogram.BETWEEN) // 5
    middle = pixels[:bands, 220].astype(int).sum(1)
    wanted = (bands - 1) * (1 - spectrogram.mel(hertz) / spectrogram.mel(11_025))
    assert abs(int(middle.argmax()) - wanted) <= 3


def test_time_runs_from_left_to_right():
    sound = tone(1_000)
    sound.samples[0, : len(sound) // 2] = 0
    pixels = spectrogram.picture(sound, 400, 200).astype(int).sum(2)
    assert pixels[:120, 300].max() > 600 > 200 > pixels[:120, 100].max()


@pytest.mark.parametrize("count", [1, 2, 100, 5_000])
@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_short_and_silent_sounds_can_be_drawn(count, rate):
    for samples in (np.zeros((1, count), np.float32), np.ones((8, count), np.float32)):
        assert spectrogram.picture(Sound(samples, rate)).shape == (300, 800, 3)


def test_a_long_sound_takes_no_longer():
    began = time.process_time()
    spectrogram.picture(tone(440, 900, 8_000))
    assert time.process_time() - began < 5

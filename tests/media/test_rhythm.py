"""Rhythm: clicks of any tempo are counted, what is quiet has no beat, bass and cymbals are told apart."""

import numpy as np
import pytest

from bottega.media import audio, rhythm
from bottega.media.audio import Sound

RATE = 22_050
DRUMS = {"click": (1000, 0.01), "kick": (60, 0.03), "hat": (7000, 0.01)}  # Hz, seconds


def drummed(times, kind="click", seconds=12.0):
    x = np.zeros(int(seconds * RATE))
    hertz, decay = DRUMS[kind]
    t = np.arange(int(0.1 * RATE)) / RATE
    for time in times:
        at = round(time * RATE)
        x[at : at + len(t)] += (0.5 * np.sin(2 * np.pi * hertz * t) * np.exp(-t / decay))[: len(x) - at]
    return Sound(x.astype(np.float32)[None], RATE)


def nearest(times, beats):
    return np.abs(np.asarray(times)[:, None] - beats).min(1)


@pytest.mark.parametrize("kind", ["click", "kick"])
@pytest.mark.parametrize("tempo", [60, 82, 100, 128, 150, 180])
def test_clicks_are_counted(tempo, kind):
    times = np.arange(0.3, 11.9, 60 / tempo)
    heard = rhythm.heard(drummed(times, kind))
    assert heard.tempo == pytest.approx(tempo, rel=0.02)
    assert abs(len(heard.beats) - len(times)) <= 1
    assert nearest(heard.beats, times).max() < 0.03


@pytest.mark.parametrize("tempo", [105, 128, 150, 175])
def test_cymbals_between_the_beats_do_not_double_them(tempo):
    times = np.arange(0.3, 11.5, 60 / tempo)
    hats = drummed(np.concatenate([times, times + 30 / tempo]), "hat").samples
    heard = rhythm.heard(Sound(drummed(times, "kick").samples + 0.3 * hats, RATE))
    assert heard.tempo == pytest.approx(tempo, rel=0.02)
    assert nearest(times, heard.beats).max() < 0.03


def test_a_hand_is_never_quite_even():
    times = np.arange(0.3, 11.9, 0.5) + 0.02 * np.sin(np.arange(24) * 2.4)
    heard = rhythm.heard(drummed(times))
    assert nearest(times, heard.beats).max() < 0.03


def test_a_break_is_counted_through():
    times = np.arange(0.3, 11.9, 0.5)
    heard = rhythm.heard(drummed(np.delete(times, [8, 9, 15])))
    assert nearest(times, heard.beats).max() < 0.06


def test_onsets_begin_where_they_are_heard():
    times = np.array([1.0, 2.37, 3.11, 4.9])
    heard = rhythm.heard(drummed(times, seconds=6))
    peaks = np.sort(np.argsort(heard.onsets)[-4:]) / rhythm.STEPS
    assert np.abs(peaks - times).max() <= 0.011


def test_bass_and_cymbals_are_told_apart():
    kicks, hats = np.arange(0.5, 9, 1.0), np.arange(1.0, 9, 1.0)
    both = Sound(drummed(kicks, "kick", 10).samples + drummed(hats, "hat", 10).samples, RATE)
    heard = rhythm.heard(both)
    of_kicks, of_hats = np.round(kicks * rhythm.STEPS).astype(int), np.round(hats * rhythm.STEPS).astype(int)
    assert heard.low[of_kicks].mean() > 3 * heard.low[of_hats].mean()
    assert heard.high[of_hats].mean() > 3 * heard.high[of_kicks].mean()


def test_loudness_follows_the_sound():
    t = np.arange(4 * RATE) / RATE
    loud = np.sin(2 * np.pi * 300 * t) * np.where(t < 2, 0.02, 0.5)
    heard = rhythm.heard(Sound(loud.astype(np.float32)[None], RATE))
    assert heard.loudness[300] > 0.95
    assert 0 < heard.loudness[100] < 0.2


@pytest.mark.parametrize("samples", [np.zeros((1, 1)), np.zeros((2, RATE)), np.ones((1, 7)), np.ones((1, RATE))])
def test_what_does_not_move_has_no_beat(samples):
    heard = rhythm.heard(Sound(samples.astype(np.float32), RATE))
    assert len(heard.onsets) == len(heard.low) == len(heard.high) == len(heard.loudness) >= 1
    assert all(np.isfinite(one).all() for one in (heard.onsets, heard.loudness, heard.beats))
    if not samples.any():
        assert heard.tempo == 0
        assert not len(heard.beats)
        assert not heard.loudness.any()


def test_every_channel_and_rate_is_heard_alike():
    sound = drummed(np.arange(0.3, 11.9, 0.5))
    wide = audio.resampled(Sound(np.repeat(sound.samples, 2, axis=0), RATE), 44_100)
    assert np.allclose(rhythm.heard(wide).beats, rhythm.heard(sound).beats, atol=0.011)


def test_a_drummer_keeps_his_tempo(test_data):
    sound = audio.read(next((test_data / "audio" / "recordings").glob("*Drum-bass*.ogg")))
    heard = rhythm.heard(sound)
    assert heard.tempo == pytest.approx(136, rel=0.02)
    assert np.diff(heard.beats).std() < 0.02

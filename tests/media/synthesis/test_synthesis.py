"""The synthesizer plays in tune, without clicks, the same each time, and much faster than it sounds."""

import time

import numpy as np
import pytest

from bottega.errors import DataError
from bottega.media.score import Score, Track
from bottega.media.synthesis import PEAK, drums, instruments, render
from bottega.media.synthesis.voices import hertz

RATE = 22_050
INSTRUMENTS = sorted(name for name, one in vars(instruments).items() if isinstance(one, instruments.Instrument))


def score_of(*tracks: Track, bpm: float = 120.0) -> Score:
    return Score(list(tracks), 480, tempos=[(0, bpm)])


def track(notes: list, program: int = 0, drums: bool = False) -> Track:
    return Track("", program, drums, np.array(notes, np.int32))


def cents(tone: np.ndarray, rate: int, wanted: float) -> float:
    """How far the strongest partial within a semitone of a frequency is from it."""
    size = 1 << 18
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), size))
    frequency = np.arange(len(spectrum)) * rate / size
    near = np.abs(np.log2(np.maximum(frequency, 1e-9) / wanted)) < 0.5 / 12
    peak = int(np.argmax(np.where(near, spectrum, 0)))
    before, at, after = np.log(spectrum[peak - 1 : peak + 2] + 1e-12)
    place = peak + 0.5 * (before - after) / (before - 2 * at + after)
    return 1200 * np.log2(place * rate / size / wanted)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instruments_are_in_tune_and_do_not_click(name):
    one = getattr(instruments, name)
    for pitch in (40, 60, 76):
        tone = one.voice(pitch, 0.7, RATE, RATE)
        assert tone.dtype == np.float32 and np.isfinite(tone).all()
        assert abs(tone[0]) < 0.01 and abs(tone[-1]) < 0.01
        assert abs(float(tone.mean())) < 0.01
        within = 14 if name in ("STRINGS", "REED_ORGAN") else 3  # several players are never quite together
        assert abs(cents(tone[1_000:RATE].astype(float), RATE, hertz(pitch))) < within


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_louder_notes_are_louder_and_every_rate_and_length_works(name):
    voice = getattr(instruments, name).voice
    for pitch, held, rate in ((21, 300, 8_000), (108, 40, 44_100), (127, 2_000, 22_050), (0, 2_000, 22_050)):
        tone = voice(pitch, 1.0, held, rate)
        assert np.isfinite(tone).all() and len(tone) >= held and np.abs(tone).max() < 4


@pytest.mark.parametrize("name", ["PIANO", "GUITAR", "BASS", "BELL", "VIBES", "HARP"])
def test_struck_and_plucked_notes_fade(name):
    tone = getattr(instruments, name).voice(60, 0.7, 2 * RATE, RATE)
    rms = [float(np.sqrt(np.square(tone[k : k + RATE // 4]).mean())) for k in (RATE // 10, RATE, int(1.7 * RATE))]
    assert rms[0] > 1.25 * rms[1] > 1.25 * rms[2] > 0


@pytest.mark.parametrize("pitch", range(27, 88))
def test_drums_are_short_and_end_in_silence(pitch):
    stroke = drums.drum(pitch, 0.8, RATE)
    assert stroke.dtype == np.float32 and len(stroke) <= 2 * RATE
    assert abs(stroke[0]) < 0.01 and abs(stroke[-1]) < 1e-3 and np.abs(stroke).max() > 0.1


def test_a_score_is_played_the_same_each_time_and_does_not_clip():
    tune = score_of(
        track([[0, 480, 60, 127], [0, 480, 64, 127], [480, 960, 67, 1]]), track([[0, 240, 38, 90]], drums=True)
    )
    sound = render(tune)
    assert sound.rate == 22_050 and sound.samples.shape[0] == 2 and sound.samples.dtype == np.float32
    assert np.abs(sound.samples).max() == pytest.approx(PEAK, abs=1e-4)
    assert np.array_equal(render(tune).samples, sound.samples)
    assert sound.seconds == pytest.approx(tune.seconds + 1.2, abs=0.01)
    assert np.abs(sound.samples[:, -10:]).max() < 1e-4


def test_notes_sound_when_they_should():
    tune = score_of(track([[960, 480, 72, 100]], program=80), bpm=60.0)  # two seconds of rest, one of a tone
    loud = np.square(render(tune, 8_000).samples).mean(0)
    before, during, after = loud[:15_900].mean(), loud[16_400:23_900].mean(), loud[-2_000:].mean()
    assert during > 1_000 * before and during > 100 * after


def test_tracks_sit_at_different_places_and_drums_in_the_middle():
    notes = [[0, 960, 60, 100]]
    sound = render(score_of(track([[5_000, 10, 60, 1]]), track(notes, 73), track(notes, 40)))
    left, right = np.square(sound.samples[:, : RATE // 2]).mean(1)
    assert left != pytest.approx(right, rel=0.02)
    alone = render(score_of(track([[0, 480, 38, 100]], drums=True))).samples
    left, right = np.square(alone).mean(1)
    assert left == pytest.approx(right, rel=0.1)


def test_an_open_hat_is_closed():
    strokes = [[0, 10, 46, 100], [240, 10, 42, 100]]
    closed = np.abs(render(score_of(track(strokes, drums=True)), RATE).samples).mean(0)
    open_ = np.abs(render(score_of(track([strokes[0], [2_400, 10, 42, 1]], drums=True)), RATE).samples).mean(0)
    late = slice(int(0.45 * RATE), int(0.55 * RATE))
    assert closed[late].mean() < 0.6 * open_[late].mean()


def test_four_voices_are_rendered_fifty_times_faster_than_they_sound():
    dice = np.random.default_rng(1)
    voices = [
        track([[k * 240, 240, int(dice.integers(low, low + 12)), 90] for k in range(240)], program)
        for program, low in ((0, 64), (24, 57), (40, 52), (32, 40))
    ]
    tune = score_of(*voices)
    render(tune)
    began = time.process_time()
    sound = render(tune)
    assert sound.seconds / (time.process_time() - began) > 50


def test_what_lasts_for_hours_is_refused():
    with pytest.raises(DataError, match="minutes"):
        render(score_of(track([[480 * 120 * 90, 480, 60, 100]])))
    with pytest.raises(DataError, match="notes"):
        render(score_of(track([[k, 1, 60, 100] for k in range(100_001)])))

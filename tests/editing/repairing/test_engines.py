import numpy as np
import pytest

from bottega.editing.repairing import clipping, copying, denoising, flaws, gaps, stretching
from bottega.editing.repairing.prediction import burg, predicted

RATE = 44100


def chord(seconds=1.0, rate=RATE):
    """Three decaying partials and a little noise."""
    t = np.arange(round(seconds * rate)) / rate
    noise = 1e-4 * np.random.default_rng(0).standard_normal(len(t))
    return sum(0.2 * np.exp(-t) * np.sin(2 * np.pi * f * t + f) for f in (220.0, 331.0, 557.0)) + noise


def sdr(truth, made):
    return 10 * np.log10((truth**2).sum() / ((truth - made) ** 2).sum())


def test_burg_finds_the_filter_of_an_autoregressive_process():
    from scipy.signal import lfilter

    a = np.array([1.0, -1.6, 0.9])
    x = lfilter([1.0], a, np.random.default_rng(1).standard_normal(20000))
    (found,) = burg([x[:9000], x[11000:]], [2])
    assert np.allclose(found, a, atol=0.02)


def test_what_is_predicted_goes_on_as_the_sound():
    x = chord()
    (a,) = burg([x[:20000]], [256])
    assert sdr(x[20000:20200], predicted(x[:20000], a, 200)) > 15


@pytest.mark.parametrize("ms", [5, 20, 80])
def test_a_hole_is_filled_better_than_by_a_line_or_from_one_side(ms):
    x = chord()
    start, end = 20000, 20000 + round(ms * RATE / 1000)
    known = x.copy()
    known[start:end] = 0.7  # must not matter
    ours = sdr(x[start:end], gaps.fill(known, start, end))
    assert ours > 20
    assert ours >= sdr(x[start:end], gaps.one_sided(known, start, end))
    assert ours >= sdr(x[start:end], gaps.linear(known, start, end))


@pytest.mark.parametrize("start, end", [(0, 300), (43800, 44100), (0, 44090), (5, 44100), (3, 20)])
def test_a_hole_at_the_edge_is_filled_from_the_other_side(start, end):
    made = gaps.fill(chord(), start, end)
    assert made.shape == (end - start,)
    assert np.isfinite(made).all()
    assert np.abs(made).max() < 2


def test_silence_stays_silent():
    assert not gaps.fill(np.zeros(9000), 4000, 4400).any()
    assert flaws.clicks(np.zeros(9000), RATE) == []
    assert flaws.holes(np.zeros(9000), RATE) == []
    assert flaws.clip_levels(np.zeros(9000)) == (-np.inf, np.inf)


def test_clicks_are_found_where_they_are_and_nowhere_else():
    x = chord()
    assert flaws.clicks(x, RATE) == []
    places = [3000, 15000, 15700, 40000]
    for place in places:
        x[place : place + 5] += [0.4, -0.3, 0.2, -0.1, 0.1]
    found = flaws.clicks(x, RATE)
    assert len(found) == 4
    for place, (start, end) in zip(places, found, strict=True):
        assert start <= place
        assert end >= place + 2
        assert end - start < 30


def test_holes_are_found_in_what_is_loud_only():
    x = chord()
    x[5000:5400] = 0.0
    x[30000:30500] = x[30000]
    x[-9000:] = 0.0  # the end of the sound: silence
    assert flaws.holes(x, RATE) == [(5000, 5400), (30000, 30500)]


def test_a_square_wave_has_no_holes():
    assert flaws.holes(np.where(np.arange(44100) % 800 < 400, 0.5, 0.0), RATE) == []


def test_the_level_of_clipping_is_found():
    x = np.clip(chord(), -0.3, 0.25)
    assert flaws.clip_levels(x) == (-0.3, 0.25)
    assert flaws.clip_levels(chord()) == (-np.inf, np.inf)
    assert flaws.clip_levels(np.ones(5000)) == (-np.inf, np.inf)


def test_clipped_peaks_are_rebuilt_beyond_the_level_and_the_rest_is_left():
    x = chord(0.5).astype(np.float32)
    y = np.clip(x, -0.25, 0.25)
    made = clipping.rebuilt(y, -0.25, 0.25, RATE)
    clipped = np.abs(y) >= 0.25 - 1e-6
    assert np.array_equal(made[~clipped], y[~clipped])
    assert np.abs(made[clipped]).min() >= 0.25 - 1e-6
    assert sdr(x[clipped], made[clipped]) > sdr(x[clipped], y[clipped]) + 15


def test_the_frame_is_tight():
    import torch

    x = torch.randn(30000, generator=torch.Generator().manual_seed(0))
    frame = clipping._Frame(len(x), 8192)
    assert torch.allclose(frame.synthesised(frame.analysed(x)), x, atol=1e-5)


def test_a_long_hole_is_copied_from_where_the_sound_repeats():
    bar = np.stack([chord(0.7), chord(0.7)[::-1]])
    x = np.concatenate([bar, bar * 0.9, bar, bar], axis=1)
    start, end = 40000, 55000
    truth = x[:, start:end].copy()
    own = x.copy()
    own[:, start:end] = np.nan
    x[:, start:end] = 0.0
    made, alike = copying.fill(x, start, end, [own], RATE)
    assert alike > 0.99
    assert sdr(truth, made) > 15
    short = slice(38000, 57000)
    assert copying.fill(x[:, short], 2000, 17000, [own[:, short]], RATE) is None


def test_steady_noise_is_lowered_and_the_tone_stays():
    x = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE * 2) / RATE)
    x[:RATE] = 0.0
    noisy = x + 0.01 * np.random.default_rng(0).standard_normal(len(x))
    for quiet in (None, noisy[: RATE // 2]):
        made, by = denoising.denoised(noisy, RATE, quiet)
        assert by > 12
        assert sdr(x[RATE:], made[RATE:]) > sdr(x[RATE:], noisy[RATE:]) + 6


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 2.0])
def test_a_stretched_tone_keeps_its_pitch_and_a_click_stays_sharp(factor):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)[None]
    made = stretching.stretched(tone, factor, RATE)
    assert made.shape == (1, round(RATE * factor))
    assert harmonic_to_noise(made[0], 440) > 40
    click = np.zeros((1, RATE))
    click[0, 20000] = 1.0
    energy = stretching.stretched(click, factor, RATE)[0] ** 2
    at = int(energy.argmax())
    assert abs(at - 20000 * factor) < RATE * 0.003
    assert energy[at - 44 : at + 45].sum() > 0.95 * energy.sum()


@pytest.mark.parametrize("semitones", [-12, -5, 3, 7])
def test_a_tone_is_moved_to_its_new_pitch(semitones):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)[None]
    made = stretching.pitched(tone, semitones, RATE)
    assert made.shape == tone.shape
    assert harmonic_to_noise(made[0], 440 * 2 ** (semitones / 12)) > 40


def test_channels_keep_their_difference():
    left = chord()
    made = stretching.stretched(np.stack([left, -0.5 * left]), 1.3, RATE)
    assert np.allclose(made[1], -0.5 * made[0], atol=1e-9)


@pytest.mark.parametrize("count", [1, 2, 100, 3000])
def test_the_shortest_sounds_are_stretched_too(count):
    made = stretching.stretched(np.ones((8, count)), 1.5, 192000)
    assert made.shape == (8, max(1, round(count * 1.5)))
    assert np.isfinite(made).all()


def harmonic_to_noise(x, frequency):
    """In dB: the energy within 15 Hz of a frequency over all other, away from both ends."""
    middle = x[4096:-4096] * np.blackman(len(x) - 8192)
    power = np.abs(np.fft.rfft(middle)) ** 2
    near = np.abs(np.fft.rfftfreq(len(middle), 1 / RATE) - frequency) < 15
    return 10 * np.log10(power[near].sum() / power[~near].sum())

import numpy as np
import pytest

from bottega.editing import find
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.media.audio import Sound, read, write

RATE = 44100


@pytest.fixture
def music():
    """Two channels of 16-bit samples, two seconds."""
    t = np.arange(2 * RATE) / RATE
    left = sum(0.15 * np.sin(2 * np.pi * f * t + f) for f in (220, 331, 557, 1203))
    both = np.stack([left, 0.5 * left[::-1]]) * (1 + 0.2 * np.sin(2 * np.pi * t))
    both += 1e-3 * np.random.default_rng(0).standard_normal(both.shape)
    return Sound((np.rint(both * 32768) / 32768).astype(np.float32), RATE)


def run(name, sound, others=(), **settings):
    operation, job = find(name), Job()
    made = operation.run({"sound": [sound], "others": list(others)}, operation.settings(**settings), job)
    return made.works[0], made.facts, job.notes


def damaged(sound):
    """Clicks, a hole and their places, bool (C, N)."""
    samples, where = sound.samples.copy(), np.zeros(sound.samples.shape, bool)
    for channel, place in ((0, 9000), (1, 30000), (0, 70000)):
        samples[channel, place : place + 4] += np.float32([0.5, -0.5, 0.25, -0.25])
        where[channel, place : place + 4] = True
    samples[:, 50000:50800] = 0.0
    where[:, 50000:50800] = True
    return Sound(samples, sound.rate), where


def test_a_whole_sound_is_given_back_as_it_is(music):
    made, facts, notes = run("repair", music)
    assert np.array_equal(made.samples, music.samples)
    assert facts == {"samples changed": 0}
    assert "Nothing to repair was found; the sound is as it was." in notes


def test_what_is_wrong_is_found_and_nothing_else_is_touched(music, tmp_path):
    broken, where = damaged(music)
    made, facts, _notes = run("repair", broken)
    assert facts["clicks"] == 3
    assert facts["holes"] == 1
    assert facts["ms filled"] == pytest.approx(800 / 44.1, abs=0.1)
    near = np.stack([np.convolve(row, np.ones(41), "same") > 0 for row in where])
    assert np.array_equal(made.samples[~near], music.samples[~near])
    before = np.square(broken.samples - music.samples)[where].sum()
    assert np.square(made.samples - music.samples)[where].sum() < 0.02 * before
    write(tmp_path / "made.wav", made)
    import soundfile

    assert soundfile.info(tmp_path / "made.wav").subtype == "PCM_16"
    assert np.array_equal(read(tmp_path / "made.wav").samples[~near], music.samples[~near])


def test_only_what_is_asked_for_is_done(music):
    broken, _where = damaged(music)
    made, facts, _notes = run("repair", broken, clicks=True)
    assert "holes" not in facts
    assert not made.samples[:, 50000:50800].any()


def test_a_named_hole_is_filled_with_samples_of_the_same_depth(music):
    made, facts, _notes = run("repair", music, at="0.5-0.52, 1.0-1.01")
    assert facts["holes"] == 2
    assert facts["ms filled"] == pytest.approx(30, abs=0.1)
    changed = np.flatnonzero((made.samples != music.samples).any(axis=0)) / RATE
    assert changed.min() >= 0.5
    assert changed.max() < 1.01
    assert np.array_equal(made.samples * 32768, np.rint(made.samples * 32768))


def test_a_long_hole_is_filled_from_another_take(music):
    samples = music.samples.copy()
    samples[:, 30000:60000] = 0.0
    other = Sound(music.samples[:1, 1000:], RATE)
    mono = Sound(samples[:1], RATE)
    made, facts, notes = run("repair", mono, [other])
    assert facts["copied"] == 1
    assert facts["alike"] > 0.95
    assert notes == []
    error = np.square(made.samples - music.samples[:1]).sum()
    assert error < 0.01 * np.square(music.samples[:1, 30000:60000]).sum()


def test_a_hole_without_anything_to_copy_is_left_and_told(music):
    made, _facts, notes = run("repair", music, at="0.01-1.99")
    assert np.array_equal(made.samples, music.samples)
    assert any("was left" in note for note in notes)


def test_clipped_peaks_are_rebuilt_and_peaks_beyond_full_scale_are_told(music):
    loud = Sound(np.clip(music.samples * 2, -1, 0.99), RATE)
    made, facts, notes = run("repair", loud)
    clipped = (loud.samples >= 0.99) | (loud.samples <= -1)
    assert facts["clipped samples"] == clipped.sum()
    assert np.array_equal(made.samples[~clipped], loud.samples[~clipped])
    assert any("full scale" in note for note in notes)


@pytest.mark.parametrize(
    "settings", [{"at": "a-b"}, {"at": "1.5-1"}, {"at": "1-9"}, {"at": "0-2"}, {"quiet": "0-1,1-2"}]
)
def test_a_place_that_is_none_is_refused(music, settings):
    with pytest.raises(UsageError):
        run("repair", music, **settings)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((1, 1)),
        np.ones((1, 1)),
        np.zeros((2, 50000)),
        np.ones((8, 5000)),
        np.where(np.arange(50000) % 200 < 100, 1, -1)[None],
        np.random.default_rng(0).uniform(-1, 1, (8, 30000)),
    ],
    ids=["silent sample", "sample", "silence", "constant", "all clipped", "8 channels at 192 kHz"],
)
def test_odd_sounds_come_back_finite(samples):
    sound = Sound(samples.astype(np.float32), 192000)
    for settings in ({}, {"clicks": True, "holes": True, "clipping": True, "noise": True}):
        made, _facts, _notes = run("repair", sound, **settings)
        assert made.samples.shape == samples.shape
        assert made.samples.dtype == np.float32
        assert np.isfinite(made.samples).all()


def test_the_same_damage_is_mended_to_the_same_bytes(music):
    broken, _where = damaged(music)
    first, second = run("repair", broken)[0], run("repair", broken)[0]
    assert first.samples.tobytes() == second.samples.tobytes()


def test_stretch_and_pitch_say_what_they_made(music):
    longer, facts, _notes = run("stretch", music, factor=1.5)
    assert longer.samples.shape == (2, 3 * RATE)
    assert facts == {"seconds": 3.0}
    higher, facts, _notes = run("pitch", music, semitones=12)
    assert higher.samples.shape == music.samples.shape
    assert facts == {"ratio": 2.0}

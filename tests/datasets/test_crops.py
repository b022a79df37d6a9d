"""Rows of sound: a pure function of key and step, all of the sound in an epoch, changed as the recipe says."""

import time

import numpy as np
import pytest

from bottega.datasets.crops import Changes, Crops, Whole, faster

RATE = 8_000


class Ramps:
    """Recordings whose samples say where they come from: the row in the first channel, the place in the second."""

    rate, channels, labels = RATE, 2, np.array([0, 1, 0, 1])

    def __init__(self, lengths: tuple[int, ...] = (5_000, 300, 12_000, 700)) -> None:
        self.lengths = np.array(lengths)
        self.train = np.array([0, 1, 2])

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        count = int(self.lengths[row]) - start if count is None else count
        assert start >= 0 and start + count <= self.lengths[row]
        place = np.arange(start, start + count) / 100_000
        return np.stack([np.full(count, (row + 1) / 10), place]).astype(np.float32)


def test_a_batch_is_a_pure_function_and_processes_share_it() -> None:
    crops = Crops(Ramps(), samples=500, changes=Changes(pitch=1.0))
    sounds, labels = crops.batch((3, "rows"), 5, 8)
    again, _ = crops.batch((3, "rows"), 5, 8)
    np.testing.assert_array_equal(sounds, again)
    halves = [crops.batch((3, "rows"), 5, 8, rank, 2) for rank in (0, 1)]
    np.testing.assert_array_equal(sounds, np.concatenate([half[0] for half in halves]))
    assert labels is not None and labels.tolist() == [*halves[0][1], *halves[1][1]]
    assert not np.array_equal(sounds, crops.batch((4, "rows"), 5, 8)[0])
    assert sounds.dtype == np.float32 and sounds.shape == (8, 2, 500)


def test_an_epoch_goes_through_all_the_sound() -> None:
    data = Ramps()
    crops = Crops(data, samples=500)
    assert len(crops) == 35 and crops.per_row == 500 / RATE
    heard = {row: np.zeros(length, int) for row, length in enumerate(data.lengths)}
    for epoch in range(20):
        for step in range(5):
            sounds, labels = crops.batch((0,), epoch * 5 + step, 7)
            for sound, label in zip(sounds, labels, strict=True):
                inside = sound[0] > 0
                row = round(10 * sound[0].max()) - 1
                assert row in data.train and label == data.labels[row]
                places = np.rint(sound[1][inside] * 100_000).astype(int)
                assert (np.diff(places) == 1).all()
                heard[row][places] += 1
    assert heard[0][400:-400].min() > 5 and heard[2][400:-400].min() > 5 and heard[1].min() > 5
    assert heard[3].max() == 0  # it is held out
    assert 0.6 < heard[0].mean() / heard[2].mean() < 1.6


def test_a_short_sound_stands_in_silence() -> None:
    data = Ramps((300, 300, 300, 300))
    sounds, _ = Crops(data, samples=500).batch((1,), 0, 12)
    begins = []
    for sound in sounds:
        inside = np.flatnonzero(sound[0])
        assert len(inside) == 300 and inside[-1] - inside[0] == 299
        begins.append(inside[0])
    assert len(set(begins)) > 6


def test_changes_stay_within_their_bounds() -> None:
    dice = np.random.default_rng(0).random((400, 2))
    sounds = np.full((400, 1, 10), 0.5, np.float32)
    Changes(softer=6, louder=3, flip=0.25).apply(sounds, dice)
    level = np.abs(sounds[:, 0, 0]) / 0.5
    assert 0.5 < level.min() < 0.55 and 1.35 < level.max() < 1.42
    assert 0.18 < (sounds[:, 0, 0] < 0).mean() < 0.32
    loud = np.full((400, 1, 10), 0.9, np.float32)
    Changes(softer=0, louder=12).apply(loud, dice)
    assert np.abs(loud).max() <= 1.0
    over = np.full((4, 1, 10), 1.4, np.float32)
    Changes(softer=0, louder=12, flip=0).apply(over, dice[:4])
    assert (over == np.float32(1.4)).all()
    off = np.random.default_rng(1).random((4, 1, 10)).astype(np.float32)
    before = off.copy()
    Changes(softer=0, louder=0, flip=0).apply(off, dice[:4])
    np.testing.assert_array_equal(off, before)
    assert (Changes(pitch=0).speeds(dice) == 1).all()
    speeds = Changes(pitch=2, pitched=0.5).speeds(dice)
    assert 0.4 < (speeds != 1).mean() < 0.6 and 2 ** (-2 / 12) <= speeds.min() < 0.95 and 1.05 < speeds.max() < 1.13


@pytest.mark.parametrize("semitones", [-2, 1, 2])
def test_a_faster_sound_is_higher_and_clean(semitones: int) -> None:
    speed, wanted = 2 ** (semitones / 12), 20_000
    time = np.arange(round(wanted * speed) + 128) / RATE
    played = faster(np.sin(2 * np.pi * 440 * time)[None].astype(np.float32), speed, wanted)
    assert wanted - 2 <= played.shape[1] <= wanted
    window = np.hanning(played.shape[1])
    spectrum = np.abs(np.fft.rfft(played[0] * window))
    strongest = spectrum.argmax()
    assert abs(strongest * RATE / played.shape[1] - 440 * speed) < 1
    spectrum[strongest - 20 : strongest + 21] = 0
    assert spectrum.max() < 1e-3 * len(window) / 4


def test_whole_sounds_are_placed_cut_and_shifted() -> None:
    data = Ramps((300, 480, 900, 700))
    whole = Whole(data, samples=500, shift=0.1)
    assert len(whole) == 3 and whole.per_row == 1
    begins: dict[int, set[int]] = {0: set(), 1: set(), 2: set()}
    for step in range(40):
        sounds, labels = whole.batch((0,), step, 3)
        assert sorted(round(10 * sound[0].max()) - 1 for sound in sounds) == [0, 1, 2]  # each once an epoch
        for sound, label in zip(sounds, labels, strict=True):
            row = round(10 * sound[0].max()) - 1
            assert label == data.labels[row]
            inside = np.flatnonzero(sound[0])
            begins[row].add(int(inside[0]))
            assert len(inside) == min(500, data.lengths[row])
            np.testing.assert_allclose(sound[1][inside], np.arange(len(inside)) / 100_000, atol=1e-6)
    assert begins[2] == {0} and max(begins[1]) <= 20 and len(begins[0]) > 15 and max(begins[0]) <= 50
    sounds, _ = Whole(data, samples=500, changes=Changes(pitch=2, pitched=1)).batch((0,), 0, 6)
    assert np.isfinite(sounds).all() and sounds.shape == (6, 2, 500)


def test_a_batch_costs_little() -> None:
    crops = Crops(Ramps((200_000,) * 4), samples=16_384, changes=Changes(pitch=2.0))
    crops.batch((0,), 0, 16)
    begun = time.process_time()
    for step in range(10):
        crops.batch((0,), step, 16)
    assert (time.process_time() - begun) / 10 < 0.05, "about 0.005 on a quiet machine"

"""Frames in between: things stand half way, cuts stay cuts, loops go round, and films last as long."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from tests.editing.moving import drawn

from bottega.editing.moving.between import between, moments, retimed
from bottega.editing.moving.flow import motion
from bottega.editing.moving.pace import INTERPOLATE, SLOW, InterpolateSettings, SlowSettings
from bottega.editing.operation import Job
from bottega.media.audio import Sound
from bottega.media.films.sound import packed
from bottega.media.video import Film, sound_of

waves = partial(drawn.waves, size=(64, 88))


def off(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.square(one.astype(float) - other).mean())


@pytest.mark.parametrize("when", [0.25, 0.5, 0.8])
def test_what_moves_stands_where_it_should(when):
    first, second = waves(0), waves(6)
    made = between(first, second, motion(first, second), when)
    faded = first + when * (second.astype(float) - first)
    assert off(made, waves(6 * when)) < 0.1 * off(faded, waves(6 * when))


def test_transparency_stays_possible():
    first, second = (np.zeros((48, 64, 4), np.uint8) for _ in range(2))
    first[16:32, 10:26], second[16:32, 16:32] = (200, 40, 40, 220), (200, 40, 40, 220)
    made = between(first, second, motion(first, second), 0.5)
    assert (made[..., :3] <= made[..., 3:]).all()
    assert made[20:28, 15:27, 3].min() > 150
    assert made[:8].max() == 0


def test_moments_keep_the_length():
    assert moments(3, Fraction(1, 2), False) == [
        (0, 0),
        (0, Fraction(1, 2)),
        (1, 0),
        (1, Fraction(1, 2)),
        (2, 0),
        (2, 0),
    ]
    assert moments(3, Fraction(1, 2), True)[-1] == (2, Fraction(1, 2))
    assert [at for at, _share in moments(10, Fraction(5, 2), False)] == [0, 2, 5, 7]


def test_nothing_is_carried_across_a_cut():
    frames = np.stack([waves(0), waves(2), waves(0, seed=9), waves(2, seed=9)])
    told = []
    made, cuts = retimed(frames, moments(4, Fraction(1, 4), False), lambda share, frame: told.append(share))
    assert cuts == 1
    assert [off(made[5], frames[1]), off(made[7], frames[2])] == [0, 0]
    assert told[-1] == 1


def test_commands():
    sound = packed(Sound(np.random.default_rng(0).normal(0, 0.1, (1, 2666)).astype(np.float32), 8000))
    film = Film(np.stack([waves(2 * number) for number in range(4)]), Fraction(12), sound)
    made = INTERPOLATE.run({"film": [film]}, InterpolateSettings(fps=30), Job())
    assert made.works[0].rate == 30
    assert len(made.works[0]) == 10
    assert made.works[0].sound is sound
    assert off(made.works[0].frames[5], film.frames[2]) == 0  # a moment that was there stays as it was
    job = Job()
    slow = SLOW.run({"film": [film]}, SlowSettings(factor=3, loop=True), job)
    assert len(slow.works[0]) == 12
    assert slow.works[0].rate == 12
    assert sound_of(slow.works[0]).seconds == pytest.approx(1, abs=0.05)
    again = SLOW.run({"film": [film]}, SlowSettings(factor=3, loop=True), Job())
    assert np.array_equal(slow.works[0].frames, again.works[0].frames)
    assert SLOW.run({"film": [film]}, SlowSettings(factor=9), job).works[0].sound is None
    assert job.notes
    single = Film(film.frames[:1], Fraction(12))
    assert len(INTERPOLATE.run({"film": [single]}, InterpolateSettings(loop=True), Job()).works[0]) == 2

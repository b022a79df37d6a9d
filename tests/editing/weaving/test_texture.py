from fractions import Fraction

import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.weaving import looping, seams
from bottega.editing.weaving.texture import TEXTURE, TextureSettings, texture
from bottega.errors import UsageError
from bottega.evaluation.films.motion import seam
from bottega.media.video import Film
from bottega.randomness import Random


def test_what_comes_round_is_found_and_keeps_its_direction(film):
    made = texture({"film": [film]}, TextureSettings(), Job())
    frames = made.works[0].frames
    assert len(frames) in (12, 24) and made.facts["jumps"] == 1  # whole rounds: no pendulum
    assert made.facts["seam"] < 1.3 and seam(made.works[0]) < 1.3
    assert frames.shape[1:] == film.frames.shape[1:] and made.works[0].rate == film.rate
    assert np.array_equal(film.frames[0], Film(film.frames, film.rate).frames[0])


def test_a_loop_of_the_length_that_is_asked_for(film):
    job = Job()
    made = texture({"film": [film]}, TextureSettings(seconds=5), job)
    assert abs(made.works[0].seconds - 5) <= 0.5 and made.facts["jumps"] >= 2
    assert made.facts["seam"] < 1.5
    assert made.works[0].sound is None and len(job.notes) == 1


def test_the_same_seed_gives_the_same_loop(film):
    once, again = (texture({"film": [film]}, TextureSettings(seconds=4), Job(seed=3)).works[0] for _ in range(2))
    assert np.array_equal(once.frames, again.frames)


def test_hiding_a_seam_makes_its_worst_step_smaller_than_any_cut(draw):
    frames = draw(20, period=31)  # never comes round
    small = looping.glances(frames)
    apart = looping.distances(small)
    usual, cost = float(np.median(apart.diagonal(1))), looping.costs(apart)
    cuts = [
        seams.plain(small, looping.Jump(leave, land, 0.0), usual)
        for leave in range(10, 21)
        for land in range(0, leave - 9)
    ]
    choices = looping.jumps(cost, 10)
    hidden = seams.best_loop(small, choices, 4, usual)
    assert hidden.step < min(cuts) and hidden.before + hidden.after > 0
    assert seams.best_loop(small, choices, 0, usual).step >= min(cuts)


def test_the_distances_are_those_of_the_frames(draw):
    frames = draw(6)
    apart = looping.distances(frames)
    assert apart[1, 4] == pytest.approx(np.sqrt(np.square(frames[1].astype(float) - frames[4]).mean()))
    assert np.allclose(apart, apart.T) and not apart.diagonal().any()


def test_a_round_has_no_other_steps_than_its_jumps():
    cost = np.abs(np.subtract.outer(np.arange(41), np.arange(40)) % 10.0 - 5) * -1 + 6
    path = looping.best_round(looping.jumps(cost, 8), 70, 3, Random(0))
    order = looping.order_of(path)
    steps = np.flatnonzero(np.diff(order, append=order[0]) != 1)
    assert abs(len(order) - 70) <= 7 and len(steps) == len(path)
    assert [(int(order[i]) + 1, int(order[(i + 1) % len(order)])) for i in steps] == [(j.leave, j.land) for j in path]


@pytest.mark.parametrize("count", [1, 3, 8, 9, 24, 50])
def test_a_clip_is_made_longer_or_shorter_by_jumps(draw, count):
    frames = draw(12, period=6)
    order = looping.jumping(looping.costs(looping.distances(frames)), count)
    assert len(order) == count and order.min() >= 0 and order.max() < 12
    made = seams.at_length(frames, count, 2)
    assert made.shape == (count, *frames.shape[1:])
    pace = [np.abs(np.diff(each.astype(int), axis=0)).mean() for each in (frames, made) if count > 3]
    assert not pace or pace[1] > 0.8 * pace[0]  # it is not played more slowly


def test_mixed_frames_keep_their_opacity_above_their_colours(draw):
    frames = draw(16, channels=4)
    frames[..., 3] = 200
    frames = np.minimum(frames, 200).astype(np.uint8)
    made = texture({"film": [Film(frames, Fraction(8))]}, TextureSettings(), Job()).works[0].frames
    assert made.shape[3] == 4 and (made[..., :3] <= made[..., 3:]).all()


def test_a_film_that_is_too_short_is_refused(draw):
    with pytest.raises(UsageError, match="4 frames"):
        TEXTURE.run({"film": [Film(draw(3), Fraction(12))]}, TextureSettings(), Job())


def test_a_still_film_is_a_loop():
    still = Film(np.full((8, 10, 12, 3), 90, np.uint8), Fraction(4))
    made = texture({"film": [still]}, TextureSettings(), Job())
    assert made.facts["seam"] == 0 and (made.works[0].frames == 90).all()

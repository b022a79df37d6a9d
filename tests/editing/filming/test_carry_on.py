"""What a person gave stays as it is at the model's size; what is added has the length that was asked for."""

import numpy as np
import pytest
from tests.editing.filming.conftest import RATE, SIDE, film, small_model

from bottega.editing.filming.carry_on import (
    CONTINUE,
    INFILL,
    LOOP,
    ContinueSettings,
    InfillSettings,
    LoopSettings,
    jump,
)
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.models.films import FilmModel
from bottega.models.model import initialised
from bottega.recipes.recipe import load
from bottega.representations.clips import Clip


def test_continues_a_film_and_keeps_its_frames(flow):
    given, job = film(), Job(seed=1, model=flow)
    made = CONTINUE.run({"film": [given]}, ContinueSettings(seconds=1.5, count=2), job)
    for one in made.works:
        assert one.frames.shape == (14 + 18, SIDE, SIDE, 3) and one.frames.dtype == np.uint8
        assert np.array_equal(one.frames[:14], given.frames) and one.rate == flow.rate and one.sound is given.sound
    assert not np.array_equal(made.works[0].frames, made.works[1].frames)
    assert any("sound" in note for note in job.notes)


def test_a_film_of_another_size_and_rate_is_fitted_and_that_is_told(flow):
    job = Job(model=flow)
    made = CONTINUE.run({"film": [film(30, rate=24, side=32)]}, ContinueSettings(seconds=0.5), job)
    assert made.works[0].frames.shape == (15 + 6, SIDE, SIDE, 3)
    assert any("16×16" in note for note in job.notes)


def test_the_same_seed_adds_the_same_and_a_class_counts(flow):
    def once(model, **asked) -> np.ndarray:
        return CONTINUE.run({"film": [film()]}, ContinueSettings(seconds=0.5, **asked), Job(3, model)).works[0].frames

    assert np.array_equal(once(flow), once(flow))
    assert once(small_model(classes=2), label="class 1").shape[0] == 20
    with pytest.raises(UsageError, match="class"):
        once(flow, label="class 1")


def test_fills_between_two_films(flow):
    first, last = film(), film(5, key=1)
    for seconds, frames in ((0.25, 3), (2.0, 24)):
        made = INFILL.run({"film": [first, last]}, InfillSettings(seconds=seconds), Job(model=flow))
        one = made.works[0].frames
        assert np.array_equal(one[:14], first.frames) and np.array_equal(one[14 + frames :], last.frames)
        assert made.works[0].sound is None  # it would be that of one of them


def test_fills_a_hole_without_looking_into_it(flow):
    given, settings = film(24), InfillSettings(start=0.5, end=1.0)
    spoiled = film(24)
    spoiled.frames[6:12] = 255
    films = [INFILL.run({"film": [f]}, settings, Job(model=flow)).works[0] for f in (given, spoiled)]
    assert films[0].sound is given.sound
    one, other = (film.frames for film in films)
    assert np.array_equal(one, other) and len(one) == 24
    assert np.array_equal(one[:6], given.frames[:6]) and np.array_equal(one[12:], given.frames[12:])
    assert not np.array_equal(one[6:12], given.frames[6:12])


def test_says_where_a_hole_may_be(flow):
    for asked in ({}, {"start": 0.5}, {"start": 0.0, "end": 0.5}, {"start": 0.5, "end": 9}, {"start": 1, "end": 0.5}):
        with pytest.raises(UsageError, match="hole"):
            INFILL.run({"film": [film()]}, InfillSettings(**asked), Job(model=flow))
    with pytest.raises(UsageError, match="--seconds"):
        INFILL.run({"film": [film(), film()]}, InfillSettings(start=0, end=1), Job(model=flow))


def test_closes_a_loop(flow):
    given = film()
    made = LOOP.run({"film": [given]}, LoopSettings(seconds=1.0), Job(model=flow))
    assert len(made.works[0]) == 14 + 12 and np.array_equal(made.works[0].frames[:14], given.frames)
    assert made.facts["frames made"] == 12
    assert jump(np.repeat(given.frames[:1], 3, 0), [0, 2]) == 0
    turns = film(16).frames  # of sixteen pixels: it is back where it began
    assert jump(turns, [15]) == pytest.approx(1, abs=0.05) and jump(turns[:8], [7]) > 1.5
    with pytest.raises(UsageError, match="2 frames"):
        LOOP.run({"film": [film(1)]}, LoopSettings(), Job(model=flow))


def test_needs_a_model_that_knows_films_by_their_frames(flow):
    for model in (None, flow.codec):
        with pytest.raises(UsageError, match="video-flow"):
            CONTINUE.run({"film": [film()]}, ContinueSettings(), Job(model=model))


def test_a_model_that_only_makes_films_anew_says_so():
    numbers = {f"networks.{role}.channels": "[8, 8]" for role in ("generator", "discriminator")}
    recipe, clip = load("gan3d", {**numbers, "networks.generator.behind": "[8, 8]"}), Clip((3, 8, SIDE, SIDE), RATE)
    model = FilmModel(recipe, clip, [], [], initialised(recipe, clip, 0, 0))
    for operation, settings in ((CONTINUE, ContinueSettings()), (INFILL, InfillSettings()), (LOOP, LoopSettings())):
        with pytest.raises(UsageError, match="cannot go on from a film"):
            operation.run({"film": [film()]}, settings, Job(model=model))

"""What is added fits the file it goes into, and nothing else in it changes."""

import numpy as np
import pytest
from tests.editing.sounding.conftest import small_model, stereo

from bottega.editing.operation import Job
from bottega.editing.sounding.carry_on import CONTINUE, INPAINT, ContinueSettings, InpaintSettings, mirrored, unlike
from bottega.errors import UsageError


@pytest.mark.parametrize("kind", ["flow", "rnn"])
def test_continues_a_sound_in_its_own_rate_and_channels(kind, request):
    sound, model = stereo(), request.getfixturevalue(kind)
    made = CONTINUE.run({"sound": [sound]}, ContinueSettings(seconds=2.5, count=2), Job(seed=1, model=model))
    for one in made.works:
        assert one.rate == sound.rate and one.samples.shape == (2, len(sound) + round(2.5 * sound.rate))
        assert np.array_equal(one.samples[:, : len(sound)], sound.samples)
        assert np.abs(one.samples[:, len(sound) :]).max() > 0
        assert one.samples.dtype == np.float32 and np.isfinite(one.samples).all()
    assert not np.array_equal(made.works[0].samples, made.works[1].samples)


def test_the_same_seed_adds_the_same(flow):
    sound = stereo()
    one, other = (
        CONTINUE.run({"sound": [sound]}, ContinueSettings(seconds=0.5), Job(seed=3, model=flow)).works[0].samples
        for _time in range(2)
    )
    assert np.array_equal(one, other)


def test_fills_a_hole_and_touches_nothing_else(flow):
    sound = stereo()
    made = INPAINT.run({"sound": [sound]}, InpaintSettings(start=0.4, end=0.9), Job(seed=1, model=flow))
    one, inside = made.works[0], slice(round(0.4 * sound.rate), round(0.9 * sound.rate))
    outside = np.ones(len(sound), bool)
    outside[inside] = False
    assert one.samples.shape == sound.samples.shape
    assert np.array_equal(one.samples[:, outside], sound.samples[:, outside])
    assert (one.samples[:, inside] != sound.samples[:, inside]).mean() > 0.9
    step = np.abs(np.diff(one.samples[0])).max()
    at_seams = np.abs(np.diff(one.samples[0]))[[inside.start - 1, inside.stop - 1]].max()
    assert at_seams <= max(step, np.abs(np.diff(sound.samples[0])).max())


def test_the_filling_most_like_its_surroundings_is_kept(flow, monkeypatch):
    sound = stereo()
    quiet, right = np.zeros((2, 4000), np.float32), np.ascontiguousarray(sound.samples[:, 4000:8000])
    monkeypatch.setattr("bottega.editing.sounding.carry_on.filled", lambda *_given: [quiet, 4 * right, right])
    settings = InpaintSettings(start=0.4, end=0.4 + 4000 / sound.rate)
    [kept] = INPAINT.run({"sound": [sound]}, settings, Job(model=flow)).works
    assert np.array_equal(kept.samples[:, round(0.4 * sound.rate) :][:, :4000], right)


def test_a_filling_is_compared_side_by_side():
    t = np.arange(8000) / 16000
    low, high = (np.sin(2 * np.pi * hertz * t, dtype=np.float32)[None] for hertz in (200, 3000))
    right, wrong = (np.concatenate(pair, 1) for pair in ((low, high), (high, low)))
    assert unlike(right, low, high, 16000) < 0.5 < unlike(wrong, low, high, 16000)
    assert unlike(wrong[:, :1], low[:, :0], high, 16000) > 0


def test_what_lay_in_the_hole_is_not_looked_at(flow):
    sound = stereo()
    other = sound.samples.copy()
    other[:, round(0.4 * sound.rate) : round(0.9 * sound.rate)] = 1
    settings = InpaintSettings(start=0.4, end=0.9)
    one = INPAINT.run({"sound": [sound]}, settings, Job(seed=1, model=flow)).works[0].samples
    spoiled = type(sound)(other, sound.rate)
    assert np.array_equal(one, INPAINT.run({"sound": [spoiled]}, settings, Job(seed=1, model=flow)).works[0].samples)


def test_a_hole_may_reach_to_either_end(flow, rnn):
    sound = stereo()
    for start, end in ((0.0, 0.3), (1.2, 9.0), (0.0, 9.0)):
        made = INPAINT.run({"sound": [sound]}, InpaintSettings(start=start, end=end), Job(model=flow))
        assert made.works[0].samples.shape == sound.samples.shape
    made = INPAINT.run({"sound": [sound]}, InpaintSettings(start=1.2, end=1.5), Job(model=rnn))
    assert np.array_equal(made.works[0].samples[:, :13000], sound.samples[:, :13000])


def test_says_what_it_cannot_do(flow, rnn):
    sound = stereo()
    with pytest.raises(UsageError, match="nothing between"):
        INPAINT.run({"sound": [sound]}, InpaintSettings(start=5, end=6), Job(model=flow))
    with pytest.raises(UsageError, match="only goes forwards"):
        INPAINT.run({"sound": [sound]}, InpaintSettings(start=0.2, end=0.6), Job(model=rnn))
    with pytest.raises(UsageError, match="audio-flow"):
        CONTINUE.run({"sound": [sound]}, ContinueSettings(), Job(model=flow.codec))


def test_a_class_may_be_asked_for():
    model, sound = small_model("audio-flow", classes=2), stereo(0.5)
    for label in ("", "class 1"):
        made = CONTINUE.run({"sound": [sound]}, ContinueSettings(seconds=0.5, label=label), Job(model=model))
        assert made.works[0].seconds == pytest.approx(1.0, abs=0.01)
    with pytest.raises(UsageError, match="class 9"):
        CONTINUE.run({"sound": [sound]}, ContinueSettings(seconds=0.5, label="class 9"), Job(model=model))


def test_the_shortest_sound_can_be_carried_on(flow):
    sound = stereo(1 / 11025)
    made = CONTINUE.run({"sound": [sound]}, ContinueSettings(seconds=0.2), Job(model=flow))
    assert made.works[0].samples.shape == (2, 1 + 2205)


def test_a_hole_is_heard_as_both_sides_mirrored():
    before, after = np.array([[1.0, 2, 3]], np.float32), np.array([[7.0, 8, 9]], np.float32)
    assert mirrored(before, after, 4).tolist() == [[2, 1, 9, 8]]
    assert mirrored(before, after[:, :0], 2).tolist() == [[2, 1]]
    assert mirrored(before[:, :0], after, 2).tolist() == [[9, 8]]

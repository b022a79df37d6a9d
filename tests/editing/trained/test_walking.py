"""Ways through latent spaces: every point a good draw, no seam, past given places, with the beat."""

import numpy as np
import pytest
import torch

from bottega.editing.trained import walking
from bottega.media.rhythm import Rhythm
from bottega.randomness import Random


def way(period=6.0, size=400, seed=0, nodes=4):
    return walking.Way(Random(seed, "way").normal(round(period * nodes), size), period)


@pytest.mark.parametrize("period", [0.5, 1.3, 6.0])
def test_every_point_is_as_good_a_draw_as_any(period):
    places = [way(period, seed=seed).at(np.linspace(0, period, 40)).z for seed in range(20)]
    sizes = torch.stack(places).square().mean((0, 2))  # over seeds: one for each point
    assert (sizes - 1).abs().max() < 0.1


def test_a_way_closes_smoothly_and_goes_on_changing():
    steps = np.arange(0, 6.01, 0.05)
    z = way().at(steps).z
    assert torch.allclose(z[0], z[-1], atol=1e-5)
    speed = (z[1:] - z[:-1]).norm(dim=1)
    assert speed.max() / speed.min() < 1.4
    assert torch.cosine_similarity(z[0], z[60], dim=0).abs() < 0.2


def test_given_places_are_passed_and_the_rest_keeps_its_size():
    given, at = Random(1).normal(3, 400), np.array([0.0, 2.0, 4.0])
    led = way().past(given, at)
    assert torch.allclose(led.at(at).z, given, atol=1e-4)
    sizes = led.at(np.arange(0, 6, 0.1)).z.square().mean(1)
    assert sizes.min() > 0.75
    assert sizes.max() < 1.3
    z = led.at(np.arange(0, 6.01, 0.05)).z  # and no corner where they are passed
    bend = (z[2:] - 2 * z[1:-1] + z[:-2]).norm(dim=1)
    assert bend.max() / bend.mean() < 1.6


def test_classes_take_turns():
    labels = torch.eye(4)[:3]
    led = walking.Way(Random(0).normal(24, 8), 6.0, labels, np.array([0.0, 2.0, 4.0]))
    seen = led.at(np.array([0.0, 1.0, 2.0, 5.0, 6.0])).label
    assert seen is not None
    assert torch.allclose(seen[[0, 2, 4]], labels[[0, 1, 0]], atol=0.01)
    assert torch.allclose(seen[1], torch.tensor([0.5, 0.5, 0, 0]), atol=0.01)
    assert torch.allclose(seen[3], torch.tensor([0.5, 0, 0.5, 0]), atol=0.01)


@pytest.mark.parametrize("loop", [True, False])
def test_an_even_pace_has_no_step_longer_than_the_others(loop):
    far = walking.even(10, 5.0, loop).far
    assert np.allclose(np.diff(far), far[1])
    assert far[-1] == pytest.approx(4.5 if loop else 5.0)


@pytest.mark.parametrize("loop", [True, False])
def test_what_changes_fast_is_gone_slowly(loop):
    ends = np.linspace(0, 4, 49)

    def seen(far):  # how far a picture has changed: slowly, but for two places where it changes fast
        return 0.3 * far + np.tanh(8 * (far - 1)) + np.tanh(8 * (far - 2.9))

    moved = np.diff(seen(ends))
    even = np.linspace(0, 4, 97)
    rough = np.diff(seen(even))
    smooth = np.diff(seen(walking.evened(even, ends, moved, loop)))
    assert smooth.max() / smooth.mean() < 0.4 * rough.max() / rough.mean()
    met = walking.evened(np.array([0.0, 2.0, 4.0]), ends, moved, loop, stops=2)
    assert np.allclose(met, [0, 2, 4], atol=1e-6)


def test_what_changes_all_at_once_is_looked_at_closely():
    def seen(far):
        return 0.3 * far + np.tanh(200 * (far - 1.02))

    ends = np.linspace(0, 4, 49)
    moved = np.diff(seen(ends))
    for _round in range(3):
        parts = walking.steep(ends, moved, 0.1)
        ends, moved = walking.finer(ends, moved, parts, np.diff(seen(parts), axis=1))
    assert np.allclose(np.diff(seen(ends)), moved)
    assert (np.diff(ends) > 0).all()
    assert len(ends) < 80
    steps = np.diff(seen(walking.evened(np.linspace(0, 4, 193), ends, moved, False)))
    assert steps.max() / steps.mean() < 2


def drummed(beats, seconds=10.0):
    onsets = np.zeros(round(seconds * 100), np.float32)
    onsets[np.round(np.array(beats) * 100).astype(int)] = 1
    return Rhythm(onsets, onsets, onsets * 0, np.ones_like(onsets), 120.0, np.array(beats))


@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("fps", [12, 24, 30])
def test_the_way_goes_on_with_the_beat(fps, loop):
    beats = np.arange(0.75, 9.6, 0.5)
    pace = walking.in_time(drummed(beats), 10 * fps, fps, 5.0, loop, 0.8)
    steps = np.diff(pace.far)
    assert steps.min() > 0
    first = pace.far[-1] + (0.2 * 5 / (10 * fps) if loop else 0)
    assert first == pytest.approx(5.0, rel=1e-3)
    for beat in beats:
        here = round(beat * fps)
        assert abs(here - 3 + int(np.argmax(steps[here - 4 : here + 3])) - here) <= 1


def test_without_a_reaction_the_pace_is_even():
    pace = walking.in_time(drummed(np.arange(0.5, 9, 0.5)), 100, 10, 5.0, True, 0.0)
    assert np.allclose(np.diff(pace.far), 0.05)
    assert not pace.shiver.any()
    silent = walking.in_time(Rhythm(*(np.zeros(50, np.float32),) * 4, 0.0, np.empty(0)), 100, 10, 5.0, True, 0.8)
    assert np.allclose(np.diff(silent.far), 0.05)


def test_what_comes_late_is_found():
    onsets = (np.random.default_rng(0).random(200) < 0.1).astype(float)
    together, late = walking.in_step(np.roll(onsets, 2), onsets, 4)
    assert (late, together > 0.9) == (2, True)
    assert walking.in_step(np.ones(200), onsets, 4)[0] == 0

"""Variations, ways between sounds, and sounds through a model."""

import numpy as np
import pytest
import torch
from tests.editing.sounding.conftest import stereo

from bottega.editing.operation import Job
from bottega.editing.sounding.change import (
    MORPH,
    TRANSFER,
    VARY,
    MorphSettings,
    TransferSettings,
    VarySettings,
    _lift,
    between,
)
from bottega.errors import UsageError
from bottega.media.audio import Sound


def test_varies_a_sound_at_its_own_rate_and_channels(flow):
    sound = stereo()
    made = VARY.run({"sound": [sound]}, VarySettings(distance=0.5, count=2), Job(seed=1, model=flow))
    assert [one.samples.shape for one in made.works] == [sound.samples.shape] * 2
    assert not np.array_equal(made.works[0].samples, made.works[1].samples)
    assert made.facts["distance"] > 0 and made.facts["only rebuilt"] > 0


def test_distance_nothing_only_rebuilds(flow):
    made = VARY.run({"sound": [stereo()]}, VarySettings(distance=0), Job(model=flow))
    assert made.facts["distance"] == made.facts["only rebuilt"]


def test_morphs_step_by_step_and_in_one(flow):
    a, b = stereo(1.0), stereo(2.0)
    steps = MORPH.run({"sound": [a, b]}, MorphSettings(steps=4), Job(model=flow))
    assert len(steps.works) == 4 and {"first rebuilt", "last rebuilt"} <= set(steps.facts)
    lengths = [one.seconds for one in steps.works]
    assert lengths == sorted(lengths) and lengths[0] == pytest.approx(1, abs=0.05)
    assert lengths[-1] == pytest.approx(2, abs=0.05)
    (glide,) = MORPH.run({"sound": [a, b]}, MorphSettings(form="glide"), Job(model=flow)).works
    assert glide.seconds == pytest.approx(2, abs=0.05) and glide.channels == 2


def test_what_lies_between_two_sounds_is_as_loud_as_they_are():
    soft = Sound(np.full((1, 100), 0.05, np.float32), 8000)
    assert _lift(soft, [0.4, 0.1], 0.5) == pytest.approx(0.2 / 0.05)
    assert _lift(soft, [0.9, 0.9], 0.5) == pytest.approx(8)  # at most
    spiked = Sound(np.where(np.arange(100) == 50, 0.5, 0.05).astype(np.float32)[None], 8000)
    assert _lift(spiked, [0.4, 0.4], 0.5) == pytest.approx(2)  # its peak reaches full scale


def test_a_codec_alone_morphs_and_transfers(flow):
    a = stereo(0.5)
    assert len(MORPH.run({"sound": [a, a]}, MorphSettings(steps=2), Job(model=flow.codec)).works) == 2
    job = Job(model=flow.codec)
    (made,) = TRANSFER.run({"sound": [a]}, TransferSettings(count=3), job).works
    assert made.samples.shape == a.samples.shape and job.notes


def test_transfers_through_a_flow(flow):
    sound = stereo(0.5)
    made = TRANSFER.run({"sound": [sound]}, TransferSettings(count=2), Job(model=flow))
    assert len(made.works) == 2 and made.works[0].samples.shape == sound.samples.shape


def test_only_a_flow_varies(rnn):
    with pytest.raises(UsageError, match="audio-flow"):
        VARY.run({"sound": [stereo(0.3)]}, VarySettings(), Job(model=rnn))


def test_frames_between_two_keep_their_size():
    a, b = torch.randn(1, 16, 5), torch.randn(1, 16, 5)
    middle = between(a, b, torch.full((5,), 0.5))
    assert middle.norm(dim=1) == pytest.approx((a.norm(dim=1) + b.norm(dim=1)) / 2, rel=1e-4)
    assert torch.allclose(between(a, b, torch.zeros(5)), a, atol=1e-5)

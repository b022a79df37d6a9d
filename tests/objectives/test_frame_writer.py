"""Frame after frame: it learns, goes on from what is known, and knows how likely frames are."""

import pytest
import torch
from tests.objectives.learning import learn
from tests.objectives.test_frame_flow import off_the_wave, waves

from bottega.networks.frames import FrameMemory
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.frame_writer import FrameWriter
from bottega.randomness import Random


def untrained(classes: int = 0) -> FrameWriter:
    torch.manual_seed(0)
    network = FrameMemory(shape=(2, 24), classes=classes, width=32, layers=2, mixture=3)
    return FrameWriter(network, classes=classes, optimizers={"model": OptimizerSettings(lr=5e-3)}, noise=0.2)


@pytest.fixture(scope="module")
def trained() -> FrameWriter:
    writer = untrained()
    learn(writer, lambda step: waves(16, step), 200, calm=150)
    return writer


def test_writes_what_it_has_learned_without_straying(trained):
    made = trained.sample(6, None, Random(1), frames=120)
    assert made.shape == (6, 2, 120)
    assert off_the_wave(made[..., 60:]) < 0.25
    assert made[..., 60:].square().mean() == pytest.approx(0.98, abs=0.3)


def test_goes_on_from_what_is_known(trained):
    whole = waves(4, 9, 40)
    mask = (torch.arange(40) < 20).expand(4, 1, -1)
    made = trained.complete(torch.where(mask, whole, 99.0), mask, None, Random(2), temperature=0.5)
    assert torch.equal(made[..., :20], whole[..., :20])
    assert (made - whole)[..., 20:24].square().mean() < 0.2
    with pytest.raises(ValueError, match="beginning"):
        trained.complete(whole, ~mask, None, Random(2))
    assert torch.equal(trained.complete(whole, torch.ones_like(mask), None, Random(2)), whole)


def test_likely_frames_cost_less(trained):
    likely, unlikely = waves(4, 5), torch.randn(4, 2, 24)
    assert trained.nats(likely).shape == (4,)
    assert (trained.nats(likely) + 0.5 < trained.nats(unlikely)).all()


def test_temperature_nothing_takes_what_is_expected(trained):
    one, other = (trained.sample(2, None, Random(seed), frames=30, temperature=0.0) for seed in (1, 2))
    assert torch.allclose(one, other, atol=1e-4)


def test_classes_may_be_asked_for_or_not():
    writer = untrained(classes=2).eval()
    with torch.no_grad():
        for p in writer.parameters():
            torch.nn.init.normal_(p, std=0.1)
    x = writer.sample(2, torch.tensor([0, 1]), Random(1))
    none, e = writer.sample(2, torch.tensor([2, 2]), Random(1)), writer.sample(2, None, Random(1))
    assert not torch.allclose(x, e) and torch.allclose(none, e)

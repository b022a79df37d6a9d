"""The masked flow learns, keeps what is known, makes any length, and varies as far as it is told."""

import pytest
import torch
from tests.objectives.learning import learn

from bottega.networks.frames import FrameVelocity
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.frame_flow import FrameFlow, spans
from bottega.objectives.velocity import between
from bottega.randomness import Random


def waves(n: int, key: int, length: int = 24) -> torch.Tensor:
    """Frames of which the second number is the first a quarter turn later: the phase is all there is to know."""
    phase = 6.28 * Random(key, "phase").uniform(n, 1)
    angle = phase + 0.8 * torch.arange(length)
    return 1.4 * torch.stack([angle.sin(), angle.cos()], 1)  # (n, 2, length)


def untrained(classes: int = 0, apart: float = 0.0) -> FrameFlow:
    torch.manual_seed(0)
    network = FrameVelocity(shape=(2, 24), classes=classes, width=32, layers=2, heads=2)
    return FrameFlow(network, classes=classes, optimizers={"velocity": OptimizerSettings(lr=5e-3)}, apart=apart)


@pytest.fixture(scope="module", params=[0.0, 0.5], ids=["together", "apart"])
def trained(request) -> FrameFlow:
    flow = untrained(apart=request.param)
    learn(flow, lambda step: waves(16, step), 250, calm=180)
    return flow


def off_the_wave(x: torch.Tensor) -> float:
    """How far each frame is from the one before, turned on."""
    c, s = torch.cos(torch.tensor(0.8)), torch.sin(torch.tensor(0.8))
    nxt = torch.stack([c * x[:, 0] + s * x[:, 1], c * x[:, 1] - s * x[:, 0]], 1)
    return float((nxt[..., :-1] - x[..., 1:]).square().mean())


def test_makes_what_it_has_learned_of_any_length(trained):
    assert off_the_wave(waves(8, 0)) < 1e-9
    for frames in (24, 10, 77):
        made = trained.sample(8, None, Random(1), frames=frames)
        assert made.shape == (8, 2, frames)
        assert off_the_wave(made) < 0.25, frames  # noise would score 2 and more
        assert made.square().mean() == pytest.approx(0.98, abs=0.3)


def test_goes_on_and_fills_holes_in_keeping_with_what_is_known(trained):
    whole = waves(6, 9, 70)
    place = torch.arange(70)
    for known in (place < 30, (place < 20) | (place > 28), place > 40, (place > 10) & (place < 50)):
        mask = known.expand(6, 1, -1)
        made = trained.complete(torch.where(mask, whole, 99.0), mask, None, Random(2))
        assert torch.equal(made[..., known], whole[..., known])
        assert off_the_wave(made) < 0.3
    (hole,) = [(place < 20) | (place > 28)]
    made = trained.complete(whole, hole.expand(6, 1, -1), None, Random(2))
    assert (made - whole)[..., ~hole].square().mean() < 0.3  # both sides tell what must stand between


def test_loops_have_no_seam_and_keep_what_is_known(trained):
    for frames in (47, 24, 8):  # six turns of the wave, three and one
        made = trained.sample(8, None, Random(3), frames=frames, loop=True)
        assert made.shape == (8, 2, frames)
        seam = off_the_wave(torch.cat([made[..., -1:], made[..., :1]], 2))
        assert seam < 0.4 and off_the_wave(made) < 0.4, frames
    whole = waves(4, 5, 47)
    known = ((torch.arange(47) - 23).abs() > 6).expand(4, 1, -1)
    made = trained.complete(whole, known, None, Random(4), loop=True)
    assert torch.equal(made[:, :, known[0, 0]], whole[:, :, known[0, 0]]) and off_the_wave(made) < 0.3


def test_frames_may_each_have_their_own_time():
    x = waves(64, 0)
    x_t, t, v = between(x, Random(0), 0.0, 1.0, apart=0.5)
    assert t.shape == (64, 24) and torch.allclose(x_t, x - (1 - t[:, None]) * v, atol=1e-5)
    own = t.std(1) > 1e-6
    assert 0.3 < own.float().mean() < 0.7
    together = between(x, Random(0), 0.0, 1.0)
    assert torch.equal(together[1][~own], t[~own, 0]) and torch.equal(together[2], v)


def test_varies_as_far_as_it_is_told(trained):
    whole = waves(8, 4, 40)
    far = [float((trained.vary(whole, d, Random(3)) - whole).square().mean()) for d in (0.0, 0.4, 1.0)]
    assert far[0] == 0 and far[0] < far[1] < far[2] and far[2] > 0.8


def test_the_same_random_gives_the_same_work(trained):
    one, other = (trained.sample(2, None, Random(7), frames=50) for _time in range(2))
    assert torch.equal(one, other)


def test_classes_may_be_asked_for_or_not():
    flow = untrained(classes=2).eval()
    with torch.no_grad():
        for p in flow.parameters():
            torch.nn.init.normal_(p, std=0.1)
    x, e = flow.sample(2, torch.tensor([0, 1]), Random(1), steps=2), flow.sample(2, None, Random(1), steps=2)
    none = flow.sample(2, torch.tensor([2, 2]), Random(1), steps=2, guidance=1)
    assert not torch.allclose(x, e) and torch.allclose(none, e)


def test_spans_hide_something_always_and_everything_often():
    known = spans(2000, 20, 0.5, Random(0))
    assert known.shape == (2000, 1, 20) and not known.all(2).any()
    nothing = ~known.any(2)[:, 0]
    assert 0.48 < nothing.float().mean() < 0.62
    some = known[~nothing, 0]
    assert (some[:, 0] & ~some[:, -1]).float().mean() > 0.1  # beginnings
    assert (some[:, -1] & ~some[:, 0]).float().mean() > 0.1  # ends
    assert (some[:, 0] & some[:, -1]).float().mean() > 0.1  # both
    assert not spans(50, 20, 0.0, Random(0)).any()

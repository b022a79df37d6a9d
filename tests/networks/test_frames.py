"""Networks of frames take any count, mind only how far apart frames are, and go on as if they had read at once."""

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.frames import FrameMemory, FrameVelocity


def velocity(**numbers) -> FrameVelocity:
    torch.manual_seed(0)
    network = FrameVelocity(shape=(6, 16), classes=3, width=32, layers=2, heads=2, **numbers).eval()
    for p in network.parameters():  # the gates are shut at first
        torch.nn.init.normal_(p, std=0.2)
    return network


def test_takes_any_count_of_frames():
    network, t = velocity(), torch.full((2,), 0.5)
    for count in (1, 7, 40):
        known = torch.zeros(2, 1, count, dtype=torch.bool)
        out = network(torch.randn(2, 6, count), t, torch.tensor([0, 3]), known)
        assert out.shape == (2, 6, count) and out.isfinite().all()


def test_begins_by_doing_nothing():
    network = FrameVelocity(shape=(6, 16), classes=0, width=32, layers=2, heads=2)
    out = network(torch.randn(2, 6, 16), torch.rand(2), None, torch.zeros(2, 1, 16, dtype=torch.bool))
    assert not out.any()


def test_known_frames_and_class_and_time_are_heard():
    network, x = velocity(), torch.randn(1, 6, 16)
    known, t, label = torch.zeros(1, 1, 16, dtype=torch.bool), torch.full((1,), 0.5), torch.tensor([0])
    out = network(x, t, label, known)
    known2 = known.clone()
    known2[..., :4] = True
    for other in (network(x, t, label, known2), network(x, t, label + 1, known), network(x, t + 0.2, label, known)):
        assert not torch.allclose(out, other)


def test_a_time_for_each_frame_is_heard_at_that_frame():
    network, x, known = velocity(), torch.randn(2, 6, 16), torch.zeros(2, 1, 16, dtype=torch.bool)
    t, label = torch.tensor([0.3, 0.6]), torch.tensor([0, 1])
    one = network(x, t, label, known)
    each = network(x, t[:, None].expand(-1, 16), label, known)
    assert torch.allclose(one, each, atol=1e-5)
    apart = t[:, None].repeat(1, 16)
    apart[:, 5] += 0.2
    assert not torch.allclose(network(x, apart, label, known)[..., 5], one[..., 5], atol=1e-3)


def test_refuses_a_width_that_does_not_fit():
    with pytest.raises(UsageError, match="heads"):
        FrameVelocity(shape=(6, 16), classes=0, width=30, heads=4)


def test_memory_goes_on_as_if_it_had_read_at_once():
    torch.manual_seed(0)
    network = FrameMemory(shape=(5, 12), classes=2, width=32, layers=2, mixture=3).eval()
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.2)
    x, label = torch.randn(2, 12, 5), torch.tensor([0, 2])
    whole, _state = network(x, label)
    state, parts = None, []
    for t in range(12):
        part, state = network(x[:, t : t + 1], label, state)
        parts.append(part)
    for k in range(3):
        assert torch.allclose(whole[k], torch.cat([part[k] for part in parts], 1), atol=1e-5)
    assert whole[0].shape == (2, 12, 3) and whole[1].shape == whole[2].shape == (2, 12, 3, 5)

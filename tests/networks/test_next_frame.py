"""The network that goes from frame to frame."""

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.next_frame import FrameGru, Mixture


def small(**numbers) -> FrameGru:
    torch.manual_seed(0)
    return FrameGru(**{"shape": (3, 6, 16, 24), "widths": (8, 12), **numbers})


def test_before_it_learns_it_nearly_copies_the_last_frame():
    network = small(shape=(3, 6, 32, 32))
    frame = torch.nn.functional.avg_pool2d(torch.rand(2, 3, 96, 96), 3) * 2 - 1
    with torch.no_grad():
        made, state = network(frame, network.begin(2))
    assert made.shape == frame.shape and state.frame is frame
    assert float((made - frame).square().mean()) < 0.5 * float(frame.var())


def test_what_is_remembered_counts():
    network = small()
    first, second, last = torch.rand(3, 1, 3, 16, 24)
    after = []
    for earlier in (first, second):
        _made, state = network(earlier, network.begin(1))
        after.append(network(last, state)[0])
    assert not torch.allclose(*after)


def test_classes_count():
    network = small(classes=3)
    frame = torch.rand(1, 3, 16, 24)
    made = [network(frame, network.begin(1), torch.tensor([label]))[0] for label in (0, 3)]
    assert not torch.allclose(*made)


def test_sides_that_do_not_fit_are_named():
    with pytest.raises(UsageError, match="20×16"):
        small(shape=(3, 6, 16, 20))


@pytest.mark.parametrize("axis", [2, 3])
def test_a_mixture_moves_pixels(axis):
    x = torch.rand(1, 2, 5, 6)
    for far in (-2, 0, 2):
        weights = torch.zeros(1, 5, 5, 6)
        weights[:, 2 + far] = 1
        there = (torch.arange(x.shape[axis]) + far).clamp(0, x.shape[axis] - 1)
        assert torch.equal(Mixture.apply(x, weights, axis), x.index_select(axis, there))


@pytest.mark.parametrize("axis", [2, 3])
def test_the_gradient_of_a_mixture_is_right(axis):
    torch.manual_seed(0)
    x = torch.randn(2, 2, 5, 6, dtype=torch.double, requires_grad=True)
    weights = torch.randn(2, 5, 5, 6, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a, b: Mixture.apply(a, b, axis), (x, weights))

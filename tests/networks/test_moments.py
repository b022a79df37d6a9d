import pytest
import torch

from bottega.networks import build


@pytest.mark.parametrize(("shape", "frames", "shrink"), [((3, 20, 64, 64), 8, 2), ((1, 2, 40, 56), 2, 1)])
def test_a_few_frames_are_one_picture(shape, frames, shrink):
    network = build("moments", shape=shape, classes=3, shrink=shrink, channels=(16, 32, 48))
    assert network.frames == frames
    torch.nn.init.normal_(network.leave.weight)
    x = torch.randn(2, shape[0] * frames, shape[2] // shrink, shape[3] // shrink)
    out = network(x, torch.tensor([0.1, 0.9]), torch.tensor([0, 3]))
    assert out.shape == x.shape == (2, *network.shape) and out.isfinite().all()


@pytest.mark.parametrize("size", [(64, 64), (41, 54)])
def test_what_was_made_small_is_nearly_what_it_was(size):
    network = build("moments", shape=(3, 20, *size), classes=0, channels=(16, 32, 48))
    down, across = (torch.linspace(-3, 3, side) for side in size)
    frames = torch.arange(8.0)[:, None, None] / 4 + torch.arange(3.0)[:, None, None, None]
    films = 0.9 * torch.sin(down[:, None] + 2 * across + frames)[None]  # (1, C, frames, H, W)
    small = network.small(films).flatten(1, 2)
    assert small.shape == (1, *network.shape)
    assert (network.whole(small) - films).abs().mean() < 0.05

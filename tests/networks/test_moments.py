import pytest
import torch

from bottega.networks import build


@pytest.mark.parametrize(("shape", "frames"), [((3, 20, 64, 64), 4), ((1, 2, 40, 56), 2)])
def test_a_few_frames_are_one_picture(shape, frames):
    network = build("moments", shape=shape, classes=3, channels=(16, 32, 48))
    assert network.frames == frames
    torch.nn.init.normal_(network.leave.weight)
    x = torch.randn(2, shape[0] * frames, *shape[2:])
    out = network(x, torch.tensor([0.1, 0.9]), torch.tensor([0, 3]))
    assert out.shape == x.shape == (2, *network.shape) and out.isfinite().all()

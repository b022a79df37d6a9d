import torch

from bottega.networks.mu_law import borders, compressed, expanded


def test_the_steps_of_loudness_are_finest_where_it_is_soft():
    x = torch.linspace(-1, 1, 2001)
    ids = compressed(x)
    assert (ids.min(), ids.max(), compressed(torch.zeros(1)).item()) == (0, 255, 128)
    assert torch.equal(compressed(expanded(torch.arange(256))), torch.arange(256))
    off = (expanded(ids) - x).abs()
    assert off[950:1051].max() < 0.002 < off.max() < 0.025
    assert compressed(torch.tensor([9.0, -9.0])).tolist() == [255, 0]


def test_each_level_lies_between_its_borders():
    x, between = torch.linspace(-0.99, 0.99, 1001), borders(64)
    ids = compressed(x, 64)
    assert between.shape == (65,) and (between[ids] <= x).all() and (x <= between[ids + 1]).all()

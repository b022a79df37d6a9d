import torch

from bottega.datasets.sound_augmentation import differentiable
from bottega.randomness import Random


def test_a_sound_and_its_partner_are_changed_alike_and_gradients_flow():
    x = torch.randn(8, 2, 320).requires_grad_()
    changed = differentiable(x, Random(1), 1.0)
    assert changed.shape == x.shape and torch.equal(changed, differentiable(x, Random(1), 1.0))
    assert not torch.equal(changed, differentiable(x, Random(2), 1.0))
    changed.sum().backward()
    assert (x.grad != 0).float().mean() > 0.9


def test_it_only_moves_turns_round_and_makes_louder_or_softer():
    x = torch.zeros(200, 1, 320)
    x[:, 0, 160] = 1.0
    changed = differentiable(x, Random(1), 1.0)
    places, sizes = changed.abs().argmax(2)[:, 0], changed.sum((1, 2))
    assert places.min() == 140 and places.max() == 180  # a sixteenth to either side
    assert 0.5 < sizes.abs().min() < 0.6 and 1.8 < sizes.abs().max() < 2.0
    assert 60 < (sizes < 0).sum() < 140


def test_some_or_none_are_changed():
    x = torch.randn(400, 1, 32)
    assert differentiable(x, Random(1), 0.0) is x
    same = (differentiable(x, Random(1), 0.3) == x).all(2).float().mean()
    assert 0.3 < same < 0.6  # each of three changes leaves 70 % alone, and half of the turns

import pytest
import torch

from bottega.networks import build

SMALL = {"channels": (48, 32, 32)}


@pytest.mark.parametrize("shape", [(3, 32, 32), (4, 24, 56), (3, 64, 64)])
@pytest.mark.parametrize("classes", [0, 5])
def test_the_two_mirror_each_other_at_any_shape(shape, classes):
    generator = build("residual-generator", shape=shape, classes=classes, latent=16, **SMALL)
    discriminator = build("residual-discriminator", shape=shape, classes=classes, **SMALL)
    label = torch.tensor([0, 4, 1]) if classes else None
    pictures = generator(torch.randn(3, generator.latent), label)
    assert pictures.shape == (3, *shape)
    assert discriminator(pictures, label).shape == (3,)


def test_the_first_weights_neither_blow_up_nor_fade():
    generator = build("residual-generator", shape=(3, 64, 64), classes=0, blocks=3)
    assert 0.2 < generator(torch.randn(16, generator.latent)).std() < 5


def test_classes_change_the_picture_and_the_judgement():
    generator = build("residual-generator", shape=(3, 16, 16), classes=2, **SMALL)
    discriminator = build("residual-discriminator", shape=(3, 16, 16), classes=2, **SMALL)
    z, zero, one = torch.randn(1, generator.latent), torch.tensor([0]), torch.tensor([1])
    picture = generator(z, zero)
    assert not torch.allclose(picture, generator(z, one))
    assert discriminator(picture, zero) != discriminator(picture, one)

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.waveform import Critic, Generator


def generator(shape=(1, 512), classes=3, **numbers):
    torch.manual_seed(0)
    return Generator(shape=shape, classes=classes, latent=8, channels=(16, 12), frames=16, **numbers).eval()


def critic(shape=(1, 512), classes=3):
    torch.manual_seed(0)
    return Critic(shape=shape, classes=classes, channels=(16, 12), steps=16).eval()


@pytest.mark.parametrize("shape", [(1, 512), (2, 512), (1, 2048)])
def test_sounds_have_the_shape_that_is_asked_for(shape):
    z, label = torch.randn(4, 8), torch.tensor([0, 1, 2, 3])
    with torch.no_grad():
        made = generator(shape)(z, label)
        assert made.shape == (4, *shape) and made.isfinite().all() and made.abs().max() < 2
        assert critic(shape)(made, label).shape == (4,)


def test_frames_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="do not make 16 frames"):
        generator((1, 500))
    with pytest.raises(UsageError, match="do not make 24 frames"):
        Generator(shape=(1, 9600), frames=24)


def test_the_class_matters_to_both_and_weights_stand_for_it():
    z = torch.randn(1, 8)
    one, other, weighted = torch.tensor([0]), torch.tensor([2]), torch.tensor([[1.0, 0, 0, 0]])
    with torch.no_grad():
        made = generator()(z, one)
        assert (made - generator()(z, other)).abs().max() > 1e-4
        assert torch.allclose(made, generator()(z, weighted), atol=1e-6)
        assert (critic()(made, one) - critic()(made, other)).abs() > 1e-4


def test_every_sample_reaches_the_critic():
    x = torch.randn(1, 1, 512).requires_grad_()
    critic()(x, torch.tensor([0])).sum().backward()
    assert (x.grad.abs() > 0).float().mean() > 0.99


def test_the_eyes_hear_how_loud_and_how_high():
    time = torch.arange(512) / 512
    tone = torch.sin(2 * torch.pi * 128 * time)[None, None]  # a quarter of the rate
    eye = critic().eyes[0]  # windows of 128 samples
    loud, soft, silent = (eye(x)[0].view(65, 16)[:, 8] for x in (tone, tone / 10, 0 * tone))
    assert loud.argmax() == soft.argmax() == 32 and (silent == -1).all()
    assert 1.0 < loud[32] - soft[32] < 1.3  # ln(10) / 2

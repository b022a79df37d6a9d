"""Every classic network at many sizes: shapes, ranges, classes, and the channels the issue names."""

import pytest
import torch
from torch import nn

from bottega.errors import UsageError
from bottega.networks import build
from bottega.networks.layers import flat, unflat

SHAPES = [(3, 32, 32), (4, 32, 48), (3, 64, 64), (1, 28, 28), (3, 16, 16), (3, 40, 24)]
GENERATORS = ["dense-generator", "dcgan-generator", "conv-decoder"]
DISCRIMINATORS = ["dense-discriminator", "dcgan-discriminator", "cgan-discriminator"]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", GENERATORS)
def test_generators_make_works_of_the_shape(name, shape):
    for classes, label in ((0, None), (3, torch.tensor([0, 2, 3, 1]))):
        network = build(name, shape=shape, classes=classes, latent=20)
        works = network(torch.randn(4, 20), label)
        assert works.shape == (4, *shape)
        if name != "conv-decoder":
            assert works.abs().max() <= 1


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminators_give_one_logit_each(name, shape):
    for classes, label in ((0, None), (3, torch.tensor([0, 2, 3, 1]))):
        assert build(name, shape=shape, classes=classes)(torch.randn(4, *shape), label).shape == (4,)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_encoder_gives_mean_and_logvar(shape):
    mean, logvar = build("conv-encoder", shape=shape, classes=2, latent=9)(torch.randn(3, *shape), None)
    assert mean.shape == logvar.shape == (3, 9)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_classifier_gives_logits_and_features(shape):
    network = build("cnn", shape=shape, classes=5)
    assert network(torch.randn(2, *shape)).shape == (2, 5)
    assert network.features(torch.randn(2, *shape)).shape == (2, 512)


def test_classifier_without_classes_says_what_it_needs():
    with pytest.raises(UsageError, match="sub-folder"):
        build("cnn", shape=(3, 32, 32), classes=0)


@pytest.mark.parametrize("name", [*GENERATORS, *DISCRIMINATORS])
def test_the_class_changes_the_answer(name):
    torch.manual_seed(0)
    network = build(name, shape=(3, 32, 32), classes=2).eval()
    x = torch.randn(4, 3, 32, 32) if name in DISCRIMINATORS else torch.randn(4, network.latent)
    assert not torch.allclose(network(x, torch.zeros(4, dtype=torch.int64)), network(x, torch.ones(4).long()))


def layers(network, kind):
    return [(m.in_channels, m.out_channels, *m.kernel_size) for m in network.modules() if isinstance(m, kind)]


def test_dcgan_is_the_one_in_the_issue():
    generator = build("dcgan-generator", shape=(3, 32, 32))
    assert generator.grid == (256, 4, 4)
    assert layers(generator, nn.ConvTranspose2d) == [(256, 128, 4, 4), (128, 64, 4, 4), (64, 3, 4, 4)]
    discriminator = build("dcgan-discriminator", shape=(3, 32, 32))
    assert layers(discriminator, nn.Conv2d) == [(3, 64, 4, 4), (64, 128, 4, 4), (128, 256, 4, 4)]
    assert build("dcgan-generator", shape=(3, 128, 128)).grid == (512, 4, 4)


def test_cgan_is_the_one_in_the_issue():
    generator = build("dcgan-generator", shape=(3, 32, 32), classes=10, width=128, kernel=5)
    assert generator.grid == (512, 4, 4)
    assert layers(generator, nn.ConvTranspose2d) == [(512, 256, 5, 5), (256, 128, 5, 5), (128, 3, 5, 5)]
    discriminator = build("cgan-discriminator", shape=(3, 32, 32), classes=10)
    assert layers(discriminator, nn.Conv2d) == [(4, 64, 5, 5), (64, 128, 5, 5)]


def test_dcgans_first_layer_is_the_transposed_convolution_of_the_paper():
    generator = build("dcgan-generator", shape=(3, 32, 32))
    z = torch.randn(2, 100)
    kernel = generator.project.weight.view(4, 4, 256, 100).permute(3, 2, 0, 1)  # (in, out, 4, 4)
    expected = torch.conv_transpose2d(z.view(2, 100, 1, 1), kernel)
    assert torch.allclose(unflat(generator.project(z), generator.grid), expected, atol=1e-5)


def test_gradients_stay_channels_last():
    network = build("dcgan-discriminator", shape=(3, 32, 32))
    x = torch.randn(2, 64, 16, 16).contiguous(memory_format=torch.channels_last).requires_grad_()
    logits = network.judge(flat(network.body[1:](x.clone())))
    (gradient,) = torch.autograd.grad(logits.sum(), x)
    assert gradient.is_contiguous(memory_format=torch.channels_last)


def test_dense_gan_has_784_numbers_for_28x28():
    generator = build("dense-generator", shape=(1, 28, 28))
    assert generator.picture.out_features == 784

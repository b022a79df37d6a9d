"""Generator and discriminator of films."""

import pytest
import torch
import torch.nn.functional as F

from bottega.errors import UsageError
from bottega.networks import in_fast_layout
from bottega.networks.clip import Discriminator, Enlarging, Generator, blocked, faster, levels_of, slower

SMALL = {"channels": (16, 8), "behind": (16, 8)}


@pytest.mark.parametrize("shape", [(3, 8, 16, 16), (1, 6, 16, 24), (3, 5, 16, 16), (4, 1, 32, 32), (3, 12, 8, 16)])
def test_films_of_many_shapes_are_made_and_judged(shape):
    generator = Generator(shape=shape, latent=5, **SMALL)
    film = generator(torch.randn(2, 5))
    assert film.shape == (2, *shape)
    judge = Discriminator(shape=shape, channels=(16, 8))
    assert judge(film).shape == (2,)


def test_sides_that_cannot_be_halved_are_named():
    with pytest.raises(UsageError, match="20×16"):
        Generator(shape=(3, 8, 16, 20))


def test_a_film_is_what_is_in_front_of_what_stands_still():
    torch.manual_seed(0)
    generator = Generator(shape=(3, 8, 16, 16), latent=5, **SMALL)
    z = torch.randn(3, 5)
    with torch.no_grad():
        film, mask = generator.layers(z)
    behind, front = generator.behind(z), generator.front(z)[:, :-1]
    assert mask.shape == (3, 1, 8, 16, 16) and bool((mask > 0).all() and (mask < 1).all())
    torch.testing.assert_close(film, mask * front + (1 - mask) * behind)
    with torch.no_grad():  # nothing in front: nothing moves
        generator.front.leave.kernel.weight.zero_()
        generator.front.leave.kernel.bias.fill_(-100.0)
    film = generator(z)
    torch.testing.assert_close(film, film[:, :, :1].expand_as(film))


def test_films_begin_to_move_without_a_flicker():
    torch.manual_seed(0)
    generator = Generator(shape=(3, 16, 32, 32), latent=5, **SMALL)
    with torch.no_grad():
        film = generator(torch.randn(3, 5))
    torch.testing.assert_close(film[:, :, 0::2], film[:, :, 1::2])  # frames that are drawn together
    assert not torch.allclose(film[:, :, 0], film[:, :, 8], atol=0.01)


def test_time_is_halved_while_enough_of_it_is_left():
    _widths, grids = levels_of((3, 16, 64, 64), 2, (8,), 4)
    assert grids == [(4, 4, 4), (4, 8, 8), (4, 16, 16), (8, 32, 32)]
    assert levels_of((3, 16, 64, 64), 2, (8,))[1][:2] == [(1, 4, 4), (2, 8, 8)]
    assert levels_of((3, 5, 16, 16), 1, (8,))[1] == [(5, 4, 4), (5, 8, 8)]


def test_classes_change_films_and_verdicts():
    torch.manual_seed(0)
    generator = Generator(shape=(3, 8, 16, 16), classes=2, latent=5, **SMALL)
    judge = Discriminator(shape=(3, 8, 16, 16), classes=2, channels=(16, 8))
    z = torch.randn(1, 5).expand(2, -1)
    films = generator(z, torch.tensor([0, 1]))
    assert not torch.allclose(films[0], films[1])
    logits = judge(films[:1].expand(2, -1, -1, -1, -1), torch.tensor([0, 1]))
    assert not torch.equal(logits[0], logits[1])


def test_every_number_learns():
    torch.manual_seed(0)
    generator = Generator(shape=(3, 8, 16, 16), classes=2, latent=5, **SMALL)
    judge = Discriminator(shape=(3, 8, 16, 16), classes=2, channels=(16, 8))
    for network in (generator, judge):  # the last layers of blocks start at zero and would stop the others
        for p in network.parameters():
            torch.nn.init.normal_(p, std=0.2)
    judge(
        generator(torch.randn(4, 5), torch.tensor([0, 1, 2, 0])), torch.tensor([0, 1, 2, 0])
    ).square().sum().backward()
    for network in (generator, judge):
        still = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
        assert still == []


def test_enlarging_is_bilinear_enlargement_and_a_convolution():
    torch.manual_seed(0)
    layer, x = Enlarging(5, 7), torch.randn(2, 5, 6, 8)
    made = layer(x).unflatten(1, (2, 2, 7)).permute(0, 3, 4, 1, 5, 2).flatten(4, 5).flatten(2, 3)
    large = F.interpolate(x, scale_factor=2.0, mode="bilinear")
    large = F.pad(large, (1, 1, 1, 1), mode="replicate")  # so that nothing is drawn around a frame
    torch.testing.assert_close(made, F.conv2d(large, layer.kernel.weight, layer.kernel.bias))


def test_time_is_stretched_and_pressed():
    x = torch.arange(4.0).view(1, 4, 1, 1, 1)
    assert slower(x, 2).flatten().tolist() == [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3]
    assert faster(x, 2).flatten().tolist() == [0.5, 2.5]
    assert slower(x, 1) is x and faster(x, 1) is x


def test_blocks_hold_neighbours():
    x = torch.arange(2 * 4 * 4 * 3).view(1, 2, 4, 4, 3)
    made = blocked(x, 2)
    assert made.shape == (1, 1, 2, 2, 24)
    assert set(made[0, 0, 0, 1].tolist()) == set(x[0, :, :2, 2:].flatten().tolist())


def test_the_fast_layout_changes_nothing():
    torch.manual_seed(0)
    generator, z = Generator(shape=(3, 8, 16, 16), latent=5, **SMALL), torch.randn(2, 5)
    before = generator(z)
    torch.testing.assert_close(in_fast_layout(generator)(z), before, atol=1e-5, rtol=1e-4)

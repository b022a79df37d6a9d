import pytest
import torch

from bottega.datasets import augmentation
from bottega.randomness import Random


def pictures(n=64, channels=3, height=16, width=24):
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize("channels", [3, 4])
def test_differentiable_lets_gradients_through_and_keeps_the_shape(channels):
    x = pictures(channels=channels).requires_grad_()
    out = augmentation.differentiable(x, Random(1), 1.0)
    assert out.shape == x.shape
    out.sum().backward()
    assert x.grad.abs().sum() > 0


def test_probability_zero_changes_nothing_and_the_rest_follows_the_share():
    x = pictures(400)
    assert augmentation.differentiable(x, Random(1), 0.0) is x
    some = augmentation.differentiable(x, Random(1), 0.3)
    changed = ((some - x).abs().amax((1, 2, 3)) > 1e-5).float().mean()
    # any of colour (three kinds), shift and cutout: 1 - 0.7^5
    assert abs(changed - 0.83) < 0.08


def test_a_shift_moves_pictures_whole():
    x = torch.full((200, 3, 16, 16), -1.0)
    x[:, :, 8, 8] = 1.0
    moved = augmentation._shift(x, Random(3), 1.0)
    assert (moved == 1).sum() == 200 * 3
    rows = moved[:, 0].amax(2).argmax(1)
    assert rows.min() >= 6 and rows.max() <= 10 and rows.unique().numel() == 5


def test_mirror_takes_half():
    x = torch.zeros(400, 1, 4, 4)
    x[..., 0] = 1
    share = augmentation.mirror(x, Random(0))[:, 0, 0, 3].mean()
    assert abs(share - 0.5) < 0.1


def test_conditional_says_what_it_did():
    x = pictures(300, height=16, width=16)
    out, how = augmentation.conditional(x, Random(2), 0.2)
    untouched = how.abs().sum(1) == 0
    assert 0.25 < untouched.float().mean() < 0.6
    assert torch.equal(out[untouched], x[untouched])
    only_mirrored = (how[:, 0] == 1) & (how[:, 1:].abs().sum(1) == 0)
    assert only_mirrored.any()
    assert torch.allclose(out[only_mirrored], x[only_mirrored].flip(-1), atol=1e-4)
    assert how.shape == (300, augmentation.CONDITIONAL)


def test_all_frames_of_a_film_are_changed_alike():
    torch.manual_seed(0)
    picture = torch.rand(6, 3, 1, 16, 16) * 2 - 1
    film = picture.expand(-1, -1, 4, -1, -1)
    changed = augmentation.differentiable(film, Random(1), 1.0)
    assert changed.shape == film.shape
    torch.testing.assert_close(changed, changed[:, :, :1].expand_as(changed))
    assert not torch.allclose(changed[0, :, 0], film[0, :, 0])
    turned = augmentation.mirror(film, Random(2))
    rows = [bool(torch.equal(a, b.flip(-1))) for a, b in zip(turned, film, strict=True)]
    assert any(rows) and not all(rows)


def test_the_colours_of_films_change_as_those_of_pictures():
    film = torch.rand(6, 3, 4, 16, 16) * 2 - 1
    high = augmentation._colour(film.flatten(2, 3), Random(5), 1.0).unflatten(2, (4, 16))
    torch.testing.assert_close(augmentation._colour_of_film(film, Random(5), 1.0), high)

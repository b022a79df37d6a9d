"""A network of scenes takes films of any length, hears all it is told, and knows beforehand what is usual."""

import pytest
import torch

from bottega.errors import UsageError
from bottega.networks.scenes import SceneVelocity, gain, lasting, sizes

GRID = (3, 4)


def velocity(**numbers) -> SceneVelocity:
    torch.manual_seed(0)
    network = SceneVelocity(shape=(24, 8), classes=3, grid=GRID, channels=(32, 32), **numbers).eval()
    for p in network.parameters():  # what ends a block is nothing at first
        torch.nn.init.normal_(p, std=0.1)
    return network


def test_takes_any_count_of_frames_and_odd_grids():
    network, t = velocity(), torch.full((2,), 0.5)
    for count in (1, 5, 20):
        known = torch.zeros(2, 1, count, dtype=torch.bool)
        out = network(torch.randn(2, 24, count), t, torch.tensor([0, 3]), known)
        assert out.shape == (2, 24, count) and out.isfinite().all()


def test_known_frames_and_class_and_time_are_heard():
    network, x = velocity(), torch.randn(1, 24, 8)
    known, t, label = torch.zeros(1, 1, 8, dtype=torch.bool), torch.full((1,), 0.5), torch.tensor([0])
    out, known2 = network(x, t, label, known), known.clone()
    known2[..., :2] = True
    apart = t[:, None].repeat(1, 8)
    assert torch.allclose(network(x, apart, label, known), out, atol=1e-5)
    apart[:, 5] += 0.2
    others = (x, t, label, known2), (x, t, label + 1, known), (x, t + 0.2, label, known), (x, apart, label, known)
    for other in others:
        assert not torch.allclose(network(*other), out, atol=1e-4)


def test_where_works_are_made_it_goes_on_from_the_gaussian():
    plain, farther, x = velocity(), velocity(beyond=1.5), torch.randn(2, 24, 8)
    given = torch.full((2, 1), 0.5), torch.tensor([0, 3]), torch.zeros(2, 1, 8, dtype=torch.bool)
    with torch.no_grad():
        straight = plain.straight(x, *given)
        assert torch.allclose(farther(x, *given) - straight, 1.5 * (plain(x, *given) - straight), atol=1e-4)
        assert torch.equal(farther.train()(x, *given), plain.train()(x, *given))


def test_begins_with_what_is_right_for_gaussian_films():
    """Frames that vary in two directions and stand still: a film is told from one frame of it that is known."""
    torch.manual_seed(0)
    network = SceneVelocity(shape=(24, 8), classes=2, grid=GRID, channels=(32, 32)).eval()
    directions, means = torch.linalg.qr(torch.randn(24, 2))[0], torch.randn(2, 24)
    label = torch.arange(400) % 2
    frames = means[label] + (3 * torch.randn(400, 2)) @ directions.mT
    network.prepare(frames, label)
    with torch.no_grad():
        network.steady[:] = torch.tensor([-99.0, -99, -99, 0])
    works, noise, t = frames[:4, :, None].expand(-1, -1, 8), torch.randn(4, 24, 8), torch.full((4,), 0.5)
    known = torch.zeros(4, 1, 8, dtype=torch.bool)
    known[..., 0] = True
    x_t = torch.where(known, works, 0.5 * noise + 0.5 * works)
    off = (network(x_t, t, label[:4], known) - (works - noise))[..., 1:]
    assert off.square().mean() < 0.05 * (works - noise).square().mean()


def test_what_lasts_not_at_all_is_told_by_itself_alone():
    t, known = torch.tensor([[0.0], [0.5], [0.9]]).expand(3, 16), torch.zeros(3, 1, 16, dtype=torch.bool)
    alone = (2 * t - 1) / ((1 - t).square() + t.square())  # of independent numbers
    found = gain(lasting(torch.tensor([[0.0, -99, -99, -99]]), 16), t, known)[:, 0]
    assert torch.allclose(found, torch.diag_embed(alone), atol=0.02)


def test_numbers_are_grouped_the_finer_the_more_they_vary():
    assert sizes(1) == [1] and sizes(3) == [1, 1, 1] and sizes(20) == [1, 1, 2, 4, 8, 4]
    assert all(sum(sizes(count)) == count for count in range(1, 300))


def test_refuses_channels_that_do_not_fit():
    with pytest.raises(UsageError, match="multiples of 32"):
        SceneVelocity(shape=(24, 8), classes=0, grid=GRID, channels=(32, 40))

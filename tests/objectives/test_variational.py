import pytest
import torch

from bottega.objectives.latent import between
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels

SETTINGS = {"networks.encoder.latent": "32", "networks.decoder.latent": "32"}
SMALL = SETTINGS | {"networks.encoder.width": "16", "networks.decoder.width": "16"}


def works(count=16):
    """Smooth pictures, each with its own colours and slope."""
    random = torch.Generator().manual_seed(3)
    colours = torch.rand(2, count, 3, 1, 1, generator=random) * 2 - 1
    ramp = torch.linspace(0, 1, 16).view(1, 1, 16, 1)
    return (colours[0] * ramp + colours[1] * (1 - ramp)).expand(count, 3, 16, 16)


@pytest.fixture(scope="module")
def learned():
    """A VAE that has seen 16 pictures often enough to know them."""
    torch.manual_seed(0)
    objective = load("vae", SMALL).build(Pixels((3, 16, 16)), 0).train()
    adam, batch = torch.optim.Adam(objective.parameters(), 2e-3), works()
    for step in range(120):
        adam.zero_grad()
        values = objective.loss(batch, None, Random(0, step), step / 120)
        values["loss"].backward()
        adam.step()
    return objective.eval(), values


def test_it_remembers_sixteen_pictures(learned):
    objective, values = learned
    assert values["sigma"] < 0.12
    assert values["kl"] > 5
    batch = works()
    assert (rebuilt(objective, batch) - batch).square().mean() < 0.02 < batch.var()


def rebuilt(objective, batch):
    return objective.from_latent(objective.to_latent(batch, None, Random(0)))


def test_interpolation_ends_at_both_works(learned):
    objective, _values = learned
    first, last = works()[:2]
    place = objective.to_latent(torch.stack([first, last]), None, Random(0))
    way = objective.from_latent(between(place[:1], place[1:], torch.linspace(0, 1, 5)))
    assert way.shape == (5, 3, 16, 16)
    assert torch.allclose(way[[0, -1]], objective.from_latent(place), atol=1e-3)
    steps = (way[1:] - way[:-1]).square().mean((1, 2, 3)).sqrt()
    assert steps.max() < (first - last).square().mean().sqrt()


def test_free_bits_bound_the_kl_from_below():
    objective = load("vae", SMALL | {"objective.free_bits": "0.5"}).build(Pixels((3, 16, 16)), 0)
    with torch.no_grad():
        objective.encoder.place.weight.zero_()
        objective.encoder.place.bias.zero_()
    assert objective.loss(works(), None, Random(0), 0.0)["kl"] == pytest.approx(16.0)


def test_classes_and_alpha():
    objective = load("vae", SMALL).build(Pixels((4, 32, 48)), 3).eval()
    assert objective.sample(4, torch.tensor([0, 1, 2, 3]), Random(0)).shape == (4, 4, 32, 48)
    batch = torch.rand(2, 4, 32, 48)
    place = objective.to_latent(batch, torch.tensor([1]), Random(0))
    assert place.z.shape == (2, 32)
    assert place.label.tolist() == [[0, 1, 0, 0]] * 2
    assert objective.from_latent(place).shape == batch.shape

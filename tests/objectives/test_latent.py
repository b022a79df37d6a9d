import pytest
import torch

from bottega.networks.layers import Label
from bottega.objectives import latent
from bottega.objectives.base import Objective
from bottega.objectives.latent import Place
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels

SMALL = {
    "flow": {"networks.velocity.channels": "[16,16,16]"},
    "gan": {"networks.generator.channels": "[32,16]", "networks.discriminator.channels": "[32,16]"},
    "dcgan": {"networks.generator.width": "8", "networks.discriminator.width": "8"},
    "cgan": {"networks.generator.width": "8", "networks.discriminator.width": "8"},
    "dense-gan": {"networks.generator.widths": "[32,32]", "networks.discriminator.widths": "[32,32]"},
    "vae": {"networks.encoder.width": "8", "networks.decoder.width": "8"},
}


@pytest.fixture(autouse=True)
def short_search(monkeypatch):
    monkeypatch.setattr(latent, "MANY", 32)
    monkeypatch.setattr(latent, "STEPS", 30)


def built(name, shape=(3, 16, 16), classes=3):
    """A small model of random weights whose output is not zero."""
    torch.manual_seed(0)
    objective = load(name, SMALL[name]).build(Pixels(shape), classes)
    for weights in objective.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.1)
    return objective.eval().requires_grad_(False)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("classes", [0, 3])
def test_every_maker_finds_places_and_comes_back(name, classes):
    objective = built(name, classes=classes)
    assert objective.has_latent
    places = objective.places(2, None, Random(0))
    works = objective.from_latent(places)
    found = objective.to_latent(works, None, Random(1))
    assert found.z.shape == places.z.shape
    again = objective.from_latent(found)
    assert again.shape == works.shape
    guess = objective.from_latent(objective.places(2, None, Random(2)))
    assert (again - works).square().mean() < (guess - works).square().mean()


@pytest.mark.parametrize("name", ["flow", "gan", "vae"])
def test_what_is_known_is_agreed_with(name):
    objective = built(name, classes=0)
    work = objective.from_latent(objective.places(1, None, Random(5))).clamp(-1, 1)
    known = torch.ones(1, 1, 16, 16)
    known[..., 4:12, 4:12] = 0
    told = []
    made = objective.complete(latent.pixels(work, known), None, Random(0), tell=told.append)
    other = objective.from_latent(objective.places(1, None, Random(6)))
    assert ((made - work) * known).square().sum() <= ((other - work) * known).square().sum()
    assert told[-1] == pytest.approx(1)


@pytest.mark.parametrize("name", ["flow", "gan", "dcgan", "dense-gan", "vae"])
def test_a_mixture_is_neither_work(name):
    objective = built(name)
    first, second = objective.places(1, None, Random(0)), objective.places(1, None, Random(1))
    made = objective.mix(first, second, 0.5, Random(2))
    assert made.shape == (1, 3, 16, 16)
    assert not torch.allclose(made, objective.from_latent(first), atol=1e-4)
    assert not torch.allclose(made, objective.from_latent(second), atol=1e-4)


@pytest.mark.parametrize("known", ["pixels", "luminance", "coarse", "everything"])
def test_projections_keep_what_they_know(known):
    x, other = torch.rand(2, 2, 3, 12, 12)
    mask = (torch.arange(12) < 5).float().expand(1, 1, 12, 12)
    arguments = {"pixels": (mask,), "coarse": (4,)}.get(known, ())
    observation = getattr(latent, known)(x, *arguments)
    mixed = observation.kept_in(other)
    assert torch.allclose(observation.project(mixed), observation.values, atol=1e-6)
    assert torch.allclose(observation.project(observation.values), observation.values, atol=1e-6)
    assert torch.allclose(observation.project(observation.guess), observation.values, atol=0.3)


def test_the_arc_stays_on_the_shell():
    first, last = Place(torch.randn(1, 200), torch.eye(4)[:1]), Place(torch.randn(1, 200), torch.eye(4)[1:2])
    way = latent.between(first, last, torch.linspace(0, 1, 5))
    sizes = way.z.norm(dim=1)
    assert sizes.min() > 0.9 * min(first.z.norm(), last.z.norm())
    assert torch.allclose(way.label.sum(1), torch.ones(5))
    assert torch.equal(way.label[2], torch.tensor([0.5, 0.5, 0, 0]))


def test_near_goes_from_the_place_to_any_other():
    place = Place(torch.randn(1, 500))
    assert torch.allclose(latent.near(place, 0.0, 3, Random(0)).z, place.z.expand(3, -1), atol=1e-6)
    far = torch.cosine_similarity(latent.near(place, 1.0, 3, Random(0)).z, place.z)
    assert far.abs().max() < 0.2


def test_labels_between_two_classes():
    label = Label(4, 8)
    both = label(torch.tensor([[0.5, 0.5, 0, 0]]))
    assert torch.allclose(both, (label.weight[0] + label.weight[1])[None] / 2)
    assert torch.equal(label(torch.tensor([2])), label.weight[2:3])


def test_what_makes_no_works_has_no_latent_space():
    assert not Objective().has_latent
    with pytest.raises(TypeError, match="no latent space"):
        Objective().from_latent(Place(torch.zeros(1)))


def test_a_flow_takes_noise_away():
    objective = built("flow", classes=0)
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    assert torch.allclose(objective.denoise(x, 0.0), x)
    assert objective.denoise(x, 0.2).shape == x.shape

import math

import pytest
import torch

from bottega.objectives.adversarial import any_class
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels

RECIPES = ["dense-gan", "dcgan", "cgan"]


def learn(objective, batch, label, steps, only=None):
    """A bare training loop; the last values of each phase."""
    phases = [p for p in objective.phases() if only in (None, p.name)]
    adams = [torch.optim.Adam(getattr(objective, p.name).parameters(), 1e-3, (0.5, 0.999)) for p in phases]
    for step in range(steps):
        torch.manual_seed(step)
        for phase, adam in zip(phases, adams, strict=True):
            adam.zero_grad()
            values = phase.loss(batch, label, Random(0, step, phase.name), step / steps)
            learners = [p for group in adam.param_groups for p in group["params"]]
            values["loss"].backward(inputs=learners, retain_graph=phase.keeps_graph)
            adam.step()
    return values


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("classes", [0, 3])
def test_the_discriminator_learns_to_tell_works_from_fakes(recipe, classes):
    torch.manual_seed(0)
    objective = load(recipe).build(Pixels((3, 16, 16)), classes)
    batch, label = torch.rand(16, 3, 16, 16) * 2 - 1, torch.arange(16) % 3 if classes else None
    first = objective.loss_of_discriminator(batch, label, Random(1), 0.0)
    assert first["loss"].item() == pytest.approx(2 * math.log(2), abs=0.7)  # knows nothing: log 2 for each side
    last = learn(objective, batch, label, 25, only="discriminator")
    assert last["loss"] < 0.3
    assert last["told apart"] == 1


def test_the_generator_learns_the_colour_of_the_works():
    torch.manual_seed(0)
    objective = load("dcgan").build(Pixels((3, 16, 16)), 0)
    colour = torch.tensor([0.8, -0.6, 0.1]).view(1, 3, 1, 1)
    batch = (colour + 0.05 * torch.randn(16, 3, 16, 16)).clamp(-1, 1)
    learn(objective, batch, None, 80)
    made = objective.sample(32, None, Random(2)).mean((0, 2, 3))
    assert torch.allclose(made, colour.flatten(), atol=0.25)


def test_the_verdict_of_the_generators_turn_serves_the_discriminators_with_the_same_gradients():
    """What a discriminator learns from the kept verdict is what it would learn from the same fakes judged again."""
    torch.manual_seed(0)
    objective = load("dcgan").build(Pixels((3, 16, 16)), 0)
    batch = torch.rand(4, 3, 16, 16)
    weights = list(objective.discriminator.parameters())
    generator, discriminator = objective.phases()
    loss = generator.loss(batch, None, Random(0), 0.0)["loss"]
    loss.backward(inputs=list(objective.generator.parameters()), retain_graph=generator.keeps_graph)
    with torch.no_grad():  # the generator's optimizer moves before the discriminator's turn
        for p in objective.generator.parameters():
            p.add_(0.1)
    kept = torch.autograd.grad(discriminator.loss(batch, None, Random(0), 0.0)["loss"], weights)
    with torch.no_grad():
        for p in objective.generator.parameters():
            p.sub_(0.1)
    assert objective.made is None, "a graph that outlives its step fills the memory"
    again = torch.autograd.grad(discriminator.loss(batch, None, Random(0), 0.0)["loss"], weights)
    for one, other in zip(kept, again, strict=True):
        assert torch.allclose(one, other, rtol=1e-3, atol=1e-6)


def test_samples_are_a_function_of_the_random_key_and_reach_every_class():
    objective = load("cgan").build(Pixels((4, 32, 48)), 5).eval()
    label = torch.tensor([0, 5, 5])
    one, same = (objective.sample(3, label, Random(7, "works")) for _ in range(2))
    assert one.shape == (3, 4, 32, 48)
    assert torch.equal(one, same)
    assert not torch.equal(one, objective.sample(3, label, Random(8, "works")))
    drawn = any_class(torch.full((200,), 5), 200, 5, Random(0))
    assert sorted(set(drawn.tolist())) == [0, 1, 2, 3, 4]
    assert any_class(None, 3, 0, Random(0)) is None


def test_truncation_zero_makes_one_and_the_same_work():
    objective = load("dcgan").build(Pixels((3, 32, 32)), 0).eval()
    works = objective.sample(3, None, Random(0), truncation=0.0)
    assert torch.allclose(works[0], works[1], atol=1e-6)

import pytest
import torch

from bottega.errors import UsageError
from bottega.objectives.base import at
from bottega.recipes.recipe import from_tree, load, names
from bottega.representations.pixels import Pixels

EXPECTED = {"dense-gan", "dcgan", "cgan", "gan", "vae", "flow", "flow-few", "classifier"}


def test_the_recipes_of_the_house():
    assert set(names("image")) == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
@pytest.mark.parametrize(("shape", "classes"), [((3, 32, 32), 4), ((4, 40, 24), 0)])
def test_every_recipe_builds_learns_and_draws_at_any_shape(name, shape, classes):
    from bottega.objectives.base import Objective
    from bottega.randomness import Random

    if name == "classifier" and not classes:
        with pytest.raises(UsageError):
            load(name).build(Pixels(shape), classes)
        return
    torch.manual_seed(0)
    recipe = load(name)
    assert all(recipe.said(what) for what in ("title", "when")) and set(recipe.title) == {"en", "zh"}
    objective = recipe.build(Pixels(shape), classes)
    x = torch.rand(4, *shape) * 2 - 1
    label = torch.tensor([0, 1, 2, 3]) if classes else None
    for phase in objective.phases():
        losses = phase.loss(x, label, Random(0, phase.name), 0.5)
        losses["loss"].backward(retain_graph=phase.keeps_graph)
        learners = [p for network in phase.networks for p in getattr(objective, network).parameters()]
        assert losses["loss"].isfinite() and any(p.grad is not None for p in learners)
    if type(objective).sample is not Objective.sample:
        objective.eval()
        assert objective.sample(3, None if label is None else label[:3], Random(1)).shape == (3, *shape)


def test_numbers_can_be_set_anew():
    recipe = load(
        "flow", {"training.batch": "16", "networks.velocity.channels": "[32, 32]", "objective.mirror": "false"}
    )
    assert recipe.training.batch == 16
    assert recipe.networks["velocity"].numbers()["channels"] == (32, 32)
    assert recipe.objective.numbers()["mirror"] is False


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("training.bach", "16", "bach"),
        ("network.velocity.channels", "[1]", "no setting"),
        ("training.batch", "many", "training.batch"),
        ("training.batch", "0", "training.batch"),
        ("title", "x", "no setting"),
    ],
)
def test_what_cannot_be_set_is_refused(place, value, says):
    with pytest.raises(UsageError, match=says):
        load("flow", {place: value})


def test_unknown_numbers_are_refused_with_what_there_is():
    with pytest.raises(UsageError, match="mirror"):
        load("flow", {"objective.miror": "true"}).build(Pixels((3, 16, 16)), 0)
    with pytest.raises(UsageError, match="lr"):
        load("flow", {"optimizers.velocity.rate": "1.0"}).build(Pixels((3, 16, 16)), 0)
    with pytest.raises(UsageError, match="Did you mean “flow”"):
        load("flew")


def test_a_recipe_like_another_says_only_what_differs():
    few, flow = load("flow-few"), load("flow")
    assert few.optimizers == flow.optimizers and few.networks["velocity"].name == "unet"
    assert few.objective.numbers()["augmentation"] > 0 and "augmentation" not in flow.objective.numbers()


def test_a_recipe_survives_json():
    recipe = load("gan")
    assert from_tree(recipe.model_dump(mode="json")) == recipe


def test_scheduled_numbers_move_along_a_cosine():
    assert at(3, 0.5) == 3
    assert [at((1.0, 0.0), u) for u in (0, 0.5, 1, 2)] == pytest.approx([1, 0.5, 0, 0])

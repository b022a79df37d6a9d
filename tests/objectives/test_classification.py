import torch

from bottega.datasets.builtin import CLASSES, draw
from bottega.objectives.base import Objective
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels


def collection(first, count):
    """Works of the built-in collection and the numbers of their classes."""
    pictures, names = zip(*(draw(index, 32) for index in range(first, first + count)), strict=True)
    pixels = torch.stack([torch.from_numpy(picture) for picture in pictures])
    return Pixels((3, 32, 32)).encode(pixels), torch.tensor([CLASSES.index(name) for name in names])


def test_it_learns_the_classes_of_the_built_in_collection():
    torch.manual_seed(0)
    recipe = load("classifier", {"networks.classifier.widths": "[16, 32, 64]", "networks.classifier.dense": "64"})
    objective = recipe.build(Pixels((3, 32, 32)), len(CLASSES))
    x, label = collection(0, 512)
    adam = torch.optim.AdamW(objective.parameters(), 2e-3)
    for step in range(64):
        torch.manual_seed(step)
        rows = Random(0, step).integers(512, 64)
        adam.zero_grad()
        objective.loss(x[rows], label[rows], Random(0, step), step / 64)["loss"].backward()
        adam.step()
    objective.eval()
    unseen, truth = collection(10_000, 128)
    assert objective.accuracy(unseen, truth) > 0.6 > 3 / len(CLASSES)
    assert objective.features(unseen[:4]).shape == (4, 64)


def test_varied_works_are_moved_and_mirrored_but_keep_their_size():
    objective = load("classifier").build(Pixels((3, 32, 48)), 2)
    batch = torch.rand(8, 3, 32, 48)
    varied = objective.varied(batch, Random(0))
    assert varied.shape == batch.shape
    assert not torch.equal(varied, batch)
    assert torch.equal(varied, objective.varied(batch, Random(0)))
    still = load("classifier", {"objective.flip": "false", "objective.shift": "0.0"}).build(Pixels((3, 32, 48)), 2)
    assert still.varied(batch, Random(0)) is batch


def test_it_makes_no_works():
    objective = load("classifier").build(Pixels((3, 32, 32)), 2)
    assert type(objective).sample is Objective.sample

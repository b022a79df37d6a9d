"""Small models of pictures with random weights, which obey the same rules as trained ones, and short searches."""

import numpy as np
import pytest
import torch

from bottega.models.pictures import PictureModel
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels

SMALL = {
    "flow": {"networks.velocity.channels": "[16,16,16]"},
    "gan": {"networks.generator.channels": "[16,16]", "networks.discriminator.channels": "[16,16]"},
    "vae": {"networks.encoder.width": "8", "networks.decoder.width": "8"},
    "classifier": {"networks.classifier.widths": "[8,16]", "networks.classifier.dense": "16"},
}
NAMES = ["cat", "dog", "fox"]


@pytest.fixture(autouse=True)
def short_search(monkeypatch):
    monkeypatch.setattr("bottega.objectives.latent.MANY", 8)
    monkeypatch.setattr("bottega.objectives.latent.STEPS", 6)


def model(name, channels=3, classes=True):
    torch.manual_seed(0)
    names = NAMES if classes else []
    recipe = load(name, SMALL[name])
    objective = recipe.build(Pixels((channels, 16, 16)), len(names))
    for weights in objective.parameters():
        if weights.ndim > 1:
            torch.nn.init.normal_(weights, std=0.1)
    return PictureModel(recipe, Pixels((channels, 16, 16)), names, [1 / 3] * len(names), objective.eval())


def picture(height=24, width=40, channels=3):
    rows, columns = np.mgrid[:height, :width]
    colours = np.stack([rows * 255 // max(height, 2), columns * 255 // max(width, 2), (rows + columns) * 3 % 256], 2)
    if channels == 4:
        opacity = ((columns > width // 4) * 255)[..., None]
        colours = np.concatenate([np.minimum(colours, opacity), opacity], 2)
    return colours.astype(np.uint8)

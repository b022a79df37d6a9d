import numpy as np
import pytest
import torch

from bottega.datasets.windows import Windows
from bottega.objectives.decoding import write
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.tokens import Tokens

TEXTS = ["The sea was calm, the sea was grey.\nNobody's boat went out that day.\n" * 9, "床前明月光，疑是地上霜。" * 9]


@pytest.mark.parametrize("name", ["gpt", "gpt-small", "gpt-large", "rnn", "char-rnn"])
@pytest.mark.parametrize("classes", [0, 2])
def test_every_recipe_that_writes_on_learns_and_writes(name, classes):
    torch.manual_seed(0)
    recipe = load(name, {"rows.length": "32"})
    assert all(recipe.said(what) for what in ("title", "when")) and set(recipe.title) == {"en", "zh"}
    tokens = Tokens.learn(TEXTS, "bpe", 300, ["grey", "moon"][:classes])
    objective = recipe.build(tokens, classes)
    labels = np.array([0, 1]) if classes else None
    rows = Windows([tokens.encode(text) for text in TEXTS], tokens.special, labels, **recipe.rows.numbers())
    batch = torch.from_numpy(rows.batch((0,), 0, 4)[0])
    for phase in objective.phases():
        loss = phase.loss(batch, None, Random(0, phase.name), 0.5)["loss"]
        loss.backward()
        assert loss.isfinite() and all(p.grad is not None for p in objective.parameters())
    objective.eval()
    controls = {**objective.controls, **recipe.controls}
    opening = objective.opening(tokens.encode("The sea"), 1 if classes else None)
    for text in write(objective, [opening] * 2, Random(1), length=12, **controls):
        assert len(text) <= 12 and isinstance(tokens.decode(text), str)

import json

import numpy as np
import pytest
from PIL import Image

from bottega import home, origins, verbs
from bottega.crafts.image import choose
from bottega.errors import DataError, UsageError
from bottega.events import Said
from bottega.media import image
from bottega.models import load_model
from bottega.training.budget import Budget

SMALL = {
    "networks.velocity.channels": "[16, 16, 16]",
    "training.batch": "8",
}


@pytest.fixture
def folder(tmp_path):
    """Two kinds of little pictures: warm ones and cold ones."""
    numbers = np.random.default_rng(0)
    for kind, colour in (("warm", (220, 90, 40)), ("cold", (30, 90, 200))):
        (tmp_path / "works" / kind).mkdir(parents=True)
        for i in range(12):
            pixels = np.clip(numbers.normal(colour, 20, (20, 24, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "works" / kind / f"{i}.png")
    return tmp_path / "works"


def test_from_a_folder_to_new_works(folder, tmp_path):
    events = []
    model = verbs.train(
        folder, to=tmp_path / "model", steps=6, size=(16, 24), settings=SMALL, recipe="flow", on_event=events.append
    )
    said = " ".join(event.text for event in events if isinstance(event, Said))
    assert "24 used" in said and str(tmp_path / "model") in said
    assert {"model.safetensors", "config.json", "README.md", "samples.png", "time-lapse.webp", "training"} <= {
        path.name for path in (tmp_path / "model").iterdir()
    }
    card = (tmp_path / "model" / "README.md").read_text()
    assert card.startswith("---\n") and "cold, warm" in card and str(folder) not in card
    assert str(folder) not in (tmp_path / "model" / "config.json").read_text()
    files = verbs.generate(tmp_path / "model", 5, to=tmp_path / "new", seed=2, label="warm")
    assert len(files) == 6 and files[-1].name.endswith("sheet.png")
    assert image.read(files[0]).shape == (16, 24, 3)
    assert image.read_record(files[0])["model"] == model.hash


def test_generating_twice_overwrites_nothing(folder, tmp_path):
    verbs.train(folder, to=tmp_path / "model", steps=2, size=(16, 16), settings=SMALL, recipe="flow")
    first = verbs.generate(tmp_path / "model", 2)
    second = verbs.generate(tmp_path / "model", 2)
    assert not set(first) & set(second) and all(path.exists() for path in first + second)
    assert home.works() in first[0].parents
    assert first[0].read_bytes() == second[0].read_bytes()


def test_works_are_finished_with_detail_from_those_learned_from(folder, tmp_path):
    model = verbs.train(folder, to=tmp_path / "model", steps=2, size=(16, 24), settings=SMALL, recipe="flow")
    *works, _sheet = verbs.generate(model, 2, to=tmp_path / "new", finish=48, steps=2)
    assert [image.read(path).shape for path in works] == [(32, 48, 3)] * 2
    small = model.generate(2, steps=2)[1].content
    afar = [image.fit(pixels, (8, 12), "stretch").ravel() for pixels in (image.read(works[1]), small)]
    assert np.corrcoef(*afar)[0, 1] > 0.5  # from afar it is what the model made, which is hardly more than noise
    assert origins.remake(works[1], look_in=[tmp_path / "model"]).same
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="say with --works"):
        verbs.generate(model, 1, to=tmp_path / "new", finish=48)
    again = verbs.generate(model, 2, to=tmp_path / "again", finish=48, steps=2, works=tmp_path / "elsewhere")
    assert again[0].read_bytes() == works[0].read_bytes()


def test_the_same_command_again_is_refused_and_resume_goes_on(folder, tmp_path):
    chosen = {"to": tmp_path / "model", "size": (16, 16), "settings": SMALL, "recipe": "flow"}
    verbs.train(folder, steps=2, **chosen)
    with pytest.raises(UsageError, match="resume"):
        verbs.train(folder, steps=4, **chosen)
    model = verbs.train(folder, steps=4, resume=True, **chosen)
    assert model.facts["steps"] == 4
    with pytest.raises(UsageError, match="other choices"):
        verbs.train(folder, steps=6, resume=True, **{**chosen, "recipe": "dcgan", "settings": None})


def test_the_recipe_is_chosen_and_said(folder, tmp_path):
    events = []
    verbs.train(folder, steps=1, size=(16, 16), on_event=events.append)
    said = " ".join(event.text for event in events if isinstance(event, Said))
    assert "flow" in said
    assert load_model(home.models() / "works-flow").recipe.name == "flow"


class Many:
    """A collection of so many pictures."""

    def __init__(self, works: int) -> None:
        self.train = range(works)


def test_few_works_seen_often_are_varied():
    assert choose(Many(10_000), Budget(minutes=10))[0] == "flow"
    assert choose(Many(300), Budget(steps=20))[0] == "flow"
    name, why = choose(Many(100), Budget(minutes=5))
    assert name == "flow-few" and "100 works" in why


def test_evaluate_measures_on_works_that_were_held_out(folder, tmp_path):
    verbs.train(folder, to=tmp_path / "model", steps=2, size=(16, 16), settings=SMALL, recipe="flow")
    card, samples = tmp_path / "model" / "README.md", tmp_path / "model" / "samples.png"
    card.write_bytes(card.read_bytes().replace(b"- Rights: ", b"- Rights: all mine, Zo\xeb. "))  # by an old editor
    made = samples.stat().st_mtime_ns
    evaluation = verbs.evaluate(tmp_path / "model", n=32)
    kept = json.loads((tmp_path / "model" / "evaluation.json").read_text())
    assert kept == json.loads(json.dumps(evaluation.as_json()))
    assert "copies" in kept and (tmp_path / "model" / "closest-pairs.png").exists()
    for _again in range(2):
        text = card.read_bytes()
        assert b"closest-pairs.png" in text and b"Rights: all mine, Zo\xeb. " in text and b"Not measured" not in text
        assert text.count(b"## Measured") == 1 and samples.stat().st_mtime_ns == made
        verbs.evaluate(tmp_path / "model", n=32)
    card.unlink()  # or one of an earlier version
    verbs.evaluate(tmp_path / "model", n=32)
    assert b"closest-pairs.png" in card.read_bytes() and b"Rights" in card.read_bytes()


def test_evaluate_says_when_the_works_are_gone(folder, tmp_path):
    verbs.train(folder, to=tmp_path / "model", steps=1, size=(16, 16), settings=SMALL, recipe="flow")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(DataError):
        verbs.evaluate(tmp_path / "model", n=8)
    verbs.evaluate(tmp_path / "model", against=tmp_path / "elsewhere", n=8)


def test_a_classifier_recognises_and_does_not_draw(folder, tmp_path):
    verbs.train(folder, to=tmp_path / "model", steps=2, size=(16, 16), recipe="classifier")
    with pytest.raises(UsageError, match="makes no works of its own"):
        verbs.generate(tmp_path / "model", 2)


def test_one_budget_only(folder):
    with pytest.raises(UsageError, match="exactly one"):
        verbs.train(folder, steps=1, minutes=1)

import json
import shutil

import numpy as np
import pytest
import torch

from bottega.errors import DataError, UsageError
from bottega.models import load_model, load_work
from bottega.models.pictures import PictureModel
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels


@pytest.fixture
def model():
    torch.manual_seed(0)
    recipe = load("flow", {"networks.velocity.channels": "[16, 16, 16]"})
    objective = recipe.build(Pixels((3, 16, 16)), 2)
    for p in objective.parameters():
        torch.nn.init.normal_(p, std=0.1)
    return PictureModel(recipe, Pixels((3, 16, 16)), ["cats", "dogs"], [0.75, 0.25], objective.eval())


def test_the_same_seed_gives_the_same_works_after_saving_and_loading(model, tmp_path):
    before = [work.content for work in model.generate(5, seed=3)]
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    after = [work.content for work in again.generate(5, seed=3)]
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert not np.array_equal(before[0], again.generate(5, seed=4)[0].content)
    assert again.hash == model.hash and again.classes == ["cats", "dogs"]


def test_a_model_is_the_same_file_however_often_it_is_saved(model, tmp_path):
    hashes = set()
    for i in range(8):
        model.save(tmp_path / f"{i}")
        hashes.add(model.hash)
    assert len(hashes) == 1


def test_a_work_carries_how_it_was_made_and_nothing_of_whose_machine(model, tmp_path):
    model.save(tmp_path / "secret-place")
    work = model.generate(3, seed=9, label="dogs", guidance=1.5)[2]
    path = work.save(tmp_path / "work.png")
    record = load_work(path).record
    assert record["parameters"] == {
        "seed": 9, "index": 2, "n": 3, "label": "dogs", "asked": "dogs", "controls": {"guidance": 1.5}
    }  # fmt: skip
    assert record["model"] == model.hash and record["versions"]["torch"]
    assert "secret-place" not in json.dumps(record) and str(tmp_path) not in path.read_bytes().decode("latin1")


def test_classes_come_as_often_as_in_the_works(model):
    labels = model.labels(2000, seed=0)
    assert abs((labels == 0).float().mean() - 0.75) < 0.04
    assert set(model.labels(10, seed=0, label="dogs").tolist()) == {1}


def test_what_the_model_does_not_have_is_refused(model):
    with pytest.raises(UsageError, match="cats, dogs"):
        model.generate(1, label="horses")
    with pytest.raises(UsageError, match="guidance"):
        model.generate(1, guidence=2.0)
    with pytest.raises(UsageError, match="at least 1"):
        model.generate(0)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda m: (m / "model.safetensors").unlink(), "weights"),
        (lambda m: (m / "model.safetensors").write_bytes(b"\x10" * 200), "weights"),
        (lambda m: (m / "config.json").write_text("{"), "damaged"),
        (lambda m: (m / "config.json").write_text('{"schema": 1}'), "damaged"),
        (lambda m: (m / "config.json").unlink(), "no config.json"),
        (lambda m: (m / "config.json").write_text('{"schema": 999}'), "newer"),
        (shutil.rmtree, "m does not exist"),
    ],
)
def test_a_damaged_model_is_one_sentence(model, tmp_path, spoil, says):
    model.save(tmp_path / "m")
    spoil(tmp_path / "m")
    with pytest.raises(DataError, match=says):
        load_model(tmp_path / "m")


def test_a_model_of_an_earlier_version_is_one_sentence(model, tmp_path):
    model.save(tmp_path / "m")
    kept = json.loads((tmp_path / "m" / "config.json").read_text())
    for place, value in (("name", "u-net-of-yore"), ("breadth", 3)):
        config = json.loads(json.dumps(kept))
        config["recipe"]["networks"]["velocity"][place] = value
        (tmp_path / "m" / "config.json").write_text(json.dumps(config))
        with pytest.raises(DataError, match="earlier version of Bottega"):
            load_model(tmp_path / "m")


def test_weights_of_another_network_are_refused(model, tmp_path):
    model.save(tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    config["recipe"]["networks"]["velocity"]["channels"] = [32, 16, 16]
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match="weights"):
        load_model(tmp_path / "m")

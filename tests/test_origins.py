import json

import numpy as np
import pytest
from PIL import Image

import bottega
from bottega import origins, verbs
from bottega.errors import DataError
from bottega.media import image

SETTINGS = {"networks.velocity.channels": "[16, 16, 16]", "training.batch": "8"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that has hardly learned anything, and two pictures."""
    folder = tmp_path_factory.mktemp("origins")
    for i, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)):
        (folder / "works" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / "works" / "ab"[i % 2] / f"{i}.png")
    return verbs.train(folder / "works", to=folder / "model", steps=2, size=(16, 16), settings=SETTINGS, recipe="flow")


def test_a_generated_work_is_made_again_bit_for_bit(model, tmp_path):
    *works, _sheet = verbs.generate(model, 3, to=tmp_path, seed=5, label="b", steps=3)
    again = origins.remake(works[2], to=tmp_path / "again.png", look_in=[model.folder.parent])
    assert again.same and again.file == tmp_path / "again.png"
    assert again.file.read_bytes() == works[2].read_bytes() != works[1].read_bytes()


def test_an_edit_is_made_again_from_its_parents(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    edited = bottega.edit("vary", tmp_path / "cat.png", to=tmp_path, distance=0.5, count=2, seed=3)
    again = origins.remake(edited.files[1], to=tmp_path / "again.png")
    assert again.same
    (tmp_path / "cat.png").rename(tmp_path / "dog.png")  # the name does not matter, the content does
    assert origins.remake(edited.files[1]).same
    (tmp_path / "dog.png").unlink()
    with pytest.raises(DataError, match=r"made from works that are not here: [0-9a-f]{16}"):
        origins.remake(edited.files[1])


def test_what_is_missing_or_different_is_said(model, tmp_path):
    work = verbs.generate(model, 1, to=tmp_path, steps=3)[0]
    with pytest.raises(DataError, match=f"{model.hash[:16]} is not among yours"):
        origins.remake(work)
    record = image.read_record(work)
    record["versions"]["torch"] = "1.0"
    image.write(tmp_path / "old.png", image.read(work), record)
    again = origins.remake(tmp_path / "old.png", look_in=[model.folder])
    assert not again.same and "torch 1.0" in again.why[0]
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")
    with pytest.raises(DataError, match="carries no record"):
        origins.origin(tmp_path / "photo.png")


def test_a_record_is_told_in_words(model, tmp_path):
    work = verbs.generate(model, 2, to=tmp_path, seed=9, steps=3)[1]
    told = dict(origins.told(origins.origin(work)))
    assert told["operation"] == "generate" and told["seed"] == "9" and told["steps"] == "3"
    assert told["model"] == model.hash[:16] and told["number"] == "1"
    assert json.dumps(told)


def test_a_private_work_says_that_a_model_made_it_and_no_more(model, tmp_path):
    work, sheet = verbs.generate(model, 1, to=tmp_path, steps=3, private=True)
    edited = bottega.edit("tile", work, to=tmp_path / "tile.png", private=True)
    assert image.read_record(work) == {"schema": 1, "digital_source_type": "trainedAlgorithmicMedia"}
    assert image.read_record(sheet) == image.read_record(work)  # a sheet never says more than that
    assert image.read_record(edited.files[0])["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"
    told = dict(origins.told(origins.origin(work)))
    assert told["kind of source"] == "trainedAlgorithmicMedia" and "kept by its maker" in told.values()
    with pytest.raises(DataError, match="--private"):
        origins.remake(work, look_in=[model.folder])

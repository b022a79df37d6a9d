"""The index of models and of what they learned from."""

import hashlib
import json

import pytest

from bottega.errors import DataError, UsageError
from bottega.library import models, works


def test_noting_a_model_tells_all_about_it(library, model):
    folder = model("flowers")
    entry = models.note(folder)
    assert entry.hash == hashlib.sha256(b"weights").hexdigest()
    assert (entry.name, entry.recipe, entry.medium, entry.classes) == ("flowers", "flow", "image", ("rose", "郁金香"))
    assert (entry.path, entry.evaluation, entry.facts["works"]["train"]) == (folder, None, 90)
    (folder / "evaluation.json").write_text(json.dumps({"distance": 1.5, "worst": float("nan")}))
    assert models.note(folder).evaluation == {"distance": 1.5, "worst": None}
    assert [one.id for one in models.all()] == [entry.id]
    for name in (entry.id, entry.id[:6], entry.hash, "flowers", folder):
        assert models.get(name).id == entry.id


def test_what_it_learned_from_is_known(library, model):
    models.note(model("flowers"))
    models.note(model("again", b"others"))
    models.note(model("copied", b"third", source="", fingerprint="d1" * 32, works={}))
    found = models.collections()
    assert [(one.name, one.works, one.source) for one in found] == [("copied", 0, ""), ("flowers", 100, "/art/flowers")]
    assert found[1].hash == "c0" * 32


def test_a_model_has_its_codec_within(library, model):
    folder = model("latent", b"prior")
    model("latent/codec", b"codec")
    models.note(folder / "codec")
    entry = models.note(folder)
    assert [one.name for one in models.all()] == ["latent"]
    assert models.get(hashlib.sha256(b"codec").hexdigest()).name == "latent/codec"
    assert models.get("latent").id == entry.id


def test_what_is_no_model_is_said(library, model, tmp_path):
    with pytest.raises(DataError, match="no model"):
        models.note(tmp_path)
    for config in ("[]", "{", '{"recipe": 3, "facts": {}, "classes": []}', '{"recipe": {"name": "a"}}', "null"):
        folder = model("odd")
        (folder / "config.json").write_text(config)
        with pytest.raises(DataError, match="no model"):
            models.note(folder)
    for wrong in ("nothing", "", "abcd", "\0"):
        with pytest.raises(UsageError, match="no model"):
            models.get(wrong)
    assert models.all() == []


def test_a_work_knows_the_name_of_its_model(library, model, picture):
    folder = model("tulips")
    hash = models.note(folder).hash
    entry = works.note(picture("a.png", model=hash))
    assert entry.model_name == "tulips"
    assert works.find("tulip").total == works.find(model=hash).total == works.find(model=hash[:20]).total == 1
    assert works.choices().models == {hash: "tulips"}


def test_a_copy_of_a_model_is_the_same_model(library, model):
    first = models.note(model("flowers"))
    assert models.note(model("copy")).path == first.path
    assert len(models.all()) == 1

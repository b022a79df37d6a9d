"""Works are made again bit for bit, and what stands in the way is said exactly."""

import contextlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

import bottega
from bottega import origins, verbs
from bottega.errors import BottegaError, DataError
from bottega.media import image, kinds
from bottega.media.video import Film
from bottega.provenance import credentials, record
from bottega.provenance.record import of_folder, sha256

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
    assert again.same and again.file.read_bytes() == edited.files[1].read_bytes() != edited.files[0].read_bytes()


def test_a_film_is_coded_again_as_it_was(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    kinds.write(tmp_path / "a.mkv", Film(frames, Fraction(8)))
    film = bottega.edit("slow", tmp_path / "a.mkv", to=tmp_path / "slow.av1.mp4").files[0]
    again = origins.remake(film, to=tmp_path / "again.mp4")
    assert again.same and again.file.read_bytes() == film.read_bytes()


def test_a_parent_is_known_by_its_content(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    work = bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "tile.png").files[0]
    (tmp_path / "cat.png").rename(tmp_path / "dog.png")
    assert origins.remake(work).same
    (tmp_path / "dog.png").unlink()
    with pytest.raises(DataError, match=r"Of 1 works it was made from, 1 are not here: picture [0-9a-f]{16}\."):
        origins.remake(work)


def test_what_is_missing_or_different_is_said(model, tmp_path):
    work = verbs.generate(model, 1, to=tmp_path, steps=3)[0]
    collection = model.facts["fingerprint"][:16]
    sentence = rf"{model.hash[:16]} \(recipe flow, learned from the works {collection}\) is not among yours"
    with pytest.raises(DataError, match=sentence):
        origins.remake(work)
    before = image.read_record(work)
    before["versions"]["torch"], before["machine"]["instructions"] = "1.0", "Abacus"
    image.write(tmp_path / "old.png", image.read(work), before)
    again = origins.remake(tmp_path / "old.png", look_in=[model.folder])
    assert again.same and "torch 1.0 →" in again.why[0] and "instructions Abacus →" in again.why[1]
    with pytest.raises(DataError, match=r"torch 1\.0"):
        origins.remake(tmp_path / "old.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.png")
    with pytest.raises(DataError, match="carries no record"):
        origins.origin(tmp_path / "photo.png")


def test_a_model_of_the_same_works_is_named(model, tmp_path, monkeypatch):
    work = verbs.generate(model, 1, to=tmp_path, steps=3)[0]
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "home"))
    other = tmp_path / "home" / "models" / "roses"
    verbs.train(model.folder.parent / "works", to=other, steps=1, size=(16, 16), settings=SETTINGS, recipe="flow")
    with pytest.raises(DataError, match=r"From the same works learned, but are not it: roses\."):
        origins.remake(work)


def test_a_file_that_was_changed_is_told(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    work = bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "tile.png").files[0]
    told, made = image.read_record(work), image.read(work)
    image.write(tmp_path / "painted.png", made // 2, told)
    again = origins.remake(tmp_path / "painted.png")
    assert not again.same and "the file was changed after it was made" in again.why[0]
    image.write(tmp_path / "cut.png", made[:9], told)
    again = origins.remake(tmp_path / "cut.png")
    height, width = made.shape[:2]
    assert not again.same and f"it holds {width}×9 pixels, and its record makes {width}×{height} pixels" in again.why[0]
    image.write(tmp_path / "profiled.png", made, told, profile=b"\0" * 16 + b"RGB " + bytes(108))
    again = origins.remake(tmp_path / "profiled.png")
    assert again.same and "wrote the file around it anew" in again.why[0]


def test_a_work_is_made_again_with_as_many_threads(model, tmp_path, monkeypatch):
    import torch

    work = verbs.generate(model, 1, to=tmp_path, steps=3)[0]
    told, used = image.read_record(work), []
    told["machine"]["threads"] = 7
    image.write(work, image.read(work), told)
    monkeypatch.setattr(verbs, "make_works", lambda *_works, **_more: used.append(torch.get_num_threads()) or 1 / 0)
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError):
        origins.remake(work, look_in=[model.folder])
    assert used == [7] and torch.get_num_threads() == before


def test_frames_in_a_folder_are_one_parent(tmp_path):
    (tmp_path / "frames").mkdir()
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)):
        Image.fromarray(pixels).save(tmp_path / "frames" / f"{number}.png")
    work = bottega.edit("slow", tmp_path / "frames", to=tmp_path / "slow.mkv").files[0]
    named = sorted((tmp_path / "frames").iterdir())
    assert origins.origin(work)["parents"] == [of_folder(map(sha256, named))] == [sha256(tmp_path / "frames")]
    (tmp_path / "frames").rename(tmp_path / "pictures")
    assert origins.remake(work).same


def test_a_signed_parent_is_known_by_what_it_was(tmp_path):
    pytest.importorskip("c2pa", reason="needs the package c2pa-python")
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    unsigned = bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "plain.png").files[0]
    credentials.create("Ada")
    signed = bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "signed.png").files[0]
    assert sha256(signed) != sha256(unsigned) == credentials.digest(signed)
    work = bottega.edit("retarget", signed, to=tmp_path / "wide.png", size="30x20").files[0]
    assert origins.origin(work)["parents"] == [sha256(unsigned)]
    for parent in (unsigned, signed):
        parent.unlink()
    with pytest.raises(DataError, match="not here"):
        origins.remake(work)
    bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "again.png")
    again = origins.remake(work)
    assert again.same and credentials.credentials(again.file).by == "Ada"


HOSTILE = {
    "no parameters": {"parameters": {}},
    "other types": {"parameters": {"settings": [], "seed": "x", "inputs": 3}},
    "settings that are arguments": {"parameters": {"settings": {"to": "/tmp/x", "private": True}}},
    "too many works": {"parameters": {"n": 10**12, "index": 0, "seed": 0, "controls": {}, "inputs": {}}},
    "an index": {"index": -1},
    "an unknown operation": {"operation": "rm"},
    "no operation": {"operation": ["vary"]},
    "a path": {"parents": ["../../etc/passwd"]},
    "a model": {"model": {"a": 1}},
    "inputs": {"parameters": {"inputs": {"picture": 10**9}, "seed": 0, "settings": {}}},
    "words": {"parameters": {"inputs": {"picture": 1}, "said": {"x": []}, "seed": 0, "settings": {}}},
    "a newer one": {"schema": 99},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("operation", ["vary", "generate"])
def test_a_hostile_record_is_refused_in_a_sentence(tmp_path, change, operation):
    pixels = np.zeros((24, 24, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    told = record.made(
        operation, parents=(sha256(tmp_path / "cat.png"),), medium="image", seed=0, inputs={"picture": 1}, settings={}
    )
    image.write(tmp_path / "work.png", pixels, told | change)
    with pytest.raises(BottegaError, match=r"^[/A-Z].*\.$"):
        origins.remake(tmp_path / "work.png")
    with contextlib.suppress(DataError):
        for word, said in origins.told(origins.origin(tmp_path / "work.png"), tmp_path / "work.png"):
            assert (word + said).isprintable() and len(said) < 400


def test_a_private_work_says_that_a_model_made_it_and_no_more(model, tmp_path):
    work, sheet = verbs.generate(model, 1, to=tmp_path, steps=3, private=True)
    edited = bottega.edit("tile", work, to=tmp_path / "tile.png", private=True)
    assert image.read_record(work) == {"schema": 1, "digital_source_type": "trainedAlgorithmicMedia"}
    assert image.read_record(sheet) == image.read_record(work)  # a sheet never says more than that
    assert image.read_record(edited.files[0])["digital_source_type"] == "compositeWithTrainedAlgorithmicMedia"
    with pytest.raises(DataError, match="--private"):
        origins.remake(work, look_in=[model.folder])

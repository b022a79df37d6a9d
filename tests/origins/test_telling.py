"""Records are told in words, briefly, in both languages, and never harm a terminal."""

import numpy as np
import pytest
from PIL import Image

import bottega
from bottega import language, origins
from bottega.errors import DataError
from bottega.media import image
from bottega.provenance import credentials, record

PIXELS = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)


@pytest.fixture
def edited(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "cat.png")
    Image.fromarray(PIXELS[:, ::-1]).save(tmp_path / "dog.png")
    return bottega.edit("collage", tmp_path / "cat.png", tmp_path / "dog.png", to=tmp_path / "both.png", seed=3).files[
        0
    ]


def test_an_edit_names_its_parents_and_what_was_asked_for(edited, tmp_path):
    rows = origins.told(origins.origin(edited), edited)
    told = dict(rows)
    assert told["how"].startswith("collage: ") and told["seed"] == "3"
    parents = [said for word, said in rows if word == "made from"]
    assert [said.split(" · ")[0] for said in parents] == ["cat.png", "dog.png"]
    assert "size" not in told  # the usual one is not told
    assert told["kind of source"] == "made by a program from works that were there" and "signature" not in told
    (tmp_path / "cat.png").unlink()
    parents = [said for word, said in origins.told(origins.origin(edited), edited) if word == "made from"]
    assert len(parents[0]) == 16 and parents[1].startswith("dog.png")


def test_a_generated_work_says_which_of_how_many():
    found = record.made(
        "generate", model="a" * 64, recipe="flow", collection="c" * 64, seed=9, index=1, n=4, label="rose", asked=None,
        controls={"steps": 3},
    )  # fmt: skip
    told = dict(origins.told(found, known={"a" * 64: "roses-flow"}))
    assert told["how"] == "made by a model, number 2 of 4" and told["seed"] == "9" and told["steps"] == "3"
    assert told["model"] == f"roses-flow · flow · {'a' * 16}" and told["learned from"] == "c" * 16
    assert told["class"] == "rose" and told["made with"].startswith("bottega ")
    with language.speaking("zh"):
        assert "由模型生成，4 件中的第 2 件" in dict(origins.told(found)).values()


def test_a_private_work_tells_what_it_is():
    told = dict(origins.told(record.says()))
    assert told == {"how": "kept by its maker", "kind of source": "made by a program that learned from works"}


def test_who_signed_is_told(tmp_path):
    pytest.importorskip("c2pa", reason="needs the package c2pa-python")
    credentials.create("Ada \x1b[31mLovelace")
    Image.fromarray(PIXELS).save(tmp_path / "cat.png")
    work = bottega.edit("tile", tmp_path / "cat.png", to=tmp_path / "tile.png").files[0]
    told = dict(origins.told(origins.origin(work), work))["signature"]
    assert told.startswith("Signed by Ada  [31mLovelace, and unchanged since")
    content = bytearray(work.read_bytes())
    content[content.index(b"IDAT") + 20] ^= 1
    work.write_bytes(content)
    told = dict(origins.told(origins.origin(work), work))["signature"]
    assert told.startswith("Signed by Ada  [31mLovelace, but changed since")


@pytest.mark.parametrize(
    "change",
    [
        {"operation": "\x1b[2J"},
        {"parents": ["x"]},
        {"model": 3},
        {"digital_source_type": "<script>"},
        {"versions": []},
        {"index": "1"},
        {"recipe": "a b"},
    ],
)
def test_a_record_of_another_form_is_refused(tmp_path, change):
    image.write(tmp_path / "work.png", PIXELS, record.made("tile") | change)
    with pytest.raises(DataError, match="damaged, or another program wrote it"):
        origins.origin(tmp_path / "work.png")


def test_whatever_a_record_says_is_shown_safely_and_briefly():
    controls = {f"{number}\x1b[31m": ["\x9b" * 500, {"a": "b"}, 1e300] for number in range(500)}
    controls |= {"long": "字" * 10_000, "bidi": "\u202eevil"}
    told = origins.told(record.made("generate", seed=0, controls=controls, measured={"\x07": "\n" * 900}))
    assert len(told) < 100
    for word, said in told:
        assert word.isprintable() and said.isprintable() and len(said) <= 200, (word, said)

"""Works in one zip."""

import json
import zipfile

import pytest

from bottega.errors import DataError, UsageError
from bottega.library import works


def test_a_zip_holds_the_files_and_what_is_known_of_them(library, picture, tmp_path):
    first, second = works.note(picture("x/a.png", shade=1)), works.note(picture("y/a.png", shade=2))
    third = works.note(picture("c.png", shade=3))
    works.name(third.id, "../..\\evil | <b>海</b>\n")
    works.rate(third.id, 3)
    works.tag(third.id, ["sea"])
    zipped = works.export([first.id, second.path, third.id[:8], first.id], tmp_path / "out" / "works.zip")
    with zipfile.ZipFile(zipped) as packed:
        assert packed.namelist() == ["a.png", "a-1.png", "evil-b-海-b.png", "index.json", "index.md"]
        assert packed.read("a-1.png") == second.path.read_bytes()
        told = json.loads(packed.read("index.json"))
        page = packed.read("index.md").decode()
    assert (told[2]["rating"], told[2]["tags"], told[2]["hash"]) == (3, ["sea"], third.hash)
    assert str(tmp_path) not in json.dumps(told)
    assert "★★★" in page and "\\<b\\>海" in page and "| --- |" in page


def test_nothing_is_overwritten(library, picture, tmp_path):
    id = works.note(picture("a.png")).id
    assert [works.export([id], tmp_path / "a.zip").name for _ in range(2)] == ["a.zip", "a-1.zip"]


def test_what_cannot_be_exported_is_said(library, picture, tmp_path):
    path = picture("a.png")
    id = works.note(path).id
    with pytest.raises(UsageError, match="Say which"):
        works.export([], tmp_path / "a.zip")
    with pytest.raises(UsageError, match="no work"):
        works.export([id, "nothing"], tmp_path / "a.zip")
    path.unlink()
    with pytest.raises(DataError, match="does not exist"):
        works.export([id], tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()

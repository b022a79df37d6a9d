"""What one file tells, also when somebody wrote it to do harm."""

import os

import numpy as np
import pytest
from tests.library.conftest import record

from bottega.errors import UnreadableWork
from bottega.library import files
from bottega.library.files import look, stored, tidy
from bottega.media import kinds
from bottega.media.audio import Sound
from bottega.media.video import Film
from bottega.provenance import credentials
from bottega.provenance.record import sha256


def test_a_picture_tells_its_size_and_how_it_was_made(picture):
    parent = "ab" * 32
    path = picture("a.png", parents=[parent, parent, "no hash"], model="cd" * 32, operation="style")
    found = look(path)
    assert found is not None
    assert (found.medium, found.size, found.operation, found.seed) == ("image", (12, 8, None), "style", 1)
    assert (found.parents, found.named("model"), found.named("collection")) == ([parent], "cd" * 32, None)
    assert found.hash == found.sha256 == sha256(path)
    assert found.id == found.hash[:20]


def test_sounds_and_films_tell_how_long_they_are(tmp_path):
    kinds.write(tmp_path / "a.wav", Sound(np.zeros((1, 4000), np.float32), 8000), record())
    kinds.write(tmp_path / "a.mp4", Film(np.zeros((6, 16, 32, 3), np.uint8), 12), record())
    sound, film = look(tmp_path / "a.wav"), look(tmp_path / "a.mp4")
    assert sound is not None and film is not None
    assert sound.size == (None, None, 0.5)
    assert film.size[:2] == (512, 256)  # small films are written larger, for players
    assert film.size[2] == pytest.approx(0.5, abs=0.1)


def test_texts_are_works_too(tmp_path):
    kinds.write(tmp_path / "a.md", "The sea\n", record())
    found = look(tmp_path / "a.md")
    assert found is not None and found.medium == "text"


def test_a_file_without_a_record_is_none_of_ours(tmp_path):
    kinds.write(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    kinds.write(tmp_path / "b.png", np.zeros((4, 4, 3), np.uint8), {"somebody": "else"})
    (tmp_path / "a.md").write_text("just words")
    (tmp_path / "a.xyz").write_text("anything")
    assert [look(path) for path in sorted(tmp_path.iterdir())] == [None] * 4


def test_sheets_and_what_lies_beside_a_score_are_told_by_their_names(tmp_path):
    disclosure = {"schema": 1, "digital_source_type": "trainedAlgorithmicMedia"}
    (tmp_path / "tune.mid").write_bytes(b"MThd")
    names = {"0-sheet.png": "sheet", "0-sheet-1.png": "sheet", "tune.png": "beside", "other.png": "work"}
    for name, role in names.items():
        kinds.write(tmp_path / name, np.zeros((4, 4, 3), np.uint8), disclosure)
        found = look(tmp_path / name)
        assert found is not None and found.role == role, name
    kinds.write(tmp_path / "my-sheet.png", np.zeros((4, 4, 3), np.uint8), record())
    found = look(tmp_path / "my-sheet.png")
    assert found is not None and found.role == "work", "it has a record of its own, whatever it is called"


def test_a_signed_work_keeps_its_name(picture):
    path = picture("a.png", shade=3)
    before = sha256(path)
    credentials.create("Ada")
    assert credentials.sign(path, record())
    found = look(path)
    assert found is not None
    assert (found.hash, found.sha256) == (before, sha256(path))
    assert found.hash != found.sha256


def test_a_damaged_file_says_why(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"rubbish" * 10)
    with pytest.raises(UnreadableWork, match="cannot be read"):
        look(tmp_path / "a.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UnreadableWork, match="cannot be read"):
        look(tmp_path / "gone.png")


def test_a_record_is_cut_down_to_what_every_database_keeps():
    told = tidy(record(operation="a\0b\ud800", parameters={"n": float("nan"), "x": [float("inf"), 1.5, None, True]}))
    assert told["operation"] == "ab?"
    assert told["parameters"] == {"n": None, "x": [None, 1.5, None, True]}


def test_of_a_record_without_end_the_disclosure_is_kept():
    deep: dict = {}
    for _ in range(100_000):
        deep = {"a": deep}
    disclosure = {"schema": 1, "digital_source_type": "trainedAlgorithmicMedia"}
    assert tidy(record(parameters=deep)) == disclosure
    assert tidy(record(parameters={"said": "a" * 1_000_000})) == disclosure


@pytest.mark.parametrize(
    "told",
    [
        {"operation": 7, "parameters": [1], "parents": "abc", "model": ["x"], "seed": {}},
        {"operation": "x" * 5000, "parameters": {"seed": 10**30}, "parents": [None, 3, {}], "model": 5},
        {"operation": None, "parameters": {"seed": True}, "parents": [["ab" * 32]], "collection": "AB" * 32},
    ],
)
def test_a_record_made_to_harm_is_only_data(picture, told):
    found = look(picture("a.png", told=record(**told)))
    assert found is not None
    assert len(found.operation) <= 60
    assert (found.seed, found.parents, found.named("model"), found.named("collection")) == (None, [], None, None)


def test_paths_inside_the_home_are_kept_relative(home, tmp_path):
    assert stored(home / "works" / "a.png") == "works/a.png"
    assert stored(tmp_path / "a.png") == str(tmp_path / "a.png")
    assert files.located("works/a.png") == home / "works" / "a.png"
    assert files.located(str(tmp_path / "a.png")) == tmp_path / "a.png"


def test_a_name_that_is_no_text_is_said(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    with pytest.raises(UnreadableWork, match="rename"):
        look(path)

"""What a training may learn from."""

import zipfile
from pathlib import Path

import pytest

from bottega.errors import DataError
from bottega.studio.training import collecting


def test_the_folders_of_a_home_are_suggested_but_not_hidden_ones(tmp_path: Path, home: Path) -> None:
    for name in ("Pictures/2024", "Pictures/2025/june/raw", ".ssh", "Sounds"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "elsewhere").symlink_to(tmp_path / "Sounds")
    (home / "collections" / "mine").mkdir(parents=True)
    found = [Path(one) for one in collecting.folders(tmp_path)]
    assert found[0] == home / "collections" / "mine"
    assert {one.relative_to(tmp_path).as_posix() for one in found[1:]} == {
        *("Pictures", "Sounds", "Pictures/2024", "Pictures/2025")
    }


def test_a_folder_that_cannot_be_looked_into_suggests_nothing(tmp_path: Path) -> None:
    assert collecting.folders(tmp_path / "not there") == []


@pytest.mark.parametrize("words", ["{}", ' "{}" ', "file://{}", "'{}'"])
def test_a_path_is_taken_as_people_paste_it(tmp_path: Path, words: str) -> None:
    assert collecting.typed(words.format(tmp_path)) == tmp_path


@pytest.mark.parametrize("words", ["", "  ", "/no/such/folder", "~nobody-of-that-name/works", "a\0b", "x" * 5000])
def test_what_is_no_folder_is_said_in_a_sentence(words: str) -> None:
    with pytest.raises(DataError):
        collecting.typed(words)


def test_dropped_files_become_one_collection_and_the_same_ones_the_same(tmp_path: Path, home: Path) -> None:
    for sub, name, content in (("1", "a.png", b"one"), ("2", "a.png", b"two"), ("3", "b\u202e<i>.txt", b"three")):
        (tmp_path / sub).mkdir(exist_ok=True)
        (tmp_path / sub / name).write_bytes(content)
    files = sorted(tmp_path.glob("*/*"))
    folder = collecting.dropped(files)
    assert folder.parent == home / "collections"
    assert sorted(one.name for one in folder.iterdir()) == ["a-1.png", "a.png", "b<i>.txt"]
    assert collecting.dropped(reversed(files)) == folder
    assert collecting.dropped(files[1:]) != folder


def test_a_dropped_zip_stays_whole(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "works.zip", "w") as archive:
        archive.writestr("birds/1.png", b"any")
    assert collecting.dropped([tmp_path / "works.zip"]).name == "works.zip"


def test_nothing_dropped_is_said() -> None:
    with pytest.raises(DataError, match="No file arrived"):
        collecting.dropped([])


def test_every_medium_has_a_builtin_collection() -> None:
    from bottega.crafts.schemas import PREPARATIONS

    assert {one.medium for one in collecting.BUILTIN.values()} == set(PREPARATIONS)


def test_a_builtin_collection_is_written_once(home: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = collecting.write_builtin("harbour-town", lambda done, total: told.append((done, total)))
    assert folder == home / "collections" / "harbour-town"
    assert told[-1] == (1200, 1200)
    told.clear()
    assert collecting.write_builtin("harbour-town", lambda done, total: told.append((done, total))) == folder
    assert not told

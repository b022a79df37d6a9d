"""The index of works: noting, finding, rating, tagging; in SQLite and in PostgreSQL."""

import shutil
import subprocess
import sys
import time

import pytest
from tests.library.conftest import record

from bottega.errors import DataError, UnreadableWork, UsageError
from bottega.library import journal, works
from bottega.media import kinds

DISCLOSURE = {"schema": 1, "digital_source_type": "trainedAlgorithmicMedia"}


def names(page: works.Page) -> list[str]:
    return [entry.path.stem for entry in page.entries]


def said(words: str) -> dict:
    return {"seed": 7, "controls": {"prompt": words, "guidance": 2.0}}


def test_noting_a_file_tells_all_about_it(library, picture):
    path = picture("flowers/a.png", model="ab" * 32, parameters=said("a rose"))
    entry = works.note(path)
    assert (entry.path, entry.medium, entry.operation, entry.seed) == (path, "image", "generate", 7)
    assert (entry.width, entry.height, entry.seconds, entry.bytes) == (12, 8, None, path.stat().st_size)
    assert (entry.model, entry.model_name, entry.rating, entry.tags) == ("ab" * 32, None, 0, ())
    assert abs(entry.made.timestamp() - path.stat().st_mtime) < 0.001
    assert entry.made.tzinfo is not None
    assert entry.record["parameters"]["controls"]["prompt"] == "a rose"
    assert works.note(path) == entry == works.get(entry.id) == works.get(entry.id[:4]) == works.get(path)
    assert works.get(entry.hash) == entry
    assert works.find().total == 1


def test_a_private_work_is_indexed_by_what_it_discloses(library, picture):
    entry = works.note(picture("a.png", told=DISCLOSURE))
    assert (entry.medium, entry.operation, entry.seed, entry.model, entry.record) == (
        "image",
        "",
        None,
        None,
        DISCLOSURE,
    )
    assert names(works.find(medium="image")) == ["a"]


def test_sheets_are_known_and_not_shown(library, picture):
    works.note(picture("0-0000.png", shade=1))
    sheet = works.note(picture("0-sheet.png", told=DISCLOSURE))
    assert works.get(sheet.id).role == "sheet"
    assert names(works.find()) == ["0-0000"]
    assert works.find().total == 1


def test_what_cannot_be_noted_is_said(library, picture, tmp_path):
    (tmp_path / "mine.md").write_text("My own words")
    with pytest.raises(DataError, match="carries no record"):
        works.note(tmp_path / "mine.md")
    with pytest.raises(DataError, match="does not exist"):
        works.note(tmp_path / "nowhere.png")
    (tmp_path / "broken.png").write_bytes(b"nothing")
    with pytest.raises(UnreadableWork):
        works.note(tmp_path / "broken.png")
    assert works.find().total == 0


def test_words_are_found_in_any_order_and_in_chinese(library, picture):
    works.note(picture("flowers/first.png", shade=1, parameters=said("a red Boat at DAWN")))
    works.note(picture("海边/second.png", shade=2, operation="style", parameters={"settings": {"text": "春江花月夜"}}))
    third = works.note(picture("third.png", shade=3, parameters={"said": {"0": "Straße"}}))
    works.tag(third.id, ["For the Show"])
    works.name(third.id, "Ｗｉｄｅ 100%_title")
    for words, found in {
        "": ["first", "second", "third"],
        "dawn boat": ["first"],
        "DAWN red": ["first"],
        "flowers": ["first"],
        "花月": ["second"],
        "海 style": ["second"],
        "show": ["third"],
        "STRASSE": ["third"],
        "wide": ["third"],
        "100%_t": ["third"],
        "1%t": [],
        "boat 花月": [],
        "'; DROP TABLE works; --": [],
        "\0\ud800": ["first", "second", "third"],
    }.items():
        assert sorted(names(works.find(words))) == found, words


def test_texts_are_found_by_what_they_say(library, home):
    path = home / "works" / "0.md"
    path.parent.mkdir()
    kinds.write(path, "Shall I compare thee\nto a summer’s day?\n春眠不觉晓\n", record())
    works.note(path)
    assert [works.find(words).total for words in ("compare summer", "不觉", "winter")] == [1, 1, 0]


def test_everything_asked_for_must_fit(library, picture):
    for i in range(6):
        told = {"operation": "vary" if i % 2 else "generate", "model": f"{i // 3:064x}"}
        entry = works.note(picture(f"{i}.png", shade=i, **told))
        works.rate(entry.id, i)
        works.tag(entry.id, ["even"] if i % 2 == 0 else [])
    assert sorted(names(works.find(operation="vary"))) == ["1", "3", "5"]
    assert sorted(names(works.find(model=f"{1:064x}"))) == ["3", "4", "5"]
    assert sorted(names(works.find(tag="even"))) == ["0", "2", "4"]
    assert sorted(names(works.find(least=4))) == ["4", "5"]
    assert sorted(names(works.find(tag="even", least=3, model=f"{1:064x}", operation="generate"))) == ["4"]
    assert works.find(medium="audio").total == 0
    assert works.find(medium="\0", operation="\ud800", model="%", tag="\0").total == 0
    assert works.tags() == {"even": 3}
    told = works.choices()
    assert (told.operations, sorted(told.models)) == (["generate", "vary"], [f"{0:064x}", f"{1:064x}"])


def test_pages_follow_one_another_in_every_order(library, picture):
    import os

    for i in range(7):
        path = picture(f"{i}.png", shade=i)
        os.utime(path, (1_000_000 + i, 1_000_000 + i))
        works.rate(works.note(path).id, i % 3)
    assert names(works.find(limit=3)) == ["6", "5", "4"]
    page = works.find(limit=3, offset=6)
    assert (names(page), page.total) == (["0"], 7)
    assert names(works.find(order="oldest", limit=2)) == ["0", "1"]
    assert names(works.find(order="best", limit=3)) == ["5", "2", "4"]
    assert names(works.find(order="name", limit=2)) == ["0", "1"]
    assert names(works.find(offset=99)) == []


def test_stars_titles_and_tags_stay_with_the_work(library, picture):
    path = picture("a.png")
    id = works.note(path).id
    assert works.rate(id, 5).rating == 5
    assert works.name(id, "  Dawn\n").title == "Dawn"
    assert works.tag(id, ["b", " a  a ", "b"]).tags == ("a a", "b")
    assert works.tag(id, ["c"], ["b", "never there"]).tags == ("a a", "c")
    entry = works.note(path)
    assert (entry.rating, entry.title, entry.tags, entry.name) == (5, "Dawn", ("a a", "c"), "Dawn")
    assert (works.rate(id, 0).rating, works.name(id, "").name, works.tag(id, remove=["a a", "c"]).tags) == (0, "a", ())
    assert journal.read().of[entry.hash] == journal.Said(0, "", set())


def test_what_a_person_says_has_bounds(library, picture):
    id = works.note(picture("a.png")).id
    for wrong in (
        lambda: works.rate(id, 6),
        lambda: works.rate(id, -1),
        lambda: works.name(id, "a" * 201),
        lambda: works.tag(id, [" \n"]),
        lambda: works.tag(id, ["a" * 61]),
        lambda: works.tag(id, [str(i) for i in range(101)]),
    ):
        with pytest.raises(UsageError):
            wrong()
    entry = works.get(id)
    assert (entry.rating, entry.title, entry.tags) == (0, "", ())
    assert journal.read().of == {}


def test_words_that_are_code_stay_words(library, picture):
    id = works.note(picture("a.png")).id
    evil = "<script>alert(1)</script>'; DROP TABLE works; --"
    works.name(id, evil)
    entry = works.tag(id, ["<b>\0\x1b[31m", "%"])
    assert entry.title == evil
    assert entry.tags == ("%", "<b> [31m")
    assert works.find("<script>").total == works.find(tag="%").total == 1


def test_a_work_is_named_by_whatever_names_only_it(library, picture):
    first, second = works.note(picture("a.png", shade=1)), works.note(picture("b.png", shade=2))
    assert works.get(first.id) == first
    for wrong in ("nothing", "", "abcd" * 5, "../../etc/passwd", "\0", "x" * 5000):
        with pytest.raises(UsageError, match="no work"):
            works.get(wrong)
    assert works.get(second.path).id == second.id


def test_a_copy_beside_the_first_is_the_same_work(library, picture):
    path = picture("a.png")
    first = works.note(path)
    shutil.copy2(path, path.with_name("copy.png"))
    assert works.note(path.with_name("copy.png")) == first
    assert works.find().total == 1
    assert works.get(path.with_name("copy.png")).id == first.id


def test_a_file_that_was_moved_is_found_at_its_new_place(library, picture):
    path = picture("a.png")
    works.rate(works.note(path).id, 3)
    moved = path.rename(path.with_name("moved.png"))
    entry = works.note(moved)
    assert (entry.path, entry.rating) == (moved, 3)
    assert works.find("moved").total == 1


NOTE = """
import sys
from pathlib import Path
from bottega.library import works
for path in map(Path, sys.argv[1:]):
    works.tag(works.note(path).id, [path.stem[:1], "all"])
"""


def test_several_processes_note_at_once_and_none_is_lost(library, picture):
    paths = [[str(picture(f"{part}{i}.png", shade=50 * part + i)) for i in range(15)] for part in range(4)]
    running = [subprocess.Popen([sys.executable, "-c", NOTE, *some]) for some in paths]
    assert [one.wait(240) for one in running] == [0] * 4
    assert works.find().total == 60
    assert works.tags() == {"all": 60, "0": 15, "1": 15, "2": 15, "3": 15}
    assert len(journal.read().of) == 60


def test_noting_is_quick_once_warm(picture):
    works.note(picture("first.png"))
    paths = [picture(f"{i}.png", shade=i + 1) for i in range(9)]
    times = []
    for path in paths:
        started = time.process_time()  # of this process, as the machine may be busy with others
        works.note(path)
        times.append(time.process_time() - started)
    assert sorted(times)[4] < 0.1, "about 0.01 on a quiet machine"

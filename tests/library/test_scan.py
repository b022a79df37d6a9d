"""Looking through the files: everything is found again, and nothing is read twice."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bottega.errors import DataError, UsageError
from bottega.events import Preparing
from bottega.library import database, journal, models, scan, trash, works
from bottega.library import files as library_files
from bottega.library.works import Entry
from bottega.media import kinds


def known() -> list[Entry]:
    """All that the library shows, and what lies in the trash."""
    found = [*works.find(limit=1000).entries, *works.find(trashed=True, limit=1000).entries]
    return sorted(found, key=lambda entry: entry.id)


def lose(home: Path) -> None:
    """Takes the database away, as a broken disk would."""
    if os.environ.get("BOTTEGA_DATABASE"):
        with database.session() as session:
            for name in ("tags", "parents", "files", "works", "models", "collections", "jobs", "facts"):
                session.connection().exec_driver_sql(f"DELETE FROM {name}")
        return
    database.close()
    for path in home.glob("library.db*"):
        path.unlink()


def test_everything_is_found_again_after_the_loss_of_the_database(library, home, picture, model, tmp_path):
    folder = model("flowers")
    made = models.note(folder)
    parent = works.note(picture("a.png", shade=1, model=made.hash, collection="c0" * 32))
    child = works.note(picture("deep/er/b.png", shade=2, operation="vary", parents=[parent.hash]))
    elsewhere = works.note(picture(tmp_path / "mine" / "c.png", shade=3))
    thrown = works.note(picture("d.png", shade=4))
    works.rate(parent.id, 5)
    works.tag(child.id, ["sea", "海"])
    works.tag(child.id, remove=["sea"])
    works.name(elsewhere.id, "Elsewhere")
    works.rate(thrown.id, 1)
    works.trash(thrown.id)
    before, kin, all_models = known(), works.lineage(child.id), models.all()
    lose(home)
    report = scan.first()
    assert report is not None
    assert (report.found, report.new, report.gone, report.models, report.unreadable) == (4, 4, 0, 1, [])
    assert known() == before
    assert works.lineage(child.id) == kin
    assert models.all() == all_models
    assert works.restore(thrown.id).path == home / "works" / "d.png"
    assert scan.first() is None


def test_a_persons_own_file_is_kept_in_mind_and_left_alone(library, home, picture, tmp_path):
    mine = tmp_path / "photo.png"
    kinds.write(mine, np.zeros((4, 6, 3), np.uint8))
    entry = works.original(mine)
    child = works.note(picture("b.png", operation="style", parents=[entry.hash]))
    assert (entry.role, entry.record, entry.operation, works.find().total) == ("original", {}, "", 1)
    kin = works.lineage(child.id)
    assert [(node.name, node.missing) for node in kin.nodes] == [("b", False), ("photo", False)]
    with pytest.raises(UsageError, match="your own file"):
        works.trash(entry.id)
    works.original(mine)
    lose(home)
    scan.scan()
    assert works.lineage(child.id) == kin
    assert works.original(child.path).role == "work", "what Bottega wrote is a work, whatever it is used for"
    mine.unlink()
    scan.scan()
    assert works.get(entry.id).missing
    for wrong in (tmp_path / "gone.png", tmp_path):
        with pytest.raises(DataError):
            works.original(wrong)


def test_a_scan_again_reads_nothing(library, picture, monkeypatch):
    paths = [picture(f"{i}.png", shade=i) for i in range(3)]
    (paths[0].parent / "notes.md").write_text("no work of ours")
    assert scan.scan().new == 3
    read = []
    monkeypatch.setattr(scan, "look", lambda path, _original: read.append(path.name) or library_files.look(path))
    assert scan.scan().new == 0
    assert read == []
    picture("1.png", shade=77)
    os.utime(paths[2], (1, 1))
    assert scan.scan().new == 1
    assert read == ["1.png", "2.png"]
    assert works.find().total == 3


def test_what_happens_is_told(picture):
    for i in range(3):
        picture(f"{i}.png", shade=i)
    told: list = []
    scan.scan(told.append)
    assert told == [Preparing(0, 3), Preparing(3, 3)]


def test_files_that_were_moved_are_found_by_their_content(library, home, picture):
    path = picture("a.png")
    works.rate(works.note(path).id, 4)
    (home / "works" / "favourites").mkdir()
    path.rename(home / "works" / "favourites" / "renamed.png")
    report = scan.scan()
    assert (report.found, report.new, report.gone) == (1, 0, 0)
    entry = works.find("favourites").entries[0]
    assert (entry.path, entry.rating, entry.missing) == (home / "works" / "favourites" / "renamed.png", 4, False)


def test_files_that_are_gone_are_kept_in_mind(library, picture):
    path = picture("a.png")
    entry = works.note(path)
    works.rate(entry.id, 4)
    data = path.read_bytes()
    path.unlink()
    assert (scan.scan().gone, works.find().total, works.get(entry.id).missing) == (1, 0, True)
    path.write_bytes(data)
    assert (scan.scan().gone, works.find().total, works.get(entry.id).rating) == (0, 1, 4)


def test_a_work_that_was_changed_is_another_work(library, picture):
    before = works.note(picture("a.png", shade=1))
    works.note(picture("a.png", shade=2))
    scan.scan()
    assert works.get(before.id).missing
    assert works.find().total == 1


def test_a_person_throws_away_and_takes_back_in_the_file_manager(library, home, picture):
    path = picture("a.png")
    works.note(path)
    (home / "trash").mkdir()
    path.rename(home / "trash" / "a.png")
    scan.scan()
    assert (works.find().total, works.find(trashed=True).total) == (0, 1)
    (home / "trash" / "a.png").rename(path)
    scan.scan()
    assert (works.find().total, works.find(trashed=True).total) == (1, 0)


def test_one_copy_outside_the_trash_is_enough_to_be_shown(library, home, picture):
    path = picture("a.png")
    data = path.read_bytes()
    works.trash(works.note(path).id)
    path.write_bytes(data)
    scan.scan()
    assert (works.find().total, works.find(trashed=True).total) == (1, 0)
    assert works.find().entries[0].path == path


def test_links_are_not_followed(library, home, picture, tmp_path):
    outside = picture(tmp_path / "outside" / "secret.png")
    (home / "works").mkdir()
    (home / "works" / "folder").symlink_to(outside.parent)
    (home / "works" / "file.png").symlink_to(outside)
    (home / "works" / "loop").symlink_to(home / "works")
    assert scan.scan().found == 0


def test_hidden_files_and_the_pictures_of_models_are_no_works(library, home, picture, model):
    picture(".hidden.png")
    picture(".part/a.png")
    picture(model("flowers") / "samples.png")
    models.note(model("flowers"))
    trash.trash_model("flowers")
    report = scan.scan()
    assert (report.found, report.models) == (0, 1)


def test_what_cannot_be_read_is_listed_each_time(library, home, picture):
    picture("good.png")
    (home / "works" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    (home / "works" / os.fsdecode(b"caf\xe9.png")).write_bytes(b"x")
    os.mkfifo(home / "works" / "pipe.png")
    for _again in range(2):
        report = scan.scan()
        assert report.found == 1
        assert sorted(path.name[:3] for path, _why in report.unreadable) == ["bad", "caf"]
        assert all(why for _path, why in report.unreadable)


def test_a_damaged_database_is_set_aside_and_made_anew(home, picture):
    entry = works.note(picture("a.png"))
    works.rate(entry.id, 5)
    database.close()
    for path in home.glob("library.db-*"):
        path.unlink()
    content = (home / "library.db").read_bytes()
    (home / "library.db").write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    report = scan.scan()
    assert report.set_aside is not None and report.set_aside.read_bytes().startswith(b"SQLite format 3")
    assert works.get(entry.id).rating == 5
    assert scan.scan().set_aside is None


def test_a_sound_database_is_never_set_aside(home, picture):
    works.note(picture("a.png"))
    holder = sqlite3.connect(home / "library.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert database.set_aside() is None
    finally:
        holder.close()


def test_the_journal_survives_a_line_cut_short(library, home, picture):
    entry = works.note(picture("a.png"))
    works.rate(entry.id, 2)
    with open(home / "notes.jsonl", "ab") as file:
        file.write(b'{"of": 7}\n[1]\nnull\n{"of": "x", "rating": "many"}\n\xff\xfe\n{"t": 1, "of": "abc\n')
    works.rate(entry.id, 3)
    lose(home)
    scan.scan()
    assert works.get(entry.id).rating == 3


def test_what_is_said_during_a_scan_is_not_lost(library, picture, monkeypatch):
    entry = works.note(picture("a.png"))
    works.rate(entry.id, 1)
    before = scan._models

    def meanwhile(*given):
        works.rate(entry.id, 5)
        return before(*given)

    monkeypatch.setattr(scan, "_models", meanwhile)
    scan.scan()
    assert works.get(entry.id).rating == 5


SCAN = "from bottega.library import scan; print(scan.scan().found)"


def test_several_scans_at_once_agree(library, picture):
    for i in range(30):
        picture(f"{i}.png", shade=i)
    running = [
        subprocess.Popen([sys.executable, "-c", SCAN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [one.communicate(timeout=240) for one in running]
    assert [out.strip() for out, _error in told] == ["30"] * 3, told
    assert works.find().total == 30


def test_the_journal_says_when_it_cannot_be_written(home, picture):
    entry = works.note(picture("a.png"))
    (home / "notes.jsonl").mkdir()
    with pytest.raises(DataError, match="could not be written"):
        works.rate(entry.id, 4)
    assert works.get(entry.id).rating == 0, "the database and the journal say the same"
    assert journal.read().of == {}

"""The events of a job on disk."""

from pathlib import Path

from bottega.library.jobs import journal
from bottega.library.jobs.journal import Journal


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    written = Journal(tmp_path)
    written.write("said", text="春天")
    first, place = journal.read(tmp_path)
    written.write("progress", share=0.5, losses={"loss": float("nan")})
    second, end = journal.read(tmp_path, place)
    assert [event["text"] for event in first] == ["春天"]
    assert second[0]["share"] == 0.5 and second[0]["losses"] == {"loss": None}
    assert journal.read(tmp_path, end) == ([], end)


def test_half_a_line_is_shown_to_nobody(tmp_path: Path) -> None:
    Journal(tmp_path).write("said", text="whole")
    with (tmp_path / journal.NAME).open("a") as file:
        file.write('{"what": "sa')
    found, place = journal.read(tmp_path)
    assert [event["what"] for event in found] == ["said"]
    Journal(tmp_path).write("said", text="after the kill")
    assert [event["text"] for event in journal.read(tmp_path, place)[0]] == ["after the kill"]


def test_a_full_disk_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / journal.NAME).symlink_to("/dev/full")
    full = Journal(tmp_path)
    full.write("said", text="lost")
    full.close()


def test_no_folder_raises_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    Journal(tmp_path / "file" / "job").write("said", text="lost")
    assert journal.read(tmp_path / "file" / "job") == ([], 0)

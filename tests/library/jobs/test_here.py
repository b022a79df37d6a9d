"""A verb in this process, as a job."""

import sqlite3
from pathlib import Path

import pytest

from bottega.errors import DataError, OutOfRoom
from bottega.events import Editing, Listener, Said
from bottega.library import jobs
from bottega.library.jobs import doing, running
from bottega.library.jobs.job import kept


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is waited for, however busy the machine is."""
    monkeypatch.setattr(running, "PATIENCE", 240)


def upscale(collection: Path, to: Path, said: list[object]) -> Path:
    arguments = {"operation": "upscale", "works": [collection / "00.png"], "to": to}
    return jobs.run_here("edit", arguments, on_event=said.append).files[0]


def test_it_is_seen_and_its_works_are_in_the_library(library: str, collection: Path, tmp_path: Path) -> None:
    from bottega.library import works

    made = upscale(collection, tmp_path / "large.png", [])
    (job,) = jobs.all()
    assert (job.state, job.origin, job.device, job.progress) == ("done", "line", "cpu", 1.0)
    assert job.arguments["works"] == [str(collection / "00.png")]
    assert works.get(collection / "00.png").path == collection / "00.png", "what it was made from is not known"
    assert job.results[0]["path"] == str(made) and works.get(job.results[0]["id"]).path == made
    assert jobs.events(job.id)[0][-1]["what"] == "done"


def test_a_work_is_made_again_from_works_that_lie_anywhere(library: str, collection: Path, tmp_path: Path) -> None:
    made = upscale(collection, tmp_path / "elsewhere" / "large.png", [])
    again = jobs.run_here("remake", {"file": made, "to": tmp_path / "again.png", "look_in": []})
    assert again.same and again.file.read_bytes() == made.read_bytes()


def test_a_mistake_leaves_no_job_behind(library: str, home: Path) -> None:
    with pytest.raises(DataError, match="no-such-model"):
        jobs.run_here("evaluate", {"model": Path("no-such-model")})
    assert jobs.all() == [] and list((home / "runs").iterdir()) == []


def test_a_failure_is_one_sentence_in_the_row(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_verb: str, _arguments: object, on_event: Listener) -> None:
        on_event(Editing(0.5, None))
        raise OutOfRoom("The disk is full.")

    monkeypatch.setattr(doing, "perform", full)
    with pytest.raises(OutOfRoom):
        jobs.run_here("edit", {"operation": "vary", "works": []})
    (job,) = jobs.all()
    assert (job.state, job.error) == ("failed", "The disk is full.")
    assert jobs.events(job.id)[0][-1] | {"t": 0} == {"t": 0, "what": "failed", "text": job.error}


def test_a_fault_of_ours_leaves_its_trace_in_the_output(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_words: object) -> None:
        raise RuntimeError("a screw is loose")

    monkeypatch.setattr(doing, "perform", broken)
    with pytest.raises(Exception, match="fault of Bottega's"):
        jobs.run_here("scan", {})
    (job,) = jobs.all()
    assert job.state == "failed" and "a screw is loose" in job.error
    assert "Traceback" in jobs.output_of(job.folder)


def test_ctrl_c_is_passed_on(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(doing, "perform", stopped)
    with pytest.raises(KeyboardInterrupt):
        jobs.run_here("scan", {})
    assert jobs.all()[0].state == "stopped"


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql+psycopg://nobody@127.0.0.1:9/none"])
def test_without_a_database_the_work_is_made(
    url: str, collection: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTTEGA_DATABASE", url)
    said: list[object] = []
    assert upscale(collection, tmp_path / "large.png", said).is_file()
    sentences = [event.text for event in said if isinstance(event, Said)]
    assert len([text for text in sentences if "scan" in text]) == 1
    monkeypatch.delenv("BOTTEGA_DATABASE")
    assert jobs.recover() == 1 and jobs.all()[0].state == "done"


def test_a_locked_database_holds_nothing_up(
    collection: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PATIENCE", 0.2)
    jobs.all()  # makes the database
    said: list[object] = []
    with sqlite3.connect(home / "library.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert upscale(collection, tmp_path / "large.png", said).is_file()
        other.execute("ROLLBACK")
    assert any("does not answer" in event.text for event in said if isinstance(event, Said))


def test_a_full_disk_holds_nothing_up(collection: Path, tmp_path: Path, home: Path) -> None:
    (home / "runs").write_text("in the way")
    assert upscale(collection, tmp_path / "large.png", []).is_file()
    assert jobs.all()[0].state == "done"


def test_of_several_processes_only_the_first_is_the_job(
    library: str, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    assert upscale(collection, tmp_path / "large.png", []).is_file()
    assert jobs.all() == []


def test_its_folder_says_how_it_ended(library: str, collection: Path, tmp_path: Path) -> None:
    upscale(collection, tmp_path / "large.png", [])
    job = kept(jobs.all()[0].folder)
    assert job is not None and job.state == "done"

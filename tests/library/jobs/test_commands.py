"""``bottega queue`` and ``--queue`` as a person meets them, on a queue whose device is taken."""

import json
import os
import time
from pathlib import Path

import pytest
from tests.library.jobs.conftest import make
from typer.testing import CliRunner, Result

from bottega.cli import app
from bottega.library import jobs
from bottega.library.jobs import process, rows
from bottega.library.jobs.job import kept


def bottega(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(autouse=True)
def taken(home: Path) -> None:
    pid, started = process.me()
    about = {"arguments": {"source": "/art/flowers"}, "message": "step 7", "progress": 0.42, "left": 125.0}
    rows.put(make("busy", verb="train", state="running", device="cpu", pid=pid, started=started, begun=1.0, **about))


def test_the_list_says_what_goes_on() -> None:
    shown = bottega("queue").stdout
    assert "Train flowers" in shown and "running" in shown and "42%" in shown and "2:05" in shown


def test_an_empty_list_says_what_it_is_for() -> None:
    rows.forget(["busy"])
    assert "--queue" in bottega("queue").stdout


def test_a_verb_waits_its_turn_and_is_ordered(collection: Path) -> None:
    done = bottega("edit", "upscale", collection / "00.png", "--queue")
    assert done.exit_code == 0 and "waiting" in done.stderr
    first = done.stdout.strip()
    second = json.loads(bottega("edit", "upscale", collection / "01.png", "--queue", "--json").stdout)
    assert second["state"] == "queued" and second["arguments"]["works"] == [str(collection / "01.png")]
    assert bottega("queue", "move", second["id"], first[:8]).exit_code == 0
    assert [job.id for job in jobs.all(("queued",))] == [second["id"], first]
    assert "on hold" in bottega("queue", "pause", first).stdout
    assert "waiting" in bottega("queue", "resume", first).stdout
    assert "stopped" in bottega("queue", "cancel", first).stdout
    assert json.loads(bottega("queue", "clear", "--json").stdout) == {"cleared": 1}
    assert [one["id"] for one in json.loads(bottega("queue", "list", "--json").stdout)] == ["busy", second["id"]]


def test_a_file_whose_name_is_no_text_is_a_job_like_any_other(collection: Path, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"caf\xe9[final].png")  # as old archives name them
    odd.write_bytes((collection / "00.png").read_bytes())
    done = bottega("edit", "upscale", odd, "--queue", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["arguments"]["works"] == [str(odd)]
    job = kept(jobs.all(("queued",))[0].folder)
    assert job is not None and job.arguments["works"] == [str(odd)]
    assert "caf\ufffd[final].png" in bottega("queue").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("train", "works", "--steps", "3", "--size", "16"),
        ("generate", "flowers", "-n", "2"),
        ("evaluate", "flowers", "-n", "8"),
    ],
)
def test_every_long_verb_can_wait(words: tuple[str, ...]) -> None:
    id = bottega(*words, "--queue").stdout.strip()
    assert jobs.get(id).verb == words[0] and jobs.get(id).state == "queued"


def test_one_job_is_shown_with_what_went_wrong(home: Path) -> None:
    failed = make("broken", verb="generate", arguments={"model": "/m/x"}, state="failed", error="No room.", begun=1.0)
    rows.put(failed)
    failed.folder.mkdir(parents=True)
    (failed.folder / "output.log").write_text("Traceback …\n")
    shown = bottega("queue", "show", "brok").stdout
    assert "Make 16 works with x" in shown and "No room." in shown and "Traceback" in shown
    watched = bottega("queue", "watch", "broken")
    assert watched.exit_code == 3 and "bottega: No room." in watched.stderr


def test_watching_ends_with_what_was_made(home: Path) -> None:
    made = [{"path": "/art/large.png", "id": None, "kind": "work"}]
    rows.put(make("over", verb="edit", state="done", ended=time.time(), results=made))
    assert bottega("queue", "watch", "over").stdout.strip() == "/art/large.png"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["queue", "show", "nothing"], "There is no job nothing"),
        (["queue", "resume", "busy"], "cannot be resumed: running"),
        (["queue", "move", "busy"], "does not wait"),
    ],
)
def test_a_mistake_ends_in_one_sentence(words: list[str], said: str) -> None:
    done = bottega(*words)
    assert done.exit_code == 2 and said in done.stderr and done.stdout == ""


def test_the_job_of_this_process_is_not_hurt() -> None:
    assert jobs.get("busy").pid == os.getpid() and jobs.get("busy").state == "running"

"""A training as it is watched: which one is shown, and what its buttons do."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("gradio", reason="needs the extra “studio”")

from tests.studio.shown import model

from bottega.errors import UsageError
from bottega.library import jobs
from bottega.library.database import LibraryClosed
from bottega.library.jobs import Job, rows
from bottega.studio.following import Followed
from bottega.studio.training import watching


@pytest.fixture
def training(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Job]:
    """Puts a training into the list; nothing starts it."""
    monkeypatch.setattr(jobs.queue, "kick", lambda: None)

    def put(letter: str, state: str, **more: Any) -> Job:
        arguments = more.pop("arguments", {"to": str(home / "models" / letter), "minutes": 3.0})
        one = Job(letter * 16, "train", arguments, "en", "page", jobs.queue.machine(), state, home / letter, 1.0)
        one = replace(one, **more)
        rows.put(one)
        return one

    return put


def test_what_runs_is_shown_and_otherwise_the_latest(training: Callable[..., Job]) -> None:
    old = training("a", "done", begun=1.0, ended=5.0)
    late = training("b", "paused", begun=1.0, ended=9.0)
    assert watching.nearest([old, late]) == late
    running = training("c", "running", begun=1.0)
    assert watching.nearest([old, late, running]) == running
    shown = watching.views(old.id, lambda _job: Followed())
    assert shown["choice"][1] == old.id and shown["box"] == "later"
    assert watching.views("", lambda _job: Followed())["choice"][1] == running.id
    assert watching.nearest([]) is None


def test_nothing_is_shown_before_there_is_a_training(home: Path) -> None:
    assert watching.views("", lambda _job: Followed())["box"] == ""


def test_a_library_that_is_away_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(**_wishes: Any) -> list[Job]:
        raise LibraryClosed("The library cannot be opened now.")

    monkeypatch.setattr(jobs, "all", closed)
    shown = watching.views("", lambda _job: Followed())
    assert "cannot be opened" in shown["standing"] and shown["box"] == "first"


def test_what_is_over_for_long_steps_back(training: Callable[..., Job]) -> None:
    assert watching.fresh(training("a", "running", begun=1.0))
    assert watching.fresh(training("b", "done", begun=1.0, ended=time.time() - 60))
    assert not watching.fresh(training("c", "done", begun=1.0, ended=time.time() - 2 * watching.FRESH))


def test_longer_trains_on_also_what_was_finished_early(training: Callable[..., Job]) -> None:
    done = training("a", "done", begun=1.0, arguments={"to": "/m", "minutes": 3.0, "finish": True, "seed": 7})
    again = jobs.get(watching.act("longer", done.id))
    assert again.arguments == {"to": "/m", "minutes": 6.0, "resume": True, "seed": 7}
    steps = training("b", "done", begun=1.0, arguments={"to": "/m", "steps": 100})
    with pytest.raises(UsageError, match="clock"):
        watching.act("longer", steps.id)


def test_the_buttons_do_what_they_say(training: Callable[..., Job]) -> None:
    made = [{"path": "/models/a", "id": "ab12", "kind": "model"}]
    done = training("a", "done", begun=1.0, ended=5.0, results=made)
    assert watching.act("measure", done.id) == ""
    asked = next(job for job in jobs.all() if job.verb == "evaluate")
    assert asked.arguments == {"model": "/models/a"}
    paused = training("b", "paused", begun=1.0)
    watching.act("finish", paused.id)
    assert jobs.get(paused.id).arguments["finish"]


def test_the_training_of_a_model_is_found_by_its_folder(training: Callable[..., Job]) -> None:
    entry = model("flowers")
    with pytest.raises(UsageError, match="bottega train … --to flowers --resume"):
        watching.of_model(entry.id)
    job = training("a", "done", arguments={"to": str(entry.path)})
    assert watching.of_model(entry.id) == job.id
    assert watching.of_model("") == ""

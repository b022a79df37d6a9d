"""What the buttons of the Queue room do, to real jobs in a real database."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bottega.errors import UsageError
from bottega.library import jobs
from bottega.library.jobs import Job, rows
from bottega.studio.queue import room as queue


@pytest.fixture
def waiting(home: Path) -> Iterator[list[str]]:
    """Three jobs on hold: nothing starts them."""
    names = ["a" * 16, "b" * 16, "c" * 16]
    for place, name in enumerate(names):
        folder = home / "runs" / name
        rows.put(Job(name, "scan", {}, "en", "api", jobs.queue.machine(), "held", folder, time.time(), position=place))
    yield names


def order() -> str:
    return "".join(one.id[0] for one in jobs.all(states=jobs.WAITING))


def test_jobs_change_places_with_their_neighbours(waiting: list[str]) -> None:
    a, _b, c = waiting
    queue.act("up", c)
    assert order() == "acb"
    queue.act("down", a)
    assert order() == "cab"
    queue.act("up", c)
    assert order() == "cab", "the first stays the first"
    queue.act("down", waiting[1])
    assert order() == "cab", "the last stays the last"


def test_one_that_does_not_wait_is_not_moved(waiting: list[str]) -> None:
    queue.act("up", "f" * 16)
    assert order() == "abc"


def test_a_job_is_cancelled_and_cannot_be_held_afterwards(waiting: list[str]) -> None:
    queue.act("cancel", waiting[0])
    assert jobs.get(waiting[0]).state == "stopped"
    with pytest.raises(UsageError):
        queue.act("pause", waiting[0])


def test_a_training_is_finished(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.queue, "kick", lambda: None)
    folder = home / "runs" / ("d" * 16)
    rows.put(Job("d" * 16, "train", {"to": "/m"}, "en", "page", jobs.queue.machine(), "paused", folder, 1.0, begun=2.0))
    queue.act("finish", "d" * 16)
    now = jobs.get("d" * 16)
    assert now.state == "queued" and now.arguments["finish"] and now.arguments["resume"]


def test_a_word_that_is_no_button_does_nothing(waiting: list[str]) -> None:
    queue.act("format the disk", waiting[0])
    assert order() == "abc"

"""The queue as HTML."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.studio.test_panels import EVIL, followed, harmless, job

from bottega.language import speaking
from bottega.library.jobs import STATES
from bottega.studio import panels
from bottega.studio.queue import listing


@pytest.mark.parametrize("state", list(STATES))
def test_a_job_in_any_state_can_be_shown(state: str, tmp_path: Path) -> None:
    made = [{"path": EVIL, "id": "ab12", "kind": "work"}] if state == "done" else []
    one = job(tmp_path, state, error=EVIL, progress=0.5, left=9.0, message=EVIL, begun=1.0, ended=62.0, results=made)
    text = listing.queue([one], one.id, lambda _job: followed())
    harmless(text)
    assert "took 1:01" in text


def test_what_is_stopping_can_only_be_pressed(tmp_path: Path) -> None:
    text = listing.row(job(tmp_path, "running", asked="paused", asked_at=1.0), None, False, lambda _job: followed())
    assert re.findall(r'data-do="(\w+)"', text) == ["cancel", "log"]


@pytest.mark.parametrize(
    ("state", "more", "offered"),
    [
        ("running", {"begun": 1.0, "progress": 0.2}, ["finish", "pause", "log"]),
        ("running", {"begun": 1.0}, ["pause", "log"]),  # it still prepares
        ("running", {"begun": 1.0, "progress": 0.2, "verb": "generate"}, ["cancel", "log"]),
        ("paused", {"begun": 1.0, "progress": 0.2}, ["resume", "finish", "cancel", "log"]),
        ("interrupted", {"begun": 1.0}, ["resume", "finish", "cancel", "log"]),
        ("held", {}, ["resume", "cancel", "log"]),
        ("done", {"begun": 1.0, "progress": 1.0}, ["log"]),
    ],
)
def test_a_training_that_has_learned_something_can_be_finished(
    tmp_path: Path, state: str, more: dict, offered: list[str]
) -> None:
    one = replace(job(tmp_path, state), **more)
    text = listing.row(one, None, False, lambda _job: followed())
    assert re.findall(r'data-do="(\w+)"', text) == offered
    assert ('data-do="finish"' in panels.standing(one, followed())) == ("finish" in offered)


def test_the_queue_is_in_order_and_its_ends_cannot_be_moved_further(tmp_path: Path) -> None:
    waiting = [
        replace(job(tmp_path, "queued"), id=name, position=place) for name, place in (("b", 2), ("c", 3), ("a", 1))
    ]
    text = listing.queue([job(tmp_path), *waiting], "", lambda _job: followed())
    assert re.findall(r'<li data-job="(\w+)"', text) == ["0123456789abcdef", "a", "b", "c"]
    moves = re.findall(r'data-do="(up|down)" data-job="(\w)"', text)
    assert moves == [("down", "a"), ("up", "b"), ("down", "b"), ("up", "c")]


def test_an_empty_queue_says_so() -> None:
    assert "Nothing runs" in listing.queue([], "", None)


def test_an_interrupted_job_speaks_the_language_of_the_page(tmp_path: Path) -> None:
    one = job(tmp_path, "interrupted", error="Its process ended without a word", begun=1.0)
    with speaking("zh"):
        for text in (listing.row(one, None, False, lambda _job: followed()), panels.standing(one, followed())):
            assert "Its process" not in text and re.search(r'class="wrong"[^>]*>[^<]*[一-龥]', text)

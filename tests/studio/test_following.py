"""What the events of a job tell."""

from pathlib import Path
from typing import Any

from bottega.library.jobs import Job
from bottega.studio.following import KEPT, POINTS, Followed, Follower


def step(t: float, number: int, **more: Any) -> dict[str, Any]:
    return {"t": t, "what": "progress", "step": number, "share": 0.5, "left": 3.0, "line": "step {number}"} | more


def test_losses_previews_and_speed_are_gathered() -> None:
    followed = Followed()
    for event in (
        {"t": 100.0, "what": "begun"},
        {"t": 100.5, "what": "said", "text": "24 used, none skipped"},
        {"t": 101.0, "what": "preview", "file": "000000.png"},
        step(102.0, 10, losses={"velocity.loss": 0.9}),
        step(103.0, 30, losses={"velocity.loss": 0.5}),
        {"t": 104.0, "what": "preview", "file": "000040.png"},
        {"t": 104.1, "what": "progress", "share": 0.7, "left": 1.0},
    ):
        followed.take(event)
    assert followed.losses == {"velocity.loss": [(10.0, 0.9), (30.0, 0.5)]}
    assert [(one.name, one.step) for one in followed.previews] == [("000000.png", 0), ("000040.png", 40)]
    assert followed.said == ["24 used, none skipped"]
    assert (followed.step, followed.share) == (30, 0.7)
    assert followed.step_rate == 20.0


def test_steps_taken_again_replace_the_first() -> None:
    followed = Followed()
    for event in (
        step(1, 10, losses={"a": 1.0, "b": 5.0}),
        step(2, 20, losses={"a": 2.0, "b": 6.0}),
        {"t": 900.0, "what": "begun"},
        step(901, 15, losses={"a": 3.0, "b": 7.0}),
    ):
        followed.take(event)
    assert followed.losses == {"a": [(10.0, 1.0), (15.0, 3.0)], "b": [(10.0, 5.0), (15.0, 7.0)]}
    assert followed.seconds == 2.0, "waiting is not counted"


def test_a_second_stage_begins_its_own_curves() -> None:
    followed = Followed()
    followed.take(step(1, 50, losses={"autoencoder.loss": 1.0}))
    followed.take(step(2, 5, losses={"velocity.loss": 2.0}))
    assert followed.losses == {"velocity.loss": [(5.0, 2.0)]}


def test_long_curves_are_thinned_and_keep_their_ends() -> None:
    followed = Followed()
    for i in range(5 * POINTS):
        followed.take(step(i, i, losses={"a": float(i)}))
    points = followed.losses["a"]
    assert len(points) <= POINTS
    assert points == sorted(points)
    assert points[-1] == (5.0 * POINTS - 1, 5.0 * POINTS - 1)


def test_what_makes_no_sense_is_left_aside() -> None:
    followed = Followed()
    for event in ({}, {"t": "x"}, {"t": 1.0, "what": "preview"}, step(2, 3, losses={"a": None}), {"t": 3.0}):
        followed.take(event)
    assert followed.losses == {"a": []}
    assert followed.previews == []


def test_events_are_read_once(tmp_path: Path) -> None:
    asked: list[tuple[str, int]] = []

    def events(folder: Path, after: int) -> tuple[list[dict[str, Any]], int]:
        asked.append((folder.name, after))
        return [step(after, after, losses={"a": 1.0})], after + 7

    def job(number: str) -> Job:
        return Job(number, "train", {}, "en", "page", "here", "running", tmp_path / number, 0.0)

    follow = Follower(events)
    follow(job("x"))
    assert len(follow(job("x")).losses["a"]) == 2
    assert asked == [("x", 0), ("x", 7)]
    for number in range(KEPT):
        follow(job(str(number)))
    follow(job("x"))
    assert asked[-1] == ("x", 0), "what was forgotten is read again"


def test_what_was_told_stays_while_more_comes(tmp_path: Path) -> None:
    coming = [[step(1, 10, losses={"a": 1.0})], [step(2, 20, losses={"a": 2.0, "b": 3.0})]]
    follow = Follower(lambda _folder, place: (coming[place], place + 1))
    job = Job("a" * 16, "train", {}, "en", "page", "here", "running", tmp_path, 1.0)
    first = follow(job)
    assert set(follow(job).losses) == {"a", "b"}
    assert first.losses == {"a": [(10.0, 1.0)]} and first.step == 10

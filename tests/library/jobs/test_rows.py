"""Rows of jobs, in SQLite and in PostgreSQL."""

import pytest
from tests.library.jobs.conftest import make

from bottega.errors import UsageError
from bottega.library.jobs import rows
from bottega.library.jobs.job import kept


def test_a_row_is_the_job(library: str) -> None:
    job = make("aa11", verb="train", arguments={"size": [16, 16]}, state="done", progress=1.0, results=[{"path": "/x"}])
    rows.put(job)
    assert rows.get("aa11") == job and rows.get("aa") == job


def test_a_number_that_is_none_or_several_is_said(library: str) -> None:
    for id in ("aa11", "aa22"):
        rows.put(make(id))
    for word, said in (("aa", "Several"), ("b", "no job"), ("", "no job"), ("%", "no job")):
        with pytest.raises(UsageError, match=said):
            rows.get(word)


def test_the_list_begins_with_what_runs_and_waits(library: str) -> None:
    rows.put(make("old", state="done", ended=1.0))
    rows.put(make("new", state="failed", ended=2.0))
    rows.put(make("second", position=2.0))
    rows.put(make("first", state="held", position=1.0))
    rows.put(make("runs", state="running"))
    assert [job.id for job in rows.find()] == ["runs", "first", "second", "new", "old"]
    assert [job.id for job in rows.find(("done",), machine="another")] == []


def test_a_change_needs_the_state_it_is_for(library: str) -> None:
    rows.put(make("a"))
    assert rows.change("a", ("running",), state="done") is None
    changed = rows.change("a", ("queued",), state="held")
    assert changed is not None and rows.get("a").state == "held" and kept(changed.folder) == changed


def test_one_claim_for_each_device(library: str) -> None:
    for i, verb in enumerate(("train", "train", "edit", "edit")):
        rows.put(make(f"{verb}{i}", verb=verb, position=float(i)))

    def places(verb: str) -> list[str]:
        return ["cuda:0"] if verb == "train" else ["cpu"]

    claimed = [rows.claim(make("").machine, places, 1, 1.0) for _ in range(3)]
    assert [job and (job.id, job.device) for job in claimed] == [("train0", "cuda:0"), ("edit2", "cpu"), None]
    assert rows.claim("another machine", places, 1, 1.0) is None


def test_a_beat_is_taken_from_its_own_process_only(library: str) -> None:
    rows.put(make("a", state="running", pid=7))
    rows.beat("a", 8, {"progress": 0.9})
    rows.beat("a", 7, {"progress": 0.5, "left": 3.0})
    assert (rows.get("a").progress, rows.get("a").left) == (0.5, 3.0)


def test_jobs_are_moved(library: str) -> None:
    for i, id in enumerate("abcd"):
        rows.put(make(id, position=float(i)))
    rows.move("d", "b")
    assert [job.id for job in rows.find()] == ["a", "d", "b", "c"]
    rows.move("a", None)
    assert [job.id for job in rows.find()] == ["d", "b", "c", "a"]

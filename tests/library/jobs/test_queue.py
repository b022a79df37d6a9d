"""The queue without a daemon: order, holding, moving, the dead, and many who look at it at once."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.library.jobs.conftest import make
from tests.waiting import until

from bottega import home
from bottega.errors import UsageError
from bottega.library import database, jobs
from bottega.library.jobs import process, queue, rows
from bottega.library.jobs.job import keep

Busy = Callable[[], None]


def waiting() -> list[str]:
    return [job.id for job in jobs.all(jobs.WAITING)]


def test_jobs_wait_in_order_and_are_moved(busy: Busy) -> None:
    a, b, c = (jobs.submit("scan", {}).id for _ in range(3))
    assert waiting() == [a, b, c] and jobs.get(a).state == "queued"
    jobs.move(c, before=a)
    assert waiting() == [c, a, b]
    jobs.move(c)
    assert waiting() == [a, b, c]
    with pytest.raises(UsageError, match="does not wait"):
        jobs.move("busy")


def test_a_held_job_keeps_its_place(busy: Busy) -> None:
    a, b = (jobs.submit("scan", {}).id for _ in range(2))
    assert jobs.pause(a).state == "held"
    assert jobs.resume(a).state == "queued" and waiting() == [a, b]


def test_what_ran_already_is_next_in_line(busy: Busy) -> None:
    a = jobs.submit("scan", {}).id
    rows.put(make("broken", verb="train", arguments={"source": "/art"}, state="interrupted", begun=1.0, position=9.0))
    jobs.resume("broken")
    assert waiting() == ["broken", a] and jobs.get("broken").arguments["resume"] is True


def test_what_was_saved_is_finished_next_in_line(busy: Busy) -> None:
    a = jobs.submit("scan", {}).id
    saved = {"verb": "train", "arguments": {"source": "/art"}, "position": 9.0}
    rows.put(make("paused", state="paused", begun=1.0, progress=0.4, **saved))
    assert jobs.finish("paused").state == "queued" and waiting() == ["paused", a]
    assert jobs.get("paused").arguments == {"source": "/art", "resume": True, "finish": True}
    jobs.cancel("paused")
    jobs.resume("paused")
    assert jobs.get("paused").arguments == {"source": "/art", "resume": True}, "resumed, it is not to end at once"
    jobs.move("paused")
    jobs.finish("paused")
    assert waiting() == ["paused", a] and jobs.get("paused").arguments["finish"] is True


def test_what_cannot_be_finished_is_said(busy: Busy) -> None:
    pid, started = process.me()
    waits = jobs.submit("train", {"source": "/art"}).id
    rows.put(make("over", verb="train", state="done", begun=1.0))
    rows.put(make("away", verb="train", state="paused", begun=1.0, machine="another"))
    rows.put(make("fresh", verb="train", state="running", device="gpu", pid=pid, started=started, begun=1.0))
    mistakes = {"busy": "Only a training", waits: "not learned", "over": "is over", "away": "another machine"}
    for id, said in (mistakes | {"fresh": "not learned"}).items():
        with pytest.raises(UsageError, match=said):
            jobs.finish(id)


def test_a_waiting_job_is_cancelled_and_said_to_be_over(busy: Busy) -> None:
    a = jobs.submit("scan", {}).id
    assert jobs.cancel(a).state == "stopped" and waiting() == []
    with pytest.raises(UsageError, match="is over"):
        jobs.cancel(a)
    with pytest.raises(UsageError, match="does not run and does not wait"):
        jobs.pause(a)


def test_only_a_training_is_paused_while_it_runs(busy: Busy) -> None:
    with pytest.raises(UsageError, match="Only a training"):
        jobs.pause("busy")
    with pytest.raises(UsageError, match="cannot be resumed"):
        jobs.resume("busy")


def test_what_cannot_be_a_job_is_said(library: str) -> None:
    with pytest.raises(UsageError, match="paint"):
        jobs.submit("paint", {})
    with pytest.raises(UsageError, match="no JSON"):
        jobs.submit("train", {"source": object()})
    assert not home.runs().exists() or not list(home.runs().iterdir())


def test_arguments_are_plain_and_from_the_root(busy: Busy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cat.png").touch()
    works = ["cat.png", "a poem", "x" * 5000]
    job = jobs.submit("edit", {"operation": "vary", "works": works, "mask": [Path("m.png")], "to": None})
    assert job.arguments == {
        "operation": "vary",
        "works": [str(tmp_path / "cat.png"), *works[1:]],
        "mask": [str(tmp_path / "m.png")],
    }


def test_the_dead_are_found_and_resumed(busy: Busy) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pid, started = child.pid, process.began(child.pid)
    rows.put(make("killed", state="running", device="gpu", pid=pid, started=started, begun=1.0))
    rows.put(make("recycled", state="running", device="gpu", pid=os.getpid(), started=1.0, begun=1.0))
    rows.put(make("elsewhere", state="running", machine="another", pid=pid, started=started, begun=1.0))
    jobs.kick()
    assert jobs.get("killed").state == "running"
    child.kill()
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet taken leave of
    jobs.kick()
    child.wait()
    assert jobs.get("killed").state == jobs.get("recycled").state == "interrupted"
    assert "ended without a word" in jobs.get("killed").error
    assert jobs.events("killed")[0][-1]["what"] == "interrupted"
    assert jobs.get("elsewhere").state == "running", "only its own machine knows whether it lives"
    assert jobs.resume("killed").state == "queued"


def test_an_end_that_the_database_missed_is_taken_from_the_folder(busy: Busy) -> None:
    job = make("ended", state="running", device="gpu", pid=2**22 + 1, started=1.0, begun=1.0)
    rows.put(job)
    keep(make("ended", state="done", begun=1.0, ended=5.0, results=[{"path": "/x", "kind": "work", "id": None}]))
    jobs.kick()
    assert jobs.get("ended").state == "done" and jobs.get("ended").results[0]["path"] == "/x"


def test_one_that_does_not_stop_is_ended(busy: Busy) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline()
    rows.put(make("deaf", state="running", device="gpu", pid=child.pid, started=process.began(child.pid), begun=1.0))
    assert jobs.cancel("deaf").asked == "stopped"
    jobs.kick()
    assert child.poll() is None and jobs.get("deaf").word == "stopping"
    rows.change("deaf", asked_at=time.time() - queue.GRACE - 1)
    jobs.kick()
    child.wait(240)
    jobs.kick()
    assert jobs.get("deaf").state == "stopped"


def test_who_starts_a_job_is_not_stopped_in_its_place(library: str) -> None:
    """Between the claim and the start of its process, a job bears the number of whoever claimed it: this one."""
    pid, started = process.me()
    for id in ("claimed", "cancelled"):
        job = make(id, device=f"{id}'s")
        keep(job)
        rows.put(replace(job, state="running", pid=pid, started=started))
    assert jobs.cancel("cancelled").asked == "stopped"
    rows.change("cancelled", asked_at=time.time() - queue.GRACE - 1)
    rows.put(make("busy", state="running", device="cpu", pid=pid, started=started, begun=time.time()))
    jobs.kick()
    assert jobs.get("cancelled").state == "stopped"
    assert jobs.get("claimed").state == "queued", "a claim that came to nothing holds the device for ever"


def test_those_who_died_leave_no_shadow(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    id = jobs.submit("scan", {}).id
    until(lambda: not process.alive(jobs.get(id).pid, jobs.get(id).started, id))
    pid = jobs.get(id).pid
    jobs.kick()
    assert pid is not None and process.began(pid) is None


def test_the_list_is_cleared_and_the_folders_stay(busy: Busy) -> None:
    rows.change("busy", message="still here")
    for id, state in (("a", "done"), ("b", "interrupted")):
        job = make(id, state=state)
        keep(job)
        rows.put(job)
    assert jobs.clear() == 1
    assert {job.id for job in jobs.all()} == {"busy", "b"} and (home.runs() / "a").is_dir()
    rows.forget(["b"])
    assert jobs.recover() == 1 and jobs.get("b").state == "interrupted"
    assert {job.id for job in jobs.all()} == {"busy", "b"}, "what was cleared came back"


def test_without_a_database_nothing_is_left_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTEGA_DATABASE", "sqlite:////nowhere/at/all.db")
    with pytest.raises(database.LibraryClosed):
        jobs.submit("scan", {})
    monkeypatch.delenv("BOTTEGA_DATABASE")
    assert list((home / "runs").iterdir()) == []


def test_a_scan_may_find_a_job_before_it_is_entered(busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    put_last = rows.put_last
    monkeypatch.setattr(rows, "put_last", lambda job: jobs.recover() and put_last(job))
    assert jobs.submit("scan", {}).state == "queued" and len(waiting()) == 1


def test_many_who_kick_at_once_start_one(busy: Busy, library: str) -> None:
    """Six processes, and two jobs that are free to start on one device."""
    a, b = (jobs.submit("scan", {}).id for _ in range(2))
    code = "import sys; from bottega.library import jobs; print(flush=True); sys.stdin.readline(); jobs.kick()"
    kickers = [subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1) for _ in range(6)]
    for one in kickers:
        assert one.stdout is not None and one.stdout.readline()
    busy()
    for one in kickers:
        assert one.stdin is not None
        one.stdin.write(b"\n")
        one.stdin.flush()
    assert [one.wait(240) for one in kickers] == [0] * 6
    until(lambda: jobs.get(a).state == jobs.get(b).state == "done")
    begun = [[event["what"] for event in jobs.events(id)[0]].count("begun") for id in (a, b)]
    assert begun == [1, 1]
    ends, begins = jobs.events(a)[0][-1], jobs.events(b)[0][0]
    assert ends["what"] == "done" and begins["t"] >= ends["t"], "two ran on one device at a time"

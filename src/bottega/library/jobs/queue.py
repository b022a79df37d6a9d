"""The queue without a daemon: whoever looks at it also buries the dead and starts what is next."""

import contextlib
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from bottega import home
from bottega import language as speech
from bottega.errors import UsageError
from bottega.language import _, speaking
from bottega.library import database
from bottega.library.jobs import devices, doing, process, rows
from bottega.library.jobs.job import CLEARED, ENDED, INTERRUPTED, RESUMABLE, VERBS, WAITING, Job, keep, kept, place_of
from bottega.library.jobs.journal import Journal
from bottega.library.jobs.running import OUTPUT

GRACE = 120.0
"""Seconds that a job has to save and stop after it was asked; then it is ended."""
_kicking = threading.Lock()
_children: list[subprocess.Popen[bytes]] = []
"""Processes that this one started: they outlive it, and as long as it lives it has to take leave of the dead."""
OF_A_GROUP = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT")
"""What torchrun tells its processes; a job that one of them starts is none of them."""


def machine() -> str:
    """The name of this machine: its jobs run here, whoever shares the database."""
    return platform.node()


def submit(verb: str, arguments: Mapping[str, Any], *, origin: str = "page", language: str | None = None) -> Job:
    """Puts a job behind the others, and starts it if its device is free.

    Args:
        verb: one of ``VERBS``.
        arguments: those of the verb of that name in ``bottega.verbs`` (``edit`` takes ``operation`` and ``works``,
            ``remake`` takes ``file``), JSON and paths.
        origin: ``"page"``, ``"line"`` or ``"api"``.
        language: in which it speaks; the one in use when left out.

    Raises:
        UsageError: no such verb, or arguments that are no JSON.
        LibraryClosed: the database cannot be used.
    """
    if verb not in VERBS:
        raise UsageError(_("There is no verb “{verb}” that could be a job.").format(verb=verb))
    now, id = time.time(), secrets.token_hex(8)
    job = Job(
        id=id,
        verb=verb,
        arguments=_plain(verb, arguments),
        language=language or speech.language(),
        origin=origin,
        machine=machine(),
        state="queued",
        folder=place_of(home.runs(), verb, id, now),
        created=now,
    )
    keep(job)
    try:
        job = rows.put_last(job)
    except BaseException:
        shutil.rmtree(job.folder, ignore_errors=True)  # a job that nobody knows of shall not come back by a scan
        raise
    kick()
    return rows.get(id)


def kick() -> None:
    """Sees which jobs died, ends those that do not stop though they were asked, and starts those whose turn it is."""
    with _kicking:
        _children[:] = [child for child in _children if child.poll() is None]
        found = rows.find(("running", "queued"), machine=machine())
        for job in [one for one in found if one.state == "running"]:
            if _left_by_us(job) or not process.alive(job.pid, job.started, job.id):
                _bury(job)
            elif job.begun and job.pid and job.asked_at and time.time() - job.asked_at > GRACE:
                process.kill(job.pid)
        if any(job.state == "queued" for job in found):
            while job := rows.claim(machine(), devices.places, *process.me()):
                _start(job)


def _left_by_us(job: Job) -> bool:
    """Whether this process claimed a job and, as the database went away just then, nobody knows if it was started."""
    return job.begun is None and job.pid == os.getpid()


def kick_quietly() -> None:
    """The same at the end of a job, which is done whatever becomes of the others."""
    with contextlib.suppress(Exception):
        kick()


def cancel(id: str) -> Job:
    """Takes a waiting job out of the queue; lets a running one save and stop. Asked again, it stops at once.

    Raises:
        UsageError: there is no such job, or it is over.
    """
    job = rows.get(id)
    if job.state == "running":
        return _ask(job, "stopped")
    if job.state in ENDED:
        raise UsageError(_("“{job}” is over: {state}.").format(job=job.title, state=job.word))
    states = (*WAITING, "paused", "interrupted")
    return rows.change(job.id, states, state="stopped", ended=time.time()) or rows.get(job.id)


def pause(id: str) -> Job:
    """Keeps a waiting job from starting; lets a running training save and stop until it is resumed.

    Raises:
        UsageError: there is no such job, or it cannot be paused.
    """
    job = rows.get(id)
    if job.state == "running" and job.verb == "train":
        return _ask(job, "paused")
    if job.state in WAITING:
        return rows.change(job.id, WAITING, state="held") or rows.get(job.id)
    if job.state == "running":
        raise UsageError(
            _("Only a training can be paused while it runs; “{job}” can be cancelled.").format(job=job.title)
        )
    raise UsageError(_("“{job}” does not run and does not wait: {state}.").format(job=job.title, state=job.word))


def resume(id: str) -> Job:
    """Lets a job go on: a training from its last checkpoint, anything else from its beginning.

    One that ran already is the next in line; one that was held keeps its place.

    Raises:
        UsageError: there is no such job, it is on another machine, or there is nothing to resume.
    """
    found = rows.get(id)
    _check_is_here(found)
    job = _again(found, RESUMABLE)
    if job is None:
        raise UsageError(_("“{job}” cannot be resumed: {state}.").format(job=found.title, state=found.word))
    return job


def finish(id: str) -> Job:
    """Ends a training early, with a model of what it has learned: at this step if it runs, at its last checkpoint else.

    One that runs in the first of two stages ends that stage only, and goes on with the second. One that does not run is
    the next in line, since its device is needed for a moment.

    Raises:
        UsageError: there is no such job, it is on another machine, it is no training, it is over, or it has learned
            nothing yet.
    """
    kick()  # what is dead does not run
    job = rows.get(id)
    _check_is_here(job)
    if job.verb != "train":
        raise UsageError(_("Only a training can be finished early; “{job}” can be cancelled.").format(job=job.title))
    if job.state == "done":
        raise UsageError(_("“{job}” is over: {state}.").format(job=job.title, state=job.word))
    if not _has_learned(job):
        raise UsageError(_("“{job}” has not learned anything yet.").format(job=job.title))
    if job.state != "running":
        return _again(job, (*RESUMABLE, "queued"), finish=True) or rows.get(job.id)
    if job.pid and not process.ask_to_finish(job.pid):
        raise UsageError(_("Pause “{job}” first, and finish it then.").format(job=job.title))
    return job


def _has_learned(job: Job) -> bool:
    """Whether there is something to make a model of, as far as the row tells: a run looks for itself."""
    if job.state == "running":
        return bool(job.begun and job.progress)
    return bool(job.begun or job.arguments.get("resume"))


def _again(found: Job, states: tuple[str, ...], **how: Any) -> Job | None:
    """Lets a job in one of some states go on, as it was asked for first or otherwise; None when it is in none."""
    first = rows.first_place()

    def decide(job: Job) -> dict[str, Any] | None:
        if job.state not in states:
            return None
        again = {"resume": True} if job.verb == "train" and job.begun else {}
        return {
            "state": "queued",
            "position": job.position if job.state == "held" and not how else first,
            "arguments": {name: value for name, value in job.arguments.items() if name != "finish"} | again | how,
            "begun": None,
            "ended": None,
            "error": "",
            "left": None,
            "asked": None,
            "asked_at": None,
        }

    job = rows.transact(found.id, decide)
    if job is None:
        return None
    kick()
    return rows.get(job.id)


def move(id: str, before: str | None = None) -> Job:
    """Puts a waiting job before another one, or at the end.

    Raises:
        UsageError: there is no such job, or one of the two does not wait.
    """
    job, other = rows.get(id), rows.get(before) if before else None
    for one in (job, other):
        if one is not None and one.state not in WAITING:
            raise UsageError(_("“{job}” does not wait in the queue: {state}.").format(job=one.title, state=one.word))
    if other is None or other.id != job.id:
        rows.move(job.id, other.id if other else None)
    return rows.get(job.id)


def clear() -> int:
    """Takes the jobs that are over out of the list; their works and their folders stay. How many there were."""
    over = rows.find(ENDED)
    for job in over:
        with contextlib.suppress(OSError):
            (job.folder / CLEARED).touch()
    rows.forget(job.id for job in over)
    return len(over)


def _plain(verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    plain = doing.recorded(arguments)
    try:
        json.dumps(plain, allow_nan=False)
    except (TypeError, ValueError) as error:
        message = _("The arguments of “{verb}” are no JSON ({why}).")
        raise UsageError(message.format(verb=verb, why=error)) from error
    return plain


def _check_is_here(job: Job) -> None:
    if job.machine != machine():
        message = _("“{job}” belongs to another machine, {machine}.")
        raise UsageError(message.format(job=job.title, machine=job.machine))


def _ask(job: Job, state: str) -> Job:
    """Sends what Ctrl-C sends to the process of a job, if it still is the one that was started.

    A job that has not begun sees by itself that it need not: its process may still be that of whoever starts it.
    """
    _check_is_here(job)
    if not process.alive(job.pid, job.started, job.id):
        kick()
        return rows.get(job.id)
    asked = {"asked": state} | ({} if job.asked_at else {"asked_at": time.time()})
    changed = rows.change(job.id, ("running",), **asked)
    if changed is not None and changed.begun and changed.pid:
        process.ask_to_stop(changed.pid)
    return changed or rows.get(job.id)


def _bury(job: Job) -> None:
    """A job whose process is gone: as its folder says when it came to its end, and interrupted otherwise."""
    last = kept(job.folder)
    with speaking(job.language):
        why = _(INTERRUPTED)

    def decide(row: Job) -> dict[str, Any] | None:
        if row.state != "running" or (row.pid, row.started) != (job.pid, job.started):
            return None
        if last is not None and last.state != "running" and last.begun == row.begun:
            # it ended without a database; or, still waiting there, whoever was to start it did not come to that
            return {name: getattr(last, name) for name in ("state", "ended", "results", "error", "message", "progress")}
        state = row.asked or "interrupted"
        error = "" if row.asked else why
        return {"state": state, "error": error, "ended": time.time(), "left": None, "asked": None, "asked_at": None}

    buried = rows.transact(job.id, decide)
    if buried is not None and (last is None or last.state == "running"):
        journal = Journal(job.folder)
        journal.write(buried.state, text=buried.error)
        journal.close()


def _start(job: Job) -> None:
    """Starts the process of a job that was claimed; it outlives this one."""
    variables = {name: value for name, value in os.environ.items() if name not in OF_A_GROUP}
    variables["BOTTEGA_LANGUAGE"] = job.language
    variables["BOTTEGA_HOME"] = str(home.home().absolute())
    if "BOTTEGA_DATABASE" in variables:
        variables["BOTTEGA_DATABASE"] = database.url()
    if job.device.startswith("cuda:"):
        variables["LOCAL_RANK"] = job.device.removeprefix("cuda:")
    command = [sys.executable, "-m", "bottega.library.jobs.worker", job.id]
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with _output(job) as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=job.folder,
                env=variables,
                start_new_session=True,
            )
    except OSError as error:
        why = _("It could not be started ({reason}).").format(reason=error.strerror or error)
        rows.change(job.id, ("running",), state="failed", error=why, ended=time.time())
        return
    _children.append(child)
    started = process.began(child.pid)
    rows.transact(job.id, lambda row: None if row.begun else {"pid": child.pid, "started": started})


def _output(job: Job) -> Any:
    try:
        return (job.folder / OUTPUT).open("ab")
    except OSError:  # a full disk is no reason not to work
        return open(os.devnull, "wb")

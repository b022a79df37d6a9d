"""A verb of the command line as a job: the process that calls it is the job, and it begins at once."""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Mapping
from typing import Any

from bottega import home
from bottega.errors import DataError, UsageError
from bottega.events import Listener, nobody
from bottega.language import language
from bottega.library.database import LibraryClosed
from bottega.library.jobs import devices, doing, journal, process, queue, rows
from bottega.library.jobs.job import Job, keep, place_of
from bottega.library.jobs.keeper import Keeper
from bottega.library.jobs.running import carry_out
from bottega.training.stopping import ignore_enough


def run_here(verb: str, arguments: Mapping[str, Any], *, on_event: Listener = nobody) -> Any:
    """Calls a verb in this process, as a job that others see, and returns what it returns.

    It waits for nothing: not for the queue, and not for the database. A library that cannot be opened is told in one
    sentence when the work is done.

    Args:
        verb: one of ``VERBS``.
        arguments: of the verb; paths may be relative.
        on_event: told what happens.

    Raises:
        BottegaError: whatever the verb says.
        KeyboardInterrupt: stopped.
    """
    if os.environ.get("RANK", "0") != "0":  # of several processes of one training, the first is the job
        return doing.perform(verb, arguments, on_event)
    ignore_enough()
    pid, started = process.me()
    now, id = time.time(), secrets.token_hex(8)
    job = Job(
        id=id,
        verb=verb,
        arguments=doing.recorded(arguments),
        language=language(),
        origin="line",
        machine=queue.machine(),
        state="running",
        folder=place_of(home.runs(), verb, id, now),
        created=now,
        begun=now,
        device=devices.places(verb)[0],
        pid=pid,
        started=started,
    )
    keep(job)
    keeper = Keeper(id, pid, first=lambda: rows.put(job))
    try:
        return carry_out(job, lambda tell: doing.perform(verb, arguments, tell), keeper, on_event)
    except (UsageError, DataError):
        _forget_mistake(job)
        raise
    finally:
        queue.kick_quietly()


def _forget_mistake(job: Job) -> None:
    """Leaves no job behind where somebody mistyped and was told so at once: nothing was done."""
    if {event["what"] for event in journal.read(job.folder)[0]} <= {"begun", "said", "failed"}:
        with contextlib.suppress(LibraryClosed):
            rows.forget([job.id])
        shutil.rmtree(job.folder, ignore_errors=True)

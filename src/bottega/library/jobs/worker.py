"""The process of a job from the queue: ``python -m bottega.library.jobs.worker ID``."""

import faulthandler
import signal
import sys
import time
from typing import Any

from bottega.errors import BottegaError
from bottega.events import Listener, nobody
from bottega.library.jobs import doing, process, queue, rows
from bottega.library.jobs.job import Job
from bottega.library.jobs.keeper import Keeper
from bottega.library.jobs.running import carry_out
from bottega.training.stopping import ignore_enough

STOPS = (signal.SIGINT, signal.SIGTERM)


def main(id: str) -> int:
    """Does the job, unless it was taken back or another process does it; the exit code is that of the verb."""
    faulthandler.enable()
    listen()
    _hold(True)
    from bottega import verbs  # noqa: F401 — a library that is stopped while it is loaded is half there for good

    pid, started = process.me()

    def begin(job: Job) -> dict | None:
        if job.state != "running" or job.begun is not None:
            return None
        if job.asked:  # to stop, before it could begin
            return {"state": job.asked, "asked": None, "asked_at": None, "ended": time.time()}
        return {"pid": pid, "started": started, "begun": time.time(), "progress": None, "message": "", "error": ""}

    job = rows.transact(id, begin)
    if job is None:
        return 0
    try:
        if job.state != "running":
            return 4
        carry_out(job, lambda tell: _perform(job, tell), Keeper(id, pid), nobody)
        return 0
    except BottegaError as error:
        return error.exit_code
    except KeyboardInterrupt:
        return 4
    finally:
        queue.kick_quietly()


def listen() -> None:
    """Takes the requests to stop as they are meant, and that to finish only while there is a training to finish.

    A process started in the background by some shells is told to ignore them, and hands that down to its children.
    """
    for number in STOPS:
        signal.signal(number, signal.default_int_handler)
    ignore_enough()


def _perform(job: Job, tell: Listener) -> Any:
    """What was asked, and meanwhile also to stop; what was made then is written down whatever is asked."""
    _hold(False)
    try:
        return doing.perform(job.verb, job.arguments, tell)
    finally:
        _hold(True)


def _hold(held: bool) -> None:
    """Lets requests to stop wait, where the system knows how, or come."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK if held else signal.SIG_UNBLOCK, STOPS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

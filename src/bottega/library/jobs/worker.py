"""The process of a job from the queue: ``python -m bottega.library.jobs.worker ID``."""

import faulthandler
import signal
import sys
import time

from bottega.errors import BottegaError
from bottega.events import nobody
from bottega.library.jobs import doing, process, queue, rows
from bottega.library.jobs.job import Job
from bottega.library.jobs.keeper import Keeper
from bottega.library.jobs.running import carry_out


def main(id: str) -> int:
    """Does the job, unless it was taken back or another process does it; the exit code is that of the verb."""
    faulthandler.enable()
    listen()
    pid, started = process.me()

    def begin(job: Job) -> dict | None:
        mine = {"pid": pid, "started": started, "begun": time.time(), "message": "", "error": ""}
        return mine if job.state == "running" and job.begun is None else None

    job = rows.transact(id, begin)
    if job is None:
        return 0
    try:
        carry_out(job, lambda tell: doing.perform(job.verb, job.arguments, tell), Keeper(id, pid), nobody)
        return 0
    except BottegaError as error:
        return error.exit_code
    except KeyboardInterrupt:
        return 4
    finally:
        queue.kick_quietly()


def listen() -> None:
    """Takes the requests to stop as they are meant.

    A process started in the background by some shells is told to ignore them, and hands that down to its children.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

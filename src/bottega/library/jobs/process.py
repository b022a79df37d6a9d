"""Processes of jobs: is it still the one that was started, and how it is asked to end.

The number of a process comes again, after a restart of the machine at the latest; with the time at which it began it is
the same process or another one.
"""

import contextlib
import os
import signal

from bottega.training.stopping import ENOUGH

SAME = 2.0
"""Seconds between two readings of when one process began: the clock of a machine is set right now and then."""


def me() -> tuple[int, float]:
    """The number of this process, and when it began, in seconds since 1970."""
    import psutil

    return os.getpid(), psutil.Process().create_time()


def began(pid: int) -> float | None:
    """When a process began; None when there is none of that number."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return None


def alive(pid: int | None, started: float | None, word: str) -> bool:
    """Whether the process of a job still runs.

    Args:
        word: stands in the command of a worker and in no other, so that a clock that was set anew does not make a
            living job look dead.
    """
    import psutil

    if pid is None or started is None:
        return False
    try:
        process = psutil.Process(pid)
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return False
        return abs(process.create_time() - started) < SAME or word in process.cmdline()
    except psutil.AccessDenied:
        return False  # the process of somebody else
    except psutil.Error:
        return False


def ask_to_stop(pid: int) -> None:
    """What Ctrl-C does: a training finishes its step and saves; a second time it stops at once."""
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGINT)


def ask_to_finish(pid: int) -> bool:
    """Tells a training to end at this step and make its model; False where the system knows no such signal."""
    if ENOUGH is None:
        return False
    with contextlib.suppress(OSError):
        os.kill(pid, ENOUGH)
    return True


def kill(pid: int) -> None:
    """Ends a process and all that it started, without another word."""
    import psutil

    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.Error):
                one.kill()

"""A library that makes itself more urgent than all other work on the machine is not allowed to."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def ordinary_priority() -> Iterator[None]:
    """What threads of this process are given, or start with, meanwhile in scheduling is taken back at the end.

    SVT-AV1 puts itself and the thread that opens it under SCHED_FIFO at the highest priority wherever that is allowed,
    which it is to root, as in most containers. The thread keeps it, and every process it starts inherits it: after one
    film a studio starves the machine. Only Linux schedules so.
    """
    if sys.platform != "linux":
        yield
        return
    mine, before = os.sched_getscheduler(0), _policies()
    try:
        yield
    finally:
        for thread, policy in _policies().items():
            if policy != before.get(thread, mine):
                with suppress(OSError):  # it has just ended, or may not go back
                    os.sched_setscheduler(thread, before.get(thread, mine), os.sched_param(0))


def _policies() -> dict[int, int]:
    """How each thread of this process is scheduled."""
    policies = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it has just ended
            policies[int(task.name)] = os.sched_getscheduler(int(task.name))
    return policies

"""Keeps the row of a running job fresh from a thread of its own: no database, locked or lost, holds up the work."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from bottega.library.jobs import rows

BEAT = 1.0
"""Seconds between two writes, at least."""


class Keeper:
    """Collects values and writes them about once a second.

    Args:
        id, pid: of the job and its process.
        first: what is done before, such as entering the job; it may raise.
    """

    def __init__(self, id: str, pid: int, first: Callable[[], None] | None = None) -> None:
        self._id, self._pid, self._first = id, pid, first
        self._values: dict[str, Any] = {}
        self._lock, self._end, self._entered = threading.Lock(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._thread.start()

    def put(self, values: dict[str, Any]) -> None:
        """Values for the row; the newest of each is written."""
        with self._lock:
            self._values.update(values)

    def entered(self, patience: float) -> bool:
        """Whether the first step is over, well or not, after so many seconds at most."""
        return self._entered.wait(patience)

    def close(self, patience: float = 5.0) -> dict[str, Any]:
        """Ends the thread; the values that it has not written."""
        self._end.set()
        self._thread.join(patience)
        with self._lock:
            return self._values

    def _keep(self) -> None:
        if self._first is not None:
            with contextlib.suppress(Exception):  # it is tried again at the end, and told then
                self._first()
        self._entered.set()
        while not self._end.wait(BEAT):
            with self._lock:
                values, self._values = self._values, {}
            if values:
                with contextlib.suppress(Exception):  # the next beat tries again
                    rows.beat(self._id, self._pid, values)

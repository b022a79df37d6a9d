"""Something long in a thread of its own, which tells how far it is and can be called back."""

import contextvars
import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from bottega.events import Listener, Preparing

T = TypeVar("T")


class CalledBack(Exception):
    """Raised within an errand that nobody waits for any more."""


class Errand(Generic[T]):
    """Runs at once, in the language of whoever began it.

    Attributes:
        done, total: how far it is; 0 of 0 while nobody knows.
    """

    def __init__(self, work: Callable[[Listener], T]) -> None:
        self.done, self.total = 0, 0
        self._value: list[T] = []
        self._error: BaseException | None = None
        self._back = threading.Event()
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._run, work), name="bottega-errand", daemon=True
        )
        self._thread.start()

    def call_back(self) -> None:
        """Ends it at the next work it looks at."""
        self._back.set()

    def over(self, seconds: float) -> bool:
        """Waits for so long; whether it is over."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def result(self) -> T:
        """What came of it. Raises whatever it ended with, ``CalledBack`` among it."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._value[0]

    def _run(self, work: Callable[[Listener], T]) -> None:
        try:
            self._value.append(work(self._hear))
        except BaseException as error:
            self._error = error

    def _hear(self, event: Any) -> None:
        if self._back.is_set():
            raise CalledBack
        if isinstance(event, Preparing):
            self.done, self.total = event.done, event.total

"""Every way a run ends early: Ctrl-C, no memory, no disk, a folder that cannot be written, or it is good enough."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bottega.errors import NO_ROOM, NOT_ALLOWED, DataError, Interrupted, OutOfRoom
from bottega.language import _

SAME_KEY_PRESS = 1.0
"""Seconds: a terminal and torchrun may both pass on one Ctrl-C; only a later one counts as the second."""

ENOUGH: signal.Signals | None = getattr(signal, "SIGUSR1", None)
"""What tells a training to end at this step and make its model; Windows has no such signal."""


class StopSignal:
    """Whether someone asked to stop: SIGINT or SIGTERM finish the step and save; a second SIGINT stops at once.

    Attributes:
        asked: to stop; the run can be resumed.
        enough: to end here, as if the budget were used.
    """

    def __init__(self) -> None:
        self.asked = self.enough = False
        self._since = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if number == ENOUGH:
            self.enough = True
            return
        now = time.monotonic()
        if number == signal.SIGINT and self.asked and now - self._since > SAME_KEY_PRESS:
            raise Interrupted(_("Stopped at once. The same command with --resume goes on from the last checkpoint."))
        if not self.asked:
            self.asked, self._since = True, now


@contextmanager
def listening() -> Iterator[StopSignal]:
    """Listen for signals while inside. Outside the main thread Python allows none, and nothing is asked."""
    stop = StopSignal()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    heard = [signal.SIGINT, signal.SIGTERM, *([ENOUGH] if ENOUGH else [])]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_enough() -> None:
    """Before a training and after it, the wish to end it is nothing to die of, which the system would have it be."""
    if ENOUGH and threading.current_thread() is threading.main_thread():
        signal.signal(ENOUGH, signal.SIG_IGN)


@contextmanager
def plain_errors(folder: Path, batch: int) -> Iterator[None]:
    """Turn the machine's errors into Bottega's.

    Raises:
        OutOfRoom: memory or disk ran out.
        DataError: the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise OutOfRoom(
                _("The disk of {folder} is full. Make room and run the same command with --resume; ").format(
                    folder=folder
                )
                + _("the last good checkpoint is kept.")
            ) from error
        if error.errno in NOT_ALLOWED:
            raise DataError(
                _("Cannot write in {folder} ({reason}). Choose another folder with --to.").format(
                    folder=folder, reason=error.strerror
                )
            ) from error
        raise
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or _is_memory(error):
            raise OutOfRoom(
                _(
                    "Memory ran out with {batch} works in a batch. Try --set training.batch={half}, smaller works "
                    "(--size), or a smaller recipe."
                ).format(batch=batch, half=max(batch // 2, 1))
            ) from error
        raise


def _is_memory(error: RuntimeError) -> bool:
    import torch  # here, since whoever only sends the signals does without it

    # torch has a class for the memory of a GPU; for that of the machine there is only the text
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)

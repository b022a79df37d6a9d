"""How a verb ends when something goes wrong: one plain sentence, the right exit code, and never a bare traceback."""

import errno
import functools
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import typer

import bottega
from bottega.errors import NO_ROOM, NOT_ALLOWED, BottegaError, DataError, Interrupted, OutOfRoom, UsageError
from bottega.home import home
from bottega.language import _
from bottega.media.disclosure import HARMFUL

P = ParamSpec("P")


def said_plainly(verb: Callable[P, None]) -> Callable[P, None]:
    """A verb whose failures are sentences; wraps what Typer calls."""

    @functools.wraps(verb)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            verb(*args, **kwargs)
        except typer.Exit:
            raise
        except BrokenPipeError:  # “bottega recipes | head”: nobody listens any more
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except (Exception, KeyboardInterrupt) as error:
            raise _end(plainly(error)) from None

    return wrapped


def plainly(error: BaseException) -> BottegaError:
    """What went wrong as one sentence; a fault of Bottega's own leaves a report in a file."""
    if isinstance(error, BottegaError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Interrupted(_("Stopped."))
    if isinstance(error, MemoryError):
        return OutOfRoom(_("Memory ran out. Close other programs, or try less at once."))
    return (_from_system(error) if isinstance(error, OSError) else None) or _unexpected(error)


def _end(error: BottegaError) -> typer.Exit:
    print(f"bottega: {str(error).translate(HARMFUL)}", file=sys.stderr)
    return typer.Exit(error.exit_code)


def _from_system(error: OSError) -> BottegaError | None:
    """What the system says about disks, permissions and names, in our words."""
    where = error.filename or home()
    if error.errno in NO_ROOM:
        return OutOfRoom(_("The disk of {path} is full. Make room and try again.").format(path=where))
    if error.errno in NOT_ALLOWED:
        return DataError(_("{path} cannot be used ({reason}).").format(path=where, reason=error.strerror))
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(_("“{name}” is too long for the name of a file.").format(name=f"{str(where)[:40]}…"))
    return None


class _Crash(BottegaError):
    exit_code = 1


def _unexpected(error: BaseException) -> BottegaError:
    """A fault of ours: everything that helps to mend it goes into a file."""
    report = "\n".join(
        [
            f"bottega {bottega.__version__}, Python {platform.python_version()}, {platform.platform()}",
            " ".join(sys.argv),
            "",
            "".join(traceback.format_exception(error)),
        ]
    )
    name = f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    for folder in (home(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(report, encoding="utf-8", errors="backslashreplace")
        except OSError:
            continue
        message = _("This is a fault of Bottega's, not yours ({error}). What happened stands in {path}.")
        return _Crash(message.format(error=f"{type(error).__name__}: {error}", path=folder / name))
    traceback.print_exception(error)
    return _Crash(_("This is a fault of Bottega's, not yours ({error}).").format(error=error))

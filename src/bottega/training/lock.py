"""One process at a time trains in a folder.

The operating system holds the lock and drops it when the process ends, however it ends; so the lock of a process that
was killed needs no cleaning up.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bottega.errors import DataError, UsageError
from bottega.language import _

NAME = "lock.json"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a run's folder, which is made when missing.

    Raises:
        UsageError: another living process trains here.
        DataError: the folder cannot be written.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise DataError(
            _("Cannot write in {folder} ({reason}). Choose another folder with --to.").format(
                folder=folder, reason=error.strerror
            )
        ) from error
    with file:
        if not _take(file):
            raise UsageError(
                _("Another process ({owner}) is training in {folder}. Wait for it, or choose another folder.").format(
                    owner=_owner(path), folder=folder
                )
            )
        file.truncate(0)
        file.write(json.dumps({"process": os.getpid(), "machine": socket.gethostname()}).encode())
        file.flush()
        yield  # closing the file gives the lock back


def _owner(path: Path) -> str:
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
        return f"{owner['process']}, {owner['machine']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "?"


if os.name == "nt":
    import msvcrt

    def _take(file: BinaryIO) -> bool:
        file.seek(1 << 30)  # far behind the text: Windows does not let others read a locked byte
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def _take(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

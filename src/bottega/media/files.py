"""Writing a file whole or not at all, and saying plainly why a disk refused."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bottega.errors import DataError, OutOfRoom
from bottega.language import _

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def why(error: OSError) -> str:
    """The reason for which the operating system refused a file, as the end of a sentence."""
    if isinstance(error, PermissionError):
        return _("no permission")
    if isinstance(error, FileNotFoundError):
        return _("it is not there")
    return error.strerror or str(error) or type(error).__name__


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Turn the disk's refusal to write in ``place`` into a sentence: OutOfRoom when full, DataError otherwise."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise OutOfRoom(
                _("The disk is full: {place} could not be written. Make room and try again.").format(place=place)
            ) from error
        raise DataError(
            _("{place} could not be written: {why}. Choose a folder that you may write to.").format(
                place=place, why=why(error)
            )
        ) from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary name beside ``path``: renamed to it when the block ends well, removed when it does not."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

"""Writing a file whole or not at all, and saying plainly why a disk refused."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bottega.errors import NO_ROOM, DataError, OutOfRoom
from bottega.language import _


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


def write_each(
    folder: Path,
    classes: Iterable[str],
    count: int,
    write: Callable[[int, Path], None],
    on_progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Files numbered from 0 to ``count`` in the sub-folders of a collection: all of them or nothing.

    They are written into a folder beside it, which takes its name when the last one is there; a folder that exists is
    left as it is.

    Args:
        classes: the sub-folders.
        write: writes the file of a number somewhere below the folder it is given.

    Returns:
        The folder.
    """
    folder = Path(folder)
    if folder.exists():
        return folder
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    for name in classes:
        (part / name).mkdir(parents=True)
    try:
        for index in range(count):
            write(index, part)
            if on_progress:
                on_progress(index + 1, count)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


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

"""Where results go: names that a file system takes, and never over a file that is there."""

import re
from collections.abc import Sequence
from pathlib import Path

from bottega import home
from bottega.errors import UsageError
from bottega.language import _


def plain(name: str) -> str:
    """A file name from any words, without what a file system or a shell could trip over."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")[:60] or "works"


def unused(path: Path, more: str = "") -> Path:
    """The path, its stem lengthened by a number when there is such a file already, and by ``more``."""
    free, k = path.with_stem(path.stem + more), 1
    while free.exists():
        free, k = path.with_stem(f"{path.stem}-{k}{more}"), k + 1
    return free


def place(to: str | Path | None, name: str, endings: Sequence[str]) -> Path:
    """The file that a wish for a file, for a folder, or for nothing in particular means.

    Args:
        endings: those of the medium, the usual one first.

    Raises:
        UsageError: a file of another kind.
    """
    to = Path(to) if to else home.works()
    if to.suffix.lower() in endings and not to.is_dir():
        return to
    if to.suffix[1:2].isalpha() and not to.is_dir():  # “try-0.4” names a folder
        message = _("{path} ends in none of {endings}, and is no folder.")
        raise UsageError(message.format(path=to, endings=", ".join(endings)))
    return to / f"{name}{endings[0]}"

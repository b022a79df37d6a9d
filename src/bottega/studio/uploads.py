"""Files that are dropped on the page: looked at before anything is done with them, and kept by their content."""

from pathlib import Path


def accept(path: Path) -> Path:
    """A copy of a dropped file under ``cache/uploads``, named after its content, once it was found to be a work.

    Raises:
        UnreadableWork: it is none, too large, damaged, or something else as well (a page, a program, an archive).
    """
    raise NotImplementedError(path)

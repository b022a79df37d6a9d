"""The events of a job: one JSON object a line, only ever appended to, each line on its way to the disk at once.

A reader keeps the place up to which it has read and asks for what came since; a killed job may leave half a line, which
nobody is shown.
"""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

from bottega.training.log import finite

NAME = "events.jsonl"


class Journal:
    """Appends events. A full disk is not worth a job: what it does not take is left out."""

    def __init__(self, folder: Path) -> None:
        self._file, self._broken = None, False
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / NAME
            self._broken = path.exists() and not _ends_a_line(path)
            self._file = path.open("ab", buffering=0)

    def write(self, what: str, **more: Any) -> None:
        """One event of the kind ``what``, with what belongs to it."""
        if self._file is None:
            return
        event = {"t": round(time.time(), 3), "what": what} | finite(more)
        line = (json.dumps(event, ensure_ascii=False, default=str) + "\n").encode(errors="backslashreplace")
        try:
            whole = self._file.write(b"\n" + line if self._broken else line)
            self._broken = whole < len(line)
        except OSError:
            self._broken = True

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()


def read(folder: Path, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The events since a place, and the place for the next time; none when there are none yet.

    Args:
        after: 0 for all of them, or what an earlier call gave as the next place.
    """
    try:
        with (folder / NAME).open("rb") as file:
            file.seek(after)
            content = file.read()
    except OSError:
        return [], after
    whole = content.rfind(b"\n") + 1
    events = []
    for line in content[:whole].splitlines():
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                events.append(event)
    return events, after + whole


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(0, 2)
        if not file.tell():
            return True
        file.seek(-1, 2)
        return file.read(1) == b"\n"

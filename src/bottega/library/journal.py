"""What a person said of works and no file can hold, in ``notes.jsonl``: a line each, only ever added to.

The database holds the same, and is the faster one; the journal survives it. Both are written while the database is
locked for writing, so they never disagree for long.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bottega import home
from bottega.media.files import disk_errors

NAME = "notes.jsonl"


@dataclass
class Said:
    """All that was said of one content."""

    rating: int = 0
    title: str = ""
    tags: set[str] = field(default_factory=set)


@dataclass
class Notes:
    """The journal, read from its beginning to its end.

    Attributes:
        of: what was said of each content, by its hash.
        places: folders outside Bottega's home in which works were put, as they are stored.
        originals: a person's own files from which works were made, likewise.
        moved: where a file in the trash lay before, both as they are stored.
    """

    of: dict[str, Said] = field(default_factory=dict)
    places: dict[str, None] = field(default_factory=dict)
    originals: dict[str, None] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)


def add(**what: Any) -> None:
    """One more line.

    Raises:
        DataError: it cannot be written.
        OutOfRoom: the disk is full.
    """
    line = json.dumps({"t": round(time.time(), 3), **what}, ensure_ascii=False) + "\n"
    path = home.home() / NAME
    with disk_errors(path):
        home.home().mkdir(parents=True, exist_ok=True)
        with open(path, "ab", buffering=0) as file:
            file.write(line.encode())
            os.fsync(file.fileno())


def read() -> Notes:
    """Everything that stands there; a line that is damaged is left out."""
    notes = Notes()
    for line in _lines():
        with suppress(KeyError, TypeError, ValueError, AttributeError):
            _take(notes, line)
    return notes


def _take(notes: Notes, line: dict[str, Any]) -> None:
    if "place" in line:
        notes.places[str(line["place"])] = None
    if "original" in line:
        notes.originals[str(line["original"])] = None
    if "to" in line:
        notes.moved[str(line["to"])] = str(line["from"])
    if "of" not in line:
        return
    said = notes.of.setdefault(str(line["of"]), Said())
    if "rating" in line:
        said.rating = min(max(int(line["rating"]), 0), 5)
    if "title" in line:
        said.title = str(line["title"])
    said.tags |= {str(tag) for tag in line.get("tags", ())}
    said.tags -= {str(tag) for tag in line.get("untag", ())}


def _lines() -> Iterator[dict[str, Any]]:
    path = home.home() / NAME
    if not path.is_file():
        return
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            with suppress(ValueError):
                told = json.loads(line)
                if isinstance(told, dict):
                    yield told

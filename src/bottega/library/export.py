"""Works in one zip, with an index that a person reads and one that a program reads."""

import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.library import database, rows
from bottega.library.rows import Entry
from bottega.media.files import whole_file
from bottega.places import plain, unused

INDEX, PAGE = "index.json", "index.md"


def export(names: Iterable[str | Path], to: str | Path) -> Path:
    """A zip of works, as their files are, with ``index.md`` and ``index.json``.

    Args:
        names: ids, beginnings of ids, or files; each work goes in once.
        to: the zip; one that is there is never overwritten, the new one gets a number.

    Returns:
        The zip.

    Raises:
        UsageError: no works, or one that is not in the library.
        DataError: the file of a work is gone.
        OutOfRoom: the disk is full.
    """
    with database.reading() as session:
        found = {work.id: work for work in (rows.row(session, name) for name in names)}
        entries = rows.entries(session, list(found.values()))
    if not entries:
        raise UsageError(_("Say which works are to be exported."))
    for entry in entries:
        if not entry.path.is_file():
            raise DataError(_("{path} does not exist.").format(path=entry.path))
    goal = unused(Path(to))
    files = _names(entries)
    with whole_file(goal) as part, zipfile.ZipFile(part, "w") as packed:  # works are packed tightly in themselves
        for entry, name in zip(entries, files, strict=True):
            packed.write(entry.path, name)
        packed.writestr(INDEX, json.dumps(list(map(_told, entries, files)), ensure_ascii=False, indent=2))
        packed.writestr(PAGE, _page(entries, files))
    return goal


def _names(entries: Sequence[Entry]) -> list[str]:
    """A name in the zip for each: as it is shown, and each only once."""
    taken: set[str] = {INDEX, PAGE}
    names = []
    for entry in entries:
        stem = plain(entry.name)
        name, k = f"{stem}{entry.path.suffix}", 1
        while name.lower() in taken:
            name, k = f"{stem}-{k}{entry.path.suffix}", k + 1
        taken.add(name.lower())
        names.append(name)
    return names


def _told(entry: Entry, file: str) -> dict[str, Any]:
    """A work as another program reads it, without a word about whose machine it was."""
    return {
        "file": file,
        "id": entry.id,
        "hash": entry.hash,
        "title": entry.title,
        "medium": entry.medium,
        "operation": entry.operation,
        "model": entry.model,
        "seed": entry.seed,
        "made": entry.made.isoformat(),
        "rating": entry.rating,
        "tags": list(entry.tags),
        "record": entry.record,
    }


def _page(entries: Sequence[Entry], files: Sequence[str]) -> str:
    heads = (_("file"), _("title"), _("rating"), _("tags"), _("operation"), _("model"), _("made on"))
    told = [
        (file, entry.title, "★" * entry.rating, ", ".join(entry.tags), entry.operation, entry.model_name or "",
         f"{entry.made.astimezone():%Y-%m-%d %H:%M}")
        for entry, file in zip(entries, files, strict=True)
    ]  # fmt: skip
    lines = ["| " + " | ".join(map(_cell, row)) + " |" for row in (heads, ("---",) * len(heads), *told)]
    return "\n".join([f"# {_('Works from Bottega')}", "", *lines, ""])


def _cell(words: str) -> str:
    """Words that stay words in a table of Markdown."""
    for sign in "\\`*_[]<>|&":
        words = words.replace(sign, f"\\{sign}")
    return words

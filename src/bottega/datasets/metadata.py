"""Captions, labels and moods from ``metadata.jsonl`` and ``metadata.csv``, in Hugging Face's imagefolder convention."""

import io
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import BinaryIO

from bottega.datasets.files import Entry, Skipped
from bottega.datasets.records import as_text, csv_records, json_records, mood_of
from bottega.language import _
from bottega.media.files import why

METADATA_NAMES = ("metadata.jsonl", "metadata.csv")
MAX_METADATA = 256_000_000
CAPTION_FIELDS = ("text", "caption")


@dataclass(frozen=True)
class Facts:
    """What one line of metadata says about one file."""

    name: str
    source: str
    label: str | None
    caption: str | None
    mood: tuple[float, float] | None = None


def unicode_form(name: str) -> str:
    """One spelling for names: a Mac writes é as two characters, other systems as one."""
    return unicodedata.normalize("NFC", name)


def is_metadata(file: Entry) -> bool:
    """Whether a file speaks of the others."""
    return file.name.rpartition("/")[2].lower() in METADATA_NAMES


def facts_among(files: list[Entry], skipped: list[Skipped]) -> dict[str, Facts]:
    """What the metadata files among some files say, by file name; lines that say nothing are listed."""
    facts = {}
    for file in filter(is_metadata, files):
        found, bad_lines = read_metadata(file.name, file.open)
        facts.update(found)
        skipped.extend(Skipped(*line) for line in bad_lines)
    return facts


def read_metadata(name: str, opener: Callable[[], BinaryIO]) -> tuple[dict[str, Facts], list[tuple[str, str]]]:
    """Read one metadata file.

    Args:
        name: its path inside the collection; file names in it are relative to its folder.
        opener: opens it.

    Returns:
        the facts by file name, and ``(where, reason)`` for each line that could not be used.
    """
    facts: dict[str, Facts] = {}
    bad: list[tuple[str, str]] = []
    try:
        with opener() as file:
            data = file.read(MAX_METADATA + 1)
    except Exception as error:  # a file on a disk or a member of a damaged zip
        reason = why(error) if isinstance(error, OSError) else _("the file is damaged")
        return {}, [(name, _("it cannot be opened: {why}").format(why=reason))]
    if len(data) > MAX_METADATA:
        return {}, [(name, _("the file is larger than {limit} MB").format(limit=MAX_METADATA // 1_000_000))]
    data = data.removeprefix(b"\xef\xbb\xbf")
    if name.lower().endswith(".csv"):
        records = csv_records(io.StringIO(data.decode("utf-8", "replace"), newline=""))
    else:
        records = json_records(data.splitlines())
    for number, fields in records:
        where = _("{file}, line {number}").format(file=name, number=number)
        if isinstance(fields, str):
            bad.append((where, fields))
            continue
        file_name = as_text(fields.get("file_name"))
        if file_name is None:
            bad.append((where, _("it has no file_name")))
            continue
        path = relative_to(PurePosixPath(name).parent, file_name)
        caption = next(filter(None, (as_text(fields.get(field)) for field in CAPTION_FIELDS)), None)
        facts[unicode_form(path)] = Facts(path, name, as_text(fields.get("label")), caption, mood_of(fields))
    return facts, bad


def relative_to(folder: PurePosixPath, file_name: str) -> str:
    """The path inside the collection of a file named from ``folder``."""
    parts = [*folder.parts]
    for part in file_name.replace("\\", "/").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def with_facts(entries: list[Entry], facts: dict[str, Facts], skipped: list[Skipped]) -> list[Entry]:
    """Add what the metadata says; what it says about works that are not there is listed."""
    if not facts:
        return entries
    told = []
    known = {skip.name for skip in skipped}
    for entry in entries:
        fact = facts.pop(unicode_form(entry.name), None)
        if fact is not None:
            entry = replace(entry, label=fact.label or entry.label, caption=fact.caption, mood=fact.mood)
        told.append(entry)
    for fact in facts.values():
        if fact.name not in known:
            skipped.append(Skipped(fact.name, _("named in {metadata} but not there").format(metadata=fact.source)))
    return told

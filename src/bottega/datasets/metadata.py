"""Captions and labels from ``metadata.jsonl`` and ``metadata.csv``, in the imagefolder convention of Hugging Face."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

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


def unicode_form(name: str) -> str:
    """One spelling for names: a Mac writes é as two characters, other systems as one."""
    return unicodedata.normalize("NFC", name)


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
    lines = csv_lines(data) if name.lower().endswith(".csv") else json_lines(data)
    for number, fields in lines:
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
        facts[unicode_form(path)] = Facts(path, name, as_text(fields.get("label")), caption)
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


def as_text(value: object) -> str | None:
    """A field as text: numbers become text, and empty ones None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:
        return None
    return str(value).strip() or None


def json_lines(data: bytes) -> Iterator[tuple[int, dict | str]]:
    """Each line's number, with its fields or the reason why it has none."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line.decode("utf-8"))
        except (ValueError, RecursionError):
            yield number, _("the line is not JSON")
            continue
        yield number, fields if isinstance(fields, dict) else _("the line is not a JSON object")


def csv_lines(data: bytes) -> Iterator[tuple[int, dict | str]]:
    """Each row's line number, with its fields or the reason why it has none."""
    reader = csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=""))
    header: list[str] = []
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, _("the line is not CSV")
            continue
        if not any(row):
            continue
        if not header:
            header = [field.strip() for field in row]
        elif len(row) > len(header):
            yield reader.line_num, _("the line has more fields than the first one names")
        else:
            yield reader.line_num, dict(zip(header, row, strict=False))

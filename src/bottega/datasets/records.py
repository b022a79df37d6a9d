"""Records: lines of JSON or rows of CSV, each with its line number, or with the reason why it is none."""

import csv
import json
import math
from collections.abc import Iterable, Iterator

from bottega.language import _

LONGEST_FIELD = 1 << 24
VALENCE, AROUSAL = "valence", "arousal"

Numbered = tuple[int, dict | str]
"""The number of a line, with its fields, or with the reason why it has none."""


def as_text(value: object) -> str | None:
    """A field as text: numbers become text, and empty ones None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value != value:
        return None
    return str(value).strip() or None


def mood_of(fields: dict) -> tuple[float, float] | None:
    """Valence and arousal, where a record says both as numbers."""
    try:
        mood = float(fields[VALENCE]), float(fields[AROUSAL])
    except (KeyError, TypeError, ValueError):
        return None
    return mood if all(map(math.isfinite, mood)) else None


def json_records(lines: Iterable[str | bytes]) -> Iterator[Numbered]:
    """One JSON object on each line; empty lines are none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            yield number, _("the line is not JSON")
            continue
        yield number, fields if isinstance(fields, dict) else _("the line is not a JSON object")


def csv_records(lines: Iterable[str], delimiter: str = ",") -> Iterator[Numbered]:
    """One row for each record, after a row of names; lines end with their line break, which may lie within quotes."""
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter)
    header: list[str] = []
    while True:
        begin = reader.line_num + 1
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
            yield begin, _("the line has more fields than the first one names")
        else:
            yield begin, dict(zip(header, row, strict=False))

"""Records of texts: which column holds the text, and what else a record says."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from bottega.datasets.records import Numbered, as_text, csv_records, json_records
from bottega.datasets.texts.files import LONGEST, lines_of
from bottega.datasets.texts.parts import as_verse, barred
from bottega.errors import DataError, UnreadableWork
from bottega.language import _

MOST_NAMED = 20  # columns in a message
PEEK = 200  # records looked at to choose the columns
MOST_PEEKED = 10_000  # lines looked at to find them among damaged ones
LARGEST_DOCUMENT = 256_000_000  # characters of a .json that is one list: it is read at once
TEXT_COLUMNS = (
    *("text", "content", "poem", "paragraphs", "lyrics", "body", "story", "verse", "verses", "lines", "sentence"),
    *("正文", "内容", "內容", "诗文", "詩文", "诗", "詩", "文本", "歌词", "歌詞"),
)
DELIMITERS = (",", ";", "\t")  # spreadsheets write semicolons where the comma is in numbers
LABEL = "label"


@dataclass(frozen=True)
class Columns:
    """The columns that are read; ``bars``: whether ``|`` parts the verses of the text."""

    text: str
    target: str | None = None
    label: str | None = None
    bars: bool = False


def records_of(suffix: str, chunks: Iterator[str]) -> Iterator[Numbered]:
    """The records of a file with this ending, with their line numbers, or the reasons why lines are none.

    Raises:
        UnreadableWork: a .json that is one document, but damaged or too large.
    """
    first = next(chunks, "")
    chunks = chain([first], chunks)
    if suffix in (".csv", ".tsv"):
        header = first.partition("\n")[0]
        return csv_records(lines_of(chunks), max(DELIMITERS, key=header.count) if suffix == ".csv" else "\t")
    if suffix == ".json" and not one_on_a_line(first):
        return document(chunks)
    return json_records(whole(lines_of(chunks)))


def whole(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together again where they came in pieces: none of these parses, so the pieces count as one line."""
    rest = False
    for line in lines:
        if not rest:
            yield line
        rest = not line.endswith("\n")


def one_on_a_line(start: str) -> bool:
    """Whether the first line is a record by itself."""
    try:
        return isinstance(json.loads(start.lstrip().split("\n", 1)[0]), dict)
    except (ValueError, RecursionError):
        return False


def document(chunks: Iterable[str]) -> Iterator[Numbered]:
    """A list of records, alone or as the longest list inside an object; they are numbered, as they have no lines."""
    parts, size = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST_DOCUMENT:
            message = _("one JSON document is larger than {limit} MB; write one record on each line (.jsonl)")
            raise UnreadableWork(message.format(limit=LARGEST_DOCUMENT // 1_000_000))
    try:
        found = json.loads("".join(parts))
    except (ValueError, RecursionError) as error:
        raise UnreadableWork(_("it is not JSON")) from error
    if isinstance(found, dict):
        found = max((value for value in found.values() if isinstance(value, list)), key=len, default=[found])
    for number, record in enumerate(found if isinstance(found, list) else [], start=1):
        yield number, record if isinstance(record, dict) else _("it is not a JSON object")


def value_at(fields: dict, path: str) -> object:
    """A field, by its name or by a dotted path into what is nested; None when it is not there."""
    if path in fields:
        return fields[path]
    value: object = fields
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def words(value: object) -> str | None:
    """A field as the text of a work: a list of lines is put together; None when there is nothing."""
    if isinstance(value, list):
        value = "\n".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) and value.strip() else as_text(value)


def names_in(records: Iterable[dict], prefix: str = "") -> list[str]:
    """The columns of some records, dotted where they are nested, in the order of their first appearance."""
    found: dict[str, None] = {}
    for record in records:
        for key, value in record.items():
            if isinstance(value, dict):
                found.update(dict.fromkeys(names_in([value], f"{prefix}{key}.")))
            elif key:
                found[f"{prefix}{key}"] = None
    return list(found)


def guessed(records: list[dict], names: list[str]) -> str | None:
    """The column that holds the text: one with a usual name, or else the one that says most."""
    usual = {name.lower(): name for name in names}
    for name in TEXT_COLUMNS:
        if name in usual and any(words(value_at(record, usual[name])) for record in records):
            return usual[name]

    def said(name: str) -> int:
        values = (value_at(record, name) for record in records)
        return sum(len(words(value) or "") for value in values if isinstance(value, str | list))

    return max((name for name in names if said(name)), key=said, default=None)


def chosen(peeked: list[dict], column: str | None, target: str | None, label: str | None) -> Columns:
    """The columns of a file, from its first records.

    Raises:
        DataError: a column that is not there: the message names those that are.
    """
    names = names_in(peeked)
    for asked in (column, target, label):
        if asked and not any(value_at(record, asked) is not None for record in peeked):
            message = _("There is no column “{column}”; there are: {columns}.")
            raise DataError(message.format(column=asked, columns=", ".join(names[:MOST_NAMED])))
    text = column or guessed(peeked, [name for name in names if name not in (target, label)])
    if text is None:
        raise DataError(_("None of the columns holds text: {columns}.").format(columns=", ".join(names[:MOST_NAMED])))
    if label is None and LABEL in names and text != LABEL:
        label = LABEL
    bars = barred([words(value_at(record, text)) or "" for record in peeked])
    return Columns(text, target, label, bars)


def peeked(records: Iterator[Numbered]) -> tuple[list[dict], Iterator[Numbered]]:
    """The first good records, and all of them."""
    first: list[Numbered] = []
    good: list[dict] = []
    for number, record in islice(records, MOST_PEEKED):
        first.append((number, record))
        if isinstance(record, dict):
            good.append(record)
        if len(good) == PEEK:
            break
    return good, chain(first, records)


def said(fields: dict, columns: Columns) -> tuple[str, str | None] | str:
    """The text of a record and its target, or the reason why it is not used."""
    text = words(value_at(fields, columns.text))
    if text is None:
        return _("“{column}” is empty").format(column=columns.text)
    if len(text) > LONGEST:
        return _("the text is longer than {limit:,} characters").format(limit=LONGEST)
    target = None
    if columns.target is not None:
        target = words(value_at(fields, columns.target))
        if target is None:
            return _("“{column}” is empty").format(column=columns.target)
    if columns.bars:
        return as_verse(text), target and as_verse(target)
    return text, target

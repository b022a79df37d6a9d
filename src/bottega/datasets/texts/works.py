"""From the files of a collection to its works, with an account of all that was met on the way."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from bottega.datasets.files import Entry, Skipped, suffix_of
from bottega.datasets.records import as_text, mood_of
from bottega.datasets.texts.files import RECORDS, decoded, lines_of
from bottega.datasets.texts.parts import as_verse, parts
from bottega.datasets.texts.records import LABEL, Columns, chosen, peeked, records_of, said, value_at
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media.text import MARKDOWN, clean, front_matter

MOST_LISTED = 1_000
LINE_SPACE = re.compile(r"(?<=\S)[^\S\n]+\n")


@dataclass(frozen=True, slots=True)
class Work:
    """One work, or a part of a very long one.

    Attributes:
        text: clean (``media.text.clean``).
        line: the number of its first line in its file.
        goes_on: whether the next one continues it.
    """

    text: str
    line: int
    label: str | None = None
    mood: tuple[float, float] | None = None
    target: str | None = None
    goes_on: bool = False


@dataclass(frozen=True)
class TextSettings:
    """How files become works.

    Attributes:
        separate: where one work ends: ``file``, ``blank`` (blank lines; several where single ones part stanzas),
            ``line``, or ``auto``: decided from the material, and said in the report. Records are always works.
        column: the column of records (.jsonl, .json, .csv, .tsv) that holds the text, dotted where it lies deeper
            (``work.body``); guessed when None.
        target: for rewriting and translating: the column, or the path of the file whose lines answer the source's.
        label: the column whose values are the classes; when None, ``label`` where there is one, and sub-folders else.
    """

    separate: str = "auto"
    column: str | None = None
    target: str | None = None
    label: str | None = None


@dataclass
class Reader:
    """Reads files one after the other.

    Attributes:
        settings: the columns that were asked for.
        separate: where works of plain texts end (``parts.GAPS``); records are always works.
        bars: whether ``|`` parts the verses of plain texts.
        strict: whether a column that a file lacks is an error, and no reason to skip it.
        on_bytes: called with the size of each block read.
        skipped: what was not used; at most a thousand are listed, ``unused`` counts them all.
        columns: those that were read, in words; ``read_bars``: whether ``|`` parted verses in one.
    """

    settings: TextSettings
    separate: str = "file"
    bars: bool = False
    strict: bool = True
    on_bytes: Callable[[int], None] | None = None
    skipped: list[Skipped] = field(default_factory=list)
    unused: int = 0
    encodings: Counter[str] = field(default_factory=Counter)
    columns: list[str] = field(default_factory=list)
    read_bars: bool = False

    def skip(self, name: str, reason: str) -> None:
        """Take down what is not used; a damaged file of millions of lines fills no memory."""
        self.unused += 1
        if len(self.skipped) < MOST_LISTED:
            self.skipped.append(Skipped(name, reason))

    def works(self, entry: Entry) -> Iterator[Work]:
        """The works of one file; what cannot be read is skipped with its reason.

        Raises:
            DataError: a column that was asked for is not there.
        """
        before, some = self.unused, False
        try:
            encoding, chunks = decoded(entry, self.on_bytes)
            self.encodings[encoding] += 1
            records = suffix_of(entry.name) in RECORDS
            for work in self.of_records(entry, chunks) if records else self.of_text(entry, chunks):
                some = True
                yield work
        except UnreadableWork as error:
            self.skip(entry.name, str(error))
        except DataError as error:
            if self.strict:
                raise
            self.skip(entry.name, str(error).removesuffix("."))
        if not some and self.unused == before:
            self.skip(entry.name, _("there is no text in it"))

    def of_text(self, entry: Entry, chunks: Iterator[str]) -> Iterator[Work]:
        """The works of a plain text, or of Markdown, whose front matter is a record and no part of them."""
        fields: dict = {}
        above = 0
        if suffix_of(entry.name) in MARKDOWN:
            start = next(chunks, "")
            fields, body = front_matter(start)
            above = start.count("\n") - body.count("\n")
            chunks = (LINE_SPACE.sub("\n", text) for text in chain([body], chunks))  # two spaces are a line break
        label = as_text(fields.get(self.settings.label or LABEL)) or entry.label
        for text, line, goes_on in parts(map(clean, chunks), self.separate):
            yield Work(as_verse(text) if self.bars else text, above + line, label, mood_of(fields), goes_on=goes_on)

    def of_records(self, entry: Entry, chunks: Iterator[str]) -> Iterator[Work]:
        """The works of a file of records."""
        first, records = peeked(records_of(suffix_of(entry.name), chunks))
        columns = (
            chosen(first, self.settings.column, self.settings.target, self.settings.label) if first else Columns("text")
        )
        self.read_bars |= columns.bars
        told = " → ".join(filter(None, (columns.text, columns.target)))
        if first and told not in self.columns:
            self.columns.append(told)
        for number, fields in records:
            found = fields if isinstance(fields, str) else said(fields, columns)
            if isinstance(found, str) or isinstance(fields, str):
                self.skip(_("{file}, line {number}").format(file=entry.name, number=number), str(found))
                continue
            text, target = found
            label = as_text(value_at(fields, columns.label)) if columns.label else None
            yield Work(
                clean(text).strip("\n"),
                number,
                label or entry.label,
                mood_of(fields),
                None if target is None else clean(target).strip("\n"),
            )

    def aligned(self, source: Entry, target: Entry) -> Iterator[Work]:
        """The pairs of two files whose lines answer each other.

        Raises:
            DataError: they do not have as many lines, or one cannot be read.
        """
        sides = []
        for entry in (source, target):
            try:
                encoding, chunks = decoded(entry, self.on_bytes)
            except UnreadableWork as error:
                message = _("{path} cannot be read: {why}.")
                raise DataError(message.format(path=entry.name, why=error)) from error
            self.encodings[encoding] += 1
            sides.append(lines_of(chunks))
        counts = [0, 0]
        for one, other in zip_longest(*sides):
            counts = [counts[0] + (one is not None), counts[1] + (other is not None)]
            if one is None or other is None:
                continue
            left, right = clean(one).strip(), clean(other).strip()
            if left and right:
                yield Work(left, counts[0], target=right)
            elif left or right:
                where = _("{file}, line {number}").format(file=(target if left else source).name, number=counts[0])
                self.skip(where, _("the line is empty"))
        if counts[0] != counts[1]:
            message = _(
                "Their lines must answer each other, but {source} has {lines:,} lines and {target} has {others:,}."
            )
            raise DataError(message.format(source=source.name, lines=counts[0], target=target.name, others=counts[1]))

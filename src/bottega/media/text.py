"""Texts: read any of them, whatever their encoding, and write them with their record.

A text is a ``str`` in NFC with ``\\n`` between its lines and no control characters but that and the tabulator. With its
record it is Markdown: the record stands in the front matter, as JSON, which is YAML; every line break inside a stanza
is kept by two spaces before it, which a viewer obeys and a reader of the raw file does not see.
"""

import json
import re
import sys
import unicodedata
from functools import cache
from pathlib import Path

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media import encodings
from bottega.media.disclosure import harmless
from bottega.media.files import whole_file, why

MAX_BYTES = 64_000_000
MAX_FRONT = 1 << 20
MOST_MARKS = 30  # on one letter, as in Unicode's stream-safe text: to compose takes the square of a run of them
RECORD_KEY = "bottega"
MARKDOWN = {".md", ".markdown"}
WRITTEN = (".md", ".markdown", ".txt")
"""The endings a text can be written under; a .txt holds no record."""
READ = frozenset(WRITTEN)
"""The endings of files that hold one text."""

LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
UNCLEAN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")  # either of both
STANZA_BREAK = re.compile(r"(?<=\S)([^\S\n]*)\n(?=[^\S\n]*\S)")  # a line break with words on both sides
HARD_BREAK = re.compile(r"(?<=\S)([^\S\n]*)  \n(?=[^\S\n]*\S)")
FRONT = re.compile(r"---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n\n?|\Z)", re.DOTALL)
FIELD = re.compile(r"([^\s:#\-][^:]*):(?:\s+(.*))?")


def read(path: Path) -> str:
    """Read one text; one that ``write`` wrote comes back exactly as it was.

    Raises:
        UnreadableWork: with the reason: not a text, too large, no permission.
    """
    body, front = _parts(path)
    if path.suffix.lower() not in MARKDOWN:
        return body.removesuffix("\n")
    body = body if RECORD_KEY in front else clean(body)
    return HARD_BREAK.sub(r"\1\n", body).removesuffix("\n")


def read_record(path: Path) -> dict | None:
    """The record inside a text that Bottega wrote; None for any other text.

    Raises:
        UnreadableWork: when it is no text or cannot be opened.
    """
    try:
        record = _parts(path)[1].get(RECORD_KEY)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    return harmless(record) if isinstance(record, dict) else None


def _parts(path: Path) -> tuple[str, dict]:
    """What stands below the front matter of a file, and the front matter."""
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
    if len(data) > MAX_BYTES:
        raise UnreadableWork(_("the file is larger than {limit} MB").format(limit=MAX_BYTES // 1_000_000))
    text, _encoding = raw(data)
    if path.suffix.lower() not in MARKDOWN:
        return clean(text), {}
    front, body = front_matter(text)
    return body, front


def decode(data: bytes) -> tuple[str, str]:
    """Bytes as a clean text, and the name of the encoding they were in.

    Raises:
        UnreadableWork: with the reason: not a text, an encoding that is not recognised.
    """
    text, encoding = raw(data)
    return clean(text), encoding


def raw(data: bytes) -> tuple[str, str]:
    """Bytes as text with all that is in it, and the name of the encoding they were in."""
    codec = encodings.encoding_of([data])
    return data.decode(codec, "replace").removeprefix("\ufeff"), encodings.name(codec)


def clean(text: str) -> str:
    """A text in NFC, with ``\\n`` for every kind of line end, without control characters."""
    if UNCLEAN.search(text):
        text = CONTROLS.sub("", LINE_ENDS.sub("\n", text))
    if text.isascii():
        return text
    text = _too_many_marks().sub(r"\1", text)
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@cache
def _too_many_marks() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x300, sys.maxunicode + 1) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{MOST_MARKS}}})[{marks}]+")


def front_matter(text: str) -> tuple[dict, str]:
    """The front matter of a Markdown text as plain fields, and what stands below it.

    Values are read as JSON where they are JSON, and as words otherwise; what YAML nests by indenting is passed over. A
    text that begins with a rule instead of front matter has none.
    """
    if text.startswith("---\r\n"):  # a checkout or an editor gave all lines the line ends of Windows
        text = text.replace("\r\n", "\n")
    found = FRONT.match(text, 0, MAX_FRONT)
    if not found:
        return {}, text
    fields: dict = {}
    for line in (found[1] or "").split("\n"):
        field = FIELD.fullmatch(line.rstrip())
        if field and field[2]:
            fields[field[1].strip()] = _value(field[2].strip())
        elif line.strip() and not field and not line.startswith((" ", "\t", "#", "-")):
            return {}, text  # words: a rule, not front matter
    return fields, text[found.end() :]


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text.strip("'\"")


def write(path: Path, text: str, record: dict | None = None) -> None:
    """Write a Markdown text with its record, or a .txt without one, whole or not at all; ``read`` gives it back.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending.
    """
    ending = path.suffix.lower()
    if ending not in WRITTEN:
        message = _("Texts are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    text = clean(text)
    if ending in MARKDOWN:
        text = STANZA_BREAK.sub(r"\1  \n", text)
        # Line separators would end the line for some readers of YAML.
        told = json.dumps(record, ensure_ascii=False, sort_keys=True).translate({0x2028: "\\u2028", 0x2029: "\\u2029"})
        text = f"---\n{RECORD_KEY}: {told}\n---\n\n{text}"
    with whole_file(path) as part:
        part.write_bytes(f"{text}\n".encode())

"""The files of a collection of texts, and what stands in one, decoded in chunks: a gigabyte needs no more memory."""

import codecs
import io
import os
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from bottega.datasets.files import Entry, Skipped, folder_files, suffix_of, with_classes, zip_files
from bottega.datasets.metadata import facts_among, is_metadata, with_facts
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import encodings
from bottega.media.files import why

BLOCK = 1 << 20  # bytes
LONGEST = 1 << 22  # characters of one row, and of a line: a longer work takes several rows
RECORDS = {".jsonl", ".ndjson", ".json", ".csv", ".tsv"}
TEXTS = {".txt", ".text", ".md", ".markdown", *RECORDS}
OTHER_TEXTS = {".doc", ".docx", ".odt", ".rtf", ".pdf", ".epub", ".mobi", ".azw3", ".html", ".htm", ".xls", ".xlsx"}


def find_texts(source: Path) -> tuple[list[Entry], list[Skipped]]:
    """A text file, whatever its ending, or all texts below a folder or inside a zip, sorted by name; what was skipped.

    Hidden files are ignored, and so are files of other kinds (pictures, sounds). Sub-folders are classes;
    ``metadata.jsonl`` and ``metadata.csv`` beside the texts may say others.

    Raises:
        DataError: when ``source`` does not exist or cannot be opened.
    """
    if not source.exists():
        raise DataError(
            _("{path} does not exist. Give a text file, a folder of texts, or a zip of one.").format(path=source)
        )
    if not source.is_dir() and suffix_of(source.name) != ".zip":
        return [file_entry(source)], []
    skipped: list[Skipped] = []
    zipped = not source.is_dir()
    files = list(zip_files(source, skipped) if zipped else folder_files(source, skipped, TEXTS))
    if not all(map(is_metadata, files)):  # alone it is the collection
        facts, files = facts_among(files, skipped), [file for file in files if not is_metadata(file)]
    else:
        facts = {}
    entries = []
    for file in files:
        suffix = suffix_of(file.name)
        if suffix in OTHER_TEXTS:
            reason = _("{format} files cannot be read; save it as plain text").format(format=suffix[1:].upper())
            skipped.append(Skipped(file.name, reason))
        elif file.bytes == 0 and (not suffix or suffix in TEXTS):
            skipped.append(Skipped(file.name, _("the file is empty")))
        elif not suffix or suffix in TEXTS:
            entries.append(file)
    entries = with_facts(with_classes(entries, zipped), facts, skipped)
    return sorted(entries, key=lambda entry: entry.name), sorted(skipped, key=lambda skip: skip.name)


def file_entry(path: Path) -> Entry:
    """One file that was named as such."""
    try:
        status = os.stat(path)
        reason = "" if stat.S_ISREG(status.st_mode) else _("not an ordinary file")  # to open a pipe would wait for ever
        if not reason:
            with open(path, "rb"):
                pass
    except OSError as error:
        reason = why(error)
    if reason:
        raise DataError(_("{path} cannot be opened: {why}.").format(path=path, why=reason))
    return Entry(path.name, partial(open, path, "rb"), bytes=status.st_size, stamp=status.st_mtime_ns)


def blocks_of(entry: Entry) -> Iterator[bytes]:
    """The bytes of a file, block by block. Raises UnreadableWork with the reason why they cannot be read."""
    try:
        with entry.open() as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
    except GeneratorExit:
        raise
    except Exception as error:  # a damaged zip fails in many ways: checksum, method, length
        raise UnreadableWork(_("it is damaged inside the zip")) from error


def decoded(entry: Entry, on_bytes: Callable[[int], None] | None = None) -> tuple[str, Iterator[str]]:
    """A file's encoding, and its text in chunks that end where a line ends, which is always ``\\n``.

    It is read twice, once for the encoding, unless it is one block.

    Args:
        on_bytes: called with the size of each block.

    Raises:
        UnreadableWork: with the reason, also while the chunks are taken.
    """

    def told(blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            if on_bytes:
                on_bytes(len(block))
            yield block

    start = blocks_of(entry)
    first = next(start, b"")
    start.close()
    if len(first) < BLOCK:
        codec = encodings.encoding_of([first])
        return encodings.name(codec), chunks_of(told([first]), codec)
    codec = encodings.encoding_of(blocks_of(entry))
    return encodings.name(codec), chunks_of(told(blocks_of(entry)), codec)


def chunks_of(blocks: Iterable[bytes], codec: str) -> Iterator[str]:
    """Blocks of bytes as chunks of text: whole lines, but for one that exceeds ``LONGEST``."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)("replace"), translate=True)
    rest: list[str] = []
    for block in blocks:
        text = decoder.decode(block)
        end = text.rfind("\n") + 1
        if end:
            yield "".join(rest) + text[:end]
            rest = []
        rest.append(text[end:])
        if sum(map(len, rest)) > LONGEST:
            text = "".join(rest)
            end = len(text) - 1
            while end > 1 and unicodedata.combining(text[end]):
                end -= 1
            yield text[:end]
            rest = [text[end:]]
    rest.append(decoder.decode(b"", final=True))
    if any(rest):
        yield "".join(rest)


def lines_of(chunks: Iterable[str]) -> Iterator[str]:
    """The lines of some chunks, with their line ends; one that exceeds ``LONGEST`` comes in pieces."""
    for chunk in chunks:
        yield from io.StringIO(chunk, newline="\n")

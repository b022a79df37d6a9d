"""The making of a prepared collection of texts: decided, read, written, compared, split, described."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bottega.datasets.files import Entry, Skipped, class_names, listed, suffix_of
from bottega.datasets.store import check_room
from bottega.datasets.texts.alike import find_alike
from bottega.datasets.texts.cache import ROWS, SKETCHES, TEXTS, TextFile, Writer
from bottega.datasets.texts.files import RECORDS, decoded
from bottega.datasets.texts.parts import barred, blank_lines, decided
from bottega.datasets.texts.split import few_but_long, split_ends, split_works, works_of
from bottega.datasets.texts.works import MOST_LISTED, Reader, TextSettings, Work
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media.files import disk_errors
from bottega.media.text import MARKDOWN, clean, front_matter

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
SAMPLE = 1 << 18  # characters from which the separation is decided
LEAST = 200  # characters of a work that is alone
GROWTH = 1.5  # two bytes of GB18030 or Big5 are three of UTF-8


@dataclass(frozen=True)
class Sources:
    """What is prepared: the source, its files, what was skipped among them, and the file that answers it, if any."""

    path: Path
    entries: list[Entry]
    skipped: list[Skipped]
    target: Entry | None

    @property
    def plain(self) -> list[Entry]:
        """The files that are no records."""
        return [entry for entry in self.entries if suffix_of(entry.name) not in RECORDS]

    @property
    def bytes(self) -> int:
        """The size of all."""
        return sum(entry.bytes for entry in self.entries) + (self.target.bytes if self.target else 0)


def build(part: Path, sources: Sources, settings: TextSettings, on_progress: Callable[[int, int], None] | None) -> dict:
    """Write the files of a prepared collection into ``part``; returns the index.

    Raises:
        DataError: too little text, a column that is not there, aligned files of different lengths.
    """
    check_room(part, int(sources.bytes * GROWTH))
    reader = reader_of(sources, settings)
    reader.on_bytes = counting(on_progress, sources.bytes)
    pairs = settings.target is not None
    writer = Writer(part)
    rows, sketched = writer.write(read(reader, sources))
    check_enough(sources, rows, reader, pairs)
    text = TextFile(part / TEXTS)
    digests = np.array(sketched["digest"])
    number = works_of(rows)
    alike, groups = [], np.zeros(len(rows), np.int64)
    if number[-1] > 0:  # a work alone is not compared with itself
        alike, groups = find_alike(sketched["hashes"], lambda row: text(rows["begin"][row], rows["end"][row]))
    alike = [pair for pair in alike if number[pair[0]] != number[pair[1]]]  # a long work may repeat itself
    index = describe(sources, settings, reader, rows, digests, named(rows, writer.labels))
    entries = sources.entries
    twins = [[f"{entries[rows['file'][row]].name}:{rows['line'][row]}" for row in pair] for pair in alike[:MOST_LISTED]]
    index["report"] |= {"duplicates": twins, "repeats": len(alike), "tail": few_but_long(rows) and not pairs}
    if index["report"]["tail"]:
        rows = split_ends(rows, digests, groups, text)
    else:
        split_works(rows, digests, groups)
    del sketched
    with disk_errors(part.parent):
        (part / SKETCHES).unlink()
        rows.tofile(part / ROWS)
    return index


def reader_of(sources: Sources, settings: TextSettings) -> Reader:
    """The reader, which knows how plain texts are separated: as asked for, or as their largest file shows."""
    records = len(sources.entries) - len(sources.plain)
    reader = Reader(settings, settings.separate, strict=records == 1)
    if sources.target or settings.separate == "file" or not sources.plain:
        reader.separate = "file"
        return reader
    sample = ""
    for entry in sorted(sources.plain, key=lambda entry: (-entry.bytes, entry.name)):
        sample = sample_of(entry)
        if sample:
            break
    if settings.separate == "auto":
        reader.separate = decided(sample, len(sources.plain))
    elif settings.separate == "blank":
        reader.separate = blank_lines(sample)
    reader.bars = reader.separate == "line" and barred(sample.split("\n"))
    return reader


def sample_of(entry: Entry) -> str:
    """The beginning of a text, cut at a line end; "" when it cannot be read, which is told later."""
    sample = ""
    try:
        for chunk in decoded(entry)[1]:
            sample += chunk
            if len(sample) > SAMPLE:
                break
    except UnreadableWork:
        return ""
    if suffix_of(entry.name) in MARKDOWN:
        sample = front_matter(sample)[1]
    return clean(sample if len(sample) <= SAMPLE else sample[: sample.rfind("\n", 0, SAMPLE) + 1 or SAMPLE])


def counting(on_progress: Callable[[int, int], None] | None, total: int) -> Callable[[int], None] | None:
    """Takes the size of each block that is read and tells how many bytes of all have been."""
    if on_progress is None:
        return None
    done = 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        on_progress(min(done, total), total)

    return count


def read(reader: Reader, sources: Sources) -> Iterator[tuple[Work, int]]:
    """All works, each with the number of its file."""
    if sources.target:
        yield from ((work, 0) for work in reader.aligned(sources.entries[0], sources.target))
        return
    for number, entry in enumerate(sources.entries):
        yield from ((work, number) for work in reader.works(entry))


def check_enough(sources: Sources, rows: np.ndarray, reader: Reader, pairs: bool) -> None:
    """Refuse a collection that nothing can be learned from."""
    count = int((~rows["goes_on"]).sum())
    if count > 1 or (count == 1 and not pairs and rows["characters"].sum() >= LEAST):
        return
    skipped = [*sources.skipped, *reader.skipped]
    if count == 0 and [skip.name for skip in skipped] == [sources.path.name]:  # the one file there is
        raise DataError(_("{path} cannot be read: {why}.").format(path=sources.path, why=skipped[0].reason))
    text = _(
        "{path}: usable texts: {usable}, and at least 2 are needed, or one of {least} characters. "
        "Add .txt, .md, .jsonl, .csv or .tsv files."
    ).format(path=sources.path, usable=count, least=LEAST)
    if skipped:
        which = listed(skipped, len(sources.skipped) + reader.unused)
        text += " " + _("Skipped: {which}.").format(which=which)
    raise DataError(text)


def named(rows: np.ndarray, labels: dict[str, int]) -> list[str]:
    """The classes in reading order; the labels of the rows then are their numbers, in place."""
    classes = class_names(labels)
    numbers = np.full(len(labels) + 1, len(classes), np.int32)  # the last one: of works that have none
    for number, name in enumerate(classes):
        numbers[labels[name]] = number
    rows["label"] = numbers[rows["label"]]
    return classes


def describe(
    sources: Sources, settings: TextSettings, reader: Reader, rows: np.ndarray, digests: np.ndarray, classes: list[str]
) -> dict:
    """What the index says about the works, but for near-duplicates and the split."""
    fingerprint = hashlib.sha256(f"{VERSION} {settings} {classes}".encode())
    for column in (digests, rows["label"], rows["valence"], rows["arousal"]):
        fingerprint.update(np.ascontiguousarray(column).tobytes())
    separated = "pair" if sources.target else reader.separate if sources.plain else "record"
    counts = np.bincount(rows["label"][~rows["goes_on"]], minlength=len(classes))
    skipped = [*sources.skipped, *reader.skipped][:MOST_LISTED]
    return {
        "files": [entry.name for entry in sources.entries],
        "classes": classes,
        "pairs": settings.target is not None,
        "fingerprint": fingerprint.hexdigest(),
        "report": {
            "used": int((~rows["goes_on"]).sum()),
            "characters": int(rows["characters"].sum(dtype=np.int64)),
            "encodings": dict(reader.encodings.most_common()),
            "separated": separated,
            "auto": settings.separate == "auto" and bool(sources.plain) and not sources.target,
            "column": ", ".join(reader.columns),
            "bars": reader.bars or reader.read_bars,
            "skipped": [asdict(skip) for skip in skipped],
            "unused": len(sources.skipped) + reader.unused,
            "classes": {name: int(count) for name, count in zip(classes, counts, strict=False)},
        },
    }

"""A prepared collection of texts: works in one file of UTF-8, with everything known about them.

A row is a work: a poem, a letter, a line, whatever the material is separated into. A work of more than four million
characters takes several rows, one after the other, so that a gigabyte never has to lie in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bottega.datasets.files import Skipped

SEPARATE = ("auto", "file", "blank", "line")


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


@dataclass(frozen=True)
class TextReport:
    """What preparation found.

    Attributes:
        used: works, and pairs where there are two sides.
        characters: in all of them.
        encodings: how many files were in each, by name ("UTF-8", "GB18030" …).
        separated: how works were told apart: ``file``, ``blank``, ``blanks`` (several blank lines), ``line``,
            ``record`` or ``pair``.
        auto: whether the material decided that.
        column: the columns read, "" where there are none.
        bars: whether ``|`` was read as the end of a verse line.
        skipped: files and lines that were not used, at most a thousand, ``unused`` in all.
        duplicates: pairs of names of works that nearly repeat each other, at most a thousand, ``repeats`` in all.
        tail: whether the end of each work is held out, as there are too few works to hold out whole ones.
    """

    used: int
    characters: int
    encodings: dict[str, int]
    separated: str
    auto: bool
    column: str = ""
    bars: bool = False
    skipped: list[Skipped] = field(default_factory=list)
    unused: int = 0
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    repeats: int = 0
    classes: dict[str, int] = field(default_factory=dict)
    tail: bool = False
    seconds: float = 0.0

    def sentence(self) -> str:
        """For example "5,000 works, 163,214 characters (UTF-8), a work for each record, …"."""
        raise NotImplementedError


class PreparedTexts:
    """A prepared collection of texts, opened.

    Attributes:
        names: of each row: ``poems.txt``, or ``poems.txt:12`` where its first line is the twelfth of the file.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a work that has none.
        moods: float32 (N, 2), valence and arousal as the columns of these names say (nan: not said), or None.
        train, held_out: int64 row numbers, disjoint.
        pairs: whether each work has a target.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels, and preparation settings.
    """

    names: Sequence[str]
    classes: list[str]
    labels: np.ndarray | None
    moods: np.ndarray | None
    train: np.ndarray
    held_out: np.ndarray
    pairs: bool
    report: TextReport
    fingerprint: str

    def __len__(self) -> int:
        raise NotImplementedError

    def text(self, row: int) -> str:
        """One work."""
        raise NotImplementedError

    def target(self, row: int) -> str | None:
        """What answers it in parallel text; None where there is no other side."""
        raise NotImplementedError

    def texts(self, rows: Iterable[int]) -> Iterator[str]:
        """Some works, one after the other: only one of them is in memory."""
        return map(self.text, rows)

    def targets(self, rows: Iterable[int]) -> Iterator[str]:
        """The targets of some works of parallel text."""
        raise NotImplementedError


def prepare_texts(
    source: Path,
    settings: TextSettings | None = None,
    *,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> PreparedTexts:
    """Prepare texts, or open what was prepared before when nothing changed since.

    Args:
        source: a text file, a folder, or a zip.
        settings: how files become works.
        cache: where prepared collections are kept; ``bottega.home.cache()`` when not given.
        on_progress: called with (bytes read, bytes in all).

    Raises:
        UsageError: a separation that there is not.
        DataError: no such file or folder, too little text to learn from, a column that is not there, two aligned files
            of different lengths, or a cache folder that cannot be written.
        OutOfRoom: the disk is full.
    """
    raise NotImplementedError

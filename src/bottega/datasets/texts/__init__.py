"""A prepared collection of texts: works in one file of UTF-8, with everything known about them.

A row is a work: a poem, a letter, a line, whatever the material is separated into. A work of more than four million
characters takes several rows, one after the other, so that a gigabyte never has to lie in memory.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from bottega import home
from bottega.datasets.files import Entry
from bottega.datasets.store import cache_folder, make_whole, trusted_index
from bottega.datasets.texts.cache import ROW, ROWS, TEXTS, TextFile, trimmed
from bottega.datasets.texts.files import RECORDS, file_entry, find_texts, suffix_of
from bottega.datasets.texts.make import VERSION, Sources, build
from bottega.datasets.texts.report import TextReport
from bottega.datasets.texts.split import HELD_OUT, TRAIN
from bottega.datasets.texts.works import TextSettings
from bottega.errors import DataError, UsageError
from bottega.language import _

SEPARATE = ("auto", "file", "blank", "line")


class Names(Sequence):
    """The names of rows: ``poems.txt:12`` where a work begins in the twelfth line, ``poem.txt`` where it is all."""

    def __init__(self, files: list[str], rows: np.ndarray, whole: bool) -> None:
        self.files, self.rows, self.whole = files, rows, whole

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row):  # type: ignore[no-untyped-def]
        if isinstance(row, slice):
            return [self[place] for place in range(*row.indices(len(self)))]
        file, line = self.files[self.rows["file"][row]], int(self.rows["line"][row])
        return file if self.whole and line == 1 else f"{file}:{line}"


class PreparedTexts:
    """A prepared collection of texts, opened.

    Attributes:
        names: of each row.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a work that has none.
        moods: float32 (N, 2), valence and arousal as the columns of these names say (nan: not said), or None.
        train, held_out: int64 row numbers, disjoint; a work that nearly repeats another may be on neither side.
        pairs: whether each work has a target.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels, and preparation settings.
    """

    def __init__(self, folder: Path, index: dict) -> None:
        self.folder = folder
        rows = np.fromfile(folder / ROWS, ROW)
        self.rows = rows
        self.names: Sequence[str] = Names(index["files"], rows, index["report"]["separated"] == "file")
        self.classes: list[str] = index["classes"]
        self.labels = rows["label"].astype(np.int64) if self.classes else None
        moods = np.stack([rows["valence"], rows["arousal"]], axis=1)
        self.moods = None if np.isnan(moods).all() else moods
        self.train, self.held_out = (np.flatnonzero(rows["side"] == side) for side in (TRAIN, HELD_OUT))
        self.pairs: bool = index["pairs"]
        self.report = TextReport.from_index(index["report"])
        self.fingerprint: str = index["fingerprint"]
        self._read = TextFile(folder / TEXTS)

    def __len__(self) -> int:
        return len(self.rows)

    def text(self, row: int) -> str:
        """One work."""
        text = self._read(self.rows["begin"][row], self.rows["end"][row])
        return text if self.report.tail else trimmed(text)  # the end of a work goes on where its beginning stops

    def target(self, row: int) -> str | None:
        """What answers it in parallel text; None where there is no other side."""
        return self._read(self.rows["end"][row], self.rows["target_end"][row]) if self.pairs else None

    def texts(self, rows: Iterable[int]) -> Iterator[str]:
        """Some works, one after the other: only one of them is in memory."""
        return map(self.text, rows)

    def targets(self, rows: Iterable[int]) -> Iterator[str]:
        """The targets of some works of parallel text."""
        return (self.target(row) or "" for row in rows)


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
    settings = settings or TextSettings()
    if settings.separate not in SEPARATE:
        message = _("Texts are separated by auto, file, blank or line, not by “{how}”.")
        raise UsageError(message.format(how=settings.separate))
    source = Path(source)
    entries, skipped = find_texts(source)
    target = aligned_file(source, entries, settings.target)
    place = f"{source.resolve()}\n{settings}"
    answers = [target] if target else []
    folder = cache_folder(Path(cache or home.cache()), "texts", VERSION, place, [*entries, *answers], skipped)
    index = trusted_index(folder)
    if index is None:
        sources = Sources(source, entries, skipped, target)
        index = make_whole(folder, lambda part: build(part, sources, settings, on_progress))
    return PreparedTexts(folder, index)


def aligned_file(source: Path, entries: list[Entry], target: str | None) -> Entry | None:
    """The file whose lines answer the source's; None when the target is a column, or there is none.

    Raises:
        DataError: it does not exist, is the source itself, or the source is no single file.
    """
    if target is None or any(suffix_of(entry.name) in RECORDS for entry in entries):
        return None
    path = Path(target) if Path(target).exists() else source.parent / target
    if not source.is_file() or not path.exists():
        message = _(
            "“{target}” is no file whose lines could answer those of {source}. Give two files of as many lines, "
            "or records (.jsonl, .csv) with a column for each side."
        )
        raise DataError(message.format(target=target, source=source))
    if path.samefile(source):
        message = _("“{target}” is the source itself; name the file whose lines answer its lines.")
        raise DataError(message.format(target=target))
    return file_entry(path)

"""A prepared collection of films: all shots at one size and rate in one file, with what is known of them."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

from bottega import home
from bottega.datasets.decoded import older_caches
from bottega.datasets.films.files import find_films
from bottega.datasets.films.make import FRAMES, VERSION, FilmSettings, build
from bottega.datasets.films.report import FilmReport
from bottega.datasets.rows import PixelFile
from bottega.datasets.store import cache_folder, make_whole, trusted_index
from bottega.errors import UsageError
from bottega.language import _
from bottega.media.image import FITS

__all__ = ["FilmReport", "FilmSettings", "PreparedFilms", "prepare_films"]

SMALLEST, LARGEST = 8, 1024  # pixels of a side
SLOWEST, FASTEST = 1, 120  # frames a second


class PreparedFilms:
    """A prepared collection of films, opened. A row is a shot, or a part of one where there are few films.

    Attributes:
        names: the file of each row.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a film that has none.
        train, held_out: int64 row numbers, disjoint; a row that nearly repeats another may be on neither side.
        lengths: int64 (N,) frames of each row.
        rate: frames a second.
        size: height and width of every frame.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels and preparation settings.
    """

    def __init__(self, folder: Path, index: dict) -> None:
        self.folder = folder
        rows = np.array(index["rows"], np.int64).reshape(-1, 4)  # film, first frame in the cache, frames, side
        self.names: list[str] = [index["files"][film]["name"] for film in rows[:, 0].tolist()]
        self.classes: list[str] = index["classes"]
        self.labels = np.array(index["labels"], np.int64)[rows[:, 0]] if self.classes else None
        self.begins, self.lengths = rows[:, 1], rows[:, 2]
        self.train, self.held_out = (np.flatnonzero(rows[:, 3] == side) for side in (0, 1))
        self.rate = Fraction(index["rate"])
        self.size: tuple[int, int] = tuple(index["size"])
        self.report = FilmReport.from_index(index["report"])
        self.fingerprint: str = index["fingerprint"]
        self._read = PixelFile(folder / FRAMES, (*self.size, 3))

    def __len__(self) -> int:
        return len(self.lengths)

    def frames(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """Some frames of a row, or all that are left from ``start``: uint8 ``(T, H, W, 3)``, a copy.

        Raises:
            IndexError: they are not inside the row.
        """
        length = int(self.lengths[row])
        count = length - start if count is None else count
        if not (start >= 0 and 0 <= count <= length - start):
            raise IndexError(f"row {row} has {length} frames")
        first = int(self.begins[row]) + start
        return self._read(np.arange(first, first + count))


def prepare_films(
    source: Path,
    settings: FilmSettings | None = None,
    *,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> PreparedFilms:
    """Prepare films, or open what was prepared before when nothing changed since; only new files are decoded.

    Args:
        source: a film, a folder, or a zip.
        settings: how files become rows.
        cache: where prepared collections are kept; ``bottega.home.cache()`` when not given.
        on_progress: called with (bytes of files read, bytes in all).

    Raises:
        UsageError: settings that are not possible.
        DataError: no such file or folder, too little film to learn from, or a cache folder that cannot be written.
        OutOfRoom: the disk is full.
    """
    settings = settings or FilmSettings()
    check(settings)
    source = Path(source)
    entries, skipped = find_films(source)
    place = f"{source.resolve()}\n{settings}"
    folder = cache_folder(Path(cache or home.cache()), "films", VERSION, place, entries, skipped)
    index = trusted_index(folder)
    if index is None:
        older = older_caches(folder)
        index = make_whole(folder, lambda part: build(part, source, settings, entries, skipped, older, on_progress))
    return PreparedFilms(folder, index)


def check(settings: FilmSettings) -> None:
    """Refuse settings that are not possible."""
    if not all(SMALLEST <= side <= LARGEST for side in settings.size):
        message = _("Frames are prepared with sides from {least} to {most} pixels, not {height} × {width}.")
        height, width = settings.size
        raise UsageError(message.format(least=SMALLEST, most=LARGEST, height=height, width=width))
    if not SLOWEST <= settings.rate <= FASTEST:
        message = _("Films are prepared at {least} to {most} frames a second, not {rate}.")
        raise UsageError(message.format(least=SLOWEST, most=FASTEST, rate=settings.rate))
    if settings.fit not in FITS:
        raise UsageError(_("--fit must be crop, pad or stretch, not {how}.").format(how=settings.fit))

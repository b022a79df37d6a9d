"""A prepared collection of sounds: all recordings at one rate in one file of the cache, with what is known of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bottega import home
from bottega.datasets.decoded import older_caches
from bottega.datasets.sounds.files import CLASS_FROM, find_sounds
from bottega.datasets.sounds.make import SAMPLES, VERSION, SoundSettings, build
from bottega.datasets.sounds.report import SoundReport
from bottega.datasets.sounds.samples import SampleFile, as_float
from bottega.datasets.store import cache_folder, make_whole, trusted_index
from bottega.errors import UsageError
from bottega.language import _

__all__ = ["PreparedSounds", "SoundReport", "SoundSettings", "prepare_sounds"]

SLOWEST, FASTEST = 4_000, 192_000  # Hz


class PreparedSounds:
    """A prepared collection of sounds, opened. A row is a recording, or a stretch of one where there are few.

    Attributes:
        names: the file of each row.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a sound that has none.
        train, held_out: int64 row numbers, disjoint; a row that nearly repeats another may be on neither side.
        lengths: int64 (N,) samples of each row.
        rate, channels: of all rows.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels and preparation settings.
    """

    def __init__(self, folder: Path, index: dict) -> None:
        self.folder = folder
        rows = np.array(index["rows"], np.int64).reshape(-1, 4)  # file, first sample in the cache, samples, side
        self.names: list[str] = [index["files"][file]["name"] for file in rows[:, 0].tolist()]
        self.classes: list[str] = index["classes"]
        self.labels = np.array(index["labels"], np.int64)[rows[:, 0]] if self.classes else None
        self.begins, self.lengths = rows[:, 1], rows[:, 2]
        self.train, self.held_out = (np.flatnonzero(rows[:, 3] == side) for side in (0, 1))
        self.rate: int = index["rate"]
        self.channels: int = index["channels"]
        self.report = SoundReport.from_index(index["report"])
        self.fingerprint: str = index["fingerprint"]
        self._read = SampleFile(folder / SAMPLES, self.channels)

    def __len__(self) -> int:
        return len(self.lengths)

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        """A stretch of a row, or all that is left from ``start``: float32 ``(C, n)`` in [-1, 1], a copy.

        Raises:
            IndexError: the stretch is not inside the row.
        """
        length = int(self.lengths[row])
        count = length - start if count is None else count
        if not (start >= 0 and 0 <= count <= length - start):
            raise IndexError(f"row {row} has {length} samples")
        return as_float(self._read(int(self.begins[row]) + start, count).T)


def prepare_sounds(
    source: Path,
    settings: SoundSettings | None = None,
    *,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> PreparedSounds:
    """Prepare sounds, or open what was prepared before when nothing changed since; only new files are decoded.

    Args:
        source: a sound, a folder, or a zip.
        settings: how files become rows.
        cache: where prepared collections are kept; ``bottega.home.cache()`` when not given.
        on_progress: called with (bytes read, bytes in all).

    Raises:
        UsageError: settings that are not possible.
        DataError: no such file or folder, too little sound to learn from, or a cache folder that cannot be written.
        OutOfRoom: the disk is full.
    """
    settings = settings or SoundSettings()
    check(settings)
    source = Path(source)
    entries, skipped = find_sounds(source, settings.class_from)
    place = f"{source.resolve()}\n{settings}"
    folder = cache_folder(Path(cache or home.cache()), "sounds", VERSION, place, entries, skipped)
    index = trusted_index(folder)
    if index is None:
        older = older_caches(folder)
        index = make_whole(folder, lambda part: build(part, source, settings, entries, skipped, older, on_progress))
    return PreparedSounds(folder, index)


def check(settings: SoundSettings) -> None:
    """Refuse settings that are not possible."""
    if settings.rate is not None and not SLOWEST <= settings.rate <= FASTEST:
        message = _("The sampling rate must be from {least:,} to {most:,} Hz, not {rate:,}.")
        raise UsageError(message.format(least=SLOWEST, most=FASTEST, rate=settings.rate))
    if settings.channels not in (1, 2):
        raise UsageError(
            _("Sounds are prepared with 1 or 2 channels, not {channels}.").format(channels=settings.channels)
        )
    if settings.class_from not in CLASS_FROM:
        message = _("Classes of sounds come from folder or name, not from “{how}”.")
        raise UsageError(message.format(how=settings.class_from))

"""A prepared collection of scores: tunes in one file of the cache, with their classes, moods and split."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bottega import home
from bottega.datasets.scores.files import find_scores
from bottega.datasets.scores.make import SCORES, VERSION, build
from bottega.datasets.scores.report import ScoreReport
from bottega.datasets.store import cache_folder, make_whole, trusted_index
from bottega.datasets.texts.cache import TextFile
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media.midi import from_midi
from bottega.media.score import Score

__all__ = ["PreparedScores", "ScoreReport", "prepare_scores"]


class PreparedScores:
    """A prepared collection of scores, opened.

    Attributes:
        names: of each tune: its file, and in a book its number and title.
        classes: names of the classes, [] when there are fewer than two.
        labels: int64 (N,), or None without classes; ``len(classes)`` marks a tune that has none.
        moods: float32 (N, 2), valence and arousal: as told by columns or by the name of a class, else computed.
        train, held_out: int64 row numbers, disjoint; near-duplicates are on one side.
        report: what preparation found.
        fingerprint: SHA-256 over contents, labels and moods.
    """

    def __init__(self, folder: Path, index: dict) -> None:
        self.folder = folder
        self.names: list[str] = index["names"]
        self.classes: list[str] = index["classes"]
        self.labels = np.array(index["labels"], np.int64) if self.classes else None
        self.moods = np.array(index["moods"], np.float32).reshape(-1, 2)
        held = np.zeros(len(self.names), bool)
        held[index["held_out"]] = True
        self.train, self.held_out = np.flatnonzero(~held), np.flatnonzero(held)
        self.report = ScoreReport.from_index(index["report"])
        self.fingerprint: str = index["fingerprint"]
        self._ends = [0, *index["ends"]]
        self._read = TextFile(folder / SCORES)

    def __len__(self) -> int:
        return len(self.names)

    def score(self, row: int) -> Score:
        """One tune.

        Raises:
            DataError: the cache was damaged since it was opened.
        """
        try:
            return from_midi(self._read.bytes(self._ends[row], self._ends[row + 1]))
        except UnreadableWork as error:
            message = _("{path} is damaged. Start again: it will be made anew.")
            raise DataError(message.format(path=self._read.path)) from error


def prepare_scores(
    source: Path, *, cache: Path | None = None, on_progress: Callable[[int, int], None] | None = None
) -> PreparedScores:
    """Prepare scores, or open what was prepared before when nothing changed since.

    Args:
        source: a book of ABC tunes, a folder of MIDI and ABC files, or a zip of one.
        cache: where prepared collections are kept; ``bottega.home.cache()`` when not given.
        on_progress: called with (bytes read, bytes in all).

    Raises:
        DataError: no such file or folder, fewer than two tunes, or a cache folder that cannot be written.
        OutOfRoom: the disk is full.
    """
    source = Path(source)
    entries, skipped = find_scores(source)
    place = f"{source.resolve()}\n{[entry.mood for entry in entries]}"
    folder = cache_folder(Path(cache or home.cache()), "scores", VERSION, place, entries, skipped)
    index = trusted_index(folder)
    if index is None:
        index = make_whole(folder, lambda part: build(part, source, entries, skipped, on_progress))
    return PreparedScores(folder, index)

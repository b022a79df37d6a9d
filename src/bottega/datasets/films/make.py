"""Preparing films: decoded once, block by block, into ``frames.u8``, with an index of what they are.

Memory does not depend on how long a film is, nor on how many there are but for a few numbers each. What an older state
of the same collection holds already is copied from there.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bottega.datasets.decoded import Older, Progress, copy_bytes, describe, empty_from, join_twins, take_all
from bottega.datasets.files import Skipped, and_skipped
from bottega.datasets.films.alike import Words, find_pairs
from bottega.datasets.films.cuts import Shots
from bottega.datasets.films.files import FilmEntry, at_hand
from bottega.datasets.films.split import SHORTEST, rows_of
from bottega.datasets.rows import PixelFile
from bottega.datasets.store import write_all
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import video
from bottega.media.files import disk_errors

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
FRAMES, WORDS = "frames.u8", "words.u32"
LEAST = 8  # frames of a collection
BLOCK = 64  # frames decoded at a time


@dataclass(frozen=True)
class FilmSettings:
    """How files become rows.

    Attributes:
        size: height and width of every frame, in pixels.
        fit: ``crop``, ``pad`` or ``stretch``, see ``bottega.media.image.fit``.
        rate: frames a second.
        cut: whether films are cut where one shot ends and the next begins.
    """

    size: tuple[int, int] = (64, 64)
    fit: str = "crop"
    rate: Fraction | int = 12
    cut: bool = True


@dataclass
class Place:
    """Where a film lies in the cache; this is what the index keeps of a file.

    Attributes:
        bytes, stamp: of its file, to know it again.
        digest: SHA-256 of its file.
        begin, frames: where it begins, and how long it is.
        shots: the first frame of each, counted from ``begin``, and its end.
        short: shots that were too short to keep.
        note: what of it could not be read; "" when all is there.
    """

    name: str
    bytes: int
    stamp: int
    digest: str = ""
    begin: int = 0
    frames: int = 0
    shots: list[list[int]] = field(default_factory=list)
    short: int = 0
    note: str = ""


class Writer:
    """Takes films one after the other, decoded or copied."""

    def __init__(self, part: Path, settings: FilmSettings) -> None:
        self.part, self.settings = part, settings
        self.row = 3 * settings.size[0] * settings.size[1]
        self.frames = 0

    def open(self) -> tuple[BinaryIO, BinaryIO]:
        """The files of frames and of words, open for reading and writing."""
        return open(self.part / FRAMES, "wb+", buffering=0), open(self.part / WORDS, "wb+", buffering=0)

    def decode(self, entry: FilmEntry, files: tuple[BinaryIO, BinaryIO], on_bytes: Callable[[int], None]) -> Place:
        """Append a film. Raises UnreadableWork with the reason why it is of no use; then nothing is left of it."""
        place = Place(entry.name, entry.bytes, entry.stamp, begin=self.frames)
        with at_hand(entry, self.part) as path:
            shots = self._watch(path, files, place, lambda share: on_bytes(round(share * entry.bytes)))
            place.digest = digest_of(path)
        if place.frames < SHORTEST:
            message = _("too few frames at this rate: {frames} of at least {least}")
            raise UnreadableWork(message.format(frames=place.frames, least=SHORTEST))
        found = [list(shot) for shot in shots]
        place.shots = [[first, last] for first, last in found if last - first >= SHORTEST]
        place.short = len(found) - len(place.shots)
        if not place.shots:
            raise UnreadableWork(_("it shows nothing, or no shot of it is long enough"))
        self.frames += place.frames
        return place

    def _watch(
        self, path: Path, files: tuple[BinaryIO, BinaryIO], place: Place, on_share: Callable[[float], None]
    ) -> list[tuple[int, int]]:
        """Decode a film to its place; its shots."""
        shots, words = Shots(float(self.settings.rate)), Words()
        with disk_errors(self.part.parent):
            for file, end in zip(files, self.ends(), strict=True):
                empty_from(file, end)
        wishes: dict[str, Any] = {"size": self.settings.size, "fit": self.settings.fit, "rate": self.settings.rate}
        with closing(video.blocks(path, frames=BLOCK, on_share=on_share, **wishes)) as blocks:  # type: ignore[type-var]
            for block in blocks:
                if not len(block.frames):
                    continue
                if self.settings.cut:
                    shots.take(block.frames)
                with disk_errors(self.part.parent):
                    write_all(files[0], block.frames)
                    write_all(files[1], words.take(block.frames))
                place.frames += len(block.frames)
                place.note = block.note or place.note
        return shots.finished() if self.settings.cut else [(0, place.frames)]

    def copy(self, old: Place, older: Path, files: tuple[BinaryIO, BinaryIO]) -> Place:
        """Append a film that an older cache holds."""
        with disk_errors(self.part.parent):
            for file, end, name, size in zip(files, self.ends(), (FRAMES, WORDS), (self.row, 4), strict=True):
                empty_from(file, end)
                copy_bytes(file, older / name, old.begin * size, old.frames * size)
        fresh = replace(old, begin=self.frames)
        self.frames += fresh.frames
        return fresh

    def ends(self) -> tuple[int, int]:
        """Bytes that each file has so far."""
        return self.frames * self.row, self.frames * 4


def digest_of(path: Path) -> str:
    """SHA-256 of a film, or of all the pictures of one."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    digests = []
    for one in files:
        if one.is_file() and not one.name.startswith("."):
            with open(one, "rb") as file:
                digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def build(
    part: Path,
    source: Path,
    settings: FilmSettings,
    entries: list[FilmEntry],
    skipped: list[Skipped],
    older: Older,
    on_progress: Progress,
) -> dict:
    """Prepare ``entries`` into the folder ``part`` and return the index.

    Raises:
        DataError: there is too little to learn from, or the cache cannot be written.
        OutOfRoom: the disk is full.
    """
    refused: dict[str, list] = {}
    used, places = take_all(part, Writer(part, settings), Place, entries, refused, older, on_progress)
    skipped = [*skipped, *(Skipped(name, reason) for name, (_bytes, _stamp, reason) in refused.items())]
    shown = sum(last - first for place in places for first, last in place.shots)
    if shown < LEAST:
        raise too_little(source, shown, skipped)
    rate = float(settings.rate)
    frames = PixelFile(part / FRAMES, (*settings.size, 3))
    whole = [(place.begin, place.frames) for place in places]
    pairs, groups = find_pairs(part / WORDS, whole, rate, lambda first, n: frames(np.arange(first, first + n)))
    pairs = join_twins(places, pairs, groups)
    rows, held = rows_of(places, groups, rate)
    index = describe(VERSION, settings, used, places)
    how = {"rate": str(Fraction(settings.rate)), "size": list(settings.size)}
    index |= how | {"rows": rows, "refused": refused}
    index["report"] |= how | {
        "shots": sum(len(place.shots) for place in places),
        "length": shown / rate,
        "short": sum(place.short for place in places),
        "skipped": [asdict(skip) for skip in sorted(skipped, key=lambda skip: skip.name)],
        "partly": [{"name": place.name, "reason": place.note} for place in places if place.note],
        "duplicates": sorted(sorted((places[one].name, places[other].name)) for one, other in pairs),
        "held": held,
    }
    return index


def too_little(source: Path, frames: int, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable frames of film: {frames:,}, and at least {least} are needed. Add MP4, MOV, WebM, MKV or AVI "
        "films, moving GIF or WebP files, or folders of numbered pictures."
    ).format(path=source, frames=frames, least=LEAST)
    return DataError(and_skipped(text, skipped))

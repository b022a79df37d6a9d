"""Preparing films: decoded once, block by block, into ``frames.u8``, with an index of what they are.

Memory does not depend on how long a film is, nor on how many there are but for a few numbers each. What an older state
of the same collection holds already is copied from there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bottega.datasets.cache import write_all
from bottega.datasets.files import Skipped, class_names
from bottega.datasets.films.alike import Words, find_pairs
from bottega.datasets.films.cuts import Shots
from bottega.datasets.films.files import FilmEntry, at_hand
from bottega.datasets.films.split import SHORTEST, rows_of
from bottega.datasets.rows import PixelFile
from bottega.datasets.sounds.make import exact_pairs, older_caches
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import video
from bottega.media.files import disk_errors, why

__all__ = ["FRAMES", "VERSION", "FilmSettings", "build", "older_caches"]

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
FRAMES, WORDS = "frames.u8", "words.u32"
LEAST = 8  # frames of a collection
BLOCK = 64  # frames decoded at a time
COPY = 1 << 20  # bytes

Progress = Callable[[int, int], None] | None
Older = list[tuple[Path, dict]]


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

    def decode(self, entry: FilmEntry, files: tuple[BinaryIO, BinaryIO]) -> Place:
        """Append a film. Raises UnreadableWork with the reason why it is of no use; then nothing is left of it."""
        place = Place(entry.name, entry.bytes, entry.stamp, begin=self.frames)
        with at_hand(entry, self.part) as path:
            shots = self._watch(path, files, place)
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

    def _watch(self, path: Path, files: tuple[BinaryIO, BinaryIO], place: Place) -> list[tuple[int, int]]:
        """Decode a film to its place; its shots."""
        shots, words = Shots(float(self.settings.rate)), Words()
        with disk_errors(self.part.parent):
            for file, size in zip(files, (self.row, 4), strict=True):
                file.seek(self.frames * size)
                file.truncate()
        wishes: dict[str, Any] = {"size": self.settings.size, "fit": self.settings.fit, "rate": self.settings.rate}
        with closing(video.blocks(path, frames=BLOCK, **wishes)) as blocks:  # type: ignore[type-var]
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
            for file, name, size in ((files[0], FRAMES, self.row), (files[1], WORDS, 4)):
                file.seek(self.frames * size)
                file.truncate()
                with open(older / name, "rb") as source:
                    source.seek(old.begin * size)
                    rest = old.frames * size
                    while rest and (block := source.read(min(rest, COPY))):
                        write_all(file, np.frombuffer(block, np.uint8))
                        rest -= len(block)
        fresh = replace(old, begin=self.frames)
        self.frames += fresh.frames
        return fresh


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
    writer = Writer(part, settings)
    used, places = write_films(part, writer, entries, refused, older, on_progress)
    skipped = [*skipped, *(Skipped(name, reason) for name, (_bytes, _stamp, reason) in refused.items())]
    shown = sum(last - first for place in places for first, last in place.shots)
    if shown < LEAST:
        raise too_little(source, shown, skipped)
    rate = float(settings.rate)
    frames = PixelFile(part / FRAMES, (*settings.size, 3))
    whole = [(place.begin, place.frames) for place in places]
    pairs, groups = find_pairs(part / WORDS, whole, rate, lambda first, n: frames(np.arange(first, first + n)))
    for twin in exact_pairs(places):  # type: ignore[arg-type]
        groups[groups == groups[twin[1]]] = groups[twin[0]]
        pairs = sorted({*pairs, twin})
    rows, held = rows_of(places, groups, rate)
    index = describe(used, places, settings)
    index |= {"rows": rows, "refused": refused}
    index["report"] |= {
        "shots": sum(len(place.shots) for place in places),
        "length": shown / rate,
        "short": sum(place.short for place in places),
        "skipped": [asdict(skip) for skip in sorted(skipped, key=lambda skip: skip.name)],
        "partly": [{"name": place.name, "reason": place.note} for place in places if place.note],
        "duplicates": sorted(sorted((places[one].name, places[other].name)) for one, other in pairs),
        "held": held,
    }
    return index


def write_films(
    part: Path, writer: Writer, entries: list[FilmEntry], refused: dict[str, list], older: Older, on_progress: Progress
) -> tuple[list[FilmEntry], list[Place]]:
    """Decode or copy everything; what cannot be used goes to ``refused`` with its reason."""
    known = {
        (file["name"], file["bytes"], file["stamp"]): (path, Place(**file))
        for path, index in older
        for file in index["files"]
    }
    hopeless = {(name, *state[:2]): state[2] for _path, index in older for name, state in index["refused"].items()}
    used, places = [], []
    done, total = 0, sum(entry.bytes for entry in entries)
    with disk_errors(part.parent):
        files = writer.open()
    with files[0], files[1]:
        for entry in entries:
            state = (entry.name, entry.bytes, entry.stamp)
            try:
                if state in hopeless:
                    raise UnreadableWork(hopeless[state])
                path, place = known.get(state, (None, None))
                places.append(writer.copy(place, path, files) if place and path else writer.decode(entry, files))
                used.append(entry)
            except UnreadableWork as error:
                refused[entry.name] = [entry.bytes, entry.stamp, str(error)]
            except OSError as error:  # of a disk that cannot be read; one that cannot be written says so itself
                refused[entry.name] = [entry.bytes, entry.stamp, _("it cannot be opened: {why}").format(why=why(error))]
            done += entry.bytes
            if on_progress:
                on_progress(done, total)
        with disk_errors(part.parent):
            for file, size in zip(files, (writer.row, 4), strict=True):
                file.truncate(writer.frames * size)
    return used, places


def describe(used: list[FilmEntry], places: list[Place], settings: FilmSettings) -> dict[str, Any]:
    """What the index says about the files."""
    classes = class_names(entry.label for entry in used)
    number = {name: position for position, name in enumerate(classes)}
    fingerprint = hashlib.sha256(f"{VERSION} {settings}".encode())
    for entry, place in zip(used, places, strict=True):
        fingerprint.update(f"{place.digest} {entry.label!r}".encode("utf-8", "replace"))
    counts = Counter(entry.label for entry in used)
    rate = str(Fraction(settings.rate))
    return {
        "rate": rate,
        "size": list(settings.size),
        "files": [asdict(place) for place in places],
        "classes": classes,
        "labels": [number.get(entry.label or "", len(classes)) for entry in used] if classes else [],
        "fingerprint": fingerprint.hexdigest(),
        "report": {
            "used": len(used),
            "rate": rate,
            "size": list(settings.size),
            "classes": {name: counts[name] for name in classes},
        },
    }


def too_little(source: Path, frames: int, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable frames of film: {frames:,}, and at least {least} are needed. Add MP4, MOV, WebM, MKV or AVI "
        "films, moving GIF or WebP files, or folders of numbered pictures."
    ).format(path=source, frames=frames, least=LEAST)
    if skipped:
        which = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:3])
        text += " " + _("Skipped: {which}.").format(which=which)
    return DataError(text)

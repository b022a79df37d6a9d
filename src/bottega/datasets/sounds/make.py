"""Preparing sounds: decoded once, block by block, into ``samples.i16``, with an index of what they are.

Memory does not depend on how long a recording is, nor on how many there are but for a few numbers each. What an older
state of the same collection holds already is copied from there.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bottega.datasets.files import Entry, Skipped, class_names
from bottega.datasets.sounds.alike import find_pairs
from bottega.datasets.sounds.files import at_hand
from bottega.datasets.sounds.listening import Listened
from bottega.datasets.sounds.samples import as_whole
from bottega.datasets.sounds.split import rows_of
from bottega.datasets.store import trusted_index
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import audio
from bottega.media.files import disk_errors, why

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
SAMPLES, SKETCHES = "samples.i16", "sketches.u32"
LEAST = 1.0  # seconds of sound in a collection
OVER = 10 ** (2 / 20)  # peaks this far over full scale come from coders and are cut; beyond, all is made softer
CHOSEN_AMONG = 100  # files whose headers are asked for their rate
COPY = 1 << 20  # bytes

Progress = Callable[[int, int], None] | None
Older = list[tuple[Path, dict]]


@dataclass(frozen=True)
class SoundSettings:
    """How files become rows.

    Attributes:
        rate: in Hz; None takes the rate that most of the files have, at most 44,100.
        channels: 1 or 2.
        trim: whether silence at the ends is cut off.
        class_from: ``folder``, or ``name`` for what stands before the first ``_`` of each name.
    """

    rate: int | None = 22_050
    channels: int = 1
    trim: bool = False
    class_from: str = "folder"


@dataclass
class Place:
    """Where a recording lies in the cache; this is what the index keeps of a file.

    Attributes:
        bytes, stamp: of its file, to know it again.
        digest: SHA-256 of its file.
        begin, frames: where it begins, and how long it is.
        first, last: what is left of it after trimming.
        sketch, sketches: where its sketch begins, and how long that is.
    """

    name: str
    bytes: int
    stamp: int
    digest: str = ""
    begin: int = 0
    frames: int = 0
    first: int = 0
    last: int = 0
    sketch: int = 0
    sketches: int = 0


class Writer:
    """Takes recordings one after the other, decoded or copied."""

    def __init__(self, part: Path, settings: SoundSettings, rate: int) -> None:
        self.part, self.settings, self.rate = part, settings, rate
        self.frame = 2 * settings.channels
        self.frames = self.sketches = 0

    def open(self) -> tuple[BinaryIO, BinaryIO]:
        """The files of samples and of sketches, open for reading and writing."""
        return open(self.part / SAMPLES, "wb+", buffering=0), open(self.part / SKETCHES, "wb+", buffering=0)

    def decode(self, entry: Entry, files: tuple[BinaryIO, BinaryIO], on_bytes: Callable[[int], None]) -> Place:
        """Append a recording. Raises UnreadableWork with the reason why it is of no use; then nothing is left of it."""
        with at_hand(entry, self.part) as file:
            listened = self._listen(file, files[0], 1.0, on_bytes)
            if listened.peak > OVER:
                file.seek(0)
                listened = self._listen(file, files[0], 1.0 / listened.peak, on_bytes)
            listened.check(self.rate)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        first, last = listened.ends(self.rate) if self.settings.trim else (0, listened.frames)
        sketch = listened.sketcher.finished()
        with disk_errors(self.part.parent):
            files[1].write(sketch.tobytes())
        place = Place(entry.name, entry.bytes, entry.stamp, digest)
        place.begin, place.frames, place.first, place.last = self.frames, listened.frames, first, last
        place.sketch, place.sketches = self.sketches, len(sketch)
        self._grow(place)
        return place

    def _listen(self, file: BinaryIO, out: BinaryIO, scale: float, on_bytes: Callable[[int], None]) -> Listened:
        begin = self.frames * self.frame
        found = Listened(self.rate, self.settings.trim)
        with disk_errors(self.part.parent):
            out.seek(begin)
            out.truncate()
        with closing(audio.blocks(file, rate=self.rate, channels=self.settings.channels)) as blocks:
            for block in blocks:
                samples = block.samples * np.float32(scale)
                with disk_errors(self.part.parent):
                    write_all(out, as_whole(samples))
                found.take(samples)
                on_bytes(file.tell())
        return found

    def copy(self, old: Place, older: Path, files: tuple[BinaryIO, BinaryIO]) -> Place:
        """Append a recording that an older cache holds."""
        with disk_errors(self.part.parent):
            for file, name, size, begin, count, place in (
                (files[0], SAMPLES, self.frame, old.begin, old.frames, self.frames),
                (files[1], SKETCHES, 4, old.sketch, old.sketches, self.sketches),
            ):
                file.seek(place * size)
                file.truncate()
                with open(older / name, "rb") as source:
                    source.seek(begin * size)
                    rest = count * size
                    while rest and (block := source.read(min(rest, COPY))):
                        write_all(file, np.frombuffer(block, np.uint8))
                        rest -= len(block)
        fresh = Place(**(asdict(old) | {"begin": self.frames, "sketch": self.sketches}))
        self._grow(fresh)
        return fresh

    def _grow(self, place: Place) -> None:
        self.frames += place.frames
        self.sketches += place.sketches


def older_caches(folder: Path) -> Older:
    """Earlier states of the same collection, with their indices."""
    place = folder.name.rpartition("-")[0]
    found = [(path, trusted_index(path)) for path in sorted(folder.parent.glob(f"{place}-*")) if path != folder]
    return [(path, index) for path, index in found if index is not None]


def build(
    part: Path,
    source: Path,
    settings: SoundSettings,
    entries: list[Entry],
    skipped: list[Skipped],
    older: Older,
    on_progress: Progress,
) -> dict:
    """Prepare ``entries`` into the folder ``part`` and return the index.

    Raises:
        DataError: there is too little to learn from, or the cache cannot be written.
        OutOfRoom: the disk is full.
    """
    rate = settings.rate or chosen_rate(entries)
    older = [(path, index) for path, index in older if index["rate"] == rate]
    refused: dict[str, list] = {}
    used, places = write_samples(part, Writer(part, settings, rate), entries, refused, older, on_progress)
    skipped = [*skipped, *(Skipped(name, reason) for name, (_bytes, _stamp, reason) in refused.items())]
    seconds = sum(place.last - place.first for place in places) / rate
    if seconds < LEAST:
        raise too_little(source, seconds, skipped)
    pairs, groups = find_pairs(part / SKETCHES, [(place.sketch, place.sketches) for place in places])
    for twin in exact_pairs(places):
        groups[groups == groups[twin[1]]] = groups[twin[0]]
        pairs = sorted({*pairs, twin})
    rows, held = rows_of(places, groups, rate)
    index = describe(used, places, settings, rate)
    index |= {"rows": rows, "refused": refused}
    index["report"] |= {
        "length": seconds,
        "trimmed": sum(place.frames for place in places) / rate - seconds,
        "skipped": [asdict(skip) for skip in sorted(skipped, key=lambda skip: skip.name)],
        "duplicates": sorted(sorted((places[one].name, places[other].name)) for one, other in pairs),
        "held": held,
    }
    return index


def chosen_rate(entries: list[Entry]) -> int:
    """The rate that most of the first files have, between 8,000 and 44,100 Hz."""
    rates: Counter[int] = Counter()
    for entry in entries[:CHOSEN_AMONG]:
        try:
            with entry.open() as file, audio.opened(file) as (rate, blocks), closing(blocks):
                rates[min(max(rate, 8_000), 44_100)] += 1
        except Exception:  # whatever is wrong with it is said when it is decoded
            continue
    return rates.most_common(1)[0][0] if rates else 22_050


def write_samples(
    part: Path, writer: Writer, entries: list[Entry], refused: dict[str, list], older: Older, on_progress: Progress
) -> tuple[list[Entry], list[Place]]:
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

            def on_bytes(place: int, done: int = done, most: int = entry.bytes) -> None:
                if on_progress:
                    on_progress(done + min(place, most), total)

            try:
                if state in hopeless:
                    raise UnreadableWork(hopeless[state])
                if state in known:
                    path, place = known[state]
                    places.append(writer.copy(place, path, files))
                else:
                    places.append(writer.decode(entry, files, on_bytes))
                used.append(entry)
            except UnreadableWork as error:
                refused[entry.name] = [entry.bytes, entry.stamp, str(error)]
            except OSError as error:  # of a disk that cannot be read; one that cannot be written says so itself
                refused[entry.name] = [entry.bytes, entry.stamp, _("it cannot be opened: {why}").format(why=why(error))]
            done += entry.bytes
            on_bytes(0, done)
        with disk_errors(part.parent):
            for file, size in ((files[0], writer.frames * writer.frame), (files[1], writer.sketches * 4)):
                file.truncate(size)
    return used, places


def write_all(file: BinaryIO, values: np.ndarray) -> None:
    """Write to an unbuffered file, which on a full disk first takes a part and only then refuses."""
    rest = memoryview(values).cast("B") if values.size else memoryview(b"")
    while rest:
        rest = rest[file.write(rest) :]


def exact_pairs(places: list[Place]) -> list[tuple[int, int]]:
    """Recordings whose files are the same."""
    first: dict[str, int] = {}
    return [(first[p.digest], i) for i, p in enumerate(places) if first.setdefault(p.digest, i) != i]


def describe(used: list[Entry], places: list[Place], settings: SoundSettings, rate: int) -> dict[str, Any]:
    """What the index says about the files."""
    classes = class_names(entry.label for entry in used)
    number = {name: position for position, name in enumerate(classes)}
    fingerprint = hashlib.sha256(f"{VERSION} {settings}".encode())
    for entry, place in zip(used, places, strict=True):
        fingerprint.update(f"{place.digest} {entry.label!r}".encode("utf-8", "replace"))
    counts = Counter(entry.label for entry in used)
    return {
        "rate": rate,
        "channels": settings.channels,
        "files": [asdict(place) for place in places],
        "classes": classes,
        "labels": [number.get(entry.label or "", len(classes)) for entry in used] if classes else [],
        "fingerprint": fingerprint.hexdigest(),
        "report": {
            "used": len(used),
            "rate": rate,
            "channels": settings.channels,
            "classes": {name: counts[name] for name in classes},
        },
    }


def too_little(source: Path, seconds: float, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable sound: {seconds:.1f} seconds, and at least {least:.0f} is needed. Add WAV, FLAC, OGG, MP3, "
        "AIFF, Opus or M4A files, or videos with sound."
    ).format(path=source, seconds=seconds, least=LEAST)
    if skipped:
        which = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:3])
        text += " " + _("Skipped: {which}.").format(which=which)
    return DataError(text)

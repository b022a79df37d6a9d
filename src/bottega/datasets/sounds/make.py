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
from typing import BinaryIO

import numpy as np

from bottega.datasets.decoded import Older, Progress, copy_bytes, describe, empty_from, join_twins, take_all
from bottega.datasets.files import Entry, Skipped, and_skipped
from bottega.datasets.sounds.alike import find_pairs
from bottega.datasets.sounds.files import at_hand
from bottega.datasets.sounds.listening import Listened
from bottega.datasets.sounds.samples import as_whole
from bottega.datasets.sounds.split import rows_of
from bottega.datasets.store import write_all
from bottega.errors import DataError
from bottega.language import _
from bottega.media import audio
from bottega.media.files import disk_errors

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
SAMPLES, SKETCHES = "samples.i16", "sketches.u32"
LEAST = 1.0  # seconds of sound in a collection
OVER = 10 ** (2 / 20)  # peaks this far over full scale come from coders and are cut; beyond, all is made softer
CHOSEN_AMONG = 100  # files whose headers are asked for their rate


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
            empty_from(out, begin)
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
            empty_from(files[0], self.frames * self.frame)
            copy_bytes(files[0], older / SAMPLES, old.begin * self.frame, old.frames * self.frame)
            empty_from(files[1], self.sketches * 4)
            copy_bytes(files[1], older / SKETCHES, old.sketch * 4, old.sketches * 4)
        fresh = Place(**(asdict(old) | {"begin": self.frames, "sketch": self.sketches}))
        self._grow(fresh)
        return fresh

    def ends(self) -> tuple[int, int]:
        """Bytes that each file has so far."""
        return self.frames * self.frame, self.sketches * 4

    def _grow(self, place: Place) -> None:
        self.frames += place.frames
        self.sketches += place.sketches


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
    used, places = take_all(part, Writer(part, settings, rate), Place, entries, refused, older, on_progress)
    skipped = [*skipped, *(Skipped(name, reason) for name, (_bytes, _stamp, reason) in refused.items())]
    seconds = sum(place.last - place.first for place in places) / rate
    if seconds < LEAST:
        raise too_little(source, seconds, skipped)
    pairs, groups = find_pairs(part / SKETCHES, [(place.sketch, place.sketches) for place in places])
    pairs = join_twins(places, pairs, groups)
    rows, held = rows_of(places, groups, rate)
    index, how = describe(VERSION, settings, used, places), {"rate": rate, "channels": settings.channels}
    index |= how | {"rows": rows, "refused": refused}
    index["report"] |= how | {
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


def too_little(source: Path, seconds: float, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable sound: {seconds:.1f} seconds, and at least {least:.0f} is needed. Add WAV, FLAC, OGG, MP3, "
        "AIFF, Opus or M4A files, or videos with sound."
    ).format(path=source, seconds=seconds, least=LEAST)
    return DataError(and_skipped(text, skipped))

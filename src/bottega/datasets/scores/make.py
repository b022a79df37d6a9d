"""The making of a prepared collection of scores: read, written, compared, split, described.

``scores.bin`` holds the tunes one behind the other as MIDI, since a book of ABC takes minutes to read anew.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from bottega.datasets.files import Entry, Skipped, class_names, listed
from bottega.datasets.scores.alike import find_alike, sketches, word_of
from bottega.datasets.scores.files import tunes_of
from bottega.datasets.scores.moods import mood_of, mood_of_label
from bottega.datasets.split import hold_out
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media.files import disk_errors
from bottega.media.midi import to_midi
from bottega.media.score import Score

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
SCORES = "scores.bin"
MOST_LISTED = 1_000
Progress = Callable[[int, int], None]


@dataclass
class Found:
    """What was met on the way; the lists have one member for each tune."""

    names: list[str] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    moods: list[tuple[float, float]] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unused: int = 0
    told: int = 0
    notes: int = 0
    bars: int = 0
    seconds: float = 0.0

    def add(self, name: str, tune: Score, entry: Entry, data: bytes) -> None:
        """Take down a tune, which stands in the file as ``data``."""
        told = entry.mood or mood_of_label(entry.label)
        self.told += told is not None
        self.names.append(name)
        self.labels.append(entry.label)
        self.moods.append(told or mood_of(tune))
        self.digests.append(hashlib.sha256(data).digest())
        self.words.append(word_of(tune))
        self.ends.append((self.ends[-1] if self.ends else 0) + len(data))
        self.notes += sum(len(track.notes) for track in tune.tracks)
        self.bars += len(tune.bars)
        self.seconds += tune.seconds

    def skip(self, name: str, reason: str) -> None:
        """Take down what is not used."""
        self.unused += 1
        if len(self.skipped) < MOST_LISTED:
            self.skipped.append(Skipped(name, reason))


def build(part: Path, source: Path, entries: list[Entry], skipped: list[Skipped], on_progress: Progress | None) -> dict:
    """Write the file of a prepared collection into ``part``; returns the index.

    Raises:
        DataError: fewer than two tunes can be used.
    """
    found = Found(skipped=skipped[:MOST_LISTED], unused=len(skipped))
    done, total = 0, sum(entry.bytes for entry in entries)
    with disk_errors(part.parent), open(part / SCORES, "wb") as file:
        for entry in entries:
            for name, tune in tunes_of(entry):
                if isinstance(tune, UnreadableWork):
                    found.skip(name, str(tune))
                    continue
                data = to_midi(tune)
                file.write(data)
                found.add(name, tune, entry, data)
            done += entry.bytes
            if on_progress:
                on_progress(done, total)
    if len(found.names) < 2:
        raise too_few(source, found)
    return described(found, len(entries))


def described(found: Found, files: int) -> dict:
    """The index: what is known of the tunes, which nearly repeat each other, and which are held out."""
    classes = class_names(found.labels)
    number = {name: place for place, name in enumerate(classes)}
    labels = [number.get(label or "", len(classes)) for label in found.labels]
    digests = np.array(found.digests)  # (N,) "S32"
    order = np.argsort(digests, kind="stable")  # near-duplicates are found in an order made by content
    words = [found.words[row] for row in order.tolist()]
    pairs, groups = find_alike(sketches(words), words.__getitem__)
    held = np.sort(order[hold_out(digests[order], groups)])
    twins = sorted(tuple(sorted((found.names[order[one]], found.names[order[other]]))) for one, other in pairs)
    moods = np.array(found.moods, np.float32)
    fingerprint = hashlib.sha256(f"{VERSION} {classes}".encode())
    for column in (digests, np.array(labels, np.int64), moods):
        fingerprint.update(np.ascontiguousarray(column).tobytes())
    counts = Counter(found.labels)
    return {
        "names": found.names,
        "ends": found.ends,
        "classes": classes,
        "labels": labels if classes else [],
        "moods": moods.tolist(),
        "held_out": held.tolist(),
        "fingerprint": fingerprint.hexdigest(),
        "report": {
            "used": len(found.names),
            "files": files,
            "notes": found.notes,
            "bars": found.bars,
            "minutes": round(found.seconds / 60, 2),
            "skipped": [asdict(skip) for skip in found.skipped],
            "unused": found.unused,
            "duplicates": twins[:MOST_LISTED],
            "repeats": len(twins),
            "classes": {name: counts[name] for name in classes},
            "told": found.told,
        },
    }


def too_few(source: Path, found: Found) -> DataError:
    """The error for a collection that nothing can be learned from."""
    if not found.names and [skip.name for skip in found.skipped] == [source.name]:  # the one file there is
        return DataError(_("{path} cannot be read: {why}.").format(path=source, why=found.skipped[0].reason))
    text = _("{path}: usable tunes: {usable}, and at least 2 are needed. Add MIDI or ABC files (.mid, .midi, .abc).")
    message = text.format(path=source, usable=len(found.names))
    if found.skipped:
        message += " " + _("Skipped: {which}.").format(which=listed(found.skipped, found.unused))
    return DataError(message)

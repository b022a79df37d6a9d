"""What collections of sounds and of films share: every file is decoded once, one after the other, or copied from an
older state of the same collection; and the index says which files those were.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar

import numpy as np

from bottega.datasets.files import Entry, class_names
from bottega.datasets.store import trusted_index, write_all
from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media.files import disk_errors, why

COPY = 1 << 20  # bytes

Progress = Callable[[int, int], None] | None
Older = list[tuple[Path, dict]]
Files = tuple[BinaryIO, BinaryIO]


class Placed(Protocol):
    """Where a work lies in the cache; a dataclass, as the index keeps it."""

    name: str
    digest: str


Place = TypeVar("Place", bound=Placed)


class Writer(Protocol[Place]):
    """Takes works one after the other into the files of a cache."""

    def open(self) -> Files:
        """The files of the works and of their sketches, open for reading and writing."""
        ...

    def decode(self, entry: Any, files: Files, on_bytes: Callable[[int], None]) -> Place:
        """Append a work, telling how far into its file it is.

        Raises UnreadableWork with the reason why it is of no use; then nothing is left of it."""
        ...

    def copy(self, old: Place, older: Path, files: Files) -> Place:
        """Append a work that an older cache holds."""
        ...

    def ends(self) -> tuple[int, int]:
        """Bytes that each file has so far."""
        ...


def older_caches(folder: Path) -> Older:
    """Earlier states of the same collection, with their indices."""
    place = folder.name.rpartition("-")[0]
    found = [(path, trusted_index(path)) for path in sorted(folder.parent.glob(f"{place}-*")) if path != folder]
    return [(path, index) for path, index in found if index is not None]


def take_all(
    part: Path,
    writer: Writer[Place],
    kind: type[Place],
    entries: Sequence[Any],
    refused: dict[str, list],
    older: Older,
    on_progress: Progress,
) -> tuple[list[Any], list[Place]]:
    """Decode or copy everything; what cannot be used goes to ``refused`` with its reason.

    Args:
        part: the folder that is being made.
        kind: of the places that the indices of ``older`` hold.

    Returns:
        The entries that are used, and their places.
    """
    known = {
        (file["name"], file["bytes"], file["stamp"]): (path, kind(**file))
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
            for file, size in zip(files, writer.ends(), strict=True):
                file.truncate(size)
    return used, places


def empty_from(file: BinaryIO, place: int) -> None:
    """Go to a place in a file; what a refused work left behind it goes."""
    file.seek(place)
    file.truncate()


def copy_bytes(file: BinaryIO, older: Path, begin: int, count: int) -> None:
    """Append a stretch of an older file to one that stands at its end."""
    with open(older, "rb") as source:
        source.seek(begin)
        while count and (block := source.read(min(count, COPY))):
            write_all(file, np.frombuffer(block, np.uint8))
            count -= len(block)


def join_twins(places: Sequence[Placed], pairs: Iterable[tuple[int, int]], groups: np.ndarray) -> list[tuple[int, int]]:
    """The pairs of works that are alike, with those whose files are the same; their groups become one, in place."""
    first: dict[str, int] = {}
    twins = [(first[place.digest], i) for i, place in enumerate(places) if first.setdefault(place.digest, i) != i]
    for one, other in twins:
        groups[groups == groups[other]] = groups[one]
    return sorted({*pairs, *twins}) if twins else list(pairs)


def describe(version: int, settings: object, used: Sequence[Entry], places: Sequence[Any]) -> dict[str, Any]:
    """What the index says about the files of a collection, whatever their medium."""
    classes = class_names(entry.label for entry in used)
    number = {name: position for position, name in enumerate(classes)}
    fingerprint = hashlib.sha256(f"{version} {settings}".encode())
    for entry, place in zip(used, places, strict=True):
        fingerprint.update(f"{place.digest} {entry.label!r}".encode("utf-8", "replace"))
    counts = Counter(entry.label for entry in used)
    return {
        "files": [asdict(place) for place in places],
        "classes": classes,
        "labels": [number.get(entry.label or "", len(classes)) for entry in used] if classes else [],
        "fingerprint": fingerprint.hexdigest(),
        "report": {"used": len(used), "classes": {name: counts[name] for name in classes}},
    }

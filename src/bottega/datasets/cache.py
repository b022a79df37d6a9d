"""Preparing pictures: decoded once into ``pixels.u8`` (the rows, nothing else), with an index of what they are."""

import hashlib
import io
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from bottega.datasets.duplicates import find_pairs, perceptual_hash
from bottega.datasets.files import Entry, Skipped, and_skipped, class_names
from bottega.datasets.folder import MAX_BYTES
from bottega.datasets.rows import PixelFile
from bottega.datasets.split import hold_out
from bottega.datasets.store import check_room, make_whole, write_all
from bottega.errors import DataError, UnreadableWork
from bottega.language import _
from bottega.media import image
from bottega.media.files import disk_errors, why

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
CHUNK_BYTES = 4 << 20
MOST_WORKERS = 8
PIXELS = "pixels.u8"


@dataclass(frozen=True)
class Settings:
    """How pictures become rows."""

    size: tuple[int, int]
    fit: str
    alpha: bool

    @property
    def row(self) -> tuple[int, int, int]:
        """The shape of one row, (H, W, C)."""
        return (*self.size, 4 if self.alpha else 3)


def load(entry: Entry, settings: Settings) -> tuple[np.ndarray, bytes] | Skipped:
    """One picture as a row (H, W, C) and the SHA-256 of its file, or why not."""
    try:
        with entry.open() as file:
            content = file.read(MAX_BYTES)
    except OSError as error:
        return Skipped(entry.name, _("it cannot be opened: {why}").format(why=why(error)))
    except Exception:  # a damaged zip fails in many ways: checksum, method, length
        return Skipped(entry.name, _("it is damaged inside the zip"))
    try:
        pixels = image.read(io.BytesIO(content), alpha=settings.alpha, hint=settings.size)
        return image.fit(pixels, settings.size, settings.fit), hashlib.sha256(content).digest()
    except UnreadableWork as error:
        return Skipped(entry.name, str(error))


@dataclass(frozen=True)
class Chunk:
    """Some neighbouring entries, decoded."""

    used: list[Entry]
    rows: np.ndarray  # uint8 (n, H, W, C)
    hashes: np.ndarray  # uint64 (n,), perceptual
    digests: list[bytes]  # SHA-256 of each file
    skipped: list[Skipped]


def load_chunk(entries: list[Entry], settings: Settings) -> Chunk:
    """Decode some entries; what a worker thread does."""
    loaded = [(entry, load(entry, settings)) for entry in entries]
    good = [(entry, *result) for entry, result in loaded if not isinstance(result, Skipped)]
    rows = np.stack([row for _entry, row, _digest in good]) if good else np.empty((0, *settings.row), np.uint8)
    return Chunk(
        used=[entry for entry, _row, _digest in good],
        rows=rows,
        hashes=perceptual_hash(rows),
        digests=[digest for _entry, _row, digest in good],
        skipped=[result for _entry, result in loaded if isinstance(result, Skipped)],
    )


def decoded(entries: list[Entry], settings: Settings) -> Iterator[Chunk]:
    """Decode all entries in their order, a few chunks ahead: memory does not depend on how many there are.

    Threads are enough, as Pillow decodes and resizes without holding Python's lock.
    """
    each = max(1, min(64, CHUNK_BYTES // int(np.prod(settings.row))))
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    waiting: deque[Future[Chunk]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    try:
        for begin in range(0, len(entries), each):
            waiting.append(pool.submit(load_chunk, entries[begin : begin + each], settings))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def make(
    source: Path,
    folder: Path,
    settings: Settings,
    entries: list[Entry],
    skipped: list[Skipped],
    on_progress: Callable[[int, int], None] | None = None,
) -> dict:
    """Prepare ``entries`` into the cache ``folder`` and return its index.

    Raises:
        DataError: fewer than two pictures can be used, or the cache cannot be written.
        OutOfRoom: the disk is full.
    """
    if len(entries) < 2:
        raise too_few(source, len(entries), skipped)

    def build(part: Path) -> dict:
        found = write_rows(part / PIXELS, settings, entries, on_progress)
        found.skipped.extend(skipped)
        if len(found.used) < 2:
            raise too_few(source, len(found.used), found.skipped)
        index = describe(found, settings)
        add_split(index, found, PixelFile(part / PIXELS, settings.row))
        return index

    return make_whole(folder, build)


def write_rows(
    path: Path, settings: Settings, entries: list[Entry], on_progress: Callable[[int, int], None] | None
) -> Chunk:
    """Decode everything into the pixel file, a chunk at a time; returns all that was learned but the pixels."""
    cache = path.parent.parent
    check_room(path.parent, len(entries) * int(np.prod(settings.row)))
    all_of_it = Chunk([], np.empty((0, *settings.row), np.uint8), np.empty(len(entries), np.uint64), [], [])
    with disk_errors(cache):
        path.touch()
    with open(path, "wb", buffering=0) as file, closing(decoded(entries, settings)) as chunks:
        for chunk in chunks:
            with disk_errors(cache):
                write_all(file, chunk.rows)
            begin = len(all_of_it.used)
            all_of_it.hashes[begin : begin + len(chunk.used)] = chunk.hashes
            all_of_it.used.extend(chunk.used)
            all_of_it.digests.extend(chunk.digests)
            all_of_it.skipped.extend(chunk.skipped)
            if on_progress:
                on_progress(len(all_of_it.used) + len(all_of_it.skipped), len(entries))
    return replace(all_of_it, hashes=all_of_it.hashes[: len(all_of_it.used)])


def describe(found: Chunk, settings: Settings) -> dict:
    """What the index says about the rows, but for the split."""
    classes = class_names(entry.label for entry in found.used)
    number = {name: position for position, name in enumerate(classes)}
    fingerprint = hashlib.sha256(f"{VERSION} {settings}".encode())
    for entry, digest in zip(found.used, found.digests, strict=True):
        fingerprint.update(digest + repr((entry.label, entry.caption)).encode())
    counts = Counter(entry.label for entry in found.used)
    return {
        "row": settings.row,
        "names": [entry.name for entry in found.used],
        "captions": [entry.caption for entry in found.used],
        "classes": classes,
        "labels": [number.get(entry.label or "", len(classes)) for entry in found.used] if classes else [],
        "fingerprint": fingerprint.hexdigest(),
        "report": {
            "used": len(found.used),
            "skipped": [asdict(skip) for skip in sorted(found.skipped, key=lambda skip: skip.name)],
            "classes": {name: counts[name] for name in classes},
        },
    }


def add_split(index: dict, found: Chunk, rows: PixelFile) -> None:
    """Add the near-duplicates and the held-out rows to the index; both are found in an order made by content."""
    content = np.array(found.digests)  # (N,) "S32"
    order = np.argsort(content, kind="stable")
    pairs, groups = find_pairs(found.hashes[order], lambda indices: rows(order[indices]))
    names = index["names"]
    twins = [sorted((names[order[one]], names[order[other]])) for one, other in pairs]
    index["report"]["duplicates"] = sorted(twins)
    index["held_out"] = np.sort(order[hold_out(content[order], groups)]).tolist()


def too_few(source: Path, usable: int, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable pictures: {usable}, and at least 2 are needed. Add PNG, JPEG, WebP, TIFF, BMP or GIF files."
    ).format(path=source, usable=usable)
    return DataError(and_skipped(text, skipped))

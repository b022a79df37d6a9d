"""The folder a prepared collection lies in: made whole or not at all, and trusted only when it matches its manifest.

Three files: ``pixels.u8`` (the rows, nothing else), ``index.json`` (names, classes, captions, split, what was skipped)
and ``manifest.json`` (sizes and checksums of both, written last).
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bottega.datasets.duplicates import find_pairs, perceptual_hash
from bottega.datasets.files import Entry, Skipped
from bottega.datasets.folder import MAX_BYTES
from bottega.datasets.rows import PixelFile
from bottega.datasets.split import hold_out
from bottega.errors import DataError, OutOfRoom, UnreadableWork
from bottega.language import _
from bottega.media import image
from bottega.media.files import disk_errors, why

VERSION = 1  # of the format and of what preparation does: a new one makes every cache anew
CHUNK_BYTES = 4 << 20
MOST_WORKERS = 8
DAY = 86_400
PIXELS, INDEX, MANIFEST, PART = "pixels.u8", "index.json", "manifest.json", ".part"


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


def cache_folder(cache: Path, source: Path, settings: Settings, entries: list[Entry], skipped: list[Skipped]) -> Path:
    """Where this state of this source is kept: every size, date, label or setting that changes leads elsewhere."""
    place = hashlib.sha256(f"{source.resolve()}\n{settings}".encode("utf-8", "surrogateescape")).hexdigest()
    state = hashlib.sha256(f"{VERSION}\n".encode())
    for entry in entries:
        state.update(repr((entry.name, entry.bytes, entry.stamp, entry.label, entry.caption)).encode())
    for skip in skipped:
        state.update(repr(skip.name).encode())
    return cache / f"pictures-{place[:12]}-{state.hexdigest()[:12]}"


def trusted_index(folder: Path) -> dict | None:
    """The index of a cache that matches its manifest; None when there is none or it is damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        text = (folder / INDEX).read_bytes()
        pixels = (folder / PIXELS).stat()
        if hashlib.sha256(text).hexdigest() != manifest["index"] or pixels.st_size != manifest["bytes"]:
            return None
        # Reading all pixels costs seconds, so it is done only when the file was copied or touched since.
        if pixels.st_mtime_ns != manifest["written"] and file_digest(folder / PIXELS) != manifest["pixels"]:
            return None
        return json.loads(text)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    started = time.perf_counter()
    if len(entries) < 2:
        raise too_few(source, len(entries), skipped)
    with disk_errors(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder.parent)
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=PART, dir=folder.parent))
    try:
        found = write_rows(part / PIXELS, settings, entries, on_progress)
        found.skipped.extend(skipped)
        if len(found.used) < 2:
            raise too_few(source, len(found.used), found.skipped)
        index = describe(found, settings)
        add_split(index, found, PixelFile(part / PIXELS, settings.row))
        index["report"]["seconds"] = round(time.perf_counter() - started, 3)
        with disk_errors(folder.parent):
            write_index(part, index)
            publish(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    index = trusted_index(folder)
    if index is None:
        raise DataError(_("{path} was damaged while it was written. Try again.").format(path=folder))
    return index


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


def write_all(file: BinaryIO, rows: np.ndarray) -> None:
    """Write to an unbuffered file, which on a full disk first takes a part and only then refuses."""
    rest = memoryview(rows).cast("B") if rows.size else memoryview(b"")
    while rest:
        rest = rest[file.write(rest) :]


def describe(found: Chunk, settings: Settings) -> dict:
    """What the index says about the rows, but for the split."""
    classes = class_names(found.used)
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


def class_names(used: list[Entry]) -> list[str]:
    """The classes in reading order (2 before 10); none when there are fewer than two."""
    names = {entry.label for entry in used if entry.label is not None}
    if len(names) < 2:
        return []
    return sorted(names, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def add_split(index: dict, found: Chunk, rows: PixelFile) -> None:
    """Add the near-duplicates and the held-out rows to the index; both are found in an order made by content."""
    content = np.array(found.digests)  # (N,) "S32"
    order = np.argsort(content, kind="stable")
    pairs, groups = find_pairs(found.hashes[order], lambda indices: rows(order[indices]))
    names = index["names"]
    twins = [sorted((names[order[one]], names[order[other]])) for one, other in pairs]
    index["report"]["duplicates"] = sorted(twins)
    index["held_out"] = np.sort(order[hold_out(content[order], groups)]).tolist()


def write_index(part: Path, index: dict) -> None:
    """Write the index, and last of all the manifest that makes the cache one to trust."""
    text = json.dumps(index).encode()
    (part / INDEX).write_bytes(text)
    with open(part / PIXELS, "rb+") as file:
        os.fsync(file.fileno())
    status = (part / PIXELS).stat()
    manifest = {
        "index": hashlib.sha256(text).hexdigest(),
        "pixels": file_digest(part / PIXELS),
        "bytes": status.st_size,
        "written": status.st_mtime_ns,
    }
    (part / MANIFEST).write_text(json.dumps(manifest))


def publish(part: Path, folder: Path) -> None:
    """Give a finished cache its name, unless another process was first; older states of the same source go."""
    if trusted_index(folder) is None:
        if folder.is_dir():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
        try:
            part.rename(folder)
        except OSError:
            if trusted_index(folder) is None:
                raise
    place = folder.name.rpartition("-")[0]
    for old in folder.parent.glob(f"{place}-*"):
        if old != folder and not old.name.endswith(PART):
            shutil.rmtree(old, ignore_errors=True)


def clear_leftovers(cache: Path) -> None:
    """Remove what killed processes left behind, once it is a day old and surely nobody's."""
    for part in cache.glob(f"pictures-*{PART}"):
        if time.time() - part.stat().st_mtime > DAY:
            shutil.rmtree(part, ignore_errors=True)


def check_room(place: Path, needed: int) -> None:
    """Refuse at the start what would fill the disk in the middle."""
    free = shutil.disk_usage(place).free
    if needed > free:
        raise OutOfRoom(
            _("The prepared pictures need {needed:,} MB and the disk of {place} has {free:,} MB free.").format(
                needed=-(-needed // 1_000_000), free=free // 1_000_000, place=place.parent
            )
        )


def too_few(source: Path, usable: int, skipped: list[Skipped]) -> DataError:
    """The error for a collection that nothing can be learned from."""
    text = _(
        "{path}: usable pictures: {usable}, and at least 2 are needed. Add PNG, JPEG, WebP, TIFF, BMP or GIF files."
    ).format(path=source, usable=usable)
    if skipped:
        which = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:3])
        text += " " + _("Skipped: {which}.").format(which=which)
    return DataError(text)

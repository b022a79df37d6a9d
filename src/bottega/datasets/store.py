"""The folder a prepared collection lies in: made whole or not at all, and trusted only when it matches its manifest.

Beside the files of rows, which each medium has its own of, lie ``index.json`` (names, classes, split, what was skipped)
and ``manifest.json`` (sizes and checksums of all others, written last).
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bottega.datasets.files import Entry, Skipped
from bottega.errors import DataError, OutOfRoom
from bottega.language import _
from bottega.media.files import disk_errors
from bottega.provenance.record import sha256

DAY = 86_400
INDEX, MANIFEST, PART = "index.json", "manifest.json", ".part"


def cache_folder(
    cache: Path, kind: str, version: int, place: object, entries: Iterable[Entry], skipped: Iterable[Skipped]
) -> Path:
    """Where this state of a source is kept: every size, date, label or setting that changes leads elsewhere.

    Args:
        cache: the folder of all prepared collections.
        kind: what its folders begin with, such as ``pictures``.
        version: of the format and of what preparation does.
        place: whatever names the source and the settings.
    """
    where = hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()
    state = hashlib.sha256(f"{version}\n".encode())
    for entry in entries:
        state.update(repr((entry.name, entry.bytes, entry.stamp, entry.label, entry.caption)).encode())
    for skip in skipped:
        state.update(repr(skip.name).encode())
    return cache / f"{kind}-{where[:12]}-{state.hexdigest()[:12]}"


def trusted_index(folder: Path) -> dict | None:
    """The index of a cache that matches its manifest; None when there is none or it is damaged."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        text = (folder / INDEX).read_bytes()
        if hashlib.sha256(text).hexdigest() != manifest["index"]:
            return None
        for name, known in manifest["files"].items():
            status = (folder / name).stat()
            if status.st_size != known["bytes"]:
                return None
            # Reading everything costs seconds, so it is done only when the file was copied or touched since.
            if status.st_mtime_ns != known["written"] and sha256(folder / name) != known["sha256"]:
                return None
        return json.loads(text)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def make_whole(folder: Path, build: Callable[[Path], dict]) -> dict:
    """Make a cache folder, and return its index.

    Args:
        folder: where it will lie.
        build: writes the files of rows into a folder that it is given, and returns the index; its ``report`` then
            says how many ``seconds`` that took.

    Raises:
        DataError: the cache cannot be written; or whatever ``build`` raises, and then nothing is left.
        OutOfRoom: the disk is full.
    """
    started = time.perf_counter()
    with disk_errors(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder.parent)
        part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=PART, dir=folder.parent))
    try:
        index = build(part)
        index["report"]["seconds"] = round(time.perf_counter() - started, 3)
        with disk_errors(folder.parent):
            write_index(part, index)
            publish(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    made = trusted_index(folder)
    if made is None:
        raise DataError(_("{path} was damaged while it was written. Try again.").format(path=folder))
    return made


def write_index(part: Path, index: dict) -> None:
    """Write the index, and last of all the manifest that makes the cache one to trust."""
    files = {}
    for path in sorted(part.iterdir()):
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
        status = path.stat()
        files[path.name] = {"sha256": sha256(path), "bytes": status.st_size, "written": status.st_mtime_ns}
    text = json.dumps(index).encode()
    (part / INDEX).write_bytes(text)
    (part / MANIFEST).write_text(json.dumps({"index": hashlib.sha256(text).hexdigest(), "files": files}))


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
    for part in cache.glob(f"*-*-*{PART}"):
        if time.time() - part.stat().st_mtime > DAY:
            shutil.rmtree(part, ignore_errors=True)


def check_room(place: Path, needed: int) -> None:
    """Refuse at the start what would fill the disk in the middle."""
    free = shutil.disk_usage(place).free
    if needed > free:
        raise OutOfRoom(
            _("The prepared collection needs {needed:,} MB and the disk of {place} has {free:,} MB free.").format(
                needed=-(-needed // 1_000_000), free=free // 1_000_000, place=place.parent
            )
        )


def write_all(file: BinaryIO, rows: np.ndarray) -> None:
    """Write to an unbuffered file, which on a full disk first takes a part and only then refuses."""
    rest = memoryview(rows).cast("B") if rows.size else memoryview(b"")
    while rest:
        rest = rest[file.write(rest) :]

"""The files of a folder or a zip, whatever their medium: which there are, and which sub-folder makes their class."""

import os
import stat
import zipfile
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bottega.errors import DataError
from bottega.language import _
from bottega.media.files import why

SPLITS = {"train", "test", "val", "valid", "validation"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that should be a work.

    Attributes:
        name: its path inside the folder or zip, with forward slashes.
        open: opens it for reading; may raise OSError.
        label: its class, or None.
        caption: its text, or None.
        mood: its valence and arousal, or None.
        bytes, stamp: its size, and a number that changes when its content does (modification time, zip checksum).
    """

    name: str
    open: Callable[[], BinaryIO]
    label: str | None = None
    caption: str | None = None
    mood: tuple[float, float] | None = None
    bytes: int = 0
    stamp: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """One file, or one line of metadata, that is not used, and why."""

    name: str
    reason: str


def suffix_of(name: str) -> str:
    """The ending of a name, such as ``.png``, in small letters."""
    return os.path.splitext(name)[1].lower()


def readable(name: str) -> str:
    """A name that can be printed and stored, also when its bytes are no valid text."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def folder_files(root: Path, skipped: list[Skipped], wanted: Container[str]) -> Iterator[Entry]:
    """Every ordinary file below ``root`` that is not hidden; links are followed, but no folder is read twice.

    Args:
        wanted: the endings of works: what has one and is no ordinary file is listed as skipped.
    """
    visited: set[tuple[int, int]] = set()
    waiting = [("", os.stat(root))]
    while waiting:
        folder, status = waiting.pop()
        visited.add((status.st_dev, status.st_ino))
        try:
            with os.scandir(root / folder) as listing:
                names = sorted(item.name for item in listing if not item.name.startswith("."))
        except OSError as error:
            if not folder:
                raise DataError(_("{path} cannot be opened: {why}.").format(path=root, why=why(error))) from error
            skipped.append(Skipped(readable(folder), _("the folder cannot be opened: {why}").format(why=why(error))))
            continue
        for name in names:
            inside = f"{folder}/{name}" if folder else name
            path = root / inside
            looks_like_work = suffix_of(name) in wanted
            try:
                status = os.stat(path)
            except OSError as error:
                skipped.append(Skipped(readable(inside), _("it cannot be opened: {why}").format(why=why(error))))
                continue
            if stat.S_ISREG(status.st_mode):
                yield Entry(readable(inside), partial(open, path, "rb"), bytes=status.st_size, stamp=status.st_mtime_ns)
            elif not stat.S_ISDIR(status.st_mode):
                if looks_like_work:
                    skipped.append(Skipped(readable(inside), _("not an ordinary file")))
            elif looks_like_work:
                skipped.append(Skipped(readable(inside), _("a folder, not a file")))
            elif (status.st_dev, status.st_ino) in visited:
                skipped.append(Skipped(readable(inside), _("the same folder as one that is read already")))
            else:
                visited.add((status.st_dev, status.st_ino))
                waiting.append((inside, status))


def zip_files(path: Path, skipped: list[Skipped]) -> Iterator[Entry]:
    """Every member of a zip that is not hidden; read where it lies, never extracted."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        message = _("{path} is neither a folder nor a zip. Give the folder that holds your works, or a zip of it.")
        raise DataError(message.format(path=path)) from error
    except OSError as error:
        raise DataError(_("{path} cannot be opened: {why}.").format(path=path, why=why(error))) from error
    members: dict[str, zipfile.ZipInfo] = {}
    for member in archive.infolist():
        parts = member_name(member).replace("\\", "/").split("/")
        parts = [part for part in parts if part not in ("", ".", "..")]
        hidden = any(part[0] == "." or part == "__MACOSX" for part in parts)
        if parts and not hidden and not member.is_dir():
            members["/".join(parts)] = member  # of two members with one name the last counts, as in unzip
    for name, member in members.items():
        if member.flag_bits & 1:
            skipped.append(Skipped(name, _("protected by a password")))
        else:
            yield Entry(name, partial(archive.open, member), bytes=member.file_size, stamp=member.CRC)


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name; many programs write UTF-8 without saying so, which Python then reads as code page 437."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return readable(member.filename)
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def with_classes(entries: list[Entry], zipped: bool) -> list[Entry]:
    """Label each entry with its sub-folder.

    The first level counts; ``train``, ``test`` and ``validation`` are no classes but hold them, and the one folder that
    a zip usually wraps around everything is looked through. One sub-folder that holds everything is no class either.
    """
    folders = [entry.name.split("/")[:-1] for entry in entries]

    def first_level() -> set[str]:
        return {parts[0] if parts else "" for parts in folders}

    if zipped and len(first_level()) == 1 and first_level() != {""}:
        folders = [parts[1:] for parts in folders]
    if {name.lower() for name in first_level()} <= SPLITS:
        folders = [parts[1:] for parts in folders]
    if len(first_level()) < 2:
        return entries
    return [replace(entry, label=parts[0] if parts else None) for entry, parts in zip(entries, folders, strict=True)]


def class_names(labels: Iterable[str | None]) -> list[str]:
    """The classes in reading order (2 before 10); none when there are fewer than two."""
    names = {label for label in labels if label is not None}
    if len(names) < 2:
        return []
    return sorted(names, key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))


def listed(skipped: list[Skipped], total: int) -> str:
    """The first of what was skipped with their reasons, and how many more there are of ``total``."""
    text = ", ".join(f"{skip.name} ({skip.reason})" for skip in skipped[:3])
    more = total - len(skipped[:3])
    return text + (_(" and {more:,} more").format(more=more) if more else "")


def and_skipped(text: str, skipped: list[Skipped]) -> str:
    """An error, and the first of what was skipped with their reasons."""
    if not skipped:
        return text
    which = "; ".join(f"{skip.name}: {skip.reason}" for skip in skipped[:3])
    return text + " " + _("Skipped: {which}.").format(which=which)

"""Files that are dropped on the page: looked at before anything is done with them, and kept by their content.

A file is taken for what its name says, and has to be that from its first byte to its last: one that is something else
as well (a page, a program, an archive, a document) is refused, and so is one that cannot be opened. The bytes stay as
they are, so that a work is still known by its hash.
"""

import re
import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO

from bottega import home
from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media import kinds
from bottega.media.files import whole_file
from bottega.provenance.record import HASH, sha256

LARGEST = {"image": 256 << 20, "audio": 1 << 30, "score": 32 << 20, "text": 64 << 20, "video": 1 << 30}
"""Bytes of a file of each medium."""
LOOKED = 1 << 20  # bytes after the end of a picture that are looked into
MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|\?php)|<\?php|javascript:|#!/", re.I)
DOCUMENT = re.compile(rb"%PDF-|PK\x03\x04|MZ.{58}|\x7fELF", re.DOTALL)
PDF_WITHIN = 1024  # bytes within which readers of PDF look for its beginning


def accept(path: Path) -> Path:
    """A copy of a dropped file under ``dropped/``, named after its content, once it was found to be a work.

    Raises:
        UnreadableWork: it is none, too large, damaged, or something else as well.
    """
    path = Path(path)
    if path.is_symlink() or not path.is_file():
        raise UnreadableWork(_("This is no file."))
    medium = kinds.medium_of_file(path)
    if medium is None:
        message = _("{name} is no picture, sound, score, text or film that Bottega can read.")
        raise UnreadableWork(message.format(name=path.name))
    size = path.stat().st_size
    if size > LARGEST[medium]:
        message = _("{name} is too large: {size} MB, of {most} at most.")
        raise UnreadableWork(message.format(name=path.name, size=size >> 20, most=LARGEST[medium] >> 20))
    if medium != "text" and is_something_else(path):
        message = _("{name} is something else as well (a page, a program or an archive). It is not opened.")
        raise UnreadableWork(message.format(name=path.name))
    try:
        _open(medium, path)
    except UnreadableWork as error:
        raise UnreadableWork(_("{name} cannot be opened: {why}.").format(name=path.name, why=error)) from None
    to = home.dropped() / f"{sha256(path)}{path.suffix.lower()}"
    if not to.exists():
        with whole_file(to) as unfinished:
            shutil.copyfile(path, unfinished)
    return to


def kept(content: str) -> Path | None:
    """The file that was accepted with this content hash; None when there is none, or it is no hash."""
    return next(home.dropped().glob(f"{content}.*"), None) if HASH.fullmatch(content) else None


def _open(medium: str, path: Path) -> None:
    """Reads as much of a work as shows that it is one, and within the limits of its reader."""
    from bottega.media import audio, video

    if medium == "video":
        video.read(path, size=64, seconds=1.0)
    elif medium == "audio":
        next(iter(audio.blocks(path)), None)
    else:
        kinds.read_as(medium, path)


def is_something_else(path: Path) -> bool:
    """Whether a picture, sound, score or film could be taken for a page, a program, an archive or a document too."""
    with path.open("rb") as file:
        start = file.read(PDF_WITHIN)
        if b"%PDF-" in start or DOCUMENT.match(start) or MARKUP.match(start.lstrip()):
            return True
        end = _end(start, file)
        if end is not None:
            file.seek(end)
            after = file.read(LOOKED)
            if MARKUP.search(after) or DOCUMENT.search(after):
                return True
    return zipfile.is_zipfile(path)


def _end(start: bytes, file: BinaryIO) -> int | None:
    """Where a picture or sound ends by its own account; None when it does not say."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return _end_of_png(file)
    if start[:4] == b"GIF8":
        return _end_of_gif(file)
    if start.startswith(b"\xff\xd8\xff"):
        return _end_of_jpeg(file)
    if start[:4] == b"RIFF":
        return 8 + int.from_bytes(start[4:8], "little")
    return None


def _end_of_png(file: BinaryIO) -> int:
    """After its chunk IEND."""
    file.seek(8)
    while len(head := file.read(8)) == 8:
        file.seek(int.from_bytes(head[:4], "big") + 4, 1)
        if head[4:] == b"IEND":
            break
    return file.tell()


def _end_of_gif(file: BinaryIO) -> int:
    """After its trailer: a row of blocks, each a row of pieces that say their length."""
    file.seek(10)
    _palette(file, file.read(3)[:1])
    while kind := file.read(1):
        if kind == b"!":
            file.read(1)
        elif kind == b",":
            _palette(file, file.read(9)[8:])
            file.read(1)
        else:
            break
        while (length := file.read(1)) not in (b"", b"\0"):
            file.seek(length[0], 1)
    return file.tell()


def _palette(file: BinaryIO, flags: bytes) -> None:
    if flags and flags[0] & 0x80:
        file.seek(3 << ((flags[0] & 7) + 1), 1)


def _end_of_jpeg(file: BinaryIO) -> int:
    """After its first end mark: pictures within pictures lie in segments, which are leapt over."""
    file.seek(2)
    while len(head := file.read(4)) == 4 and head[0] == 0xFF and head[1] != 0xD9:
        file.seek(int.from_bytes(head[2:], "big") - 2, 1)
        if head[1] == 0xDA:  # the pixels; in them 0xFF is never followed by 0xD9
            return _after(file, b"\xff\xd9")
    return file.tell()


def _after(file: BinaryIO, mark: bytes) -> int:
    """The place after a mark of two bytes, or the end of the file."""
    last = b""
    while piece := file.read(1 << 16):
        at = (last + piece).find(mark)
        if at >= 0:
            return file.tell() - len(piece) - len(last) + at + len(mark)
        last = piece[-1:]
    return file.tell()

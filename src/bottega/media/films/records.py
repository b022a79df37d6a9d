"""The record inside a film, read from its header alone: nothing is decoded, and FFmpeg is not asked.

It stands as JSON in the comment of the file, where players show it: in the ``©cmt`` of an MP4, in the tags of a WebM or
MKV, in the comment extension of a GIF; in the EXIF data of a WebP as in pictures. Beside it stands for other programs
that a model made it: as XMP, or in a tag of its own in a WebM or MKV.
"""

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media import image
from bottega.media.audio_decoders import ordinary
from bottega.media.disclosure import parsed
from bottega.media.films.decoders import announced

MOST_BYTES = 1 << 24  # of a comment
LEADING = {b"meta": 4, b"data": 8, b"stsd": 8}  # bytes before what such a box of an MP4 holds
MP4_WAY = (b"moov", b"udta", b"meta", b"ilst", b"\xa9cmt", b"data")
SEGMENT, CLUSTER, NAME, VALUE = 0x18538067, 0x1F43B675, 0x45A3, 0x4487  # of Matroska
TAGS, TAG, SIMPLE_TAG = 0x1254C367, 0x7373, 0x67C8


def written(record: dict | None, rate: Fraction | None = None) -> str:
    """The comment that holds a record, and the rate where the format cannot; nothing for neither."""
    told = ({} if record is None else {image.RECORD_KEY: record}) | ({} if rate is None else {"rate": str(rate)})
    return json.dumps(told, sort_keys=True) if told else ""


def read_record(path: Path) -> dict | None:
    """The record inside a film that Bottega wrote; None for any other film.

    Raises:
        UnreadableWork: when it is no film or cannot be opened.
    """
    path = Path(path)
    if path.is_dir():
        return None
    try:
        with ordinary(path) as file:
            kind = announced(file)
            comment = {"mov": mp4_comment, "matroska": matroska_comment, "GIF": gif_comment}.get(kind, no_comment)(file)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    if kind in ("WEBP", "PNG"):
        return image.read_record(path)
    record = (parsed(comment) or {}).get(image.RECORD_KEY)  # or somebody else's comment
    return record if isinstance(record, dict) else None


def no_comment(_file: BinaryIO) -> str:
    """The comment of a file whose format Bottega never writes."""
    return ""


def gif_comment(file: BinaryIO) -> str:
    """The comment before the first frame of a GIF, or nothing."""
    try:
        with image.opened(file, ("GIF",)) as picture:
            comment = picture.info.get("comment", b"")
    except Exception:  # a damaged file: without a comment it is as good
        return ""
    return comment.decode("utf-8", "replace") if isinstance(comment, bytes) else str(comment)


def mp4_codec(file: BinaryIO) -> bytes:
    """Four letters that say how the pictures of an MP4 or MOV are coded, such as ``b"avc1"``; nothing without any."""
    moov = _place(file, (b"moov",), 0, file.seek(0, 2))
    for name, begin, end in _boxes(file, *moov) if moov else ():
        media = _place(file, (b"mdia", b"minf"), begin, end) if name == b"trak" else None
        if media and _place(file, (b"vmhd",), *media):  # no track of sound
            described = _place(file, (b"stbl", b"stsd"), *media)
            for codec, _begin, _end in _boxes(file, *described) if described else ():
                return codec
    return b""


def mp4_comment(file: BinaryIO) -> str:
    """The comment of an MP4 or MOV, or nothing."""
    place = _place(file, MP4_WAY, 0, file.seek(0, 2))
    if place is None:
        return ""
    begin, end = place
    file.seek(begin)
    return file.read(max(0, min(end - begin, MOST_BYTES))).decode("utf-8", "replace")


def _place(file: BinaryIO, way: Iterable[bytes], begin: int, end: int) -> tuple[int, int] | None:
    """Begin and end of what the last of some boxes holds, of which each is the first of its name inside the one before;
    None where one is missing."""
    for name in way:
        found = next((box for box in _boxes(file, begin, end) if box[0] == name), None)
        if found is None:
            return None
        begin, end = found[1] + LEADING.get(name, 0), found[2]
    return begin, end


def _boxes(file: BinaryIO, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: name, begin and end of what they hold."""
    for _again in range(10_000):
        if begin + 8 > end:
            return
        file.seek(begin)
        head = file.read(16)
        size, inside = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, inside = int.from_bytes(head[8:16], "big"), 16
        after = begin + size if size else end
        if after < begin + inside or after > end:
            return
        yield head[4:8], begin + inside, after
        begin = after


def matroska_comment(file: BinaryIO) -> str:
    """The comment of a WebM or MKV, or nothing; tags that stand behind the pictures are not looked for."""
    file.seek(0, 2)
    end = file.tell()
    for name, begin, after in _elements(file, 0, end):
        if name == SEGMENT:
            for part, inside, behind in _elements(file, begin, after):
                if part == CLUSTER:
                    return ""
                if part == TAGS and (comment := _tagged(file, inside, behind)):
                    return comment
    return ""


def _tagged(file: BinaryIO, begin: int, end: int) -> str:
    for tag, tag_begin, tag_end in _elements(file, begin, end):
        for simple, inside, behind in _elements(file, tag_begin, tag_end) if tag == TAG else ():
            if simple == SIMPLE_TAG:
                parts = {}
                for part, at, after in _elements(file, inside, behind):
                    if part in (NAME, VALUE):
                        file.seek(at)
                        parts[part] = file.read(min(after - at, MOST_BYTES)).decode("utf-8", "replace")
                if parts.get(NAME, "").upper() == "COMMENT":
                    return parts.get(VALUE, "")
    return ""


def _elements(file: BinaryIO, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The elements between two places: name, begin and end of what they hold."""
    for _again in range(10_000):
        if begin >= end:
            return
        file.seek(begin)
        head = file.read(12)
        long = _length(head)
        size_long = _length(head[long:])
        if not long or not size_long or len(head) < long + size_long:
            return
        size = int.from_bytes(head[long : long + size_long], "big") & ((1 << 7 * size_long) - 1)
        inside = begin + long + size_long
        unknown = size == (1 << 7 * size_long) - 1
        after = end if unknown else min(inside + size, end)
        yield int.from_bytes(head[:long], "big"), inside, after
        begin = after


def _length(head: bytes) -> int:
    """The bytes of a number of Matroska, which its first byte tells; 0 when there is none."""
    return 9 - head[0].bit_length() if head and head[0] else 0

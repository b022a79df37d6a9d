"""What a work says of itself: its record, read without trusting it, and, to other programs, that a model made it, in
the words of IPTC, as XMP.

(IPTC Photo Metadata Standard 2025.1, "Digital Source Type"; XMP Specification Part 1, ISO 16684-1. Where the packet
stands: XMP Specification Part 3 of 2020, and for Matroska, which it leaves out, a tag.)
"""

import json
import math
from pathlib import Path
from typing import Any

from bottega.media.files import disk_errors

NAMES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<Iptc4xmpExt:DigitalSourceType>{source}</Iptc4xmpExt:DigitalSourceType>
<xmp:CreatorTool>Bottega</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
TAG = "DIGITAL_SOURCE_TYPE"
"""The tag of formats that have tags of any name and no place for XMP: Matroska and WebM."""

MOST_CHARACTERS, DEEPEST = 1 << 21, 16
"""Of a record: ten thousand parents fit in, and no record of ours has half as many lists within lists."""
HARMFUL = {code: "\ufffd" for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160), *range(0xD800, 0xE000))}
"""Characters that steer a terminal, or that no file and no database takes."""


def source_of(record: dict[str, Any] | None) -> str | None:
    """The name IPTC gives to where a work with such a record comes from; None when the record does not say it."""
    source = (record or {}).get("digital_source_type")
    return NAMES + source if isinstance(source, str) and source.isalnum() else None


def xmp(record: dict[str, Any] | None) -> bytes | None:
    """The XMP packet of a work with such a record; None when the record does not say where the work comes from."""
    source = source_of(record)
    return PACKET.format(source=source).encode() if source else None


def parsed(text: str | bytes) -> dict[str, Any] | None:
    """An object of JSON that stood in some file, made harmless; None for anything else, or too much of it."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return harmless(found) if isinstance(found, dict) else None


def harmless(found: dict[str, Any]) -> dict[str, Any] | None:
    """An object without characters that steer a terminal, and with null for numbers that are none; None for one that
    is nested too deep."""
    try:
        return _harmless(found, DEEPEST)
    except ValueError:
        return None


def _harmless(value: Any, deep: int) -> Any:
    """Raises ValueError when something is nested deeper than that."""
    if deep < 0:
        raise ValueError
    if isinstance(value, str):
        return value.translate(HARMFUL)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [_harmless(one, deep - 1) for one in value]
    if isinstance(value, dict):
        return {word.translate(HARMFUL): _harmless(one, deep - 1) for word, one in value.items()}
    return value


def into_gif(path: Path, packet: bytes) -> None:
    """Put XMP into a GIF: an application extension before the first frame (§1.1.2).

    The packet stands there as it is; 256 falling numbers behind it lead every reader of blocks to its end.
    """
    with disk_errors(path):
        data = path.read_bytes()
        begin = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)  # behind the colours
        trailer = bytes([1, *range(255, -1, -1), 0])
        path.write_bytes(data[:begin] + b"!\xff\x0bXMP DataXMP" + packet + trailer + data[begin:])


def into_mp3(path: Path, packet: bytes) -> None:
    """Put XMP into the tag at the beginning of an MP3, ID3 of version 2.3: a frame ``PRIV`` (§1.1.6)."""
    with disk_errors(path):
        data = path.read_bytes()
        if data[:4] != b"ID3\3":
            return
        length = sum(byte << 7 * (3 - place) for place, byte in enumerate(data[6:10]))  # seven bits in each
        held = b"XMP\0" + packet
        frame = b"PRIV" + len(held).to_bytes(4, "big") + bytes(2) + held
        after = length + len(frame)
        size = bytes(after >> 7 * (3 - place) & 127 for place in range(4))
        path.write_bytes(data[:6] + size + data[10 : 10 + length] + frame + data[10 + length :])


def onto_mp4(path: Path, packet: bytes) -> None:
    """Put XMP behind all else in an MP4: a box of the type ``uuid`` (§1.2.7)."""
    held = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + packet
    with disk_errors(path), path.open("ab") as file:
        file.write((8 + len(held)).to_bytes(4, "big") + b"uuid" + held)


def wav_chunk(packet: bytes) -> bytes:
    """XMP as a chunk of a WAV (§1.1.8)."""
    return b"_PMX" + len(packet).to_bytes(4, "little") + packet + b"\0" * (len(packet) % 2)

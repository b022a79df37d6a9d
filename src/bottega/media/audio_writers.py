"""Writing a sound with its record inside, and reading the record back.

The record stands as JSON in the comment of the file, where every player shows it: in the LIST chunk of a WAV, in the
Vorbis comments of a FLAC or OGG, in the ID3 tags of an MP3. That a model made it stands in a WAV and an MP3 as XMP too;
the others have no place for that.
"""

import json
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media.audio_decoders import BLOCK, Calm, announced, ordinary
from bottega.media.disclosure import into_mp3, parsed, wav_chunk, xmp
from bottega.media.files import whole_file

if TYPE_CHECKING:
    from bottega.media.audio import Sound

WRITTEN = {".wav": "WAV", ".flac": "FLAC", ".ogg": "OGG", ".mp3": "MP3"}
"""The endings a sound can be written under."""

RECORD_KEY = "bottega"
MP3_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
MOST = {"WAV": (32, 768_000), "FLAC": (8, 655_350), "OGG": (32, 192_000), "MP3": (2, 48_000)}  # channels, Hz
FINE = 1 << 23  # steps of 24 bits from 0 to full scale


def write(path: Path, sound: "Sound", record: dict | None = None) -> None:
    """Write a WAV, FLAC, OGG (Vorbis) or MP3, as the ending says, whole or not at all; same sound, same bytes.

    A WAV or FLAC has 16 bits where those hold every sample exactly, and 24 otherwise, so what was read from a file of
    either depth comes back as it was. Peaks beyond full scale are kept in a WAV, which then has 32-bit floating-point
    samples; elsewhere they are cut.

    Args:
        path: where; folders are made.
        sound: at least one sample.
        record: what to remember inside the file.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending, an empty sound, or more channels or a higher rate than the format has.
    """
    path = Path(path)
    form = WRITTEN.get(path.suffix.lower())
    if form is None:
        message = _("Sounds are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    check(form, sound)
    comment = json.dumps({RECORD_KEY: record}, sort_keys=True) if record is not None else ""
    packet = xmp(record)
    with whole_file(path) as part:
        if form == "WAV":
            write_wav(part, sound, comment, wav_chunk(packet) if packet else b"")
        else:
            write_coded(part, sound, comment, form)
            if form == "OGG":
                settle_serial(part)
            if form == "MP3" and packet:
                into_mp3(part, packet)


def check(form: str, sound: "Sound") -> None:
    """Refuse what the format does not have."""
    if len(sound) == 0:
        raise UsageError(_("The sound is empty: there is nothing to write."))
    channels, rate = MOST[form]
    if sound.channels > channels or sound.rate > rate or (form == "MP3" and sound.rate not in MP3_RATES):
        message = _("A {form} file cannot hold {channels} channels at {rate:,} Hz; write a .wav.")
        raise UsageError(message.format(form=form, channels=sound.channels, rate=sound.rate))


def depth_of(samples: np.ndarray) -> int:
    """The bits that hold samples ``(C, N)``: 16 where they do so exactly, 24, or 32 (floating) beyond full scale."""
    if samples.min() < -1 or samples.max() > 1:
        return 32
    coarse = samples[:, : 1 << 12] * np.float32(1 << 15)
    if np.array_equal(coarse, np.rint(coarse)):  # most others are told by their beginning
        coarse = samples * np.float32(1 << 15)
        if coarse.max() < 1 << 15 and np.array_equal(coarse, np.rint(coarse)):
            return 16
    return 24


def whole_numbers(samples: np.ndarray) -> np.ndarray:
    """Samples ``(C, n)`` as 24-bit numbers in the upper bytes of int32 ``(n, C)``; what exceeds full scale is cut."""
    steps = np.rint(samples.T * np.float64(FINE)).clip(-FINE, FINE - 1)
    return np.ascontiguousarray(steps.astype(np.int32) << 8)


def write_wav(path: Path, sound: "Sound", comment: str, more: bytes = b"") -> None:
    """A WAV: header, comment, more chunks, samples.

    libsndfile's would hold neither long records nor the same bytes twice.
    """
    depth = depth_of(sound.samples)
    frame = sound.channels * depth // 8
    size = frame * len(sound)
    told = comment.encode("ascii") + b"\0" * (2 - len(comment) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(told)) + told
    chunks = b"LIST" + struct.pack("<I", len(info)) + info if comment else b""
    tag = 3 if depth == 32 else 1  # floating point, or whole numbers
    header = struct.pack("<HHIIHH", tag, sound.channels, sound.rate, sound.rate * frame, frame, depth)
    chunks = b"WAVEfmt " + struct.pack("<I", len(header)) + header + chunks + more
    total = len(chunks) + 8 + size + size % 2
    if total >= 1 << 32:
        raise UsageError(_("A WAV file holds at most 4 GB; write a .flac."))
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", total) + chunks + b"data" + struct.pack("<I", size))
        for begin in range(0, len(sound), BLOCK):
            samples = sound.samples[:, begin : begin + BLOCK]
            if depth == 32:
                file.write(np.ascontiguousarray(samples.T, "<f4").tobytes())
            else:
                bytes_of = whole_numbers(samples).astype("<i4").view(np.uint8).reshape(-1, 4)
                file.write(bytes_of[:, 4 - depth // 8 :].tobytes())
        file.write(b"\0" * (size % 2))


def write_coded(path: Path, sound: "Sound", comment: str, form: str) -> None:
    """A FLAC, OGG or MP3 through libsndfile."""
    import soundfile

    subtype = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}.get(form, f"PCM_{min(depth_of(sound.samples), 24)}")
    how = {"OGG": {"compression_level": 0.3}, "MP3": {"compression_level": 0.2, "bitrate_mode": "VARIABLE"}}
    with (
        path.open("wb") as file,
        soundfile.SoundFile(file, "w", sound.rate, sound.channels, subtype, None, form, **how.get(form, {})) as coder,
    ):
        if comment:
            coder.comment = comment
        for begin in range(0, len(sound), BLOCK):  # Vorbis overruns the stack when it is given minutes at once
            samples = sound.samples[:, begin : begin + BLOCK]
            coder.write(whole_numbers(samples))


REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def page_checksum(page: bytes) -> int:
    """The CRC of an Ogg page (RFC 3533), whose own place in it is zero: zlib's with the bits in the other order."""
    crc = zlib.crc32(page.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{crc:032b}"[::-1], 2)


def settle_serial(path: Path) -> None:
    """Number the stream of an Ogg file 1 instead of what the clock said, so that the same sound has the same bytes."""
    with path.open("rb+") as file:
        while (head := file.read(27))[:4] == b"OggS":
            place = file.tell() - 27
            lengths = file.read(head[26])
            rest = lengths + file.read(sum(lengths))
            page = head[:14] + struct.pack("<I", 1) + head[18:22] + bytes(4) + head[26:]
            checksum = struct.pack("<I", page_checksum(page + rest))
            file.seek(place)
            file.write(page[:22] + checksum + page[26:])
            file.seek(place + 27 + len(rest))


def read_record(path: Path) -> dict | None:
    """The record inside a sound that Bottega wrote; None for any other sound.

    Raises:
        UnreadableWork: when it is no sound or cannot be opened.
    """
    try:
        with ordinary(Path(path)) as file:
            kind = announced(file)
            comment = wav_comment(file) if kind == "wav" else coded_comment(file, kind)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    record = (parsed(comment) or {}).get(RECORD_KEY)  # or somebody else's comment
    return record if isinstance(record, dict) else None


def wav_comment(file: BinaryIO) -> str:
    """The comment in the LIST chunk of a WAV, or nothing."""
    file.seek(12)
    while len(head := file.read(8)) == 8:
        name, size = head[:4], struct.unpack("<I", head[4:])[0]
        if name == b"LIST" and size <= 1 << 24:
            info = file.read(size)
            at = info.find(b"ICMT")
            length = struct.unpack_from("<I", info, at + 4)[0] if 0 <= at <= len(info) - 8 else 0
            if length:
                return info[at + 8 : at + 8 + length].rstrip(b"\0").decode("utf-8", "replace")
            file.seek(size % 2, 1)
        else:
            file.seek(size + size % 2, 1)
    return ""


def coded_comment(file: BinaryIO, kind: str) -> str:
    """The comment of any other sound, or nothing."""
    try:
        if kind == "mp3":
            import av

            with av.open(Calm(file), "r", format=kind, metadata_errors="replace") as container:
                return container.metadata.get("comment", "")
        import soundfile

        with soundfile.SoundFile(Calm(file)) as sound:
            return sound.comment
    except Exception:  # a video, or a damaged file: without a comment it is as good
        return ""

"""What decodes a sound file: libsndfile where it can, FFmpeg (PyAV) for the rest and for the sound tracks of videos."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media.files import why

BLOCK = 1 << 16  # samples of each channel in a block
MOST_BYTES = 16_000_000_000
MOST_CHANNELS = 32
SLOWEST, FASTEST = 1_000, 768_000  # Hz

SOUNDS = {
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".m4a", ".m4b", ".aac"),
    *(".au", ".snd", ".caf", ".w64", ".rf64", ".mka", ".weba", ".wma", ".wv", ".ape", ".amr"),
}
VIDEOS = {".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".ogv", ".wmv", ".flv", ".mpg", ".mpeg", ".ts", ".3gp"}
READ = frozenset(SOUNDS | VIDEOS)
"""The endings of sounds, and of videos with a sound track, that can be read."""

PLAYLISTS = (b"#extm3u", b"#ext-x", b"ffconcat", b"[playlist]", b"[reference]", b"<asx", b"<smil", b"<mpd", b"file ")


def kind_of(start: bytes) -> str | None:
    """The container that a file's first bytes announce, as FFmpeg names it; None when it is none of ours."""
    if start[:4] in (b"RIFF", b"RIFX", b"RF64") and start[8:12] == b"AVI ":
        return "avi"
    for begin, kind in (
        (b"RIFF", "wav"), (b"RIFX", "wav"), (b"RF64", "wav"), (b"FORM", "aiff"), (b"fLaC", "flac"), (b"OggS", "ogg"),
        (b"caff", "caf"), (b".snd", "au"), (b"riff\x2e\x91\xcf\x11", "w64"), (b"\x1aE\xdf\xa3", "matroska"),
        (b"wvpk", "wv"), (b"MAC ", "ape"), (b"#!AMR", "amr"), (b"FLV\x01", "flv"), (b"\x00\x00\x01\xba", "mpeg"),
        (b"0&\xb2u\x8ef\xcf\x11", "asf"),
    ):  # fmt: skip
        if start.startswith(begin):
            return kind
    if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if start[:1] == b"G" and start[188:189] == b"G":
        return "mpegts"
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0:  # the frame header of MPEG audio
        return "aac" if start[1] & 0x06 == 0 else "mp3"
    return None


def announced(file: BinaryIO) -> str:
    """The container of an open file, which stands at its beginning again.

    Raises:
        UnreadableWork: when it is empty, a playlist, or nothing that could be a sound.
    """
    start = file.read(4096)
    tag = 0
    if start[:3] == b"ID3" and len(start) >= 10:  # tags of MP3, found before FLAC and AAC too
        tag = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=True))
        file.seek(tag)
        kind = kind_of(file.read(4096).lstrip(b"\0")) or "mp3"
    else:
        kind = kind_of(start)
    file.seek(0)
    if not start:
        raise UnreadableWork(_("the file is empty"))
    if kind:
        return kind
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(PLAYLISTS):
        raise UnreadableWork(_("a playlist, which only names other files; give the sound files themselves"))
    raise UnreadableWork(_("not a sound that can be read (WAV, FLAC, OGG, MP3, AIFF, Opus, M4A or a video)"))


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[tuple[int, Any]]:
    """Open a sound.

    Args:
        source: a path or an open binary file that can seek.

    Yields:
        Its rate in Hz, and a generator of float32 blocks ``(C, n)``.

    Raises:
        UnreadableWork: with the reason, also while the blocks are taken.
    """
    with ExitStack() as stack:
        file: Any = stack.enter_context(ordinary(source)) if isinstance(source, str | os.PathLike) else source
        kind = announced(file)
        yield stack.enter_context(decoder(Calm(file), kind))


class Calm:
    """A file without a name whose seeking never raises: from inside a decoder that would be printed, not caught."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.read, self.tell = file, file.read, file.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """The new place, or -1 when there is no such place."""
        try:
            return self.file.seek(offset, whence)
        except (OSError, ValueError):
            return -1


@contextmanager
def ordinary(path: Path) -> Iterator[BinaryIO]:
    """An ordinary file of a size that is possible, open for reading."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):  # to open a pipe would wait for ever
            raise UnreadableWork(_("not an ordinary file"))
        if status.st_size > MOST_BYTES:
            raise UnreadableWork(_("the file is larger than {limit} GB").format(limit=MOST_BYTES // 1_000_000_000))
        file = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise UnreadableWork(_("it cannot be opened: {why}").format(why=why(error))) from error
    with file:
        yield file


@contextmanager
def decoder(file: BinaryIO, kind: str) -> Iterator[tuple[int, Any]]:
    """The rate and the blocks of an open file whose container is known."""
    sound = None
    if kind != "mp3":  # of damaged ones libsndfile's decoder talks to the screen
        import soundfile

        with suppress(soundfile.LibsndfileError, RuntimeError, TypeError, ValueError):  # what it does not know
            sound = soundfile.SoundFile(file)
    if sound is None:
        file.seek(0)
        with through_ffmpeg(file, kind) as found:
            yield found
        return
    with sound:
        check_form(sound.samplerate, sound.channels)
        yield sound.samplerate, libsndfile_blocks(sound)


def check_form(rate: int, channels: int) -> None:
    """Refuse, before anything is decoded, what no recording has."""
    if not SLOWEST <= rate <= FASTEST:
        message = _("its sampling rate of {rate:,} Hz is not between {least:,} and {most:,}")
        raise UnreadableWork(message.format(rate=rate, least=SLOWEST, most=FASTEST))
    if not 1 <= channels <= MOST_CHANNELS:
        message = _("it has {channels:,} channels, more than {most}")
        raise UnreadableWork(message.format(channels=channels, most=MOST_CHANNELS))


def damaged() -> str:
    """The reason of a decoder that gave up."""
    return _("the sound is damaged or cut short")


def libsndfile_blocks(sound: Any) -> Iterator[np.ndarray]:
    """The samples of an open SoundFile, (C, n) at a time. How many its header promises is not believed."""
    while True:
        try:
            block = sound.read(BLOCK, dtype="float32", always_2d=True)
        except Exception as error:  # decoders meet damaged files with several kinds of exception
            raise UnreadableWork(damaged()) from error
        if not len(block):
            return
        yield np.ascontiguousarray(block.T)


@contextmanager
def through_ffmpeg(file: BinaryIO, kind: str) -> Iterator[tuple[int, Any]]:
    """The rate and the blocks of the first sound track, read by FFmpeg as ``kind`` and nothing else."""
    import av

    try:
        container = av.open(file, "r", format=kind, metadata_errors="replace")
    except Exception as error:  # FFmpeg's errors are of many classes
        raise UnreadableWork(damaged()) from error
    with container:
        if not container.streams.audio:
            raise UnreadableWork(_("it has no sound track"))
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise UnreadableWork(_("the codec of its sound track is not known"))
        frames = ffmpeg_frames(container, stream)
        with closing(frames):
            first = next(frames, None)
            if first is None:
                raise UnreadableWork(_("the sound is empty"))
            yield first[1], ffmpeg_blocks(first, frames)


def ffmpeg_frames(container: Any, stream: Any) -> Iterator[tuple[np.ndarray, int]]:
    """Decoded frames as float32 (C, n) with their rates.

    They are made interleaved first: PyAV counts the planes of a frame of eight or more channels beyond their end.
    """
    import av

    change = None
    try:
        for frame in tolerated(container, stream):
            channels, rate = frame.layout.nb_channels, frame.sample_rate
            check_form(rate, channels)
            change = change or av.AudioResampler(format="flt")
            for packed in change.resample(frame):
                values = np.frombuffer(packed.planes[0], np.float32, packed.samples * channels)
                yield np.ascontiguousarray(values.reshape(-1, channels).T), rate
    except UnreadableWork:
        raise
    except Exception as error:
        raise UnreadableWork(damaged()) from error


def tolerated(container: Any, stream: Any) -> Iterator[Any]:
    """The frames of a track; a few bad packets, as many an MP3 has at an end, are passed over as players do."""
    import av

    good = bad = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            bad += 1
            if bad > 2 + good // 50:
                raise
            continue
        good += 1
        yield from frames


def ffmpeg_blocks(first: tuple[np.ndarray, int], frames: Iterator[tuple[np.ndarray, int]]) -> Iterator[np.ndarray]:
    """Frames gathered into blocks (C, n); all must be of one rate and as many channels."""
    waiting, length = [first[0]], first[0].shape[1]
    for values, rate in frames:
        if rate != first[1] or len(values) != len(first[0]):
            raise UnreadableWork(_("its sampling rate or its channels change on the way"))
        waiting.append(values)
        length += values.shape[1]
        if length >= BLOCK:
            yield np.concatenate(waiting, axis=1)
            waiting, length = [], 0
    if length:
        yield np.concatenate(waiting, axis=1)

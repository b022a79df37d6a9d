"""The sound track of a film: carried along untouched, and encoded anew only where a format does not take it.

In memory it is a Matroska file, a container that takes nearly every codec; its time 0 is that of the first picture.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any

from bottega.errors import UnreadableWork
from bottega.language import _

if TYPE_CHECKING:
    from bottega.media.audio import Sound

EXACT = {"fflags": "+bitexact"}  # no dates, no random numbers, no versions
MOST_BYTES = 1 << 30
LEAD = Fraction(1, 10)  # seconds before the first picture in which a decoder may still warm up
ROUNDED = Fraction(1, 500)  # seconds that a time stamp of Matroska may be off
LEAD_KEY = "lead"
OWN_LEAD = ("opus", "libopus")  # these say themselves how long they warm up
COPIED = {
    "mp4": {"aac", "mp3", "mp3float", "ac3", "eac3", "alac", "opus", "libopus"},
    "webm": {"opus", "libopus", "vorbis", "libvorbis"},
}
"""The codecs that a container takes; Matroska takes all."""
ENCODED = {"mp4": ("aac", 192_000), "webm": ("libopus", 160_000)}
"""How sound is encoded anew: codec, bits per second."""
PIECE = 4096  # samples that are encoded at once
FRAMES = {"aac": 1024, "mp3": 1152, "mp3float": 1152, "ac3": 1536, "eac3": 1536}  # samples that a packet always has
AAC_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000)


def remuxed(container: Any, begin: Fraction | None, start: Fraction, seconds: Fraction | None) -> bytes | None:
    """The first sound track of an open container as a Matroska file in memory; None when there is none.

    Args:
        container: FFmpeg's.
        begin: when the first picture begins; the first sound when None.
        start: seconds after it before which packets are left out.
        seconds: how much is kept.

    Raises:
        UnreadableWork: for more than memory should hold.
    """
    if not container.streams.audio or container.streams.audio[0].codec_context is None:
        return None
    stream = container.streams.audio[0]
    try:
        return _muxed(_cut(container.demux(stream), begin, start, seconds), stream)
    except UnreadableWork:
        raise
    except Exception:  # a codec that Matroska does not take, or a damaged track: the film is silent then
        return None


def _cut(
    packets: Any, begin: Fraction | None, start: Fraction, seconds: Fraction | None
) -> Iterator[tuple[Fraction, Any]]:
    """The packets of a cut, with their times counted from its beginning."""
    for packet in _those_that_can_be_read(packets):
        time = packet.pts * Fraction(packet.time_base)
        begin = time if begin is None else begin
        time -= begin + start
        if seconds is not None and time >= seconds:
            return
        if time >= -LEAD:
            yield time, packet


def _those_that_can_be_read(packets: Any) -> Iterator[Any]:
    with suppress(Exception):  # FFmpeg's errors are of many classes; what came before the damage is kept
        for packet in packets:
            if packet.size and packet.pts is not None:
                yield packet


def _muxed(packets: Iterator[tuple[Fraction, Any]], template: Any) -> bytes | None:
    import av

    first = next(packets, None)
    if first is None:
        return None
    lead = max(-first[0], Fraction(0))
    buffer, size = io.BytesIO(), 0
    with av.open(buffer, "w", format="matroska", options=EXACT) as out:
        out.metadata[LEAD_KEY] = "0" if template.codec_context.name in OWN_LEAD else str(lead)
        stream = out.add_stream_from_template(template)
        for time, packet in chain([first], packets):
            size += packet.size
            if size > MOST_BYTES:
                message = _("its sound track is larger than {limit} GB; read a shorter part of it")
                raise UnreadableWork(message.format(limit=MOST_BYTES >> 30))
            packet.pts = packet.dts = round((time + lead) / Fraction(packet.time_base))
            packet.stream = stream
            out.mux(packet)
    return buffer.getvalue()


def lead_of(container: Any) -> Fraction:
    """How many seconds of an open sound track come before the first picture: no container tells negative times."""
    told = next((value for key, value in container.metadata.items() if key.lower() == LEAD_KEY), "0")
    try:
        lead = Fraction(told)
    except (ValueError, ZeroDivisionError):
        return Fraction(0)
    return lead if 0 <= lead <= 2 * LEAD else Fraction(0)


def lead(sound: bytes) -> Fraction:
    """How many seconds of a sound track in memory come before the first picture."""
    import av

    with av.open(io.BytesIO(sound), "r", format="matroska") as source:
        return lead_of(source)


def packed(sound: "Sound") -> bytes:
    """A sound as the sound track of a film: FLAC in Matroska, of at most two channels and with 24 bits."""
    from bottega.media.audio import Sound, in_channels

    return _coded(iter([Sound(in_channels(sound.samples, min(sound.channels, 2)), sound.rate)]), "flac", 0)


def fitting(sound: bytes, form: str) -> bytes:
    """A sound track, encoded anew if a container of format ``"mp4"``, ``"webm"`` or ``"matroska"`` does not take it."""
    import av

    from bottega.media import audio

    with av.open(io.BytesIO(sound), "r", format="matroska") as source:
        context = source.streams.audio[0].codec_context
        if form not in COPIED or context.name in COPIED[form]:
            return sound
        codec, bits = ENCODED[form]
        rate = context.sample_rate if codec == "aac" and context.sample_rate in AAC_RATES else 48_000
        channels = min(context.channels, 2)
        early = round(lead_of(source) * rate)
    return _coded(_later(audio.blocks(io.BytesIO(sound), rate=rate, channels=channels), early), codec, bits)


def _later(blocks: Iterator["Sound"], early: int) -> Iterator["Sound"]:
    """Blocks of sound without the first so many samples."""
    for block in blocks:
        if early < len(block):
            yield replace(block, samples=block.samples[:, early:])
        early = max(0, early - len(block))


def _coded(blocks: Iterator["Sound"], codec: str, bits: int) -> bytes:
    """Blocks of sound, all of one form, encoded in a Matroska file in memory."""
    import av
    import numpy as np

    buffer, place, stream = io.BytesIO(), 0, None
    with av.open(buffer, "w", format="matroska", options=EXACT) as out:
        for block in blocks:
            layout = "stereo" if block.channels == 2 else "mono"
            if stream is None:
                stream = out.add_stream(codec, rate=block.rate, layout=layout)
                if bits:
                    stream.bit_rate = bits
                else:  # without loss
                    stream.format = "s32"
            for begin in range(0, len(block), PIECE):
                samples = np.ascontiguousarray(block.samples[:, begin : begin + PIECE].T).reshape(1, -1)
                frame = av.AudioFrame.from_ndarray(samples, "flt", layout)
                frame.sample_rate, frame.pts, frame.time_base = block.rate, place, Fraction(1, block.rate)
                place += samples.size // block.channels
                out.mux(stream.encode(frame))
        if stream is not None:
            out.mux(stream.encode(None))
    return buffer.getvalue()


class Track:
    """The sound track of a film that is being written: each packet just before the pictures that it belongs to.

    Args:
        sound: a Matroska file in memory.
        out: FFmpeg's container that is written.
        seconds: how long the film is; packets after its end are left out.
    """

    def __init__(self, sound: bytes, out: Any, seconds: Fraction) -> None:
        import av

        self.out, self.seconds = out, seconds
        self.source = av.open(io.BytesIO(sound), "r", format="matroska")
        self.template = self.source.streams.audio[0]
        self.stream = out.add_stream_from_template(self.template)
        self.packets = self._timed()
        self.next = next(self.packets, None)

    def until(self, time: Fraction) -> None:
        """Write the packets that begin before a time."""
        while self.next is not None and self.next[0] < min(time, self.seconds):
            self.out.mux(self.next[1])
            self.next = next(self.packets, None)

    def close(self) -> None:
        """Let go of the source."""
        self.packets.close()
        self.source.close()

    def _timed(self) -> Iterator[tuple[Fraction, Any]]:
        """The packets with their times: exact ones, where Matroska rounded them to a thousandth of a second."""
        rate = self.template.codec_context.sample_rate
        length = FRAMES.get(self.template.codec_context.name, 0)
        exact, lead = None, lead_of(self.source)
        for packet in self.source.demux(self.template):
            if not packet.size or packet.pts is None:
                continue
            time = packet.pts * Fraction(packet.time_base) - lead
            if length:
                exact = round(time * rate / length) * Fraction(length, rate) if exact is None else exact
                time = exact if abs(time - exact) <= ROUNDED else time
                exact = time + Fraction(length, rate)
                packet.time_base, packet.duration = Fraction(1, rate), length
            packet.pts = packet.dts = round(time / Fraction(packet.time_base))
            packet.stream = self.stream
            yield time, packet

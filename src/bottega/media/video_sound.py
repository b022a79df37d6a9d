"""The sound track of a film: carried along untouched, and encoded anew only where a format does not take it.

In memory it is a Matroska file, a container that takes nearly every codec; its time 0 is that of the first picture.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
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
COPIED = {
    "mp4": {"aac", "mp3", "mp3float", "ac3", "eac3", "alac", "opus", "libopus"},
    "webm": {"opus", "libopus", "vorbis", "libvorbis"},
}
"""The codecs that a container takes; Matroska takes all."""
ENCODED = {"mp4": ("aac", 192_000, 1024), "webm": ("libopus", 160_000, 960)}
"""How sound is encoded anew: codec, bits per second, samples in a packet."""
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


def _cut(packets: Any, begin: Fraction | None, start: Fraction, seconds: Fraction | None) -> Iterator[Any]:
    """The packets of a cut, their time stamps counted from its beginning."""
    lead = None
    for packet in _those_that_can_be_read(packets):
        base = Fraction(packet.time_base)
        time = packet.pts * base
        begin = time if begin is None else begin
        time -= begin + start
        if time < -LEAD:
            continue
        if seconds is not None and time >= seconds:
            return
        lead = max(-time, Fraction(0)) if lead is None else lead
        packet.pts = packet.dts = round((time + lead) / base)
        yield packet


def _those_that_can_be_read(packets: Any) -> Iterator[Any]:
    with suppress(Exception):  # FFmpeg's errors are of many classes; what came before the damage is kept
        for packet in packets:
            if packet.size and packet.pts is not None:
                yield packet


def _muxed(packets: Iterator[Any], template: Any) -> bytes | None:
    import av

    first = next(packets, None)
    if first is None:
        return None
    buffer, size = io.BytesIO(), 0
    with av.open(buffer, "w", format="matroska", options=EXACT) as out:
        stream = out.add_stream_from_template(template)
        for packet in chain([first], packets):
            size += packet.size
            if size > MOST_BYTES:
                message = _("its sound track is larger than {limit} GB; read a shorter part of it")
                raise UnreadableWork(message.format(limit=MOST_BYTES >> 30))
            packet.stream = stream
            out.mux(packet)
    return buffer.getvalue()


def packed(sound: "Sound") -> bytes:
    """A sound as the sound track of a film: FLAC in Matroska, of at most two channels and with 24 bits."""
    import av

    from bottega.media.audio import in_channels
    from bottega.media.audio_writers import whole_numbers

    samples = in_channels(sound.samples, min(sound.channels, 2))
    layout = "stereo" if len(samples) == 2 else "mono"
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska", options=EXACT) as out:
        stream = out.add_stream("flac", rate=sound.rate, layout=layout, format="s32")
        for begin in range(0, samples.shape[1], 4096):
            numbers = whole_numbers(samples[:, begin : begin + 4096]).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(numbers, "s32", layout)
            frame.sample_rate, frame.pts, frame.time_base = sound.rate, begin, Fraction(1, sound.rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return buffer.getvalue()


def fitting(sound: bytes, form: str) -> bytes:
    """A sound track, encoded anew if a container of format ``"mp4"``, ``"webm"`` or ``"matroska"`` does not take it."""
    import av

    with av.open(io.BytesIO(sound), "r", format="matroska") as source:
        stream = source.streams.audio[0]
        if form not in COPIED or stream.codec_context.name in COPIED[form]:
            return sound
        codec, bits, length = ENCODED[form]
        rate = stream.codec_context.sample_rate
        rate = rate if codec == "aac" and rate in AAC_RATES else 48_000
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        buffer = io.BytesIO()
        with av.open(buffer, "w", format="matroska", options=EXACT) as out:
            coder = out.add_stream(codec, rate=rate, layout=layout)
            coder.bit_rate = bits
            change = av.AudioResampler(coder.format.name, layout, rate, length)
            for frame in source.decode(stream):
                for part in change.resample(frame):
                    out.mux(coder.encode(part))
            for part in change.resample(None):
                out.mux(coder.encode(part))
            out.mux(coder.encode(None))
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
        exact = None
        for packet in self.source.demux(self.template):
            if not packet.size or packet.pts is None:
                continue
            time = packet.pts * Fraction(packet.time_base)
            if length:
                exact = time if exact is None or abs(time - exact) > Fraction(1, 400) else exact
                packet.time_base = Fraction(1, rate)
                packet.pts = packet.dts = round(exact * rate)
                packet.duration = length
                time, exact = exact, exact + Fraction(length, rate)
            packet.stream = self.stream
            yield time, packet

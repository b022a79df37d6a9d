"""What decodes a film: FFmpeg (PyAV); pictures that move are Pillow's, see ``loops``.

This runs in a child process, see ``child``. Each decoder is told the one container that it may read and is given
an open file without a name, so that none of them can be led to another file or to a network.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import ENOMEM
from fractions import Fraction
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _
from bottega.media.audio_decoders import PLAYLISTS, Calm, kind_of
from bottega.media.films.clock import SAMPLED, consistent, rate_of
from bottega.media.films.hdr import HLG, PQ, tamed
from bottega.media.films.shapes import Shape, check_pixels, premultiplied, turn_of

MOVING_PICTURES = ("GIF", "WEBP", "PNG")  # as Pillow names them
FILMS = ("mov", "matroska", "avi", "ogg", "asf", "flv", "mpeg", "mpegvideo", "mpegts")
MOST_BAD = 300  # packets in a row from which nothing came
LEAP = 2  # seconds between pictures, with damage between them, that are not believed
WITHIN = {"enable_drefs": "0", "use_absolute_path": "0"}  # an MP4 may say that its pictures are in another file
MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
SCALING = "flags={}+accurate_rnd+full_chroma_int+bitexact"  # other flags cost 4 to 7 dB of 4:2:0 colours

Picture = Callable[[], np.ndarray]
"""Makes a picture, uint8 ``(H, W, C)``, at its final size; not called for those that nobody sees."""


class Source:
    """An open film.

    Attributes:
        rate: frames per second, its own.
        seconds: how long its header says that it is; None when it does not.
        pictures: when each picture begins (None: not known), how long it lasts when nothing follows, and itself.
        begin: when the first picture begins on the clock of the file, once it was taken.
        harmed: how many places could not be decoded.
        reached: when the last picture that was taken ends.
    """

    def __init__(self, rate: Fraction, seconds: Fraction | None, pictures: Iterator[Any]) -> None:
        self.rate, self.seconds, self.pictures = rate, seconds, pictures
        self.begin, self.harmed, self.reached = Fraction(0), 0, Fraction(0)

    def watched(self, progress: Callable[[], None]) -> Iterator[Any]:
        """The pictures; ``progress`` is called after each, and ``reached`` remembers how far they went."""
        for time, length, picture in self.pictures:
            progress()
            self.reached = (self.reached if time is None else max(time, Fraction(0))) + length
            yield time, length, picture

    def nothing(self, start: Fraction) -> UnreadableWork:
        """Why no picture was given."""
        if self.reached:
            message = _("it lasts only {seconds:.1f} seconds, and is to be read from {start:.1f} on")
            return UnreadableWork(message.format(seconds=float(self.reached), start=float(start)))
        return UnreadableWork(damaged() if self.harmed or self.seconds else _("it holds no pictures"))

    def note(self, whole: bool) -> str | None:
        """What could not be read, as the end of a sentence; ``whole`` is when all that was asked for was given."""
        if not whole and self.seconds and self.reached < self.seconds - max(Fraction(1, 2), self.seconds / 30):
            message = _("it is cut short: {have:.1f} of {all:.1f} seconds could be read")
            return message.format(have=float(self.reached), all=float(self.seconds))
        if self.harmed:
            return _("it is damaged (places that cannot be read: {count})").format(count=self.harmed)
        return None


def announced(file: BinaryIO) -> str:
    """The container of an open file, which stands at its beginning again: one of FILMS or MOVING_PICTURES.

    Raises:
        UnreadableWork: when it is empty, a playlist, a sound, or nothing that could be a film.
    """
    start = file.read(4096)
    file.seek(0)
    if not start:
        raise UnreadableWork(_("the file is empty"))
    if start[:4] == b"GIF8":
        return "GIF"
    if start[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WEBP"
    if start[:4] == b"\x00\x00\x01\xb3":
        return "mpegvideo"
    if start[4:5] == b"G" and start[196:197] == b"G":  # the packets of cameras and discs
        return "mpegts"
    kind = kind_of(start)
    if kind in FILMS:
        return kind
    if kind:
        raise UnreadableWork(_("a sound without pictures"))
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(PLAYLISTS):
        raise UnreadableWork(_("a playlist, which only names other files; give the films themselves"))
    raise UnreadableWork(_("not a film that can be read (MP4, MOV, WebM, MKV, AVI, GIF, WebP, OGV, WMV, MPG, TS)"))


def damaged() -> str:
    """The reason of a decoder that gave up."""
    return _("the film is damaged or cut short")


def no_room(error: Exception) -> bool:
    """Whether a decoder gave up because it got no more memory."""
    return isinstance(error, MemoryError) or getattr(error, "errno", 0) == ENOMEM


@contextmanager
def opened(file: BinaryIO, kind: str) -> Iterator[Any]:
    """FFmpeg's container of an open file, read as ``kind`` and nothing else."""
    import av

    file.seek(0)
    options = WITHIN if kind == "mov" else {}
    try:
        container = av.open(Calm(file), "r", format=kind, metadata_errors="replace", options=options)
    except Exception as error:  # FFmpeg's errors are of many classes
        if no_room(error):
            raise
        raise UnreadableWork(damaged()) from error
    with container:
        yield container


def video_of(container: Any) -> Any:
    """The stream of pictures that a container holds; the cover of a song is none."""
    for stream in container.streams.video:
        if stream.disposition.value & 0x400:  # an attached picture
            continue
        if stream.codec_context is None:
            raise UnreadableWork(_("the codec of its pictures is not known"))
        check_pixels(stream.codec_context.width, stream.codec_context.height)
        return stream
    raise UnreadableWork(
        _("it holds no pictures, only sound") if container.streams.audio else _("it holds no pictures")
    )


@contextmanager
def film(file: BinaryIO, kind: str, shape: Shape, start: Fraction) -> Iterator[Source]:
    """Open a film of FFmpeg's, to be read from about ``start`` seconds on."""
    with opened(file, kind) as container:
        rate = rate_from_packets(container, video_of(container))
    with opened(file, kind) as container:
        stream = video_of(container)
        begin = Fraction(stream.start_time or 0) * stream.time_base if stream.time_base else Fraction(0)
        if start > 5:  # the decoder's own way to the key frame before it
            _seek(container, begin + start)
        source = Source(rate, seconds_of(container, stream), iter(()))
        source.begin = begin
        source.pictures = consistent(_pictures(container, stream, source, shape, told=start > 5))
        yield source


def _seek(container: Any, time: Fraction) -> None:
    """Go to the last key frame before a time; to the beginning where that is not possible."""
    try:
        container.seek(int(time * 1_000_000), backward=True)
    except Exception:  # an index that is damaged or missing
        container.seek(0)


def rate_from_packets(container: Any, stream: Any) -> Fraction:
    """The rate of a stream, from what it claims and from the time stamps of its first packets."""
    times = []
    try:
        for packet in islice(container.demux(stream), SAMPLED):
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is not None and not getattr(packet, "is_discard", False):
                times.append(stamp * packet.time_base)
    except Exception:  # what can be read is read later, and told then
        pass
    if len(times) > SAMPLED - 20:
        times = sorted(times)[:-20]  # of the last ones some have not come yet
    claims = [stream.average_rate, stream.guessed_rate, stream.base_rate]
    return rate_of(sorted(times), Fraction(stream.time_base or 0), [Fraction(claim) for claim in claims if claim])


def seconds_of(container: Any, stream: Any) -> Fraction | None:
    """How long the header says that the pictures last."""
    if stream.duration and stream.time_base:
        return stream.duration * Fraction(stream.time_base)
    told = next((value for key, value in stream.metadata.items() if key.upper() == "DURATION"), "")  # of Matroska
    try:
        hours, minutes, rest = told.split(":")
        return Fraction(int(hours) * 3600 + int(minutes) * 60) + Fraction(rest)
    except ValueError:
        return Fraction(container.duration, 1_000_000) if container.duration and not container.streams.audio else None


def _decoder(stream: Any) -> Any:
    """What decodes a stream; of VP8 and VP9 only one decoder knows transparency."""
    import av

    context = stream.codec_context
    if context.name in ("vp8", "vp9") and any(key.lower() == "alpha_mode" for key in stream.metadata):
        context = av.CodecContext.create({"vp8": "libvpx", "vp9": "libvpx-vp9"}[context.name], "r")
    context.thread_count = 1  # with several, what is damaged comes out by chance
    return context


def _frames(container: Any, stream: Any, source: Source) -> Iterator[Any]:
    """The decoded frames of a stream; packets that are damaged are passed over and counted."""
    decoder, bad = _decoder(stream), 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except Exception:  # the container ends in the middle
            source.harmed += 1
            packet = None
        if packet is not None and packet.size == 0:  # a picture left out, or PyAV's sign for the end
            continue
        try:
            frames = decoder.decode(packet)
            bad = 0 if frames else bad + 1
        except Exception as error:  # FFmpeg's errors are of many classes
            if no_room(error):
                raise
            source.harmed += 1
            frames, bad = [], bad + 1
        for frame in frames:
            source.harmed += bool(frame.is_corrupt)
            yield frame
        if packet is None or bad > MOST_BAD:
            return


def progressive(frames: Iterator[Any]) -> Iterator[Any]:
    """Frames without combs: of each that says that it is interlaced, half of the lines are drawn anew (FFmpeg's BWDIF,
    from the fields before and after); the others stay as they are."""
    graph, form = None, None
    for frame in frames:
        key = frame.width, frame.height, frame.format.name
        if graph is not None and key != form:
            yield from _pushed(graph, None)
            graph = None
        if graph is None and frame.interlaced_frame:
            graph, form = _weaver(frame), key
        yield from [frame] if graph is None else _pushed(graph, frame)
    if graph is not None:
        yield from _pushed(graph, None)


def _weaver(frame: Any) -> Any:
    import av

    graph = av.filter.Graph()
    base = Fraction(frame.time_base or 0) or Fraction(1, 1000)
    begin = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=base)
    weave = graph.add("bwdif", "mode=send_frame:deint=interlaced")
    graph.link_nodes(begin, weave, graph.add("buffersink")).configure()
    return graph


def _pushed(graph: Any, frame: Any) -> Iterator[Any]:
    """What comes out of a graph when a frame, or the end, is put into it."""
    import av

    graph.push(frame)
    while True:
        try:
            yield graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return


def _pictures(container: Any, stream: Any, source: Source, shape: Shape, told: bool) -> Iterator[Any]:
    """The pictures of a stream with their times, which count from the first one; ``told`` is where that is known."""
    graphs: dict[Any, Any] = {}
    base, last, harmed = Fraction(stream.time_base or 0), Fraction(0), 0
    for frame in progressive(_frames(container, stream, source)):
        check_pixels(frame.width, frame.height)
        tick = Fraction(frame.time_base or 0) or base
        stamp = None if frame.pts is None else frame.pts * tick
        if stamp is not None and not told:
            source.begin, told = stamp, True
        if shape.size is None:
            aspect = Fraction(stream.sample_aspect_ratio or stream.codec_context.sample_aspect_ratio or 1)
            shape.settle(frame.height, frame.width, aspect, turn_of(frame), _has_alpha(frame))
        length = Fraction(getattr(frame, "duration", 0) or 0) * tick
        length = length if 0 < length <= 60 else 1 / source.rate
        time = None if stamp is None else stamp - source.begin
        if time is not None and source.harmed > harmed and abs(time - last) > LEAP:  # the stamp was hit too
            time = None
        last, harmed = last + length if time is None else time, source.harmed
        yield time, length, lambda frame=frame: converted(frame, shape, graphs)


def _has_alpha(frame: Any) -> bool:
    return frame.format.name != "pal8" and any(part.is_alpha for part in frame.format.components)


def converted(frame: Any, shape: Shape, graphs: dict[Any, Any]) -> np.ndarray:
    """A frame as a picture of the final shape, uint8 ``(H, W, C)``."""
    transfer = int(getattr(frame, "color_trc", 0))  # an older PyAV does not tell it
    alpha, bright = _has_alpha(frame), transfer in (PQ, HLG)
    height, width = (frame.height, frame.width) if alpha else shape.unturned
    key = (frame.width, frame.height, frame.format.name, frame.colorspace, frame.color_range, transfer)
    if key not in graphs:
        graphs.clear()  # a stream that changes its size seldom changes it back
        graphs[key] = _graph(frame, height, width, "rgba" if alpha else "rgb48le" if bright else "rgb24")
    graphs[key].push(frame)
    pixels = graphs[key].pull().to_ndarray()
    return shape(premultiplied(pixels) if alpha else tamed(pixels, transfer) if bright else pixels)


def _graph(frame: Any, height: int, width: int, form: str) -> Any:
    """FFmpeg's way from a frame to RGB of a size, with its matrix, its range and its brightness honoured."""
    import av

    coded = not (frame.format.is_rgb or frame.format.name.startswith(("gray", "pal", "mono", "ya")))
    colours = ""
    if coded:
        matrix = MATRICES.get(int(frame.colorspace), "bt709" if frame.width >= 1280 or frame.height > 576 else "bt601")
        full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
        colours = f":in_color_matrix={matrix}:in_range={'pc' if full else 'tv'}:out_range=pc"
    graph = av.filter.Graph()
    base = Fraction(frame.time_base or 0) or Fraction(1, 1000)
    begin = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=base)
    scaling = SCALING.format("bicubic" if (height, width) == (frame.height, frame.width) else "lanczos")
    scale = graph.add("scale", f"{width}:{height}:{scaling}{colours}")
    graph.link_nodes(begin, scale, graph.add("format", form), graph.add("buffersink")).configure()
    return graph

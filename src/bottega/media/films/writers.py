"""Writing a film with its sound and its record inside, whole or not at all; same film, same bytes."""

import math
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media.disclosure import TAG, into_gif, onto_mp4, source_of, xmp
from bottega.media.files import whole_file
from bottega.media.films.decoders import SCALING
from bottega.media.films.loops import write_gif, write_webp
from bottega.media.films.priority import ordinary_priority
from bottega.media.films.records import read_record, written
from bottega.media.films.sound import EXACT, Track, fitting
from bottega.media.image import PAPER, straighten_alpha

if TYPE_CHECKING:
    from bottega.media.video import Film

__all__ = ["WRITTEN", "read_record", "write"]

WRITTEN = {".mp4": "MP4", ".webm": "WebM", ".mkv": "MKV", ".mov": "MP4", ".gif": "GIF", ".webp": "WEBP"}
"""The endings a film can be written under, the usual one first."""
AV1 = re.compile(r"\.av1(-(\d+|remade))*$", re.IGNORECASE)
"""How the stem of an MP4, MOV or WebM ends that is to be encoded as AV1, or is one of several such."""
ENCODER = "libsvtav1"
LONGEST_SIDE = {"MP4": 8192, "WEBP": 16_383}
SMALL = 256  # pixels of the shorter side; colours have half as many
THREADS = 4  # always as many: the bits of H.264 depend on it


@dataclass(frozen=True)
class Coding:
    """How a container of FFmpeg's is written."""

    container: str
    codec: str
    opaque: str  # the pixel format
    transparent: str | None  # with transparency, where there is such a thing
    options: dict[str, str] = field(default_factory=dict)
    muxing: dict[str, str] = field(default_factory=dict)


CODINGS = {
    "MP4": Coding(
        "mp4", "libx264", "yuv420p", None,
        {"crf": "17", "preset": "medium", "x264-params": "cpu-independent=1"}, {"movflags": "+faststart"},
    ),
    "WebM": Coding(
        "webm", "libvpx-vp9", "yuv420p", "yuva420p",
        {"crf": "22", "b": "0", "deadline": "good", "cpu-used": "3", "row-mt": "1", "auto-alt-ref": "0"},
    ),
    "MKV": Coding("matroska", "ffv1", "bgr0", "bgra", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}),
}  # fmt: skip


def write(path: Path, film: "Film", record: dict | None = None) -> None:
    """Write a film as the ending says, whole or not at all; same film, same bytes.

    An ``.mp4`` (H.264) plays everywhere; transparency is laid over white. A ``.webm`` (VP9) keeps transparency. Both
    enlarge films of less than 256 pixels by a whole number, as their colours have half as many pixels, and give odd
    sizes one row or column more. An ``.mkv`` (FFV1) keeps every bit: it is the master. A ``.gif`` or ``.webp`` plays in
    a loop and is silent. The sound's packets are copied where the format takes them, and encoded anew elsewhere.

    An ``.mov`` holds what an ``.mp4`` does. A name that ends in ``.av1.mp4``, ``.av1.mov`` or ``.av1.webm`` asks for
    AV1: a third smaller, and without transparency.

    Args:
        path: where; folders are made.
        film: at least one frame.
        record: what to remember inside the file.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending, an empty film, one too large for its format, or AV1 where there is no encoder.
    """
    path = Path(path)
    form = WRITTEN.get(path.suffix.lower())
    if form is None:
        message = _("Films are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    if len(film) == 0:
        raise UsageError(_("The film is empty: there is nothing to write."))
    longest = LONGEST_SIDE.get(form, 32_767)
    if max(film.size) > longest:
        message = _("A film in a {form} file has at most {longest:,} pixels on a side; make it smaller first.")
        raise UsageError(message.format(form=form, longest=longest))
    packet = xmp(record)
    with whole_file(path) as part:
        if form in CODINGS:
            write_coded(part, film, written(record), coding_of(path, form), source_of(record))
            if form == "MP4" and packet:
                onto_mp4(part, packet)
        elif form == "GIF":
            write_gif(part, film, written(record, film.rate))
            if packet:
                into_gif(part, packet)
        else:
            write_webp(part, film, record)


def coding_of(path: Path, form: str) -> Coding:
    """How a film is coded under a name. Raises UsageError for AV1 where this PyAV has no encoder."""
    coding = CODINGS[form]
    if form == "MKV" or not AV1.search(path.stem):
        return coding
    import av

    if ENCODER not in av.codecs_available:
        message = _("This installation cannot encode AV1; name the film {name} instead.")
        raise UsageError(message.format(name=AV1.sub("", path.stem) + path.suffix))
    os.environ.setdefault("SVT_LOG", "1")  # errors only: it would talk into the terminal
    options = {"crf": "24", "preset": "6"}
    return replace(coding, codec=ENCODER, opaque="yuv420p10le", transparent=None, options=options)


def write_coded(path: Path, film: "Film", comment: str, coding: Coding, source: str | None = None) -> None:
    """An MP4, WebM or MKV through FFmpeg; in the latter two a tag says where it comes from."""
    import av

    rate = Fraction(film.rate).limit_denominator(30_000)
    options = {"fflags": EXACT["fflags"]} | coding.muxing
    try:
        with av.open(f"file:{path.absolute()}", "w", format=coding.container, options=options) as out:
            if comment:
                out.metadata["comment"] = comment
            if source and coding.container != "mp4":
                out.metadata[TAG] = source
            stream = out.add_stream(coding.codec, rate=rate, options=coding.options)
            frames = coded_frames(film, coding, stream.codec_context)
            if coding.codec == ENCODER:
                with ordinary_priority():
                    stream.codec_context.open()
            track = Track(fitting(film.sound, coding.container), out, len(film) / rate) if film.sound else None
            with closing(track) if track else nullcontext():
                for packet in _encoded(stream, frames):
                    if track:
                        track.until(packet.dts * Fraction(packet.time_base))
                    out.mux(packet)
                if track:
                    track.until(track.seconds)
    except av.FFmpegError as error:
        if getattr(error, "errno", 0) and error.errno > 0:  # the disk's
            raise OSError(error.errno, error.strerror) from error
        raise DataError(_("The film could not be encoded: {why}.").format(why=error)) from error


def _encoded(stream: Any, frames: Iterable[Any]) -> Iterator[Any]:
    for frame in frames:
        yield from stream.encode(frame)
    yield from stream.encode(None)


def coded_frames(film: "Film", coding: Coding, context: Any) -> Iterator[Any]:
    """The frames of a film as an encoder takes them, whose ``context`` is told of their form."""
    lossless = coding.codec == "ffv1"
    alpha = film.frames.shape[3] == 4 and coding.transparent is not None
    factor = 1 if lossless else max(1, math.ceil(SMALL / min(film.size)))
    height, width = (side * factor if lossless else -(-side * factor // 2) * 2 for side in film.size)
    context.height, context.width = height, width
    context.pix_fmt = coding.transparent if alpha else coding.opaque
    context.thread_count = THREADS
    context.flags |= 1 << 23  # bit-exact: no version is written
    if not lossless:
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited, as all players expect
    return _converted(film, alpha, factor, (height, width), context.pix_fmt)


def _converted(film: "Film", alpha: bool, factor: int, size: tuple[int, int], form: str) -> Iterator[Any]:
    import av

    graph = None
    for number, pixels in enumerate(film.frames):
        if pixels.shape[2] == 4 and not alpha:
            pixels = pixels[..., :3] + (PAPER - pixels[..., 3:])
        pixels = enlarged(pixels, factor)
        more = [(0, size[0] - pixels.shape[0]), (0, size[1] - pixels.shape[1]), (0, 0)]
        pixels = np.pad(pixels, more, mode="edge") if more[0][1] or more[1][1] else pixels
        pixels = straighten_alpha(pixels) if alpha else pixels
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgba" if alpha else "rgb24")
        if form.startswith("yuv"):
            graph = graph or _graph(frame, form)
            graph.push(frame)
            frame = graph.pull()
        frame.pts, frame.time_base = number, 1 / Fraction(film.rate).limit_denominator(30_000)
        yield frame


def _graph(frame: Any, form: str) -> Any:
    """FFmpeg's way from RGB to the colours of a film."""
    import av

    graph = av.filter.Graph()
    base = Fraction(1, 1000)
    begin = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=base)
    scale = graph.add(
        "scale", f"{frame.width}:{frame.height}:{SCALING.format('lanczos')}:out_color_matrix=bt709:out_range=tv"
    )
    graph.link_nodes(begin, scale, graph.add("format", form), graph.add("buffersink")).configure()
    return graph


def enlarged(pixels: np.ndarray, factor: int) -> np.ndarray:
    """A picture ``(H, W, C)`` a whole number of times as large: smooth, and with its own colours when shrunk again.

    What a plain enlargement loses of each pixel's colour is enlarged too and added (back-projection: Irani and Peleg,
    Improving resolution by image registration, 1991).
    """
    if factor == 1:
        return pixels
    import cv2

    small = pixels.astype(np.float32)
    size = pixels.shape[1] * factor, pixels.shape[0] * factor
    large = cv2.resize(small, size, interpolation=cv2.INTER_CUBIC)
    for _again in range(3):
        lost = small - cv2.resize(large.clip(0, 255), pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
        large = large.clip(0, 255) + cv2.resize(lost, size, interpolation=cv2.INTER_CUBIC)
    result = np.rint(large.clip(0, 255)).astype(np.uint8)
    if result.shape[2] == 4:
        np.minimum(result[..., :3], result[..., 3:], out=result[..., :3])  # colour <= opacity
    return result

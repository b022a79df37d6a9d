"""Films: read any of them, in any length, and write them with their record.

A film is a row of pictures of one size at a fixed rate, and the sound that belongs to it. What a file holds is told by
its content, never by its ending, and nothing but the file that was named is ever opened: a playlist is no film.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media.audio_decoders import VIDEOS

__all__ = ["READ", "WRITTEN", "Film", "blocks", "moves", "read", "read_record", "write"]

READ = frozenset(VIDEOS | {".gif", ".webp", ".apng", ".png"})
"""The endings of films; a GIF, WebP or PNG is one when ``moves`` says so."""
WRITTEN = {".mp4": "MP4", ".webm": "WebM", ".mkv": "MKV", ".gif": "GIF", ".webp": "WEBP"}
"""The endings a film can be written under."""
FOLDER_RATE = Fraction(12)  # frames per second of a folder of pictures, unless told


@dataclass(frozen=True, eq=False)
class Film:
    """A film in memory.

    Attributes:
        frames: uint8 ``(T, H, W, 3)``, or premultiplied ``(T, H, W, 4)``; T is at least 1.
        rate: frames per second.
        sound: the sound track as a Matroska file in memory, its packets exactly as they were in the film it was read
            from; None for a silent film.
        note: what of its file could not be read, as the end of a sentence; None when all is there.
    """

    frames: np.ndarray
    rate: Fraction
    sound: bytes | None = None
    note: str | None = None

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return float(len(self.frames) / self.rate)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.frames.shape[1], self.frames.shape[2]


def read(
    path: Path,
    *,
    alpha: bool = True,
    size: tuple[int, int] | int | None = None,
    fit: str = "crop",
    rate: Fraction | int | None = None,
    start: float = 0.0,
    seconds: float | None = None,
) -> Film:
    """Read one film, upright, with square pixels, at a fixed rate.

    Args:
        path: a film, or a folder of pictures, which are its frames in the natural order of their names.
        alpha: keep transparency where the film has it; without it, transparent parts are laid over white.
        size: ``(H, W)`` to fit it to as ``fit`` says; or the longest side it may have, keeping its proportions and
            never enlarging it; as in the file when not given.
        fit: ``"crop"``, ``"pad"`` or ``"stretch"``, as with pictures.
        rate: frames per second to resample to, by time stamps; the film's own when not given (a folder: 12).
        start: seconds to leave out at the beginning.
        seconds: how much to read; up to its end when not given.

    Raises:
        UnreadableWork: with the reason: not a film, damaged, empty, too large, too long for memory, no permission.
    """
    parts = list(blocks(path, alpha=alpha, size=size, fit=fit, rate=rate, start=start, seconds=seconds))
    return Film(np.concatenate([part.frames for part in parts]), parts[0].rate)


def blocks(
    path: Path,
    *,
    alpha: bool = False,
    size: tuple[int, int] | int | None = None,
    fit: str = "crop",
    rate: Fraction | int | None = None,
    start: float = 0.0,
    seconds: float | None = None,
    frames: int = 64,
) -> Iterator[Film]:
    """Read a film of any length, at most ``frames`` at a time and without its sound: memory stays the same.

    The arguments and reasons are those of ``read``. What is damaged is told by the ``note`` of the last block.
    """
    import av

    from bottega.media.image import fit as fitted

    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            own = Fraction(stream.average_rate or FOLDER_RATE)
            waiting = []
            for frame in container.decode(stream):
                pixels = frame.to_ndarray(format="rgb24")
                waiting.append(fitted(pixels, size, fit) if isinstance(size, tuple) else pixels)
                if len(waiting) == frames:
                    yield Film(np.stack(waiting), own)
                    waiting = []
            if waiting:
                yield Film(np.stack(waiting), own)
    except (av.FFmpegError, IndexError) as error:
        raise UnreadableWork(_("the film is damaged or cut short")) from error


def write(path: Path, film: Film, record: dict | None = None) -> None:
    """Write a film as the ending says, whole or not at all; same film, same bytes.

    An ``.mp4`` (H.264) plays everywhere; transparency is laid over white, films of less than 256 pixels are enlarged
    by a whole number and odd sizes lose nothing but get one row or column more. A ``.webm`` (VP9) keeps transparency,
    an ``.mkv`` (FFV1) every bit: it is the master. A ``.gif`` or ``.webp`` plays in a loop and is silent. The sound's
    packets are copied where the format takes them, and encoded anew elsewhere.

    Args:
        path: where; folders are made.
        film: at least one frame.
        record: what to remember inside the file.

    Raises:
        OutOfRoom, DataError: when the disk is full or refuses.
        UsageError: for another ending, an empty film, or one too large for its format.
    """
    path = Path(path)
    if path.suffix.lower() not in WRITTEN:
        message = _("Films are written as {endings}, not as “{ending}”.")
        raise UsageError(message.format(endings=", ".join(WRITTEN), ending=path.suffix))
    import av

    from bottega.media.files import whole_file

    with whole_file(path) as part, av.open(str(part), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=film.rate)
        stream.height, stream.width, stream.pix_fmt = *film.size, "bgr0"
        for pixels in film.frames[..., :3]:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")))
        container.mux(stream.encode(None))


def read_record(path: Path) -> dict | None:
    """The record inside a film that Bottega wrote; None for any other film.

    Raises:
        UnreadableWork: when it is no film or cannot be opened.
    """
    raise UnreadableWork(_("the film is damaged or cut short"))


def moves(path: Path) -> bool:
    """Whether a GIF, WebP or PNG has several frames, so that it is a film; False for anything else."""
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF", "WEBP", "PNG")) as image:
            return getattr(image, "n_frames", 1) > 1
    except (OSError, SyntaxError, ValueError):
        return False

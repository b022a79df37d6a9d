"""Films: read any of them, in any length, and write them with their record.

A film is a row of pictures of one size at a fixed rate, and the sound that belongs to it. What a file holds is told by
its content, never by its ending, and nothing but the file that was named is ever opened: a playlist is no film. A child
process decodes it, see ``child``.
"""

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media import audio, image
from bottega.media.audio import Sound
from bottega.media.audio_decoders import VIDEOS, ordinary
from bottega.media.audio_decoders import announced as announced_sound
from bottega.media.films.child import Child
from bottega.media.films.clock import at_rate
from bottega.media.films.decoders import MOVING_PICTURES, announced
from bottega.media.films.shapes import Shape
from bottega.media.films.sound import lead, packed
from bottega.media.films.writers import WRITTEN, read_record, write

__all__ = [
    "READ",
    "WRITTEN",
    "Film",
    "blocks",
    "moves",
    "packed",
    "read",
    "read_record",
    "sound_of",
    "sound_track",
    "write",
]

READ = frozenset(VIDEOS | {".gif", ".webp", ".apng", ".png"})
"""The endings of films; a GIF, WebP or PNG is one when ``moves`` says so."""
FOLDER_RATE = Fraction(12)  # frames per second of a folder of pictures, unless told
MOST_BYTES = 3 << 30  # of frames in memory: 17 seconds of 1080p, 90 minutes at 128 pixels and 12 frames per second
FASTEST = 1000  # frames per second that one may ask for


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
    fit: image.Fit = "crop",
    rate: Fraction | int | None = None,
    start: float = 0.0,
    seconds: float | None = None,
) -> Film:
    """Read one film with its sound, upright, with square pixels, at a fixed rate.

    Args:
        path: a film, or a folder of pictures, which are its frames in the natural order of their names.
        alpha: keep transparency where the film has it; without it, transparent parts are laid over white.
        size: ``(H, W)`` to fit it to as ``fit`` says; or the longest side it may have, keeping its proportions and
            never enlarging it; as in the file when not given.
        fit: ``"crop"``, ``"pad"`` or ``"stretch"``, as with pictures.
        rate: frames per second to resample to, by time stamps; the film's own when not given. Of a folder it says how
            fast its pictures follow, 12 when not given.
        start: seconds to leave out at the beginning.
        seconds: how much to read; up to its end when not given.

    Returns:
        The film; its ``note`` says what of a damaged file could not be read.

    Raises:
        UnreadableWork: with the reason: not a film, damaged, empty, too large, too long for memory, no permission.
    """
    with _opened(path, _job(alpha, size, fit, rate, start, seconds), sound=True) as flow:
        check_memory(flow.expected, flow.shape)
        frames, count = np.empty((flow.expected, *flow.shape), np.uint8), 0
        for pixels, times in flow.frames:
            if count + times > len(frames):
                more = max(count + times, len(frames) + len(frames) // 2)
                check_memory(count + times, flow.shape)
                frames = np.concatenate([frames[:count], np.empty((more - count, *flow.shape), np.uint8)])
            frames[count : count + times] = pixels
            count += times
        return Film(frames[:count], flow.rate, flow.sound, flow.note)


def blocks(
    path: Path,
    *,
    alpha: bool = False,
    size: tuple[int, int] | int | None = None,
    fit: image.Fit = "crop",
    rate: Fraction | int | None = None,
    start: float = 0.0,
    seconds: float | None = None,
    frames: int = 64,
    on_share: Callable[[float], None] = lambda share: None,
) -> Iterator[Film]:
    """Read a film of any length, at most ``frames`` at a time and without its sound: memory stays the same.

    The arguments and reasons are those of ``read``; ``on_share`` is told now and then how much of the film was read, in
    [0, 1]. What is damaged is told by the ``note`` of the last block. Close the generator when it is not read to its
    end.
    """
    with _opened(path, _job(alpha, size, fit, rate, start, seconds), sound=False) as flow:
        block, count = np.empty((frames, *flow.shape), np.uint8), 0
        full = None  # a block waits until it is known whether it is the last
        for pixels, times in flow.frames:
            for _again in range(times):
                if count == frames:
                    if full is not None:
                        yield full
                    full = Film(block, flow.rate)
                    on_share(flow.share())
                    block, count = np.empty((frames, *flow.shape), np.uint8), 0
                block[count] = pixels
                count += 1
        if full is not None:
            yield full
        yield Film(block[:count], flow.rate, None, flow.note)


def check_memory(count: int, shape: tuple[int, ...]) -> None:
    """Refuse more frames than memory should hold."""
    if count * int(np.prod(shape, dtype=np.int64)) > MOST_BYTES:
        message = _(
            "its {count:,} pictures of {width} × {height} pixels need more than {limit} GB of memory; "
            "cut it shorter or make it smaller first"
        )
        raise UnreadableWork(message.format(count=count, width=shape[1], height=shape[0], limit=MOST_BYTES >> 30))


def _job(
    alpha: bool,
    size: tuple[int, int] | int | None,
    fit: str,
    rate: Fraction | int | None,
    start: float,
    seconds: float | None,
) -> dict[str, Any]:
    """What is asked for, as the child process takes it; see ``child.serve``."""
    if fit not in image.FITS:
        raise UsageError(_("--fit must be crop, pad or stretch, not {how}.").format(how=fit))
    if rate is not None and not 0 < rate <= FASTEST:
        message = _("A film has more than 0 and at most {most} frames per second, not {rate}.")
        raise UsageError(message.format(most=FASTEST, rate=rate))
    if start < 0 or (seconds is not None and seconds <= 0):
        raise UsageError(_("A part of a film begins at 0 seconds or later, and lasts longer than none."))
    return {
        "alpha": alpha,
        "size": size,
        "fit": fit,
        "rate": None if rate is None else str(Fraction(rate)),
        "start": str(Fraction(start)),
        "seconds": None if seconds is None else str(Fraction(seconds)),
        "pictures": True,
    }


@dataclass
class Flow:
    """A film while it is read: the note and the sound are there when the last of its frames was taken."""

    rate: Fraction
    shape: tuple[int, ...]  # (H, W, C)
    expected: int  # frames, as the file says
    frames: Iterator[tuple[np.ndarray, int]]  # each with the number of times that it is seen
    share: Callable[[], float]  # how much was read, in [0, 1]
    note: str | None = None
    sound: bytes | None = None


@contextmanager
def _opened(path: Path, job: dict[str, Any], sound: bool) -> Iterator[Flow]:
    path = Path(path)
    if path.is_dir():
        yield _folder(path, job)
        return
    with ordinary(path) as file, Child(file, job | {"kind": announced(file), "sound": sound}) as child:
        told, size = child.next(), os.fstat(file.fileno()).st_size

        def share() -> float:  # the child reads on from the same place of the same open file
            return min(1.0, os.lseek(file.fileno(), 0, os.SEEK_CUR) / max(1, size))

        flow = Flow(Fraction(told["rate"]), tuple(told["shape"]), told["expected"], iter(()), share)
        flow.frames = _from_child(child, flow)
        yield flow


def _from_child(child: Child, flow: Flow) -> Iterator[tuple[np.ndarray, int]]:
    while "end" not in (told := child.next()):
        if "sound" in told:
            sound = np.empty(told["sound"], np.uint8)
            child.fill(sound)
            flow.sound = sound.tobytes()
            continue
        pixels = np.empty(flow.shape, np.uint8)
        child.fill(pixels)
        yield pixels, told["times"]
    flow.note = told["end"]


def _folder(folder: Path, job: dict[str, Any]) -> Flow:
    """The pictures of a folder as a film; those that do not fit in are left out, which its note says."""
    paths = [path for path in folder.iterdir() if path.suffix.lower() in image.READ and not path.name.startswith(".")]
    paths.sort(key=natural)
    shape = Shape(job["size"], job["fit"], job["alpha"])
    rate = Fraction(job["rate"] or FOLDER_RATE)
    left_out: list[str] = []
    pictures = _pictures(paths, shape, rate, left_out)
    first = next(pictures, None)
    if first is None:
        raise UnreadableWork(_("the folder holds no pictures, so it is no film"))
    seconds = None if job["seconds"] is None else Fraction(job["seconds"])
    seen = 0
    flow = Flow(rate, (*shape.size, shape.channels), len(paths), iter(()), lambda: min(1.0, seen / len(paths)))

    def frames() -> Iterator[tuple[np.ndarray, int]]:
        nonlocal seen
        for picture, times in at_rate(chain([first], pictures), rate, Fraction(job["start"]), seconds):
            seen += times
            yield picture(), times
        if left_out:
            message = _("{count} pictures are damaged or of another size than the first and were left out: {names}")
            flow.note = message.format(count=len(left_out), names=", ".join(left_out[:3]))

    flow.frames = frames()
    return flow


def _pictures(paths: list[Path], shape: Shape, rate: Fraction, left_out: list[str]) -> Iterator[Any]:
    size = None
    for path in paths:
        try:
            pixels = image.read(path, alpha=True)
        except UnreadableWork:
            left_out.append(path.name)
            continue
        if size is None:
            size = pixels.shape
            alpha = bool(pixels[..., 3].min() < 255)
            shape.settle(*size[:2], Fraction(1), (0, False), alpha)
        if pixels.shape != size:
            left_out.append(path.name)
            continue
        yield None, 1 / rate, lambda pixels=pixels: shape(pixels)


def natural(path: Path) -> list[Any]:
    """The order of names in which frame 9 comes before frame 10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", path.name.lower())]


def sound_of(film: Film) -> Sound | None:
    """The sound of a film, decoded; None for a silent film. Raises UnreadableWork when it is damaged."""
    if film.sound is None:
        return None
    sound, early = audio.read(io.BytesIO(film.sound)), lead(film.sound)
    return Sound(sound.samples[:, round(early * sound.rate) :], sound.rate)


def sound_track(path: Path) -> bytes | None:
    """The sound of a film or of a sound file as ``Film.sound``, its packets untouched; None when there is none.

    Raises:
        UnreadableWork: when it is neither, or cannot be opened.
    """
    job = {"pictures": False, "sound": True, "start": "0", "seconds": None}
    with ordinary(Path(path)) as file, Child(file, job | {"kind": announced_sound(file)}) as child:
        told = child.next()
        if "sound" not in told:
            return None
        sound = np.empty(told["sound"], np.uint8)
        child.fill(sound)
        return sound.tobytes()


def moves(path: Path) -> bool:
    """Whether a GIF, WebP or PNG has several frames, so that it is a film; False for anything else."""
    try:
        with image.opened(Path(path), MOVING_PICTURES) as picture:
            return getattr(picture, "n_frames", 1) > 1
    except Exception:  # Pillow's decoders meet damaged files with a dozen kinds of exception
        return False

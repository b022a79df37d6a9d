"""Small pictures of works and what a browser can play of them: made once, by two threads, and kept by content."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np

from bottega import home
from bottega.errors import BottegaError
from bottega.language import _
from bottega.media.files import whole_file

WIDTHS = (160, 320, 640, 1280)
"""Pixels of the longer side; a wish is met by the next one up, or anybody could fill the disk with all of them."""
WORDS = 600  # characters of a text that are shown
POSTER = 2.0  # seconds of a film among which its small picture is chosen
PLAYED_SIZE = 960  # pixels of the longer side of a film that is made playable
TINY = 128  # pixels of the longer side up to which every one of them counts
QUALITY = 84
SHEETS = ("samples.png", "samples.webp")
"""The files of a model that show works of it."""

_pool = ThreadPoolExecutor(2, "small")  # sixty works that are first seen at once must not take the whole machine
_lock = threading.Lock()
_going: dict[Path, "Future[None]"] = {}


async def made(make: Callable[..., None], path: Path, medium: str, key: str, *more: int) -> Path:
    """What ``make`` makes of a work, from the cache when it was made before.

    Args:
        make: ``thumb``, with a width in pixels, or ``player``.
        key: the hash of the content.

    Raises:
        UnreadableWork: the work cannot be read.
    """
    wide = [next((width for width in WIDTHS if width >= wish), WIDTHS[-1]) for wish in more]
    ending = ".webp" if make is thumb else ".wav" if medium == "score" else ".mp4"
    to = home.cache() / f"{make.__name__}s" / key[:2] / ("-".join([key, *map(str, wide)]) + ending)
    if to.exists():
        return to
    with _lock:
        if (going := _going.get(to)) is None:
            going = _going[to] = _pool.submit(make, to, path, medium, *wide)
            going.add_done_callback(lambda _done: _going.pop(to, None))
    await asyncio.shield(asyncio.wrap_future(going))  # who asked may leave; the next one wants it too
    return to


def leave() -> None:
    """Gives up what is not begun: nobody looks any more, and the house would not close before it is done."""
    with _lock:
        waiting = list(_going.values())
    for one in waiting:
        one.cancel()


def thumb(to: Path, path: Path, medium: str, width: int) -> None:
    """Write a small WebP of a picture, a spectrogram, a piano roll or a film's poster."""
    from PIL import Image

    from bottega.media.image import straighten_alpha

    pixels = _looks(path, medium, width)
    height, across = pixels.shape[:2]
    mode = "RGBa" if pixels.shape[2] == 4 else "RGB"
    small = Image.frombytes(mode, (across, height), np.ascontiguousarray(pixels).tobytes())
    if max(height, across) > width:
        small.thumbnail((width, width), Image.Resampling.LANCZOS, reducing_gap=3.0)
    if mode == "RGBa":
        small = Image.fromarray(straighten_alpha(np.array(small)))
    with whole_file(to) as unfinished:
        small.save(unfinished, "WEBP", lossless=max(small.size) <= TINY, quality=QUALITY, method=2)


def _looks(path: Path, medium: str, width: int) -> np.ndarray:
    """How a work looks, uint8 ``(H, W, 3 or 4)``, no smaller than needed."""
    from bottega.media import image, kinds, video

    if medium == "image":
        return image.read(path, alpha=True, hint=(width, width))
    if medium == "video":
        film = video.read(path, size=width, seconds=POSTER)
        return film.frames[len(film) // 2]
    return kinds.picture(kinds.read_as(medium, path))  # pyright: ignore[reportReturnType]  # texts do not come here


def player(to: Path, path: Path, medium: str) -> None:
    """Write a score as it sounds, or a film as one that every browser plays."""
    from bottega.media import audio, score, synthesis, video

    if medium == "score":
        audio.write(to, synthesis.render(score.read(path)))
    else:
        video.write(to, video.read(path, size=PLAYED_SIZE))


def first_words(path: Path, most: int = WORDS) -> str:
    """The beginning of a text, without its front matter.

    Args:
        most: characters.

    Raises:
        UnreadableWork, OSError: it cannot be read.
    """
    words = _beginning(path, path.stat().st_mtime_ns)
    return words if len(words) <= most else words[:most].rstrip() + " …"


def begins(path: Path, most: int) -> str:
    """The same for a place where nothing may fail: why it cannot be read, where it cannot."""
    try:
        return first_words(path, most)
    except BottegaError as error:
        return str(error)
    except OSError:
        return _("The file is not where it was.")


@lru_cache(maxsize=1024)
def _beginning(path: Path, _changed: int) -> str:
    """As much of a text as is ever shown small: whole ones would fill the memory."""
    from bottega.media import text

    return text.read(path)[: WORDS + 1]

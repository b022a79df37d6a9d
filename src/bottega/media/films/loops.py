"""Films that play in a loop wherever pictures are shown: GIF, animated WebP and PNG, through Pillow."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

from bottega.errors import UnreadableWork
from bottega.media.disclosure import xmp
from bottega.media.films.clock import SAMPLED, at_rate, rate_of
from bottega.media.films.decoders import Source, damaged
from bottega.media.films.shapes import Shape, check_pixels
from bottega.media.image import check_comments, exif_of, straighten_alpha

if TYPE_CHECKING:
    from bottega.media.video import Film

COLOURS = 255  # of a GIF, and one that says transparent
GIF_FASTEST = Fraction(50)  # frames per second; browsers slow down what is faster
SMALL = 128  # pixels of the longer side
RATE_TAG = 51044  # "FrameRate" of EXIF data


def write_gif(path: Path, film: "Film", comment: str) -> None:
    """A GIF with one palette for all frames, so that still parts do not flicker, and diffused errors, so that smooth
    parts show no bands. Opacities below a half are transparent."""
    rate = min(Fraction(film.rate), GIF_FASTEST)
    each = ((Fraction(number) / film.rate, 1 / film.rate, number) for number in range(len(film)))
    numbers = [number for number, times in at_rate(each, rate) for _again in range(times)]
    frames = (film.frames[number] for number in numbers)
    palette = palette_of(film.frames)
    first, *rest = (_indexed(frame, palette) for frame in frames)
    more: dict[str, Any] = {"transparency": COLOURS, "disposal": 2} if film.frames.shape[3] == 4 else {}
    durations = [10 * hundredths for hundredths in steps(len(numbers), 100 / rate)]
    first.save(
        path, format="GIF", save_all=True, append_images=rest, duration=durations, loop=0, comment=comment.encode(),
        optimize=False, **more,
    )  # fmt: skip


def write_webp(path: Path, film: "Film", record: dict | None) -> None:
    """An animated WebP; a small one without loss, as colours with half as many pixels would wreck it."""
    images = (Image.fromarray(np.ascontiguousarray(frame)) for frame in _straight(film))
    exif = exif_of(record, {RATE_TAG: TiffImagePlugin.IFDRational(film.rate.numerator, film.rate.denominator)})
    durations, packet = steps(len(film), 1000 / Fraction(film.rate)), xmp(record)
    next(images).save(
        path, format="WEBP", save_all=True, append_images=images, duration=durations, loop=0, quality=90, method=4,
        lossless=max(film.size) <= SMALL, exif=exif, **({"xmp": packet} if packet else {}),
    )  # fmt: skip


def steps(count: int, step: Fraction) -> list[int]:
    """So many whole steps, as long as ``step`` on average, that never drift; none is shorter than 1."""
    places = [round(number * step) for number in range(count + 1)]
    return [max(1, after - before) for before, after in itertools.pairwise(places)]


def told_rate(image: Image.Image) -> Fraction | None:
    """The exact rate that a GIF or WebP of ours says it has."""
    with suppress(Exception):  # somebody else's comment
        if image.format == "GIF":
            return Fraction(json.loads(image.info["comment"])["rate"])
        rate = image.getexif()[RATE_TAG]
        return Fraction(rate.numerator, rate.denominator)
    return None


def palette_of(frames: np.ndarray) -> Image.Image:
    """A picture whose palette suits all frames ``(T, H, W, C)``, found in pixels of sixteen of them.

    An octree's spans all colours: with errors diffused it comes 2 to 9 dB closer, seen from afar, than median cut.
    """
    some = frames[np.linspace(0, len(frames) - 1, min(16, len(frames))).round().astype(int)]
    step = max(1, round((some.shape[0] * some.shape[1] * some.shape[2] / 400_000) ** 0.5))
    colours = some[:, ::step, ::step].reshape(-1, frames.shape[3])
    if frames.shape[3] == 4:
        colours = straighten_alpha(colours)[colours[:, 3] >= 128] if (colours[:, 3] >= 128).any() else colours
    page = np.ascontiguousarray(colours[None, :, :3])  # (1, N, 3)
    return Image.fromarray(page).quantize(COLOURS, method=Image.Quantize.FASTOCTREE)


def _indexed(frame: np.ndarray, palette: Image.Image) -> Image.Image:
    """A frame in the colours of a palette; the one behind the last of them is transparent."""
    straight = straighten_alpha(frame) if frame.shape[2] == 4 else frame
    page = Image.fromarray(np.ascontiguousarray(straight[..., :3]))
    indexed = page.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    if frame.shape[2] == 3:
        return indexed
    numbers = np.where(frame[..., 3] < 128, COLOURS, np.asarray(indexed)).astype(np.uint8)
    result = Image.frombytes("P", indexed.size, numbers.tobytes())
    result.putpalette([*(indexed.getpalette() or [])[: 3 * COLOURS], 0, 0, 0])
    return result


def _straight(film: "Film") -> Iterator[np.ndarray]:
    for frame in film.frames:
        yield straighten_alpha(frame) if frame.shape[2] == 4 else frame


@contextmanager
def moving_picture(file: BinaryIO, kind: str, shape: Shape) -> Iterator[Source]:
    """Open a GIF, WebP or PNG of Pillow's; one that does not move is a film of one frame."""
    try:
        check_comments(file)
        Image.MAX_IMAGE_PIXELS = None  # ours is the smaller limit
        image = Image.open(file, formats=(kind,))
    except UnreadableWork:
        raise
    except Exception as error:  # Pillow's decoders meet damaged files with a dozen kinds of exception
        raise UnreadableWork(damaged()) from error
    with image:
        check_pixels(*image.size)
        count = getattr(image, "n_frames", 1)
        times, alpha = [Fraction(0)], False
        try:
            for number in range(min(count, SAMPLED)):
                image.seek(number)
                image.load()
                times.append(times[-1] + _length(image))
                alpha = alpha or (number == 0 and _transparent(image))
        except Exception:  # what can be read is read later, and told then
            pass
        whole = (len(times) - 1) / (times[-1] or Fraction(1, 25))
        rate = told_rate(image) or rate_of(
            times, Fraction(1, 100 if kind == "GIF" else 1000), [neat_rate(whole, times[-1]), whole]
        )
        shape.settle(image.height, image.width, Fraction(1), (0, False), alpha)
        source = Source(rate, None, iter(()))
        source.pictures = _moving(image, count, source, shape, alpha)
        yield source


def neat_rate(rate: Fraction, seconds: Fraction) -> Fraction:
    """The whole rate that is as likely as a measured one, whose time ``seconds`` was rounded to a hundredth."""
    whole = Fraction(max(1, round(rate)))
    return whole if abs(whole - rate) * seconds <= rate / 50 else rate


def _length(image: Any) -> Fraction:
    """How long a frame is shown: a hundredth of a second and less means a tenth, as in browsers."""
    milliseconds = Fraction(image.info.get("duration") or 0)
    return (milliseconds if milliseconds > 10 else Fraction(100)) / 1000


def _transparent(image: Any) -> bool:
    return image.has_transparency_data and image.convert("RGBA").getextrema()[3][0] < 255


def _moving(image: Any, count: int, source: Source, shape: Shape, alpha: bool) -> Iterator[Any]:
    time = Fraction(0)
    for number in range(count):
        try:
            image.seek(number)
            pixels = np.array(image.convert("RGBA").convert("RGBa"))
        except Exception:  # cut short
            source.harmed += 1
            return
        length = _length(image) if count > 1 or image.info.get("duration") else 1 / source.rate
        yield time, length, lambda pixels=pixels: shape(pixels if alpha else pixels[..., :3])
        time += length

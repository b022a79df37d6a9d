"""Films that play in a loop wherever pictures are shown: GIF and animated WebP, through Pillow."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, TiffImagePlugin

from bottega.media.image import exif_of, straighten_alpha

if TYPE_CHECKING:
    from bottega.media.video import Film

COLOURS = 255  # of a GIF, and one that says transparent
GIF_FASTEST = Fraction(50)  # frames per second; browsers slow down what is faster
RATE_TAG = 51044  # "FrameRate" of EXIF data


def write_gif(path: Path, film: "Film", comment: str) -> None:
    """A GIF with one palette for all frames, so that still parts do not flicker, and diffused errors, so that smooth
    parts show no bands. Opacities below a half are transparent."""
    from bottega.media.video_clock import at_rate

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
    """An animated WebP."""
    images = (Image.fromarray(np.ascontiguousarray(frame)) for frame in _straight(film))
    exif = exif_of(record, {RATE_TAG: TiffImagePlugin.IFDRational(film.rate.numerator, film.rate.denominator)})
    durations = steps(len(film), 1000 / Fraction(film.rate))
    next(images).save(
        path, format="WEBP", save_all=True, append_images=images, duration=durations, loop=0, quality=90, method=4,
        exif=exif,
    )  # fmt: skip


def steps(count: int, step: Fraction) -> list[int]:
    """So many whole steps, as long as ``step`` on average, that never drift; none is shorter than 1."""
    places = [round(number * step) for number in range(count + 1)]
    return [max(1, after - before) for before, after in itertools.pairwise(places)]


def told_rate(image: Image.Image) -> Fraction | None:
    """The exact rate that a GIF or WebP of ours says it has."""
    import json

    with suppress(Exception):  # somebody else's comment
        if image.format == "GIF":
            return Fraction(json.loads(image.info["comment"])["rate"])
        rate = image.getexif()[RATE_TAG]
        return Fraction(rate.numerator, rate.denominator)
    return None


def palette_of(frames: np.ndarray) -> Image.Image:
    """A picture whose palette suits all frames ``(T, H, W, C)``: the better of two, tried on pixels of sixteen."""
    some = frames[np.linspace(0, len(frames) - 1, min(16, len(frames))).round().astype(int)]
    step = max(1, round((some.shape[0] * some.shape[1] * some.shape[2] / 100_000) ** 0.5))
    colours = some[:, ::step, ::step].reshape(-1, frames.shape[3])
    if frames.shape[3] == 4:
        colours = straighten_alpha(colours)[colours[:, 3] >= 128] if (colours[:, 3] >= 128).any() else colours
    page = np.ascontiguousarray(colours[None, :, :3])  # (1, N, 3)
    ways = (Image.Quantize.FASTOCTREE, Image.Quantize.MEDIANCUT)
    tried = [Image.fromarray(page).quantize(COLOURS, method=way, dither=Image.Dither.NONE) for way in ways]
    return min(tried, key=lambda one: float(np.square(np.asarray(one.convert("RGB"), np.float32) - page).sum()))


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

"""The hand that draws: cut paper laid in layers, painted in gouache, on a sheet with a grain.

Everything a picture does goes through a :class:`Sheet`, so that all of them share one touch: edges tremble a little as
scissors do, each piece of paper throws a soft shadow, paint is never quite even.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeVar

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bottega.datasets.builtin.palette import PALETTES, Colour, Palette, distance, mix
from bottega.datasets.builtin.shapes import Points, dense

OVERSAMPLING = 3  # shapes are drawn this many times larger and averaged down
SEED = 1472
T = TypeVar("T")


class Piece(NamedTuple):
    """A mask and where on the sheet its upper left corner lies."""

    image: Image.Image
    left: int
    top: int

    def clipped(self, other: "Piece") -> "Piece":
        """The part of this mask that lies inside another."""
        left, top = self.left - other.left, self.top - other.top
        there = other.image.crop((left, top, left + self.image.width, top + self.image.height))
        return Piece(ImageChops.multiply(self.image, there), self.left, self.top)

    def emptied(self) -> "Piece":
        return Piece(Image.new("L", self.image.size), self.left, self.top)


class Sheet:
    """One picture in the making. ``index`` decides every choice; ``size`` only how finely it is drawn."""

    def __init__(self, index: int, size: int) -> None:
        self.random = np.random.default_rng((SEED, index))
        self.size, self.width = size, size * OVERSAMPLING
        self.palette: Palette = self.pick(PALETTES)
        self.canvas = Image.new("RGB", (self.width, self.width), self.palette.paper)
        self.base: Colour = self.palette.paper

    # Choices: all of them go through random(), the one stream that NumPy keeps stable.

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.random.random()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.random.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random.random() * len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        return [items[i] for i in np.argsort(self.random.random(len(items)), kind="stable")]

    def colours(self, n: int, against: Colour | None = None, least: float = 0.2) -> list[Colour]:
        """``n`` pigments in random order that stand out from ``against`` (the background unless told) and, as far
        as the palette allows, from each other."""
        ground = against or self.base
        pots = self.shuffled((*self.palette.pigments, self.palette.ink, self.palette.leaf))
        seen = [c for c in pots if distance(c, ground) > least] or [self.palette.ink, self.palette.paper]
        chosen = seen[:1]
        for colour in seen[1:]:
            if all(distance(colour, other) > 0.12 for other in chosen):
                chosen.append(colour)
        pure = len(chosen)
        while len(chosen) < n:
            chosen.append(mix(chosen[len(chosen) % pure], self.palette.paper, 0.35))
        return chosen[:n]

    def contrast(self, colour: Colour) -> Colour:
        """Paper or ink, whichever reads better on the colour."""
        return max((self.palette.paper, self.palette.ink), key=lambda c: distance(c, colour))

    # Marks

    def tremble(self, outline: Points, amount: float) -> Points:
        points = dense(outline)
        phase = self.random.random((2, 1, 3)) * 2 * np.pi
        sway = np.sin(_rhythm(len(points)) + phase) @ (0.9, 0.6, 0.4)  # (2, N)
        return points + amount * sway.T

    def mask(self, outlines: Sequence[Points], tremble: float = 0.0035) -> "Piece":
        """The filled outlines as one mask at drawing size, no larger than they need."""
        shapes = [(self.tremble(outline, tremble) if tremble else outline) * self.width for outline in outlines]
        all_points = np.concatenate(shapes)
        piece = self.blank(all_points.min(0), all_points.max(0))
        pen = ImageDraw.Draw(piece.image)
        for points in shapes:
            pen.polygon((points - (piece.left, piece.top)).ravel().tolist(), fill=255)
        return piece

    def blank(self, low: Sequence[float], high: Sequence[float]) -> "Piece":
        """An empty mask that covers the pixels from low to high, with room for a shadow around them."""
        room = round(self.width * 0.02) + 1
        left, top = (max(0, min(self.width - 1, int(v) - room)) for v in low)
        right, bottom = (max(1, min(self.width, int(v) + room + 1)) for v in high)
        return Piece(Image.new("L", (max(1, right - left), max(1, bottom - top))), left, top)

    def cut(
        self,
        outlines: Points | Sequence[Points],
        colour: Colour,
        *,
        shadow: float = 0.33,
        tremble: float = 0.0035,
        within: "Piece | None" = None,
    ) -> "Piece":
        """Lay one piece of painted paper (several outlines are one piece); returns its mask.

        A piece ``within`` another is painted on it: it is clipped there and throws no shadow.
        """
        piece = self.mask([outlines] if isinstance(outlines, np.ndarray) else outlines, tremble)
        if within is not None:
            piece = piece.clipped(within)
        elif shadow:
            shade = piece.image.filter(ImageFilter.BoxBlur(self.width * 0.008)).point(_faded(shadow))
            right, down = round(self.width * 0.007), round(self.width * 0.014)
            self.paste(self.palette.ink, Piece(shade, piece.left + right, piece.top + down))
        self.fill(piece, colour)
        return piece

    def fill(self, piece: "Piece", colour: Colour) -> None:
        """Gouache through a mask: streaked and mottled, never flat."""
        light, dark = mix(colour, (255, 246, 226), 0.10), mix(colour, self.palette.ink, 0.12)
        paint = Image.new("RGB", piece.image.size, dark)
        paint.paste(light, (0, 0), self.texture(size=piece.image.size))
        self.paste(paint, piece)

    def paste(self, paint: Colour | Image.Image, piece: "Piece") -> None:
        """Lay colour or a painted picture on the sheet through a mask."""
        w, h = piece.image.size
        self.canvas.paste(paint, (piece.left, piece.top, piece.left + w, piece.top + h), piece.image)

    def blend(self, top: Colour, bottom: Colour, upright: bool = True) -> None:
        """Cover the sheet with a brushed gradient."""
        slope = _slope(self.width) if upright else _slope(self.width).transpose(Image.Transpose.ROTATE_90)
        mask = Image.blend(slope, self.texture(streaks=True), 0.3)
        size = self.canvas.size
        self.canvas = Image.new("RGB", size, top)
        self.canvas.paste(bottom, (0, 0), mask)
        self.base = mix(top, bottom, 0.5)

    def lines(self, paths: Sequence[Points], width: float, colour: Colour, within: "Piece | None" = None) -> None:
        """Even lines drawn with a pen, all in one colour."""
        piece = within.emptied() if within else Piece(Image.new("L", self.canvas.size), 0, 0)
        pen, thick = ImageDraw.Draw(piece.image), max(1, round(width * self.width))
        for path in paths:
            pen.line((path * self.width - (piece.left, piece.top)).ravel().tolist(), fill=255, width=thick)
        self.paste(colour, piece.clipped(within) if within else piece)

    def dots(self, circles: Sequence[Sequence[float]], colour: Colour, within: "Piece | None" = None) -> None:
        """Round dabs (x, y, radius), all in one colour."""
        at = np.asarray(circles, dtype=np.float64) * self.width  # (N, 3)
        piece = within.emptied() if within else self.blank((at - at[:, 2:]).min(0)[:2], (at + at[:, 2:]).max(0)[:2])
        pen = ImageDraw.Draw(piece.image)
        for x, y, r in (at - (piece.left, piece.top, 0)).tolist():
            pen.ellipse((x - r, y - r, x + r, y + r), fill=255)
        self.paste(colour, piece.clipped(within) if within else piece)

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 0.8) -> None:
        """Light that fades out from a point."""
        side = max(2, round(2 * radius * self.width))
        halo = _halo(self.width).resize((side, side), Image.Resampling.BILINEAR)
        halo = halo.point(_faded(strength))
        left, top = round((x - radius) * self.width), round((y - radius) * self.width)
        self.canvas.paste(colour, (left, top, left + side, top + side), halo)

    def texture(self, streaks: bool = False, size: tuple[int, int] | None = None) -> Image.Image:
        """A piece of brushwork, as large as the sheet unless told."""
        sheets = _brushwork(self.width)
        sheet = sheets[0] if streaks else self.pick(sheets)
        left, top = (int(v * self.width * 0.5) for v in self.random.random(2).tolist())
        w, h = size or self.canvas.size
        return sheet.crop((left, top, left + w, top + h))

    def finish(self) -> np.ndarray:
        """The picture on grained paper, uint8 ``(size, size, 3)``."""
        picture = np.asarray(self.canvas.reduce(OVERSAMPLING), dtype=np.int16)
        left, top = (int(v * self.size) for v in self.random.random(2))
        grain = _grain(self.size)[top : top + self.size, left : left + self.size]
        return np.clip(picture + grain[:, :, None], 0, 255).astype(np.uint8)


def _noise(seed: int, width: int, cells: Sequence[tuple[int, int, float]]) -> np.ndarray:
    """Smooth noise ``(width, width)`` from octaves of (cells across, cells down, weight), stretched to 0 … 255."""
    random = np.random.default_rng((SEED, seed))
    total = np.zeros((width, width), dtype=np.float32)
    for across, down, weight in cells:
        coarse = Image.fromarray((random.random((down, across)) * 255).astype(np.uint8))
        total += weight * np.asarray(coarse.resize((width, width), Image.Resampling.BICUBIC), dtype=np.float32)
    low, high = np.quantile(total, (0.01, 0.99))
    return ((total - low) / (high - low) * 255).clip(0, 255)


@cache
def _brushwork(width: int) -> tuple[Image.Image, ...]:
    """Streaks across, mottling, streaks down: textures half as large again as the sheet, to be cropped anywhere."""
    octaves = (
        [(5, 60, 1.0), (9, 130, 0.7)],
        [(7, 7, 1.0), (19, 19, 0.7), (50, 50, 0.5)],
        [(60, 5, 1.0), (130, 9, 0.7)],
    )
    side = width + width // 2
    return tuple(Image.fromarray(_noise(i, side, cells).astype(np.uint8)) for i, cells in enumerate(octaves))


@cache
def _rhythm(n: int) -> np.ndarray:
    """Three turns of different speed around an outline of ``n`` points, ``(n, 3)``."""
    return np.linspace(0, 2 * np.pi, n, endpoint=False)[:, None] * np.array([2.0, 5.0, 9.0])


@cache
def _faded(strength: float) -> list[int]:
    """A table that weakens a mask."""
    return [round(i * strength) for i in range(256)]


@cache
def _slope(width: int) -> Image.Image:
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    return Image.fromarray(np.repeat(ramp[:, None], width, 1))


@cache
def _halo(width: int) -> Image.Image:
    at = np.linspace(-1, 1, width)
    light = (1 - np.hypot(at[:, None], at[None])).clip(0) ** 1.6
    return Image.fromarray((light * 255).astype(np.uint8))


@cache
def _grain(size: int) -> np.ndarray:
    """Paper fibre, int16 ``(2 * size, 2 * size)``, a few levels strong."""
    noise = _noise(9, 2 * size, [(2 * size, 2 * size, 1.0), (size, size // 2, 0.8)])
    return (noise / 255 * 10 - 5).round().astype(np.int16)

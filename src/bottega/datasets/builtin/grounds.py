"""What lies behind the subject: brushed skies, patterned papers, water, sun and moon."""

import numpy as np

from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, distance, is_dark, mix, warmth
from bottega.datasets.builtin.shapes import curve, ellipse, leaf, move, polygon, scallop, smooth, star


def paper(sheet: Sheet, dark: float = 0.4) -> None:
    """Cover the sheet for a still life: graded, plain, or with a pattern that stays quiet."""
    pair = sheet.palette.deep if sheet.chance(dark) else sheet.palette.wash
    top, bottom = pair if sheet.chance(0.5) else pair[::-1]
    kind = sheet.pick(("graded", "graded", "plain", "dots", "stripes", "tiles", "rays", "sprigs", "disc", "halves"))
    if kind == "plain":
        top = bottom = sheet.pick(pair)
    elif kind in ("dots", "stripes", "tiles", "sprigs"):
        bottom = mix(top, bottom, 0.35)
    sheet.blend(top, bottom)
    quiet = mix(sheet.base, sheet.palette.paper if is_dark(sheet.base) else pair[1], sheet.between(0.16, 0.3))
    if not is_dark(sheet.base):
        quiet = mix(quiet, sheet.palette.paper, 0.55) if sheet.chance(0.6) else mix(quiet, sheet.palette.ink, 0.1)
    if kind in _PATTERNS:
        _PATTERNS[kind](sheet, quiet)


def _dots(sheet: Sheet, colour: Colour) -> None:
    step, radius = sheet.between(0.11, 0.19), sheet.between(0.015, 0.035)
    rows = np.arange(-1, 1 / step + 1)
    sheet.dots([(step * (i + 0.5 * (j % 2)), step * j, radius) for j in rows for i in rows], colour)


def _stripes(sheet: Sheet, colour: Colour) -> None:
    step, lean = sheet.between(0.1, 0.22), sheet.pick((0.0, 0.0, 0.35, -0.35))
    half = step * sheet.between(0.2, 0.3)
    middle = np.arange(-0.5, 1.5, step)
    bands = [
        polygon((x - half, -0.1), (x + half, -0.1), (x + half + lean, 1.1), (x - half + lean, 1.1)) for x in middle
    ]
    sheet.cut(bands, colour, shadow=0)


def _tiles(sheet: Sheet, colour: Colour) -> None:
    step = sheet.between(0.16, 0.26)
    n = int(1 / step) + 2
    diamonds = [
        ellipse(step * i, step * j, step * 0.46, n=4) for j in range(n) for i in range(n) if (i + j) % 2 == 0 or n < 6
    ]
    sheet.cut(diamonds, colour, shadow=0, tremble=0.002)


def _rays(sheet: Sheet, colour: Colour) -> None:
    n, turn = sheet.whole(8, 14), sheet.between(0, 1)
    x, y = sheet.between(0.35, 0.65), sheet.between(0.4, 1.0)
    ray = polygon((0, 0), (1.6, -1.6 * np.tan(np.pi / n / 2)), (1.6, 1.6 * np.tan(np.pi / n / 2)))
    sheet.cut([move(ray, x, y, turn=turn + 2 * np.pi * i / n) for i in range(n)], colour, shadow=0)


def _sprigs(sheet: Sheet, colour: Colour) -> None:
    step = sheet.between(0.17, 0.25)
    blade = leaf(step * 0.5, step * 0.2)
    n = int(1 / step) + 2
    turns = (-0.6, 0.6 + np.pi) if sheet.chance(0.5) else (-np.pi / 2, -0.4, np.pi + 0.4)
    marks = [
        move(blade, step * (i + 0.5 * (j % 2)), step * (j + 0.5), turn=t)
        for j in range(n)
        for i in range(n)
        for t in turns
    ]
    sheet.cut(marks, colour, shadow=0, tremble=0)


def _disc(sheet: Sheet, colour: Colour) -> None:
    x, y, r = sheet.between(0.4, 0.6), sheet.between(0.4, 0.55), sheet.between(0.33, 0.45)
    sheet.cut(ellipse(x, y, r, n=48), colour, shadow=0.2)


def _halves(sheet: Sheet, colour: Colour) -> None:
    y = sheet.between(0.6, 0.8)
    sheet.cut(polygon((-0.1, y), (1.1, y), (1.1, 1.1), (-0.1, 1.1)), colour, shadow=0.2)


_PATTERNS = {
    "dots": _dots,
    "stripes": _stripes,
    "tiles": _tiles,
    "rays": _rays,
    "sprigs": _sprigs,
    "disc": _disc,
    "halves": _halves,
}


def sky(sheet: Sheet, night: float = 0.4) -> bool:
    """A graded sky, by day or by night; says whether it is night."""
    dark = sheet.chance(night)
    top, bottom = sheet.palette.deep if dark else sheet.palette.wash
    if not dark:
        bottom, top = (sheet.palette.paper, top) if sheet.chance(0.5) else (top, bottom)
        if sheet.chance(0.25):  # evening
            top, bottom = mix(bottom, sheet.pick(sheet.palette.pigments[:3]), 0.55), bottom
    sheet.blend(top, bottom)
    if dark and sheet.chance(0.75):
        n = sheet.whole(10, 26)
        sheet.dots(
            [(sheet.between(0, 1), sheet.between(0, 0.6), sheet.between(0.004, 0.012)) for _ in range(n)],
            sheet.palette.paper,
        )
    return dark


def sun_or_moon(sheet: Sheet, night: bool, low: float = 0.15, high: float = 0.4) -> None:
    """One light in the sky: sun with or without rays, full moon or crescent, sometimes with a halo."""
    x, y, r = sheet.between(0.15, 0.85), sheet.between(low, high), sheet.between(0.07, 0.15)
    colour = mix(sheet.palette.paper, sheet.palette.pigments[2], 0.15) if night else _sun(sheet)
    if sheet.chance(0.5 if night else 0.25):
        sheet.glow(x, y, r * 2.6, colour, 0.45)
    if night and sheet.chance(0.45):
        angle = np.linspace(0.9, 2 * np.pi - 0.9, 24)
        outer = np.stack([x + r * np.cos(angle), y + r * np.sin(angle)], 1)
        inner = np.stack(
            [x + r * 0.5 + 0.62 * r * np.cos(angle * 0.86 + 0.44), y + 0.8 * r * np.sin(angle * 0.86 + 0.44)], 1
        )
        crescent = np.concatenate([outer, inner[::-1]])
        turn = sheet.between(-0.7, 0.7)
        sheet.cut(move(crescent - (x, y), x, y, turn=turn), colour, shadow=0.15, tremble=0.001)
        return
    if not night and sheet.chance(0.35):
        n = sheet.whole(9, 14)
        sheet.cut(star(x, y, r * 1.45, n, 0.72), mix(colour, sheet.base, 0.3), shadow=0.2, tremble=0.001)
    sheet.cut(ellipse(x, y, r), colour, shadow=0.2)


def _sun(sheet: Sheet) -> Colour:
    """The warm or white pots only; a sun is never black, nor lost in its sky."""
    pots = [c for c in (*sheet.palette.pigments, sheet.palette.paper) if warmth(c) > 60 or c == sheet.palette.paper]
    seen = [c for c in pots if distance(c, sheet.base) > 0.16 and c[0] > 150]
    return sheet.pick(seen) if seen else max(pots, key=lambda c: distance(c, sheet.base))


def clouds(sheet: Sheet, n: int, low: float = 0.08, high: float = 0.4) -> None:
    """Flat-bottomed cut-paper clouds."""
    colour = mix(sheet.palette.paper, sheet.base, sheet.between(0.1, 0.45))
    for _ in range(n):
        x, y, w = sheet.between(0.05, 0.95), sheet.between(low, high), sheet.between(0.1, 0.2)
        bumps = [
            ellipse(x + w * d, y - w * h, w * r, w * r * 0.75, 20)
            for d, h, r in ((-0.6, 0, 0.4), (0, 0.22, 0.55), (0.55, 0.02, 0.42))
        ]
        sheet.cut([*bumps, ellipse(x, y + 0.12 * w, w * 1.05, w * 0.22, 20)], colour, shadow=0.18)


def ridge(sheet: Sheet, y: float, height: float, peaks: int, rough: float) -> np.ndarray:
    """A line of hills or peaks from left to right, ``(N, 2)``, at about height ``y``."""
    x = np.linspace(-0.08, 1.08, 2 * peaks + 1)
    up = np.where(np.arange(2 * peaks + 1) % 2 == 1, 1.0, 0.0)
    jitter = sheet.random.random((2, 2 * peaks + 1))
    x = x + (jitter[0] - 0.5) * 0.6 / peaks
    top = y - height * (up * (0.55 + 0.45 * jitter[1]) - 0.15 * jitter[1])
    line = np.stack([x, top], 1)
    line[0, 0], line[-1, 0] = -0.1, 1.1
    if rough < 0.5:
        return curve(line, 6)
    fine = np.linspace(0, 1, 8 * peaks + 1)
    at = np.linspace(0, 1, len(line))
    line = np.stack([np.interp(fine, at, line[:, 0]), np.interp(fine, at, line[:, 1])], 1)
    line[:, 1] += (sheet.random.random(len(line)) - 0.5) * height * 0.14 * rough
    return line


def below(line: np.ndarray) -> np.ndarray:
    """Everything under a line, down past the edge of the sheet."""
    return np.concatenate([line, [(1.12, 1.12), (-0.12, 1.12)]])


def waves(sheet: Sheet, y: float, colour: Colour, length: float, height: float, crest: Colour | None) -> None:
    """One band of cut-paper sea with pointed or rolling crests."""
    n = int(1.2 / length) + 2
    shift = sheet.between(0, length)
    x = np.arange(n * 8 + 1) / 8 * length - shift - 0.05
    phase = (x + shift + 0.05) / length * np.pi
    line = np.stack([x, y - height * np.abs(np.sin(phase)) ** 0.8], 1)
    if sheet.chance(0.5):
        line[:, 1] = y - height * (0.5 + 0.5 * np.sin(2 * phase))
    sheet.cut(np.concatenate([line, [(line[-1, 0], 1.12), (line[0, 0], 1.12)]]), colour, shadow=0.28, tremble=0.002)
    if crest is not None:
        sheet.lines([move(line, y=0.03)], 0.011, crest)


def puff(sheet: Sheet, x: float, y: float, colour: Colour, size: float) -> None:
    """Smoke that drifts off in three shrinking clouds."""
    drift = sheet.pick((-1, 1)) * size
    shapes = [
        scallop(x + drift * a, y - size * b, size * r, 6, 0.3)
        for a, b, r in ((0.1, 0.4, 0.35), (0.6, 1.1, 0.5), (1.4, 1.7, 0.6))
    ]
    sheet.cut([smooth(s[::2], 3) for s in shapes], colour, shadow=0.2)

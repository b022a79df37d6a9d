"""Flowers: six kinds of bloom, leaves, and four ways to arrange them."""

import numpy as np

from bottega.datasets.builtin.grounds import below, paper, ridge, sky, sun_or_moon
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, distance, mix
from bottega.datasets.builtin.shapes import curve, ellipse, leaf, move, polygon, scallop, smooth, stroke


def flowers(sheet: Sheet) -> None:
    """One bloom, a bunch, a meadow, or a vase."""
    arrange = sheet.pick((_single, _single, _bunch, _bunch, _meadow, _vase))
    arrange(sheet)


def _green(sheet: Sheet) -> Colour:
    leaf_colour = sheet.palette.leaf
    if distance(leaf_colour, sheet.base) < 0.16:
        leaf_colour = mix(leaf_colour, sheet.contrast(sheet.base), 0.5)
    return leaf_colour


def _stem(
    sheet: Sheet, x: float, y: float, foot: float, bottom: float, colour: Colour, width: float, leaves: int
) -> None:
    """A stem from its foot up to the bloom at (x, y), with leaves on alternating sides."""
    bend = sheet.between(-0.08, 0.08)
    path = curve([(foot, bottom), ((foot + x) / 2 + bend, (bottom + y) / 2), (x, y)])
    pieces = [stroke(path, (width * 1.3, width))]
    length = sheet.between(0.16, 0.27) * min(1.0, width / 0.03)
    slim = sheet.between(0.3, 0.5)
    for i in range(leaves):
        at = path[int(len(path) * (0.2 + 0.45 * i / max(leaves, 1)))]
        side = 1 if i % 2 == 0 else -1
        turn = -np.pi / 2 + side * sheet.between(0.55, 1.05)
        pieces.append(move(leaf(length, length * slim, 0.85, bend=-0.12 * side), *at, turn=turn))
    mask = sheet.cut(pieces, colour)
    if width > 0.02:
        ribs = [np.stack([p[0], p[len(p) // 2]]) for p in pieces[1:]]
        sheet.lines(ribs, 0.008, mix(colour, sheet.palette.paper, 0.45), within=mask)


def _bloom(sheet: Sheet, x: float, y: float, r: float, kind: str, colours: list[Colour]) -> None:
    """One flower head of radius ``r``."""
    _KINDS[kind](sheet, x, y, r, *colours[:3])


def _daisy(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    n, turn = sheet.whole(7, 13), sheet.between(0, 1)
    petal = leaf(r, r * sheet.between(4.2, 5.4) / n, sheet.between(1.2, 1.9), 0.8)
    if sheet.chance(0.5):
        under = mix(a, sheet.palette.ink, 0.25)
        sheet.cut([move(petal * 1.12, x, y, turn=turn + np.pi * (2 * i + 1) / n) for i in range(n)], under)
    sheet.cut([move(petal, x, y, turn=turn + 2 * np.pi * i / n) for i in range(n)], a)
    heart = r * sheet.between(0.28, 0.42)
    sheet.cut(ellipse(x, y, heart), b)
    ring = [2 * np.pi * i / 8 for i in range(8)]
    sheet.dots(
        [(x + heart * 0.6 * np.cos(t), y + heart * 0.6 * np.sin(t), heart * 0.13) for t in ring], sheet.contrast(b)
    )


def _poppy(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    n, turn = sheet.whole(4, 6), sheet.between(0, 2)
    petal = leaf(r, r * 1.15, 1.5, 0.55)
    for i in range(n):
        shade = mix(a, sheet.palette.ink, 0.13 * (i % 2))
        sheet.cut(move(petal, x, y, turn=turn + 2 * np.pi * i / n), shade, tremble=0.006)
    sheet.cut(scallop(x, y, r * 0.33, 9, 0.3), sheet.palette.ink, shadow=0)
    sheet.dots([(x, y, r * 0.12)], b)


def _peony(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    rings = sheet.whole(3, 4)
    for i in range(rings):
        share = i / (rings - 1)
        radius = r * (1 - 0.78 * share)
        sheet.cut(scallop(x, y, radius, 9 - 2 * i, 0.24, sheet.between(0, 1)), mix(a, b, share))


def _tulip(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    tilt, w = sheet.between(-0.25, 0.25), sheet.between(0.8, 1.0)
    side = smooth([(0, 0.8), (-0.75 * w, 0.3), (-0.85 * w, -0.35), (-0.6 * w, -1.0), (-0.2, -0.3)])
    middle = smooth([(0, 0.85), (-0.45 * w, 0.25), (-0.38 * w, -0.5), (0, -1.05), (0.38 * w, -0.5), (0.45 * w, 0.25)])
    dark = mix(a, sheet.palette.ink, 0.2)
    sheet.cut([move(p, x, y, r, tilt) for p in (side, side * (-1, 1))], dark)
    sheet.cut(move(middle, x, y, r, tilt), a)
    veins = [move(polygon((d * 0.4, 0.4), (d, -0.45)), x, y, r, tilt) for d in (-0.16, 0, 0.16)]
    sheet.lines(veins, 0.05 * r, mix(a, sheet.palette.paper, 0.45))


def _bell(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    """A five-lobed open bell, seen from the front."""
    turn = sheet.between(0, 2)
    lobes = [move(leaf(r, r * 0.8, 1.25, 0.75), x, y, turn=turn + 2 * np.pi * i / 5) for i in range(5)]
    mask = sheet.cut(lobes, a)
    rays = [move(leaf(r * 0.66, r * 0.16), x, y, turn=turn + 2 * np.pi * i / 5) for i in range(5)]
    sheet.cut(rays, b, within=mask)
    sheet.dots([(x, y, r * 0.17)], c if distance(c, b) > 0.12 else sheet.contrast(b))


def _thistle(sheet: Sheet, x: float, y: float, r: float, a: Colour, b: Colour, c: Colour) -> None:
    """A ball of needles tipped with seeds."""
    n = sheet.whole(14, 20)
    tips = [(x + r * np.cos(t), y + r * np.sin(t)) for t in 2 * np.pi * np.arange(n) / n]
    sheet.lines([polygon((x, y), tip) for tip in tips], r * 0.06, mix(a, sheet.base, 0.2))
    inner = [
        (x + 0.68 * r * np.cos(t), y + 0.68 * r * np.sin(t), r * 0.07) for t in 2 * np.pi * (np.arange(n) + 0.5) / n
    ]
    sheet.dots([(*tip, r * 0.11) for tip in tips], a)
    sheet.dots(inner, b)
    sheet.cut(ellipse(x, y, r * 0.27), b)


_KINDS = {"daisy": _daisy, "poppy": _poppy, "peony": _peony, "tulip": _tulip, "bell": _bell, "thistle": _thistle}


def _heads(sheet: Sheet) -> list[Colour]:
    colours = sheet.colours(5, least=0.24)
    flower = [c for c in colours if distance(c, sheet.palette.leaf) > 0.13 and c != sheet.palette.ink]
    return [*flower, *colours][:4]


def _single(sheet: Sheet) -> None:
    paper(sheet)
    x, y, r = sheet.between(0.42, 0.58), sheet.between(0.32, 0.42), sheet.between(0.22, 0.32)
    kind = sheet.pick(tuple(_KINDS))
    _stem(
        sheet,
        x,
        y + (0.5 * r if kind == "tulip" else 0),
        sheet.between(0.4, 0.6),
        1.06,
        _green(sheet),
        sheet.between(0.028, 0.045),
        sheet.whole(2, 4),
    )
    _bloom(sheet, x, y, r, kind, _heads(sheet))


def _bunch(sheet: Sheet) -> None:
    paper(sheet)
    n, foot = sheet.whole(3, 5), sheet.between(0.42, 0.58)
    kinds = [sheet.pick(tuple(_KINDS)) for _ in range(sheet.whole(1, 2))]
    colours, green = _heads(sheet), _green(sheet)
    spots = [
        (0.5 + (i - (n - 1) / 2) * 0.72 / n + sheet.between(-0.03, 0.03), sheet.between(0.22, 0.52)) for i in range(n)
    ]
    for x, y in spots:
        _stem(sheet, x, y, foot + (x - 0.5) * 0.2, 1.05, green, 0.026, sheet.whole(1, 2))
    for i, (x, y) in enumerate(sorted(spots, key=lambda s: s[1])):
        turned = colours[i % 3 :] + colours[: i % 3]
        _bloom(sheet, x, y, sheet.between(0.13, 0.18), kinds[i % len(kinds)], turned)


def _meadow(sheet: Sheet) -> None:
    night = sky(sheet, 0.3)
    if sheet.chance(0.6):
        sun_or_moon(sheet, night, 0.12, 0.3)
    sheet.cut(below(ridge(sheet, sheet.between(0.55, 0.65), 0.12, 2, 0)), mix(sheet.palette.leaf, sheet.base, 0.45))
    green = mix(sheet.palette.leaf, sheet.palette.ink, 0.25)
    colours = _heads(sheet)
    kinds = [sheet.pick(tuple(_KINDS)) for _ in range(2)]
    n = sheet.whole(5, 7)
    for i in sheet.shuffled(range(n)):
        x, depth = (i + 0.5) / n + sheet.between(-0.05, 0.05), sheet.between(0, 1)
        y, r = 0.4 + 0.3 * depth, 0.085 + 0.06 * depth
        _stem(sheet, x, y, x + sheet.between(-0.06, 0.06), 1.05, green, 0.02, 2)
        _bloom(sheet, x, y, r, kinds[i % 2], colours[i % 2 :] + colours[: i % 2])


def _vase(sheet: Sheet) -> None:
    paper(sheet)
    table = sheet.between(0.78, 0.86)
    sheet.cut(polygon((-0.1, table), (1.1, table), (1.1, 1.1), (-0.1, 1.1)), mix(sheet.base, sheet.palette.ink, 0.35))
    colours, green = _heads(sheet), _green(sheet)
    n, top, x0 = sheet.whole(3, 5), sheet.between(0.52, 0.6), sheet.between(0.45, 0.55)
    kind = sheet.pick(tuple(_KINDS))
    spots = [(x0 + (i - (n - 1) / 2) * 0.62 / n, sheet.between(0.18, 0.36)) for i in range(n)]
    for x, y in spots:
        _stem(sheet, x, y, x0 + (x - x0) * 0.2, top + 0.05, green, 0.022, 2)
    neck, belly, base = sheet.between(0.07, 0.13), sheet.between(0.14, 0.21), sheet.between(0.08, 0.13)
    swell = top + (0.92 - top) * sheet.between(0.4, 0.65)
    right = curve([(x0 + neck, top), (x0 + neck * 0.8, top + 0.06), (x0 + belly, swell), (x0 + base, 0.93)])
    pot = colours[-1]
    mask = sheet.cut(np.concatenate([right, (right * (-1, 1) + (2 * x0, 0))[::-1]]), pot)
    band = mix(pot, sheet.contrast(pot), 0.7)
    if sheet.chance(0.5):
        sheet.lines([polygon((0, swell + d), (1, swell + d)) for d in (-0.06, 0, 0.06)], 0.018, band, within=mask)
    else:
        sheet.dots([(x0 + d, swell, 0.022) for d in (-0.15, -0.075, 0, 0.075, 0.15)], band, within=mask)
    for i, (x, y) in enumerate(spots):
        _bloom(sheet, x, y, sheet.between(0.11, 0.155), kind, colours[i % 2 :] + colours[: i % 2])

"""Fish below the water, boats upon it."""

from collections.abc import Callable

import numpy as np

from bottega.datasets.builtin.grounds import below, clouds, paper, puff, ridge, sky, sun_or_moon, waves
from bottega.datasets.builtin.hand import Piece, Sheet
from bottega.datasets.builtin.palette import Colour, distance, is_dark, mix
from bottega.datasets.builtin.shapes import (
    Points,
    curve,
    ellipse,
    leaf,
    move,
    polygon,
    rectangle,
    smooth,
    stroke,
)

Placing = Callable[[Points], Points]


def fish(sheet: Sheet) -> None:
    """One fish, two that circle each other, or a shoal; under water or on patterned paper."""
    if sheet.chance(0.7):
        _water(sheet)
    else:
        paper(sheet, 0.5)
    colours = sheet.colours(4, least=0.22)
    kind = sheet.pick(("one", "one", "one", "two", "shoal"))
    if kind == "one":
        flip = sheet.chance(0.5)
        _fish(
            sheet, 0.5, sheet.between(0.46, 0.54), sheet.between(0.40, 0.46), sheet.between(-0.35, 0.35), flip, colours
        )
    elif kind == "two":
        turn = sheet.between(-0.5, 0.5)
        gap = sheet.between(0.2, 0.23)
        for way in (0, 1):
            x, y = 0.5 + gap * np.sin(turn) * (1 - 2 * way), 0.5 - gap * np.cos(turn) * (1 - 2 * way)
            _fish(sheet, x, y, 0.31, turn, bool(way), colours if way == 0 else colours[1:] + colours[:1])
    else:
        flip, turn = sheet.chance(0.5), sheet.between(-0.3, 0.3)
        rows = sheet.pick(((2, 1, 2), (1, 2, 1), (2, 3, 2)))
        state = sheet.random.bit_generator.state
        for row, n in enumerate(rows):
            for i in range(n):
                sheet.random.bit_generator.state = state  # every fish of a shoal is the same fish
                x, y = 0.5 + (i - (n - 1) / 2) * (0.42 if max(rows) == 2 else 0.35), 0.22 + 0.28 * row
                _fish(sheet, x, y, 0.2 if max(rows) == 2 else 0.165, turn, flip, colours)


def _water(sheet: Sheet) -> None:
    top, bottom = sheet.palette.deep[::-1] if sheet.chance(0.5) else sheet.palette.wash
    sheet.blend(top, bottom)
    light = mix(sheet.base, sheet.palette.paper, 0.22)
    x = np.linspace(-0.05, 1.05, 40)
    n, phase = sheet.whole(3, 6), sheet.between(0, 6)
    ripples = [np.stack([x, (i + 0.5) / n + 0.018 * np.sin(x * 14 + phase + 2 * i)], 1) for i in range(n)]
    sheet.cut([stroke(r, (0.012, 0.022, 0.012)) for r in ripples], light, shadow=0)
    if sheet.chance(0.65):
        weed = mix(sheet.palette.leaf, sheet.base, 0.2)
        for foot in [
            sheet.pick((sheet.between(0.02, 0.2), sheet.between(0.8, 0.98))) for _ in range(sheet.whole(2, 4))
        ]:
            height, sway = sheet.between(0.3, 0.7), sheet.between(0.02, 0.05)
            y = np.linspace(1.05, 1.05 - height, 20)
            path = np.stack([foot + sway * np.sin(y * 16 + phase), y], 1)
            blades = [
                move(leaf(0.11, 0.04), *p, turn=-np.pi / 2 + 0.9 * (1 - 2 * (i % 2))) for i, p in enumerate(path[4::3])
            ]
            sheet.cut([stroke(path, (0.03, 0.008)), *blades], weed)
    bubbles = [
        (sheet.between(0, 1), sheet.between(0, 1), sheet.between(0.008, 0.022)) for _ in range(sheet.whole(3, 9))
    ]
    sheet.dots(bubbles, mix(sheet.base, sheet.palette.paper, 0.6))


def _fish(sheet: Sheet, x: float, y: float, scale: float, turn: float, flip: bool, colours: list[Colour]) -> None:
    """A fish of half-length ``scale`` that looks to the left (or right when flipped)."""
    skin, mark, fin = colours[:3]
    back, belly = sheet.between(0.3, 0.6), sheet.between(0.3, 0.55)
    t = np.linspace(0, 1, 20)
    profile = np.sin(np.pi * t**0.72) ** sheet.between(0.7, 0.95) * (1 - 0.25 * t) + 0.11 * t
    along = -1 + 1.62 * t
    upper, lower = np.stack([along, -back * profile], 1), np.stack([along, belly * profile], 1)

    def at(points: Points) -> Points:
        return move(points, x, y, scale, turn, flip)

    fork, spread = sheet.between(0.05, 0.24), sheet.between(0.4, 0.62)
    tail = smooth([(0.5, 0), (0.72, -0.12), (1.12, -spread), (1.1 - fork, 0), (1.12, spread), (0.72, 0.12)], 4)
    rear = sheet.between(0.1, 0.5)
    top_fin = smooth(
        [
            (-0.35, -back * 0.8),
            (-0.05, -back - sheet.between(0.2, 0.42)),
            (rear, -back - 0.12),
            (0.38, -back * 0.45),
            (0, -0.1),
        ],
        4,
    )
    low_fin = smooth(
        [(-0.1, belly * 0.8), (0.12, belly + sheet.between(0.15, 0.32)), (0.34, belly * 0.6), (0.1, 0.1)], 4
    )
    mask = sheet.cut([at(tail), at(top_fin), at(low_fin)], fin, tremble=0.003)
    ribs = [polygon((0.66, 0.0), (1.1, spread * d)) for d in (-0.66, -0.3, 0.3, 0.66)]
    ribs += [polygon((d, -back * 0.6), (d + 0.2, -back - 0.5)) for d in (-0.25, -0.05, 0.15)]
    sheet.lines([at(r) for r in ribs], 0.028 * scale, mix(fin, sheet.contrast(fin), 0.6), within=mask)

    body = sheet.cut(at(np.concatenate([upper, lower[::-1]])), skin, tremble=0.003)
    _pattern(sheet, at, scale, mark, body)
    if sheet.chance(0.5):
        pale = mix(skin, sheet.palette.paper, 0.55)
        sheet.cut(at(np.concatenate([lower, lower[::-1] * (1, 0.45)])), pale, within=body)
    head = smooth([(-1.1, -0.8), (-0.62, -0.8), (-0.5, 0), (-0.62, 0.8), (-1.1, 0.8)], 4)
    sheet.cut(at(head), mix(skin, mark, 0.3) if sheet.chance(0.5) else mark, within=body, tremble=0)
    sheet.cut(at(move(leaf(0.42, 0.26, 1.3), -0.3, 0.08, turn=0.35)), fin, shadow=0.3 if scale > 0.2 else 0)
    eye_x, eye_y = at(polygon((-0.7, -0.1)))[0]
    sheet.dots([(eye_x, eye_y, 0.1 * scale)], sheet.palette.paper)
    sheet.dots([(eye_x, eye_y, 0.055 * scale)], sheet.palette.ink)


def _pattern(sheet: Sheet, at: Callable[[Points], Points], scale: float, mark: Colour, body: Piece) -> None:
    """Scales, stripes or spots on a fish's body."""
    kind = sheet.pick(("scales", "scales", "stripes", "spots", "bands", "zigzag"))
    if kind == "scales":
        arc = ellipse(0, 0, 0.15, n=16)[[12, 13, 14, 15, 0, 1, 2, 3, 4]]
        rows = [at(move(arc, -0.55 + 0.17 * i, -0.6 + 0.2 * j + 0.1 * (i % 2))) for i in range(7) for j in range(7)]
        sheet.lines(rows, 0.05 * scale, mark, within=body)
    elif kind == "stripes":
        n = sheet.whole(3, 5)
        bars = [
            smooth([(c, -0.8), (c + 0.12, 0), (c, 0.8), (c - 0.11, 0.8), (c, 0), (c - 0.11, -0.8)], 3)
            for c in np.linspace(-0.3, 0.5, n)
        ]
        sheet.cut([at(b) for b in bars], mark, within=body)
    elif kind == "spots":
        cells = [(-0.35 + 0.2 * i, -0.36 + 0.2 * j + 0.1 * (i % 2)) for i in range(5) for j in range(5)]
        r = sheet.between(0.045, 0.075)
        sheet.dots([(*at(polygon(c))[0], r * scale) for c in cells], mark, within=body)
    elif kind == "bands":
        sheet.cut([at(rectangle(-0.6, d, 0.8, d + 0.09)) for d in (-0.33, -0.13, 0.07, 0.27)], mark, within=body)
    else:
        x = np.linspace(-0.5, 0.7, 13)
        rows = [at(np.stack([x, d + 0.06 * (1 - 2 * (np.arange(13) % 2))], 1)) for d in (-0.28, -0.06, 0.16, 0.38)]
        sheet.lines(rows, 0.06 * scale, mark, within=body)


def boats(sheet: Sheet) -> None:
    """One or two boats of four kinds between bands of cut-paper waves."""
    night = sky(sheet, 0.35)
    sun_or_moon(sheet, night, 0.15, 0.45)
    clouds(sheet, sheet.whole(0, 2))
    if sheet.chance(0.35):
        shore = mix(sheet.base, sheet.palette.leaf, 0.4)
        sheet.cut(below(ridge(sheet, sheet.between(0.58, 0.62), 0.14, sheet.whole(2, 4), 0)), shore)
    sea = [mix(sheet.palette.deep[1], sheet.palette.wash[1], 0.45), *sheet.palette.deep[::-1]]
    if night:
        sea = [mix(c, sheet.palette.pigments[3], 0.25) for c in sea]
    length, height = sheet.between(0.15, 0.32), sheet.between(0.03, 0.07)
    crest = mix(sheet.palette.paper, sea[1], 0.15) if sheet.chance(0.7) else None
    level = sheet.between(0.68, 0.76)
    waves(sheet, level - 0.07, sea[0], length * 1.2, height * 0.7, None)
    kind = sheet.pick((_sloop, _sloop, _junk, _steamer, _trawler))
    if sheet.chance(0.3):
        _sloop(sheet, sheet.pick((0.17, 0.83)), level - 0.06, 0.17, sheet.chance(0.5))
    kind(sheet, sheet.between(0.42, 0.58), level, sheet.between(0.36, 0.42), sheet.chance(0.5))
    waves(sheet, level + 0.07, sea[1], length, height, crest)
    waves(sheet, level + 0.19, sea[2], length * 1.1, height, crest)
    if sheet.chance(0.35) and not night:
        gull = curve([(-0.05, -0.015), (-0.02, -0.025), (0, 0), (0.02, -0.025), (0.05, -0.015)])
        gulls = [
            gull * sheet.between(0.8, 1.4) + (sheet.between(0.1, 0.9), sheet.between(0.08, 0.35))
            for _ in range(sheet.whole(1, 4))
        ]
        sheet.lines(gulls, 0.013, sheet.contrast(sheet.base))


def _hull(sheet: Sheet, at, colour: Colour, stripe: Colour, bow: float, stern: float) -> None:
    side = np.concatenate(
        [curve([(-bow, -0.3), (0, -0.13), (stern, -0.26)]), curve([(stern * 0.8, 0.14), (0, 0.2), (-bow * 0.62, 0.14)])]
    )
    mask = sheet.cut(at(side), colour)
    line = curve([(-1.2, -0.2), (0, -0.04), (1.2, -0.16)])
    sheet.cut(at(stroke(line, 0.075)), stripe, within=mask)


def _place(x: float, y: float, scale: float, flip: bool, turn: float = 0.0):
    def at(points: Points) -> Points:
        return move(points, x, y, scale, turn, flip)

    return at


def _sloop(sheet: Sheet, x: float, y: float, scale: float, flip: bool) -> None:
    """A sailing boat: main sail, jib, flag; the sails striped, patched or plain."""
    at = _place(x, y, scale, flip, sheet.between(-0.1, 0.1))
    sail, second, hull = sheet.colours(3, least=0.22)
    mast = sheet.between(1.35, 1.6)
    sheet.lines([at(polygon((0, -0.15), (0, -mast - 0.08)))], 0.05 * scale, sheet.contrast(sheet.base))
    sheet.cut(at(smooth([(0.03, -mast - 0.06), (0.26, -mast), (0.03, -mast + 0.07)], 3)), hull, shadow=0)
    belly = sheet.between(0.0, 0.16)
    foot = sheet.between(0.65, 0.9)
    leech = curve([(0.04, -mast), (0.04 + foot * 0.5 + belly, -mast * 0.5), (foot, -0.32)])
    mask = sheet.cut(at(np.concatenate([leech, polygon((0.04, -0.3))])), sail)
    style = sheet.pick(("plain", "stripes", "half", "disc"))
    other = mix(second, sail, 0.15)
    if style == "stripes":
        sheet.cut([at(rectangle(-0.1, -d, 1.2, -d + 0.12)) for d in (0.5, 0.78, 1.06, 1.34)], other, within=mask)
    elif style == "half":
        sheet.cut(at(rectangle(-0.1, -0.72, 1.2, 0)), other, within=mask)
    elif style == "disc":
        sheet.dots([(*at(polygon((0.27, -0.62)))[0], 0.16 * scale)], other)
    jib = curve([(-0.05, -mast * 0.92), (-0.32 - belly, -mast * 0.5), (-foot * 0.95, -0.34)])
    if sheet.chance(0.8):
        sheet.cut(at(np.concatenate([jib, polygon((-0.05, -0.34))])), second)
    _hull(sheet, at, hull, mix(hull, sheet.contrast(hull), 0.75), sheet.between(0.85, 1.0), sheet.between(0.75, 0.9))


def _junk(sheet: Sheet, x: float, y: float, scale: float, flip: bool) -> None:
    """A Chinese junk with battened sails."""
    at = _place(x, y, scale, flip, sheet.between(-0.06, 0.06))
    sail, second, hull = sheet.colours(3, least=0.22)
    big = sheet.between(1.25, 1.5)
    sails = [(0.12, big, 0.85), (-0.62, big * 0.62, 0.5)] if sheet.chance(0.7) else [(0.0, big, 1.05)]
    for left, top, w in sails:
        sheet.lines([at(polygon((left, -0.1), (left, -top - 0.1)))], 0.05 * scale, sheet.contrast(sheet.base))
        fan = smooth(
            [
                (left - 0.18 * w, -0.34),
                (left - 0.3 * w, -top * 0.6),
                (left - 0.05 * w, -top),
                (left + 0.5 * w, -top * 0.86),
                (left + 0.68 * w, -top * 0.5),
                (left + 0.62 * w, -0.3),
            ],
            4,
        )
        mask = sheet.cut(at(fan), sail)
        ribs = [
            polygon((left - 0.6, -0.3 - top * s), (left + 0.9, -0.3 - top * s * 0.8)) for s in (0.12, 0.28, 0.44, 0.6)
        ]
        sheet.lines([at(r) for r in ribs], 0.06 * scale, mix(second, sail, 0.25), within=mask)
    side = np.concatenate(
        [
            curve([(-0.98, -0.42), (-0.5, -0.14), (0.4, -0.14), (0.95, -0.5)]),
            curve([(0.8, 0.1), (0, 0.2), (-0.66, 0.1)]),
        ]
    )
    mask = sheet.cut(at(side), hull)
    sheet.dots(
        [(*at(polygon((d, 0.0)))[0], 0.05 * scale) for d in (-0.4, -0.13, 0.14, 0.41)],
        sheet.contrast(hull),
        within=mask,
    )


def _steamer(sheet: Sheet, x: float, y: float, scale: float, flip: bool) -> None:
    """A steamer with funnels, portholes and smoke."""
    at = _place(x, y, scale, flip)
    hull, house, funnel = sheet.colours(3, least=0.22)
    if distance(house, hull) < 0.2:
        house = sheet.palette.paper
    n = sheet.whole(1, 2)
    for i in range(n):
        c = (i - (n - 1) / 2) * 0.46
        px, py = at(polygon((c + 0.05, -1.12)))[0]
        puff(
            sheet,
            px,
            py,
            mix(sheet.base, sheet.palette.paper if is_dark(sheet.base) else sheet.palette.ink, 0.3),
            scale * 0.34,
        )
        mask = sheet.cut(at(polygon((c - 0.12, -0.5), (c - 0.1, -1.08), (c + 0.12, -1.08), (c + 0.13, -0.5))), funnel)
        sheet.cut(at(rectangle(c - 0.3, -1.12, c + 0.3, -0.92)), sheet.contrast(funnel), within=mask)
    sheet.cut([at(rectangle(-0.5, -0.46, 0.56, -0.1)), at(rectangle(-0.36, -0.68, 0.36, -0.4))], house)
    window = mix(sheet.palette.pigments[2], sheet.contrast(house), 0.35)
    sheet.dots([(*at(polygon((d, -0.32)))[0], 0.055 * scale) for d in np.linspace(-0.36, 0.4, 5)], window)
    sheet.dots([(*at(polygon((d, -0.56)))[0], 0.045 * scale) for d in (-0.2, 0, 0.2)], window)
    _hull(sheet, at, hull, mix(hull, sheet.contrast(hull), 0.75), 1.05, 0.9)


def _trawler(sheet: Sheet, x: float, y: float, scale: float, flip: bool) -> None:
    """A small fishing boat: wheelhouse, mast, rigging, flags."""
    at = _place(x, y, scale, flip, sheet.between(-0.08, 0.08))
    hull, house, roof = sheet.colours(3, least=0.22)
    rig = sheet.contrast(sheet.base)
    top = sheet.between(1.1, 1.4)
    sheet.lines(
        [at(polygon((-0.2, -0.1), (-0.2, -top))), at(polygon((-0.92, -0.3), (-0.2, -top), (0.78, -0.28)))],
        0.045 * scale,
        rig,
    )
    pennants = [
        polygon(
            (-0.2 + 0.98 * s - 0.07, -top + (top - 0.28) * s),
            (-0.2 + 0.98 * s + 0.1, -top + (top - 0.28) * s + 0.08),
            (-0.2 + 0.98 * s, -top + (top - 0.28) * s + 0.24),
        )
        for s in (0.12, 0.34)
    ]
    sheet.cut([at(p) for p in pennants], roof)
    sheet.cut(at(rectangle(0.05, -0.72, 0.56, -0.1)), house)
    sheet.cut(at(polygon((-0.03, -0.7), (0.05, -0.86), (0.56, -0.86), (0.64, -0.7))), roof)
    glass = mix(sheet.palette.pigments[2], sheet.contrast(house), 0.4)
    sheet.cut([at(rectangle(c, -0.6, c + 0.15, -0.4)) for c in (0.11, 0.34)], glass, shadow=0, tremble=0.001)
    _hull(sheet, at, hull, mix(hull, sheet.contrast(hull), 0.75), 0.98, 0.85)

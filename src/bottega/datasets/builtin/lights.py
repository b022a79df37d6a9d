"""Paper lanterns, and the light they throw."""

import numpy as np

from bottega.datasets.builtin.grounds import sky, sun_or_moon
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, distance, mix
from bottega.datasets.builtin.shapes import (
    curve,
    ellipse,
    leaf,
    move,
    polygon,
    rectangle,
    smooth,
    star,
)


def lanterns(sheet: Sheet) -> None:
    """Paper lanterns on their strings, mostly by night, over a roof, water or a branch."""
    night = sky(sheet, 0.8)
    if sheet.chance(0.4):
        sun_or_moon(sheet, night, 0.12, 0.3)
    below_ = sheet.pick(("roof", "hills", "none", "none"))
    dark = (
        mix(sheet.palette.deep[0], sheet.palette.ink, 0.6)
        if night
        else mix(sheet.palette.wash[1], sheet.palette.leaf, 0.5)
    )
    if below_ == "roof":
        x = sheet.between(0.1, 0.9)
        slope = np.concatenate(
            [curve([(0, -0.16), (0.2, -0.06), (0.5, 0.0), (0.62, -0.04)]), [(0.57, 0.05), (0.46, 0.06)]]
        )
        eaves = np.concatenate([slope, [(0.46, 0.3), (-0.46, 0.3)], (slope * (-1, 1))[::-1]])
        sheet.cut(move(eaves, x, sheet.between(0.86, 0.94)), dark)
    elif below_ == "hills":
        hill = curve(
            [
                (-0.1, 0.9),
                (0.2, sheet.between(0.76, 0.9)),
                (0.6, sheet.between(0.8, 0.95)),
                (1.1, sheet.between(0.76, 0.9)),
            ]
        )
        sheet.cut(np.concatenate([hill, [(1.1, 1.1), (-0.1, 1.1)]]), dark)
    n = sheet.pick((1, 1, 2, 3, 3, 5))
    spots = {
        1: [(0.5, 0.52, 0.29)],
        2: [(0.29, 0.42, 0.2), (0.71, 0.6, 0.2)],
        3: [(0.2, 0.4, 0.15), (0.8, 0.46, 0.15), (0.5, 0.62, 0.18)],
        5: [(0.15, 0.3, 0.1), (0.85, 0.33, 0.1), (0.33, 0.68, 0.12), (0.67, 0.7, 0.12), (0.5, 0.36, 0.13)],
    }[n]
    tints = sheet.colours(4, least=0.2)
    tints = [c for c in tints if c not in (sheet.palette.ink, sheet.palette.leaf)] or tints
    kinds = [sheet.pick(("round", "round", "long", "barrel", "lozenge", "star")) for _ in range(2)]
    string = mix(sheet.contrast(sheet.base), sheet.base, 0.25)
    places = [(x + sheet.between(-0.03, 0.03), y + sheet.between(-0.05, 0.05), r) for x, y, r in spots]
    sheet.lines([polygon((x, -0.1), (x, y)) for x, y, _ in places], 0.012, string)
    for x, y, r in places:
        sheet.glow(x, y, r * 2.3, mix(tints[0], (255, 226, 150), 0.6), 0.6 if night else 0.25)
    for i, (x, y, r) in enumerate(places):
        tint = tints[i % len(tints)] if n > 1 else tints[0]
        _lantern(sheet, x, y, r, kinds[i % 2] if sheet.chance(0.8) else kinds[0], tint, night)


def _lantern(sheet: Sheet, x: float, y: float, r: float, kind: str, tint: Colour, night: bool) -> None:
    """One lantern of half-height about ``r``: body, ribs, light, caps, tassel, and a painted sign."""
    body, w, h = _body(sheet, x, y, r, kind)
    cap = (
        mix(sheet.palette.ink, tint, 0.25)
        if distance(sheet.palette.ink, sheet.base) > 0.14
        else mix(sheet.palette.pigments[2], sheet.palette.paper, 0.2)
    )
    tail = sheet.between(0.3, 0.6) * r
    sheet.lines([polygon((x, y + h), (x, y + h + tail * 0.5))], 0.012, cap)
    sheet.cut(
        polygon((x - 0.14 * r, y + h + tail), (x, y + h + tail * 0.2), (x + 0.14 * r, y + h + tail)),
        mix(tint, sheet.palette.paper, 0.25),
    )
    mask = sheet.cut(body, tint, tremble=0.002)
    ribs = mix(tint, sheet.palette.ink, 0.35)
    if kind in ("round", "long"):
        bows = [ellipse(x, y, w * d, h, 40) for d in (0.38, 0.74)]
        sheet.lines([np.concatenate([b, b[:1]]) for b in bows], 0.035 * r, ribs, within=mask)
    elif kind == "barrel":
        rings = [polygon((x - w * 1.2, y + h * d), (x + w * 1.2, y + h * d)) for d in (-0.7, -0.35, 0, 0.35, 0.7)]
        sheet.lines(rings, 0.04 * r, ribs, within=mask)
    else:
        sheet.lines([polygon((x, y), p) for p in body[:: max(1, len(body) // 10)]], 0.035 * r, ribs, within=mask)
    if night:
        light = mix(tint, (255, 240, 190), 0.75)
        before = sheet.canvas.copy()
        sheet.glow(x, y + 0.1 * r, r * 0.9, light, 0.85)
        lit, sheet.canvas = sheet.canvas, before
        right, bottom = mask.left + mask.image.width, mask.top + mask.image.height
        sheet.paste(lit.crop((mask.left, mask.top, right, bottom)), mask)
    if r > 0.13:
        _sign(sheet, x, y, r * 0.42, mix(tint, sheet.contrast(mix(tint, (255, 240, 190), 0.5)), 0.85), mask)
    if kind != "star":
        sheet.cut(
            [
                rectangle(x - w * 0.42, y - h - 0.12 * r, x + w * 0.42, y - h + 0.08 * r),
                rectangle(x - w * 0.36, y + h - 0.08 * r, x + w * 0.36, y + h + 0.1 * r),
            ],
            cap,
        )


def _body(sheet: Sheet, x: float, y: float, r: float, kind: str):
    if kind == "round":
        w, h = r * sheet.between(1.0, 1.2), r * sheet.between(0.82, 0.95)
        return ellipse(x, y, w, h, 40), w, h
    if kind == "long":
        w, h = r * sheet.between(0.62, 0.78), r * 1.12
        return ellipse(x, y, w, h, 40), w, h
    if kind == "barrel":
        w, h = r * sheet.between(0.62, 0.85), r
        return (
            smooth(
                [
                    (x - w * 0.8, y - h),
                    (x + w * 0.8, y - h),
                    (x + w, y - h * 0.4),
                    (x + w, y + h * 0.4),
                    (x + w * 0.8, y + h),
                    (x - w * 0.8, y + h),
                    (x - w, y + h * 0.4),
                    (x - w, y - h * 0.4),
                ],
                4,
            ),
            w,
            h,
        )
    if kind == "lozenge":
        w, h = r * 0.95, r
        return (
            polygon(
                (x - w * 0.45, y - h),
                (x + w * 0.45, y - h),
                (x + w, y),
                (x + w * 0.45, y + h),
                (x - w * 0.45, y + h),
                (x - w, y),
            ),
            w,
            h,
        )
    return star(x, y, r * 1.25, sheet.pick((5, 6, 8)), sheet.between(0.5, 0.65)), r, r * 0.8


def _sign(sheet: Sheet, x: float, y: float, r: float, colour: Colour, mask) -> None:
    """Something painted on the paper: a flower, a disc, a star, bars, a leaf; or nothing."""
    kind = sheet.pick(("flower", "disc", "star", "bars", "sprig", "none", "none"))
    if kind == "flower":
        petals = [move(leaf(r, r * 0.7, 1.4), x, y, turn=2 * np.pi * i / 6) for i in range(6)]
        sheet.cut(petals, colour, within=mask, tremble=0.001)
    elif kind == "disc":
        sheet.dots([(x, y, r * 0.75)], colour, within=mask)
    elif kind == "star":
        sheet.cut(star(x, y, r, 5, 0.45), colour, within=mask, tremble=0.001)
    elif kind == "bars":
        sheet.cut(
            [
                rectangle(x - r * s, y + r * d - r * 0.14, x + r * s, y + r * d + r * 0.14)
                for d, s in ((-0.6, 0.7), (0, 0.45), (0.6, 0.8))
            ]
            + [rectangle(x - r * 0.14, y - r, x + r * 0.14, y + r)],
            colour,
            within=mask,
            tremble=0.002,
        )
    elif kind == "sprig":
        blades = [
            move(leaf(r * 0.9, r * 0.4), x, y + r * (0.6 - 0.5 * i), turn=-np.pi / 2 + s * 0.8)
            for i in range(3)
            for s in (-1, 1)
        ]
        sheet.cut(blades, colour, within=mask, tremble=0.001)

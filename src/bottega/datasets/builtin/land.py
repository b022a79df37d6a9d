"""Mountains and houses."""

import numpy as np
from PIL import Image

from bottega.datasets.builtin.grounds import below, clouds, puff, ridge, sky, sun_or_moon
from bottega.datasets.builtin.hand import Piece, Sheet
from bottega.datasets.builtin.palette import Colour, distance, is_dark, mix
from bottega.datasets.builtin.shapes import curve, ellipse, move, polygon, rectangle, stroke


def mountains(sheet: Sheet) -> None:
    """Ranges one behind the other under a sun or a moon; snow, mist, pines, a lake."""
    night = sky(sheet, 0.4)
    sun_or_moon(sheet, night, 0.13, 0.36)
    if sheet.chance(0.3):
        clouds(sheet, sheet.whole(1, 2), 0.1, 0.3)
    n = sheet.whole(3, 5)
    far = mix(sheet.base, sheet.colours(1, least=0.25)[0], 0.42)
    near = sheet.pick((sheet.palette.ink, sheet.palette.deep[0], mix(sheet.palette.leaf, sheet.palette.ink, 0.4)))
    rough, peaks = sheet.pick((0.0, 1.0, 1.0, 1.4)), sheet.whole(1, 3)
    snow = sheet.chance(0.6)
    lake = sheet.chance(0.3)
    bottom = 0.8 if lake else 0.98
    for i in range(n):
        share = i / (n - 1)
        height = (0.44 - 0.26 * share) * sheet.between(0.8, 1.1)
        y = 0.56 + (bottom - 0.56) * share
        line = ridge(sheet, y, height, peaks + i, rough * (1 - 0.4 * share))
        colour = mix(far, near, share**0.9 * 0.9)
        mask = sheet.cut(below(line), colour, shadow=0.25)
        if snow and i < max(1, n - 2):
            _snow(sheet, line, y, height, mask)
        elif sheet.chance(0.3) and i < n - 1:
            mist = mix(sheet.base, sheet.palette.paper, 0.45)
            path = curve([(sheet.between(-0.2, 0.3), y + 0.03), (0.5, y + 0.015), (sheet.between(0.8, 1.2), y + 0.035)])
            sheet.cut(stroke(path, (0.01, 0.05, 0.01)), mist, shadow=0)
    if lake:
        _lake(sheet, far)
    if sheet.chance(0.6):
        _pines(sheet, mix(sheet.palette.leaf, sheet.palette.ink, 0.55))


def _snow(sheet: Sheet, line: np.ndarray, y: float, height: float, mask) -> None:
    """White caps with a jagged lower edge on everything that rises above the snow line."""
    x = np.linspace(-0.1, 1.1, 31)
    level = y - height * sheet.between(0.42, 0.58)
    teeth = level + height * 0.16 * np.where(np.arange(31) % 2 == 0, 1, -1) * sheet.random.random(31)
    cap = np.concatenate([np.stack([x, teeth], 1), [(1.1, -0.2), (-0.1, -0.2)]])
    sheet.cut(cap, mix(sheet.palette.paper, sheet.base, 0.08), within=mask)
    inner = [
        i for i in range(2, len(line) - 2) if line[i, 1] <= min(line[i - 1, 1], line[i + 1, 1]) and line[i, 1] < level
    ]
    if inner and len(line) < 40 and sheet.chance(0.7):
        _shade(sheet, line, inner, height, mask)


def _shade(sheet: Sheet, line: np.ndarray, peaks: list[int], height: float, mask: Piece) -> None:
    """The side of each peak that turns from the light, down to the valley on its right."""
    facets = []
    for i in peaks:
        falling = next((j for j in range(i + 1, len(line)) if line[j, 1] > line[i, 1] + 0.5 * height), len(line) - 1)
        spur = line[i] + [(0.10 * height, 1.1 * height), (-0.06 * height, 0.6 * height), (0.05 * height, 0.3 * height)]
        facets.append(
            np.concatenate([move(line[i : falling + 1], 0.01), [(line[falling, 0], line[i, 1] + 1.1 * height)], spur])
        )
    tone = Image.new("L", mask.image.size, 60)
    side = sheet.mask(facets).clipped(mask)
    sheet.paste(sheet.palette.ink, side.clipped(Piece(tone, mask.left, mask.top)))


def _lake(sheet: Sheet, far: Colour) -> None:
    water = mix(sheet.palette.wash[1] if not is_dark(sheet.base) else sheet.palette.deep[1], far, 0.3)
    shore = sheet.between(0.78, 0.84)
    sheet.cut(below(curve([(-0.1, shore), (0.3, shore - 0.01), (0.7, shore + 0.01), (1.1, shore)])), water)
    ripples = []
    for _ in range(sheet.whole(4, 8)):
        x, y, w = sheet.between(0, 1), sheet.between(shore + 0.04, 0.98), sheet.between(0.06, 0.18)
        ripples.append(stroke(polygon((x - w, y), (x, y + 0.003), (x + w, y)), (0.004, 0.018, 0.004)))
    sheet.cut(ripples, mix(water, sheet.palette.paper, 0.6), shadow=0)


def _pines(sheet: Sheet, colour: Colour) -> None:
    trees = []
    for _ in range(sheet.whole(2, 7)):
        x, foot, h = sheet.between(0.02, 0.98), sheet.between(0.9, 1.02), sheet.between(0.14, 0.34)
        w = h * sheet.between(0.22, 0.3)
        trees += [
            polygon((x - w * s, foot - h * b), (x, foot - h * t), (x + w * s, foot - h * b))
            for s, b, t in ((1, 0.08, 0.55), (0.8, 0.34, 0.78), (0.55, 0.6, 1.0))
        ]
        trees.append(rectangle(x - 0.012, foot - h * 0.1, x + 0.012, foot + 0.05))
    sheet.cut(trees, colour)


def houses(sheet: Sheet) -> None:
    """One house, a row, or a village on a hill, with trees, smoke and lit windows."""
    night = sky(sheet, 0.4)
    if sheet.chance(0.8):
        sun_or_moon(sheet, night, 0.12, 0.28)
    clouds(sheet, sheet.whole(0, 2), 0.1, 0.3)
    grass = mix(sheet.palette.leaf, sheet.palette.deep[0] if night else sheet.palette.wash[0], 0.35)
    if sheet.chance(0.6):
        sheet.cut(
            below(ridge(sheet, sheet.between(0.6, 0.68), 0.16, sheet.whole(1, 3), 0)), mix(grass, sheet.base, 0.5)
        )
    kind = sheet.pick(("one", "one", "row", "row", "village"))
    ground = sheet.between(0.8, 0.86)
    sheet.cut(below(curve([(-0.1, ground), (0.3, ground - 0.02), (0.7, ground + 0.01), (1.1, ground - 0.01)])), grass)
    if kind == "one":
        w = sheet.between(0.42, 0.56)
        spots = [(0.5 + sheet.between(-0.08, 0.08), ground + 0.02, w, sheet.between(0.26, 0.38))]
    elif kind == "row":
        n = sheet.whole(2, 4)
        w = 0.92 / n
        spots = [
            (0.04 + w * (i + 0.5), ground + sheet.between(0.0, 0.03), w * 0.98, sheet.between(0.22, 0.46))
            for i in range(n)
        ]
    else:
        back = [
            (sheet.between(0.05, 0.25) + 0.27 * i, ground - 0.1, sheet.between(0.2, 0.26), sheet.between(0.16, 0.24))
            for i in range(3)
        ]
        front = [
            (sheet.between(0.1, 0.22) + 0.31 * i, ground + 0.08, sheet.between(0.24, 0.3), sheet.between(0.17, 0.26))
            for i in range(3)
        ]
        spots = back + front
    for _ in range(sheet.whole(0, 3)):
        _tree(
            sheet,
            sheet.pick((sheet.between(0.03, 0.2), sheet.between(0.8, 0.97))),
            ground + 0.02,
            sheet.between(0.2, 0.4),
        )
    for x, y, w, h in spots:
        _house(sheet, x, y, w, h, night)
    if sheet.chance(0.5):
        _tree(
            sheet,
            sheet.pick((sheet.between(0.0, 0.12), sheet.between(0.88, 1.0))),
            ground + 0.1,
            sheet.between(0.18, 0.3),
        )
    if sheet.chance(0.4):
        _fence(sheet, ground + 0.12)


def _house(sheet: Sheet, x: float, y: float, w: float, h: float, night: bool) -> None:
    """Walls, gabled, hipped or stepped roof, chimney, door, windows with panes."""
    wall, roof, trim = sheet.colours(3, least=0.14)
    if distance(wall, roof) < 0.2:
        wall = mix(wall, sheet.palette.paper, 0.6)
    left, right, top = x - w * 0.44, x + w * 0.44, y - h
    pitch = w * sheet.between(0.34, 0.55)
    if sheet.chance(0.6):
        side = sheet.pick((-1, 1)) * w * 0.24
        if sheet.chance(0.6):
            puff(sheet, x + side, top - pitch * 0.85, mix(sheet.base, sheet.palette.paper, 0.4), w * 0.24)
        sheet.cut(
            rectangle(x + side - w * 0.055, top - pitch * 0.85, x + side + w * 0.055, top),
            mix(roof, sheet.palette.ink, 0.35),
        )
    mask = sheet.cut(rectangle(left, top, right, y), wall)
    if sheet.chance(0.35):
        boards = [polygon((left, top + d), (right, top + d)) for d in np.arange(0.04, h, 0.055)]
        sheet.lines(boards, 0.007, mix(wall, sheet.palette.ink, 0.25), within=mask)
    eave = w * 0.52
    shape = sheet.pick(("gable", "gable", "hip", "curved"))
    if shape == "gable":
        outline = polygon((x - eave, top + 0.015), (x, top - pitch), (x + eave, top + 0.015))
    elif shape == "hip":
        outline = polygon(
            (x - eave, top + 0.015),
            (x - w * 0.26, top - pitch * 0.8),
            (x + w * 0.26, top - pitch * 0.8),
            (x + eave, top + 0.015),
        )
    else:
        slope = curve(
            [(x + w * 0.12, top - pitch * 0.9), (x + w * 0.28, top - pitch * 0.25), (x + eave * 1.12, top - 0.02)]
        )
        outline = np.concatenate(
            [slope, polygon((x + eave, top + 0.03), (x - eave, top + 0.03)), (slope * (-1, 1) + (2 * x, 0))[::-1]]
        )
    tiles = sheet.cut(outline, roof)
    if sheet.chance(0.6):
        rows = [polygon((x - w, top - pitch * s), (x + w, top - pitch * s)) for s in (0.12, 0.34, 0.56, 0.78)]
        sheet.lines(rows, 0.010, mix(roof, sheet.contrast(roof), 0.35), within=tiles)
    _openings(sheet, x, y, w, h, wall, trim, night)


def _openings(sheet: Sheet, x: float, y: float, w: float, h: float, wall: Colour, trim: Colour, night: bool) -> None:
    glass = mix(sheet.palette.pigments[2], (255, 236, 170), 0.5) if night else mix(sheet.palette.deep[1], wall, 0.1)
    if distance(glass, wall) < 0.18:
        glass = sheet.contrast(wall)
    columns = 3 if w > 0.34 else 2
    door = sheet.whole(0, columns - 1)
    floors = 2 if h > 0.3 else 1
    step, storey = w * 0.84 / columns, h / floors
    half = step * 0.27
    panes = []
    for floor in range(floors):
        for i in range(columns):
            cx, base = x - w * 0.42 + step * (i + 0.5), y - storey * floor
            if floor == 0 and i == door:
                sheet.cut(
                    rectangle(cx - half, base - storey * 0.68, cx + half, base),
                    trim if distance(trim, wall) > 0.15 else sheet.contrast(wall),
                    shadow=0,
                )
            else:
                panes.append((cx, base - storey * 0.5, min(half, storey * 0.26)))
    if night and w > 0.3:
        for cx, cy, r in panes:
            sheet.glow(cx, cy, r * 2.6, glass, 0.5)
    frame = mix(wall, sheet.contrast(wall), 0.65)
    if w > 0.3:
        sheet.cut(
            [rectangle(cx - r * 1.25, cy - r * 1.45, cx + r * 1.25, cy + r * 1.45) for cx, cy, r in panes],
            frame,
            shadow=0,
            tremble=0.001,
        )
    sheet.cut(
        [rectangle(cx - r, cy - r * 1.2, cx + r, cy + r * 1.2) for cx, cy, r in panes], glass, shadow=0, tremble=0.001
    )
    if w > 0.3:
        bars = [polygon((cx - r, cy), (cx + r, cy)) for cx, cy, r in panes] + [
            polygon((cx, cy - r * 1.2), (cx, cy + r * 1.2)) for cx, cy, r in panes
        ]
        sheet.lines(bars, 0.009, frame)


def _tree(sheet: Sheet, x: float, foot: float, h: float) -> None:
    """A round, poplar or pine tree."""
    green = mix(
        sheet.palette.leaf,
        sheet.pick((sheet.palette.ink, sheet.palette.paper, sheet.palette.pigments[2])),
        sheet.between(0.1, 0.4),
    )
    sheet.cut(rectangle(x - h * 0.04, foot - h * 0.5, x + h * 0.04, foot), mix(sheet.palette.ink, green, 0.2))
    kind = sheet.pick(("round", "poplar", "pine"))
    if kind == "round":
        sheet.cut(
            [
                ellipse(x + h * a, foot - h * b, h * r, n=20)
                for a, b, r in ((0, 0.72, 0.3), (-0.2, 0.56, 0.2), (0.2, 0.56, 0.2))
            ],
            green,
        )
    elif kind == "poplar":
        mask = sheet.cut(ellipse(x, foot - h * 0.62, h * 0.19, h * 0.46), green)
        sheet.lines(
            [polygon((x, foot - h * 0.2), (x, foot - h * 0.95))],
            0.01,
            mix(green, sheet.palette.paper, 0.4),
            within=mask,
        )
    else:
        tiers = [
            polygon((x - h * 0.3 * s, foot - h * b), (x, foot - h * t), (x + h * 0.3 * s, foot - h * b))
            for s, b, t in ((1, 0.15, 0.6), (0.8, 0.4, 0.82), (0.55, 0.64, 1.05))
        ]
        sheet.cut(tiers, green)


def _fence(sheet: Sheet, y: float) -> None:
    posts = [rectangle(x - 0.014, y - 0.08, x + 0.014, y + 0.04) for x in np.arange(0.03, 1.0, 0.094)]
    sheet.cut(
        [*posts, rectangle(-0.1, y - 0.05, 1.1, y - 0.03), rectangle(-0.1, y, 1.1, y + 0.02)], sheet.palette.paper
    )

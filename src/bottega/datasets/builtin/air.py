"""Birds: five kinds, from a songbird on its branch to swallows in the air."""

import numpy as np

from bottega.datasets.builtin.grounds import paper, puff, sky, sun_or_moon, waves
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, is_dark, mix
from bottega.datasets.builtin.shapes import (
    Points,
    curve,
    ellipse,
    leaf,
    move,
    polygon,
    rectangle,
    smooth,
    star,
    stroke,
)


def birds(sheet: Sheet) -> None:
    """A songbird on a branch, an owl, a wading crane, a swimming duck, or swallows in the air."""
    sheet.pick((_songbird, _songbird, _owl, _crane, _duck, _swallows))(sheet)


def _branch(sheet: Sheet, y: float, bark: Colour) -> None:
    """A branch across the sheet with leaves, berries or blossom on it."""
    path = curve(
        [(-0.1, y + sheet.between(-0.05, 0.08)), (0.3, y), (0.65, y + 0.01), (1.1, y + sheet.between(-0.2, 0.05))]
    )
    sheet.cut(stroke(path, (0.06, 0.045, 0.03)), bark)
    spots = [path[int(len(path) * s)] for s in (0.12, 0.24, 0.76, 0.88)]
    turns = [sheet.pick((-1, 1)) * sheet.between(0.6, 1.2) for _ in spots]
    kind = sheet.pick(("leaves", "leaves", "blossom", "berries"))
    if kind == "leaves":
        blades = [
            move(leaf(sheet.between(0.15, 0.22), 0.085, 0.85), *p, turn=t + (np.pi if i < 2 else 0))
            for i, (p, t) in enumerate(zip(spots, turns, strict=True))
        ]
        sheet.cut(blades, mix(sheet.palette.leaf, sheet.contrast(sheet.base), 0.15))
    elif kind == "blossom":
        tint = sheet.colours(1, least=0.2)[0]
        for p, t in zip(spots, turns, strict=True):
            sheet.cut(star(p[0], p[1] - 0.03 * np.sign(t), 0.075, 5, 0.6, t), tint)
        sheet.dots(
            [(p[0], p[1] - 0.03 * np.sign(t), 0.02) for p, t in zip(spots, turns, strict=True)], sheet.contrast(tint)
        )
    else:
        red = sheet.colours(1, least=0.2)[0]
        sheet.cut([ellipse(p[0] + d, p[1] + 0.07 + abs(d), 0.028, n=16) for p in spots for d in (-0.03, 0.03)], red)


def _songbird(sheet: Sheet) -> None:
    """A round-breasted bird seen from the side; proportions, crest, tail and wing vary."""
    paper(sheet)
    coat, wing, breast = sheet.colours(3, least=0.2)
    y = sheet.between(0.72, 0.8)
    bark = (
        mix(sheet.palette.ink, sheet.palette.pigments[0], 0.25)
        if not is_dark(sheet.base)
        else mix(sheet.base, sheet.palette.paper, 0.45)
    )
    _branch(sheet, y, bark)
    flip, turn, plump = sheet.chance(0.5), sheet.between(-0.25, 0.3), sheet.between(0.85, 1.15)
    scale = sheet.between(0.30, 0.35)

    def at(points: Points) -> Points:
        return move(points * (1.0, plump), 0.5, y - 0.72 * scale * plump, scale, turn if not flip else -turn, flip)

    for side in (-0.06, 0.07):
        sheet.lines([polygon((0.5 + side, y - 0.16), (0.5 + side * 0.8, y - 0.005))], 0.018, bark)
    length, spread = sheet.between(0.6, 0.95), sheet.between(0.1, 0.2)
    tail = polygon(
        (0.45, -0.05),
        (0.75 + length * 0.6, 0.2 + length * 0.3),
        (0.62 + length * 0.6, 0.3 + spread + length * 0.3),
        (0.35, 0.3),
    )
    sheet.cut(at(tail), wing)
    if sheet.chance(0.35):
        crest = [move(leaf(0.42, 0.12), -0.55, -0.75, turn=-np.pi / 2 + d) for d in (0.2, 0.6, 1.0)]
        sheet.cut([at(c) for c in crest], wing)
    beak = sheet.between(0.18, 0.32)
    sheet.cut(
        at(polygon((-0.88, -0.66), (-0.98 - beak, -0.5), (-0.9, -0.4))),
        mix(sheet.palette.pigments[2], sheet.contrast(sheet.base), 0.2),
    )
    body = smooth(
        [
            (-0.98, -0.5),
            (-0.85, -0.85),
            (-0.5, -0.95),
            (-0.2, -0.68),
            (0.3, -0.4),
            (0.72, 0.12),
            (0.3, 0.52),
            (-0.3, 0.6),
            (-0.8, 0.3),
            (-0.92, -0.15),
        ],
        4,
    )
    mask = sheet.cut(at(body), coat)
    sheet.cut(at(ellipse(-0.68, 0.22, 0.5, 0.62)), breast, within=mask)
    if sheet.chance(0.4):
        sheet.cut(
            at(smooth([(-1.1, -1.1), (-0.2, -1.1), (-0.25, -0.72), (-0.6, -0.62), (-1.1, -0.68)], 3)), wing, within=mask
        )
    feathers = sheet.whole(3, 4)
    for i in range(feathers):
        blade = move(leaf(1.05 - 0.17 * i, 0.5 - 0.07 * i, 0.8), -0.3, -0.22, turn=0.38 - 0.09 * i)
        sheet.cut(at(blade), mix(wing, coat, 0.28 * i), tremble=0.002)
    x, y = at(polygon((-0.62, -0.56)))[0]
    sheet.dots([(x, y, 0.1 * scale)], sheet.palette.paper)
    sheet.dots([(x, y, 0.06 * scale)], sheet.palette.ink)


def _owl(sheet: Sheet) -> None:
    night = sky(sheet, 0.7)
    if sheet.chance(0.6):
        sun_or_moon(sheet, night, 0.12, 0.3)
    coat, wing, face = sheet.colours(3, least=0.16)
    y = sheet.between(0.8, 0.86)
    x, w, h = sheet.between(0.42, 0.58), sheet.between(0.21, 0.27), sheet.between(0.3, 0.36)
    top = y - 2 * h
    body = move(
        smooth(
            [
                (-w, top + 0.16),
                (-w * 0.92, top - 0.015),
                (-w * 0.4, top + 0.05),
                (w * 0.4, top + 0.05),
                (w * 0.92, top - 0.015),
                (w, top + 0.16),
                (w * 1.02, y - 0.2),
                (w * 0.55, y + 0.02),
                (-w * 0.55, y + 0.02),
                (-w * 1.02, y - 0.2),
            ],
            4,
        ),
        x,
    )
    sheet.cut(polygon((x - 0.1, y), (x + 0.1, y), (x + 0.06, y + 0.16), (x - 0.06, y + 0.16)), wing)
    mask = sheet.cut(body, coat)
    breast = sheet.cut(ellipse(x, y - 0.12, w * 0.72, h * 0.85), mix(coat, face, 0.6), within=mask)
    chevron = polygon((-0.035, -0.015), (0, 0.02), (0.035, -0.015))
    rows = [move(chevron, x + 0.085 * (i + 0.5 * (j % 2)), y - 0.28 + 0.07 * j) for i in range(-3, 4) for j in range(5)]
    sheet.lines(rows, 0.014, mix(wing, sheet.palette.ink, 0.25), within=breast)
    for side in (-1, 1):
        blade = move(leaf(h * 1.5, w * 0.85, 0.9), x + side * w * 0.93, top + 0.2, turn=np.pi / 2 + side * 0.16)
        sheet.cut(blade, wing)
    eye, r = top + 0.16, w * sheet.between(0.42, 0.52)
    sheet.cut([ellipse(x + s * w * 0.45, eye, r) for s in (-1, 1)], face)
    iris = sheet.pick((sheet.palette.paper, sheet.palette.pigments[2]))
    sheet.dots([(x + s * w * 0.45, eye, r * 0.66) for s in (-1, 1)], iris)
    sheet.dots([(x + s * w * 0.45, eye, r * 0.42) for s in (-1, 1)], sheet.palette.ink)
    sheet.cut(
        polygon((x - 0.035, eye + 0.03), (x + 0.035, eye + 0.03), (x, eye + 0.12)),
        mix(sheet.palette.pigments[2], sheet.palette.paper, 0.15),
    )
    _branch(
        sheet,
        y + 0.01,
        mix(sheet.palette.ink, sheet.palette.leaf, 0.35) if not night else mix(sheet.base, sheet.palette.paper, 0.4),
    )


def _crane(sheet: Sheet) -> None:
    """A long-legged bird in shallow water, the neck one brush stroke."""
    night = sky(sheet, 0.35)
    sun_or_moon(sheet, night, 0.15, 0.35)
    coat, wing, mark = sheet.colours(3, least=0.22)
    sheet.cut(rectangle(-0.1, sheet.between(0.8, 0.86), 1.1, 1.1), mix(sheet.base, sheet.palette.deep[1], 0.6))
    flip = sheet.chance(0.5)
    lean, reach = sheet.between(-0.04, 0.06), sheet.between(0.0, 0.1)

    def at(points: Points) -> Points:
        return move(points, 0.54 if not flip else 0.46, 0.0, flip=flip)

    for side in (-0.03, 0.05):
        leg = polygon((side, 0.58), (side * 1.3 + 0.02, 0.76), (side * 1.1, 0.95))
        sheet.cut(at(stroke(leg, (0.022, 0.016))), sheet.contrast(sheet.base))
    tail = [move(leaf(0.3, 0.1), 0.14, 0.5, turn=0.35 + d) for d in (0, 0.28, 0.55)]
    sheet.cut([at(t) for t in tail], wing)
    head = (-0.18 - reach, 0.17 + lean)
    neck = curve([(-0.12, 0.5), (-0.2 - reach, 0.4), (-0.09 - reach, 0.28), head])
    sheet.cut(
        at(polygon((head[0], head[1] - 0.03), (head[0] - 0.19, head[1] + 0.05), (head[0], head[1] + 0.03))),
        mix(mark, sheet.contrast(sheet.base), 0.3),
    )
    body = smooth([(-0.2, 0.52), (-0.1, 0.4), (0.1, 0.42), (0.26, 0.56), (0.05, 0.64), (-0.14, 0.62)], 4)
    sheet.cut([at(stroke(neck, (0.1, 0.06, 0.05))), at(body), at(ellipse(*head, 0.05, 0.042))], coat)
    for i in range(3):
        sheet.cut(
            at(move(leaf(0.36 - 0.05 * i, 0.15, 0.8), -0.08, 0.49 + 0.015 * i, turn=0.3 - 0.06 * i)),
            mix(wing, coat, 0.3 * i),
        )
    sheet.cut(at(ellipse(head[0] + 0.01, head[1] - 0.03, 0.035, 0.02)), mark, shadow=0)
    sheet.dots([(*at(polygon(head))[0], 0.013)], sheet.palette.ink)
    reeds = [
        stroke(
            curve([(r, 1.05), (r + 0.01, 0.8), (r + sheet.between(-0.1, 0.1), 0.5 + sheet.between(0, 0.25))]),
            (0.024, 0.006),
        )
        for r in sheet.random.random(sheet.whole(3, 7))
    ]
    sheet.cut(reeds, mix(sheet.palette.leaf, sheet.contrast(sheet.base), 0.2))


def _duck(sheet: Sheet) -> None:
    night = sky(sheet, 0.3)
    if sheet.chance(0.6):
        sun_or_moon(sheet, night, 0.12, 0.3)
    if sheet.chance(0.4):
        puff(sheet, sheet.between(0.1, 0.8), 0.3, mix(sheet.base, sheet.palette.paper, 0.5), 0.14)
    sea = mix(sheet.palette.deep[1], sheet.palette.wash[1], 0.35)
    waves(sheet, 0.7, mix(sea, sheet.base, 0.4), sheet.between(0.2, 0.3), 0.03, None)
    coat, wing, mark = sheet.colours(3, against=sea, least=0.2)
    flip, scale, swan = sheet.chance(0.5), sheet.between(0.32, 0.37), sheet.chance(0.45)

    def at(points: Points) -> Points:
        return move(points, 0.5, 0.66, scale, flip=flip)

    lift = 0.45 if swan else 0.0
    head = (-0.68, -0.72 - lift)
    sheet.cut(
        at(
            smooth(
                [(head[0] - 0.12, head[1] - 0.1), (head[0] - 0.5, head[1] + 0.12), (head[0] - 0.15, head[1] + 0.16)], 4
            )
        ),
        sheet.palette.pigments[2],
    )
    body = smooth(
        [(-0.85, 0.1), (-0.7, -0.25), (-0.2, -0.2), (0.5, -0.3), (1.0, -0.55), (0.95, 0.05), (0.5, 0.42), (-0.5, 0.42)],
        4,
    )
    bent = curve([(-0.55, 0.1), (-0.78, -0.2), (-0.5 if swan else -0.6, -0.45 - lift / 2), head])
    skin = sheet.palette.paper if swan and sheet.chance(0.6) else coat
    mask = sheet.cut([at(body), at(stroke(bent, (0.5, 0.24, 0.2))), at(ellipse(*head, 0.21, 0.19))], skin)
    if not swan:
        sheet.cut(at(ellipse(head[0], head[1] - 0.02, 0.3, 0.34)), mark, within=mask)
        sheet.lines(
            [at(curve([(-0.95, -0.33), (-0.62, -0.26), (-0.3, -0.36)]))], 0.022, sheet.palette.paper, within=mask
        )
    for i in range(3):
        sheet.cut(
            at(move(leaf(1.05 - 0.16 * i, 0.46 - 0.05 * i, 0.75), -0.3, 0.0, turn=-0.12 - 0.1 * i)),
            mix(wing, skin, 0.3 * i),
        )
    sheet.dots(
        [(*at(polygon((head[0] - 0.04, head[1] - 0.04)))[0], 0.05 * scale)], sheet.contrast(mark if not swan else skin)
    )
    waves(sheet, 0.84, sea, sheet.between(0.16, 0.26), 0.035, mix(sea, sheet.palette.paper, 0.6))


def _swallows(sheet: Sheet) -> None:
    night = sky(sheet, 0.3)
    if sheet.chance(0.7):
        sun_or_moon(sheet, night, 0.2, 0.75)
    coat, wing, breast = sheet.colours(3, least=0.26)
    n = sheet.pick((1, 1, 2, 3))
    spots = {
        1: [(0.5, 0.5, 0.44)],
        2: [(0.34, 0.32, 0.29), (0.64, 0.67, 0.31)],
        3: [(0.28, 0.26, 0.23), (0.7, 0.42, 0.24), (0.36, 0.75, 0.25)],
    }[n]
    heading, flip = sheet.between(-0.5, 0.4), sheet.chance(0.5)
    for x, y, scale in spots:
        turn = heading + sheet.between(-0.25, 0.25)
        beat = sheet.between(0.75, 1.1)

        def at(points: Points, x=x, y=y, scale=scale, turn=turn) -> Points:
            return move(points, x, y, scale, turn, flip)

        tail = [polygon((0.3, -0.08), (0.98, -0.3), (0.5, 0.02)), polygon((0.3, 0.1), (1.02, 0.2), (0.5, 0.0))]
        far = smooth([(-0.3, 0), (-0.15, -0.5 * beat), (0.3, -0.95 * beat), (0.2, -0.45 * beat), (0.2, 0)], 4)
        near = smooth([(-0.32, 0.02), (-0.2, 0.5 * beat), (0.42, 1.0 * beat), (0.2, 0.4 * beat), (0.24, 0)], 4)
        sheet.cut([at(t) for t in tail], wing)
        sheet.cut(at(far), mix(wing, sheet.base, 0.25))
        sheet.cut(at(polygon((-0.72, -0.06), (-0.92, 0.02), (-0.7, 0.07))), breast)
        mask = sheet.cut(
            at(smooth([(-0.78, 0), (-0.6, -0.15), (-0.2, -0.17), (0.45, -0.02), (-0.1, 0.19), (-0.6, 0.14)], 4)), coat
        )
        sheet.cut(at(ellipse(-0.5, 0.14, 0.4, 0.12)), breast, within=mask)
        wing_mask = sheet.cut(at(near), wing)
        ribs = [curve([(-0.1, 0.1), (0.1 * i, 0.5 * beat), (0.14 + 0.12 * i, 0.95 * beat)]) for i in range(3)]
        sheet.lines([at(r) for r in ribs], 0.04 * scale, mix(wing, sheet.contrast(wing), 0.5), within=wing_mask)
        sheet.dots([(*at(polygon((-0.6, -0.04)))[0], 0.04 * scale)], sheet.contrast(coat))

"""Things that people made: balls that fall, bounce and roll, pendulums, weights on springs, emblems and cogwheels.

Each function chooses what is shown and paints what does not move; it returns what paints the rest at a time in [0, 1).
"""

from collections.abc import Callable

import numpy as np

from bottega.datasets.builtin.grounds import paper
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, mix
from bottega.datasets.builtin.shapes import Points, ellipse, leaf, move, polygon, rectangle, scallop, star

Paint = Callable[[float], None]
TURN = 2 * np.pi
STEPS = 640  # of the simulation of a ball
FALL = 12.0  # of a ball: frame heights in the square of a film's length


def balls(sheet: Sheet) -> Paint:
    """One to three balls that fall, bounce from the floor and the walls, and roll."""
    paper(sheet)
    floor = sheet.between(0.8, 0.9)
    sheet.cut(rectangle(-0.1, floor, 1.1, 1.1), mix(sheet.base, sheet.palette.ink, sheet.between(0.25, 0.5)))
    count = sheet.pick((1, 1, 2, 2, 3))
    colours = sheet.colours(count + 1)
    thrown = []
    for number in range(count):
        radius = sheet.between(0.1, 0.15) if count < 3 else sheet.between(0.075, 0.11)
        path = _thrown(sheet, radius, floor)
        thrown.append((path, radius, colours[number], sheet.contrast(colours[number]), sheet.whole(0, 2)))
    thrown.sort(key=lambda ball: ball[1])

    def paint(time: float) -> None:
        at = int(time * STEPS)
        for path, radius, colour, mark, kind in thrown:
            x, y, turn, squash = path[at]
            height = (floor - radius - y) / floor
            spread = radius * (0.9 - 0.5 * min(1.0, height))
            sheet.cut(ellipse(x, floor + 0.012, spread, 0.014), mix(sheet.base, sheet.palette.ink, 0.6), shadow=0)
            _ball(sheet, (x, y + radius * squash), radius, turn, squash, (colour, mark), kind)

    return paint


def _thrown(sheet: Sheet, radius: float, floor: float) -> np.ndarray:
    """The way of a ball: x, y, turn and how flat it is at each step."""
    x, y = sheet.between(0.15, 0.85), sheet.between(0.08, 0.4)
    speed = sheet.between(0.25, 1.3) * sheet.pick((-1.0, 1.0))
    fall, spring = FALL * sheet.between(0.8, 1.2), sheet.between(0.68, 0.88)
    down, turn, squash = sheet.between(-1.5, 0.5), sheet.between(0, TURN), 0.0
    dt, path = 1.0 / STEPS, np.empty((STEPS, 4))
    for step in range(STEPS):
        path[step] = x, y, turn, squash
        down += fall * dt
        x, y, turn, squash = x + speed * dt, y + down * dt, turn + speed / radius * dt, squash * (1 - 22 * dt)
        if y > floor - radius:
            y = floor - radius
            squash = max(squash, min(0.34, 0.075 * down))
            down = -spring * down if down > 0.5 else 0.0
            speed *= 0.97 if down else 1 - 0.35 * dt
        if not radius < x < 1 - radius:
            x, speed = min(max(x, radius), 1 - radius), -0.85 * speed
    return path


def _ball(
    sheet: Sheet, at: tuple[float, float], radius: float, turn: float, squash: float, colours: tuple, kind: int
) -> None:
    flat = np.array([1 + 0.8 * squash, 1 - squash])
    mask = sheet.cut(ellipse(0, 0, radius) * flat + at, colours[0], tremble=0.001)
    if kind == 0:  # a beach ball
        sector = np.concatenate([[(0.0, 0.0)], ellipse(0, 0, radius * 1.2, n=32)[:6]])
        marks = [move(sector, turn=turn + TURN * i / 3) for i in range(3)]
    elif kind == 1:  # a band across
        marks = [move(rectangle(-radius, -0.28 * radius, radius, 0.28 * radius), turn=turn)]
    else:
        marks = [move(ellipse(0.5 * radius, 0, 0.27 * radius), turn=turn + TURN * i / 3) for i in range(3)]
    sheet.cut([mark * flat + at for mark in marks], colours[1], within=mask, tremble=0)


def pendulums(sheet: Sheet) -> Paint:
    """One heavy pendulum, two, or a row of them that swing in and out of step; after the last frame all are back."""
    paper(sheet)
    count = sheet.pick((1, 1, 2, 2, 3, 5))
    beam = sheet.between(0.06, 0.12)
    sheet.cut(rectangle(-0.1, beam - 0.04, 1.1, beam), mix(sheet.palette.ink, sheet.base, sheet.between(0, 0.3)))
    colours = sheet.colours(2 if count > 2 else count)
    wide, kind = sheet.between(0.35, 0.75) / (1.0 if count == 1 else 1.6), sheet.whole(0, 3)
    radius = {1: 0.13, 2: 0.1, 3: 0.075, 5: 0.055}[count] * sheet.between(0.9, 1.15)
    begin, slowest = sheet.between(0, TURN), sheet.pick((1, 2))
    swings = []
    for number in range(count):
        fast = slowest + (number if count > 2 else sheet.pick((0, 0, 1)))
        length = (sheet.between(0.5, 0.62) if count < 3 else 0.62) * (slowest / fast) ** (0.5 if count < 3 else 0.3)
        x = 0.5 + (number - (count - 1) / 2) * (0.42 if count == 2 else 0.2)
        phase = begin if count > 2 else sheet.between(0, TURN)
        swings.append((x, length, wide, fast, phase, colours[number % len(colours)]))

    def paint(time: float) -> None:
        for x, length, reach, fast, phase, colour in swings:
            angle = reach * np.cos(TURN * fast * time + phase)
            end = x + length * np.sin(angle), beam + length * np.cos(angle)
            sheet.lines([polygon((x, beam - 0.02), end)], 0.012, sheet.contrast(sheet.base))
            _weight(sheet, end, radius, -angle, colour, kind)
        sheet.dots([(swing[0], beam - 0.02, 0.02) for swing in swings], sheet.palette.paper)

    return paint


def _weight(sheet: Sheet, at: tuple[float, float], radius: float, turn: float, colour: Colour, kind: int) -> None:
    outlines = (
        ellipse(0, 0, radius),
        star(0, 0, radius * 1.25, 5, 0.5),
        ellipse(0, 0, radius * 1.15, n=4),
        scallop(0, 0, radius * 1.1, 7, 0.22),
    )
    mask = sheet.cut(move(outlines[kind], *at, turn=turn), colour, tremble=0.001)
    sheet.cut(ellipse(*at, radius * 0.42), sheet.contrast(colour), within=mask, tremble=0)


def springs(sheet: Sheet) -> Paint:
    """Weights that hang on springs, or stand on them, and go up and down; half of them come to rest."""
    paper(sheet)
    count, hangs = sheet.pick((1, 1, 2, 3)), sheet.chance(0.65)
    wall = sheet.between(0.06, 0.11) if hangs else sheet.between(0.86, 0.92)
    edge = (-0.1, -0.1, 1.1, wall) if hangs else (-0.1, wall, 1.1, 1.1)
    sheet.cut(rectangle(*edge), mix(sheet.base, sheet.palette.ink, sheet.between(0.3, 0.55)))
    colours, kind = sheet.colours(count), sheet.whole(0, 2)
    side = {1: 0.15, 2: 0.12, 3: 0.09}[count] * sheet.between(0.9, 1.15)
    rest, fades = sheet.between(0.36, 0.44), sheet.pick((0.0, 0.0, 1.6, 2.4))
    begin, slowest = sheet.between(0, TURN), sheet.pick((1, 2, 2, 3))
    hung = []
    for number in range(count):
        fast, reach = slowest + (number if count > 1 else 0), sheet.between(0.13, 0.2)
        x = 0.5 + (number - (count - 1) / 2) * (0.44 if count == 2 else 0.3)
        hung.append((x, fast, reach, begin if not fades else 0.0, colours[number]))
    down, coil = (1.0 if hangs else -1.0), mix(sheet.contrast(sheet.base), sheet.base, 0.15)

    def paint(time: float) -> None:
        for x, fast, reach, phase, colour in hung:
            long = rest + reach * np.exp(-fades * time) * np.cos(TURN * fast * time + phase)
            sheet.lines([_coil(x, wall, wall + down * long, side * 0.5)], 0.016, coil)
            at = x, wall + down * (long + side * 0.8)
            _block(sheet, at, side, colour, kind)

    return paint


def _coil(x: float, top: float, bottom: float, wide: float, turns: int = 7) -> Points:
    t = np.linspace(0, 1, 12 * turns)
    swing = np.where((t > 0.06) & (t < 0.94), np.sin(TURN * turns * t), 0.0)
    return np.stack([x + wide * swing, top + (bottom - top) * t], 1)


def _block(sheet: Sheet, at: tuple[float, float], side: float, colour: Colour, kind: int) -> None:
    outline = (rectangle(-side, -side * 0.85, side, side * 0.85), ellipse(0, 0, side), ellipse(0, 0, side * 1.15, n=6))
    mask = sheet.cut(outline[kind] + at, colour, tremble=0.001)
    band = rectangle(-2 * side, -0.2 * side, 2 * side, 0.2 * side)
    sheet.cut(band + at, sheet.contrast(colour), within=mask, tremble=0)


def emblems(sheet: Sheet) -> Paint:
    """A star, a rosette or a sun that turns in rings, or two cogwheels; they turn by a whole number of their parts."""
    paper(sheet, 0.5)
    return _cogs(sheet) if sheet.chance(0.3) else _rosette(sheet)


def _rosette(sheet: Sheet) -> Paint:
    colours = sheet.colours(4)
    x, y, size = sheet.between(0.47, 0.53), sheet.between(0.47, 0.53), sheet.between(0.34, 0.44)
    rings, way, folds = [], sheet.pick((-1.0, 1.0)), sheet.pick((5, 6, 7, 8, 10, 12))
    for number in range(sheet.whole(2, 3)):
        radius = size * (1.0, 0.66, 0.38)[number]
        outlines = _ring(sheet, radius, folds)
        parts = sheet.pick((2, 3, 4)) / (1 + 0.5 * number)
        turn = way * max(1, round(parts)) / folds
        if number and sheet.chance(0.3):
            turn = 0.0
        rings.append((outlines, turn, colours[number]))
        way = -way
    heart = mix(colours[0], sheet.palette.paper, 0.6)

    def paint(time: float) -> None:
        for outlines, turn, colour in rings:
            sheet.cut([move(one, x, y, turn=TURN * turn * time) for one in outlines], colour, tremble=0)
        sheet.cut(ellipse(x, y, size * 0.13), heart, tremble=0, shadow=0.2)

    return paint


def _ring(sheet: Sheet, radius: float, folds: int) -> list[Points]:
    kind = sheet.whole(0, 3)
    if kind == 0:
        return [star(0, 0, radius, folds, sheet.between(0.5, 0.75))]
    if kind == 1:
        return [scallop(0, 0, radius, folds, sheet.between(0.18, 0.3))]
    if kind == 2:
        petal = leaf(radius, radius * 4.6 / folds, sheet.between(1.0, 1.8), 0.8)
        return [move(petal, turn=TURN * i / folds) for i in range(folds)]
    spoke = rectangle(0.5 * radius, -0.4 * radius / folds * 2, radius, 0.4 * radius / folds * 2)
    return [ellipse(0, 0, 0.72 * radius), *(move(spoke, turn=TURN * i / folds) for i in range(folds))]


def _cogs(sheet: Sheet) -> Paint:
    """Two or three wheels whose teeth meet: as many teeth pass on each."""
    colours, teeth, lean = sheet.colours(3), sheet.pick((8, 10, 12)), sheet.between(-0.7, 0.7)
    others = sheet.pick((6, 8, 10))
    module = sheet.between(0.84, 0.96) / (2 * (teeth + others)) / np.cos(lean) ** 0.3
    apart = module * (teeth + others)
    middle = np.array([0.5, 0.5]) + np.array([np.cos(lean), np.sin(lean)]) * module * (others - teeth) * 0.5
    reach = np.array([np.cos(lean), np.sin(lean)]) * apart
    first, second = middle - reach / 2, middle + reach / 2
    passed, way = sheet.pick((2, 4, 4, 6)), sheet.pick((-1.0, 1.0))
    wheels = [
        (first, teeth, way * passed / teeth, lean, colours[0]),
        (second, others, -way * passed / others, lean + np.pi + np.pi / others, colours[1]),
    ]

    def paint(time: float) -> None:
        for at, count, turn, begin, colour in wheels:
            angle, radius, holes = begin + TURN * turn * time, module * count, count // 2
            mask = sheet.cut(move(_cog(count, module), *at, turn=angle), colour, tremble=0)
            hole = ellipse(0.55 * radius, 0, 0.62 * radius / holes)
            bored = [move(hole, *at, turn=angle + TURN * i / holes) for i in range(holes)]
            sheet.cut(bored, mix(colour, sheet.palette.ink, 0.45), within=mask, tremble=0)
            sheet.cut(ellipse(*at, radius * 0.2), sheet.contrast(colour), within=mask, tremble=0)

    return paint


def _cog(teeth: int, module: float) -> Points:
    """A wheel with a tooth at angle 0; ``module`` is its radius for each tooth."""
    angle = np.arange(teeth)[:, None] * TURN / teeth + np.array([-0.3, -0.17, 0.17, 0.3]) * TURN / teeth
    radius = np.array([0.86, 1.13, 1.13, 0.86]) * module * teeth + np.zeros_like(angle)
    return np.stack([(radius * np.cos(angle)).ravel(), (radius * np.sin(angle)).ravel()], 1)

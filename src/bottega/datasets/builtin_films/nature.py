"""Things that nobody made: plants that grow and open, fireflies over a meadow, planets around a sun, a boat on waves.

Each function chooses what is shown and paints what does not move; it returns what paints the rest at a time in [0, 1).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bottega.datasets.builtin.grounds import below, paper, ridge, sky, sun_or_moon
from bottega.datasets.builtin.hand import Sheet
from bottega.datasets.builtin.palette import Colour, distance, mix, warmth
from bottega.datasets.builtin.shapes import Points, curve, ellipse, leaf, move, polygon, rectangle, smooth, stroke

Paint = Callable[[float], None]
TURN = 2 * np.pi


@dataclass(frozen=True)
class Twig:
    """A part of a plant, of points that are known before it grows.

    Attributes:
        path: from where it begins ``(N, 2)``.
        width: at its foot.
        begin, end: when it grows.
        leaves: how far along each sits, on which side, its length and its angle.
        head: the radius of the flower at its tip; 0 for none.
    """

    path: Points
    width: float
    begin: float
    end: float
    leaves: list[tuple[float, float, float, float]]
    head: float = 0.0


def plants(sheet: Sheet) -> Paint:
    """A plant grows out of the ground: it branches, its leaves unfold and its flowers open."""
    if sheet.chance(0.5):
        paper(sheet)
    else:
        sky(sheet, 0.3)
    soil = sheet.between(0.86, 0.92)
    ground = mix(sheet.palette.ink, sheet.palette.pigments[0], 0.2)
    green = sheet.palette.leaf
    if distance(green, sheet.base) < 0.16:
        green = mix(green, sheet.contrast(sheet.base), 0.5)
    count = sheet.pick((1, 1, 1, 2, 3))
    twigs = [twig for number in range(count) for twig in _plant(sheet, number, count, soil)]
    colours = [c for c in sheet.colours(5, least=0.24) if distance(c, green) > 0.13] or [sheet.palette.paper]
    petals, kind = sheet.whole(5, 9), sheet.whole(0, 2)
    earth = smooth(below(ridge(sheet, soil, 0.03, 2, 0)), 2)

    def paint(time: float) -> None:
        grown = [(twig, _eased((time - twig.begin) / (twig.end - twig.begin))) for twig in twigs]
        stems = [_part(twig, share) for twig, share in grown if share > 0.02]
        if stems:
            sheet.cut(stems, green, tremble=0)
        leaves = [one for twig, share in grown for one in _leaves(twig, share)]
        if leaves:
            sheet.cut(leaves, mix(green, sheet.palette.paper, 0.12), tremble=0)
        for number, (twig, _share) in enumerate(grown):
            opened = _eased((time - twig.end + 0.08) / 0.3)
            if twig.head and opened > 0:
                colour = colours[number % min(2, len(colours))]
                _flower(sheet, twig.path[-1], twig.head, opened, petals, kind, (colour, colours[-1]))
        sheet.cut(earth, ground, tremble=0)

    return paint


def _plant(sheet: Sheet, number: int, count: int, soil: float) -> list[Twig]:
    """A stem and its branches."""
    foot = 0.5 + (number - (count - 1) / 2) * (0.4 if count == 2 else 0.3) + sheet.between(-0.04, 0.04)
    tall = sheet.between(0.52, 0.66) * (1.0 if count == 1 else sheet.between(0.75, 1.0))
    begin, bend = 0.07 * number - 0.14, sheet.between(-0.13, 0.13)
    top = (foot + sheet.between(-0.08, 0.08), soil - tall)
    stem = curve([(foot, soil + 0.04), ((foot + top[0]) / 2 + bend, soil - tall * 0.5), top], 10)
    head = sheet.between(0.15, 0.2) * (1.0 if count == 1 else 0.72)
    long = sheet.between(0.13, 0.2) * (1.0 if count == 1 else 0.75)
    pairs = sheet.whole(1, 2) if count == 1 else sheet.whole(0, 1)
    leaves = [
        (0.2 + 0.16 * i, side, long * sheet.between(0.8, 1.1), sheet.between(0.5, 0.9))
        for i, side in enumerate((1.0, -1.0) * (2 if not pairs else 1))
    ]
    twigs = [Twig(stem, 0.036, begin, begin + 0.6, leaves, head)]
    for i in range(2 * pairs):
        share, side = 0.42 + 0.13 * i, (1.0, -1.0)[i % 2]
        at = stem[int(share * (len(stem) - 1))]
        tip = at + np.array([side * sheet.between(0.2, 0.3), -sheet.between(0.06, 0.2)])
        way = curve([at, (at + tip) / 2 + (side * 0.03, 0.05), tip], 8)
        start = begin + 0.6 * share
        small = [(0.5, -side, long * 0.7, 0.8), (0.75, side, long * 0.6, 0.7)]
        twigs.append(Twig(way, 0.025, start, start + 0.3, small, head * sheet.pick((0.0, 0.5, 0.6))))
    return twigs


def _eased(share: float) -> float:
    """Slow at both ends, in [0, 1]."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def _part(twig: Twig, share: float) -> Points:
    """The stem as far as it has grown."""
    last = max(2, round(share * len(twig.path)))
    return stroke(twig.path[:last], (twig.width * (0.5 + 0.5 * share), twig.width * 0.4))


def _leaves(twig: Twig, share: float) -> list[Points]:
    leaves = []
    for place, side, length, angle in twig.leaves:
        grown = _eased((share - place) / 0.35)
        if grown > 0.05:
            at = twig.path[min(int(place * len(twig.path)), len(twig.path) - 1)]
            turn = -np.pi / 2 + side * angle * (0.3 + 0.7 * grown)
            blade = leaf(length * grown, length * 0.4 * grown, 0.85, bend=-0.12 * side)
            leaves.append(move(blade, *at, turn=turn))
    return leaves


def _flower(
    sheet: Sheet, at: np.ndarray, radius: float, opened: float, petals: int, kind: int, colours: tuple[Colour, Colour]
) -> None:
    """A bud that opens: its petals, all pointing up at first, spread and lengthen."""
    spread = opened**0.8
    turns = -np.pi / 2 + spread * TURN * (np.arange(petals) - (petals - 1) / 2) / petals
    slim = (4.6, 5.6, 3.6)[kind] / petals
    petal = leaf(radius * (0.35 + 0.65 * opened), radius * slim * (0.45 + 0.55 * opened), (1.6, 1.3, 1.1)[kind], 0.75)
    order = np.argsort(-np.abs(turns + np.pi / 2), kind="stable")
    sheet.cut([move(petal, *at, turn=turns[i]) for i in order], colours[0], tremble=0)
    if opened > 0.4:
        sheet.cut(ellipse(at[0], at[1], radius * 0.32 * (opened - 0.4) / 0.6), colours[1], tremble=0, shadow=0.2)


def fireflies(sheet: Sheet) -> Paint:
    """Lights that wander over a dark meadow on closed ways and glow up and fade, each in its own time."""
    pair = sheet.palette.deep
    sheet.blend(mix(pair[0], sheet.palette.ink, 0.35), pair[1])
    if sheet.chance(0.5):
        sun_or_moon(sheet, True, 0.12, 0.3)
    far = mix(sheet.base, sheet.palette.ink, 0.35)
    sheet.cut(below(ridge(sheet, sheet.between(0.62, 0.72), 0.12, 2, 0)), far)
    colour = mix(
        sheet.pick([c for c in sheet.palette.pigments if distance(c, sheet.base) > 0.25]), (255, 240, 170), 0.5
    )
    flies = []
    for _number in range(sheet.whole(4, 9)):
        at = sheet.between(0.12, 0.88), sheet.between(0.15, 0.85)
        reach = sheet.between(0.06, 0.2), sheet.between(0.04, 0.14)
        fast = sheet.pick((1, 1, 2)), sheet.pick((1, 2, 2))
        phases = [sheet.between(0, TURN) for _ in range(3)]
        flies.append((at, reach, fast, phases, sheet.pick((1, 2)), sheet.between(0.014, 0.024)))
    blades = [
        move(leaf(sheet.between(0.12, 0.28), 0.035, 0.8, bend=sheet.between(-0.2, 0.2)), x, 1.02, turn=-np.pi / 2)
        for x in np.linspace(0.0, 1.0, 15) + [sheet.between(-0.03, 0.03) for _ in range(15)]
    ]
    near = mix(sheet.palette.ink, sheet.palette.leaf, 0.25)

    def paint(time: float) -> None:
        for at, reach, fast, phases, pulse, size in flies:
            x = at[0] + reach[0] * np.sin(TURN * fast[0] * time + phases[0])
            y = at[1] + reach[1] * np.sin(TURN * fast[1] * time + phases[1])
            light = (0.5 + 0.5 * np.sin(TURN * pulse * time + phases[2])) ** 1.5
            sheet.glow(x, y, 0.06 + 0.11 * light, colour, 0.12 + 0.68 * light)
            sheet.dots([(x, y, size * (0.6 + 0.4 * light))], mix(sheet.base, (255, 250, 220), 0.3 + 0.7 * light))
        sheet.cut(blades, near, tremble=0, shadow=0)

    return paint


def orbits(sheet: Sheet) -> Paint:
    """Planets on their rings around a sun, before it and behind it; each comes round a whole number of times."""
    sky(sheet, 1.0)
    colours = sheet.colours(5)
    x, y = sheet.between(0.46, 0.54), sheet.between(0.46, 0.54)
    flat, lean = sheet.between(0.45, 0.85), sheet.between(-0.5, 0.5)
    count, way = sheet.whole(1, 3), sheet.pick((-1.0, 1.0))
    sun, light = sheet.between(0.12, 0.16), mix(colours[-1], (255, 226, 130), 0.6)
    planets = []
    for number in range(count):
        ring = 0.42 - (count - 1 - number) * (0.24 / count)
        fast = max(1, count - number) if sheet.chance(0.7) else 1
        size = sheet.between(0.055, 0.075) if count > 1 else sheet.between(0.08, 0.105)
        planets.append((ring, way * fast, sheet.between(0, TURN), size, colours[number], sheet.chance(0.4)))
    rings = [move(_oval(ring, flat), x, y, turn=lean) for ring, *_rest in planets]
    sheet.lines([np.concatenate([ring, ring[:1]]) for ring in rings], 0.006, mix(sheet.base, sheet.palette.paper, 0.35))
    sheet.glow(x, y, sun * 2.6, light, 0.55)

    def paint(time: float) -> None:
        placed = [
            (np.sin(TURN * fast * time + phase), number) for number, (_r, fast, phase, *_rest) in enumerate(planets)
        ]
        for depth, number in sorted(placed):
            if depth < 0:
                _planet(sheet, planets[number], time, (x, y), flat, lean)
        sheet.cut(ellipse(x, y, sun), light, tremble=0, shadow=0)
        for depth, number in sorted(placed):
            if depth >= 0:
                _planet(sheet, planets[number], time, (x, y), flat, lean)

    return paint


def _oval(ring: float, flat: float) -> Points:
    return ellipse(0, 0, ring, ring * flat, n=48) if flat else polygon((-ring, 0), (ring, 0))


def _planet(sheet: Sheet, planet: tuple, time: float, middle: tuple[float, float], flat: float, lean: float) -> None:
    ring, fast, phase, size, colour, moon = planet
    angle = TURN * fast * time + phase
    at = move(np.array([[ring * np.cos(angle), ring * flat * np.sin(angle)]]), *middle, turn=lean)[0]
    near = size * (1 + 0.25 * np.sin(angle))
    mask = sheet.cut(ellipse(at[0], at[1], near), colour, tremble=0)
    away = at - middle
    dark = at + away / (np.hypot(*away) + 1e-6) * near * 0.7
    shade = ellipse(dark[0], dark[1], near)
    sheet.cut(shade, mix(colour, sheet.palette.ink, 0.4), within=mask, tremble=0)
    if moon:
        turn = angle * 1.0 + 3 * TURN * time
        sheet.dots(
            [(at[0] + 1.75 * near * np.cos(turn), at[1] + 1.2 * near * np.sin(turn), near * 0.3)], sheet.palette.paper
        )


def waves(sheet: Sheet) -> Paint:
    """A boat rides on waves that roll past in layers, the near ones faster."""
    night = sky(sheet, 0.35)
    sun_or_moon(sheet, night, 0.14, 0.3)
    layers, way = sheet.whole(3, 4), sheet.pick((-1.0, 1.0))
    pots = [*sheet.palette.pigments, *sheet.palette.deep, sheet.palette.wash[1]]
    cool = min((c for c in pots if distance(c, sheet.base) > 0.12), key=warmth)
    deep = mix(cool, sheet.palette.ink, 0.55)
    shades = [mix(mix(cool, sheet.base, 0.35), deep, number / (layers - 1)) for number in range(layers)]
    height, level = sheet.between(0.025, 0.045), sheet.between(0.5, 0.58)
    rolls = []
    for number in range(layers):
        crests = sheet.pick((1, 2)) + (0 if number > 1 else 1)
        phases = sheet.between(0, TURN), sheet.between(0, TURN)
        place = level + (0.98 - level) * number / layers * 1.1
        rolls.append((place, height * (0.7 + 0.5 * number), crests, way * (1 + number // 2), phases, shades[number]))
    boat = sheet.between(0.35, 0.65), sheet.between(0.8, 1.15), -way
    colours, rides = sheet.colours(3, shades[0]), 1 if layers == 3 else sheet.whole(1, 2)
    foam = [mix(shade, sheet.palette.paper, 0.45) for shade in shades]

    def paint(time: float) -> None:
        for number, roll in enumerate(rolls):
            if number == rides:
                _boat(sheet, boat, rolls[number - 1], roll, time, colours)
            x = np.linspace(-0.05, 1.05, 34)
            top = np.stack([x, roll[0] + _swell(roll, x, time)], 1)
            sheet.cut(np.concatenate([top, [(1.1, 1.1), (-0.1, 1.1)]]), roll[5], tremble=0, shadow=0)
            sheet.lines([np.add(top, (0.0, 0.004))], 0.012, foam[number])

    return paint


def _swell(roll: tuple, x: np.ndarray, time: float) -> np.ndarray:
    """How high the water stands; it moves on by whole crests."""
    _place, height, crests, fast, phases, _shade = roll
    long = np.sin(TURN * (crests * x - fast * time) + phases[0])
    return height * (long + 0.45 * np.sin(TURN * (2 * crests * x - fast * time) + phases[1]))


def _boat(sheet: Sheet, boat: tuple, behind: tuple, before: tuple, time: float, colours: list[Colour]) -> None:
    x, scale, way = boat
    at = np.array([x - 0.12, x, x + 0.12])
    water = before[0] + _swell(before, at, time)
    lean = 0.7 * float(np.arctan2(water[2] - water[0], 0.24))
    foot = float(water.mean()) - 0.01
    hull = smooth([(-0.2, -0.07), (-0.13, 0.06), (0.13, 0.06), (0.22, -0.09), (0.0, -0.035)])
    sails = [
        polygon((0.01, -0.4), (0.01, -0.09), (0.19, -0.11)),
        polygon((-0.02, -0.34), (-0.02, -0.09), (-0.15, -0.1)),
    ]
    mast = rectangle(-0.009, -0.42, 0.009, -0.04)
    for shape, colour in (
        (mast, sheet.palette.ink),
        (sails[0], colours[1]),
        (sails[1], colours[2]),
        (hull, colours[0]),
    ):
        sheet.cut(move(shape, x, foot, scale, lean, way < 0), colour, tremble=0)

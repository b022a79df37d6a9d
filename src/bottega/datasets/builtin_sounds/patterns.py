"""Drum patterns: a groove of two bars that comes again with small changes, and a fill that ends every fourth bar."""

import random

import numpy as np

from bottega.media import score
from bottega.media.score import Score, Track

QUARTER, STEPS, BARS = 480, 16, 8
STEP = QUARTER // 4
KICK, STICK, SNARE, CLAP, CLOSED, OPEN, CRASH, RIDE = 36, 37, 38, 39, 42, 46, 49, 51
TOMS = (50, 48, 45, 41)
GROOVES = {  # kick, snare; where "x" is a stroke and "-" one of soft ghost strokes
    "straight": ("x.......x.x.....", "....x.......x..-"),
    "funk": ("x..x..x...x..x..", "....x..-.-..x..-"),
    "four": ("x...x...x...x...", "....x.......x..."),
    "half": ("x.....x...x.....", "........x......."),
    "tresillo": ("x..x..x.x..x..x.", "....x.......x..."),
    "bossa": ("x..xx..xx..xx..x", "x..x..x...x..x.."),
}
TEMPO = {"straight": (96, 132), "funk": (88, 108), "four": (112, 128), "half": (126, 150), "tresillo": (88, 104)}
CYMBALS = ("x.x.x.x.x.x.x.x.", "x-x-x-x-x-x-x-x-", "x...x...x...x...", "x..xx..xx..xx..x", "..x...x...x...x.")


def pattern(dice: random.Random) -> Score:
    """Eight bars on a drum kit."""
    name = dice.choice(tuple(GROOVES))
    kicks, snares = GROOVES[name]
    cymbals = dice.choice(CYMBALS)
    metal = dice.choice((CLOSED, CLOSED, RIDE))
    back = STICK if name == "bossa" else dice.choice((SNARE, SNARE, CLAP))
    swing = dice.choice((0, 0, STEP // 6, STEP // 3))
    strokes: list[tuple[int, int, int]] = []
    for bar in range(BARS):
        rows = [(KICK, varied(kicks, dice), 112), (back, snares, 108), (metal, varied(cymbals, dice), 76)]
        length = 12 if bar % 4 == 3 else STEPS  # the last beat is the fill's
        for pitch, row, loud in rows:
            strokes += [(bar * STEPS + at, pitch, told(row[at], loud, dice)) for at in range(length) if row[at] != "."]
        if bar % 4 == 3:
            strokes += fill(bar * STEPS + 12, dice)
        elif metal == CLOSED and bar % 2 and dice.random() < 0.5:
            strokes.append((bar * STEPS + 14, OPEN, 70))
        if bar % 4 == 0:
            strokes.append((bar * STEPS, CRASH, 80))
    notes = [(at * STEP + (swing if at % 2 else 0), STEP, pitch, loud) for at, pitch, loud in strokes]
    tempo = float(dice.randint(*TEMPO.get(name, (96, 120))))
    return score.tidy(Score([Track("drums", 0, True, np.array(notes, np.int32))], QUARTER, [(0, tempo)]))


def told(mark: str, loud: int, dice: random.Random) -> int:
    """How hard a mark is struck."""
    return min(127, max(20, (loud if mark == "x" else loud // 2) + dice.randint(-6, 6)))


def varied(row: str, dice: random.Random) -> str:
    """A row with one stroke more or less, now and then; the first one stays."""
    if dice.random() < 0.6:
        return row
    at = dice.randrange(1, len(row))
    return row[:at] + ("." if row[at] == "x" else "-") + row[at + 1 :]


def fill(begin: int, dice: random.Random) -> list[tuple[int, int, int]]:
    """A beat on snare and toms, downwards."""
    drums = sorted((dice.choice((SNARE, *TOMS)) for _ in range(4)), key=(SNARE, *TOMS).index)
    return [(begin + at, pitch, 84 + 9 * at) for at, pitch in enumerate(drums)]

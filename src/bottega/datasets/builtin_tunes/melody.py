"""Melodies: phrases that answer each other, over chords that lead away from the tonic and back.

A section is eight bars: a motif of two bars, an answer that waits on the dominant, the motif again, and an ending on
the tonic. A bar is a rhythm and a contour in steps of the scale from an anchor; on the beats it comes to rest on notes
of the chord, so the same motif fits other chords, as a sequence.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from bottega.datasets.builtin_tunes.styles import FIRST, SCALES, SECOND, Style

BARS = 8
FIGURES = 14
ARCS = ((0, 1, 3, 2, 0, 2, 1, 0), (2, 3, 1, 0, 2, 4, 2, 0), (0, 2, 4, 3, 2, 4, 1, 0), (4, 3, 2, 1, 3, 2, 1, 0))
Note = tuple[int, int, int]  # begin and length in sixteenths, pitch


@dataclass(frozen=True)
class Harmony:
    """The scale and the chords of a tune.

    Attributes:
        tonic: pitch class.
        mode: a key of ``SCALES``.
    """

    tonic: int
    mode: str

    def pitch(self, step: int, degree: int = 0) -> int:
        """The pitch of a step of the scale, 0 the tonic nearest above MIDI's 60; the leading note under a dominant."""
        octave, place = divmod(step, 7)
        pitch = 60 + self.tonic + SCALES[self.mode][place] + 12 * octave
        return pitch + (self.mode == "minor" and degree == 5 and place == 6)

    def tones(self, degree: int) -> tuple[int, int, int]:
        """The steps, 0 … 6, of the chord on a degree 1 … 7."""
        return (degree - 1) % 7, (degree + 1) % 7, (degree + 3) % 7


def chords_of(text: str) -> list[list[int]]:
    """The degrees of each bar: "25" is a bar of two chords."""
    return [[int(degree) for degree in bar] for bar in text.split()]


def degree_at(bar: list[int], place: int, length: int) -> int:
    """The degree that sounds at a place in a bar; the second of two begins at the middle, or the last third."""
    if len(bar) == 1:
        return bar[0]
    return bar[place >= (length // 2 if length % 8 == 0 else length * 2 // 3)]


def section(name: str, style: Style, harmony: Harmony, length: int, dice: Random) -> tuple[list[list[int]], list[Note]]:
    """Eight bars: their chords, and their melody from sixteenth 0 on."""
    chords = chords_of(dice.choice((FIRST if name == "A" else SECOND)[harmony.mode]))
    arc = dice.choice(ARCS)
    base = anchor_base(style, harmony) + (2 if name == "B" else 0)
    motif = [dice.choice(figures(style)) for _bar in range(2)]
    answer = dice.choice(figures(style))
    notes: list[Note] = []
    for number in range(BARS):
        degree = chords[number]
        if number in (3, 7):
            rhythm, moves = ending(style, dice)
        elif number == 2:
            rhythm, moves = answer
        elif number == 6:
            rhythm, moves = dice.choice(figures(style, falling=True))
        else:
            rhythm, moves = motif[number % 2]
        before = step_near(notes[-1][2], harmony) if notes else base + arc[0]
        anchor = (base + arc[number] + before) // 2
        notes += bar_of(number, rhythm, moves, anchor, degree, harmony, style, length)
    return chords, closed(joined(notes, style), harmony, length)


def anchor_base(style: Style, harmony: Harmony) -> int:
    """A step of the scale from which arcs of half an octave stay within the range."""
    low, high = style.range
    return next(step for step in range(-14, 15) if harmony.pitch(step) >= (2 * low + high) / 3 - 2)


@lru_cache
def figures(style: Style, falling: bool = False) -> list[tuple[tuple[int, ...], list[int]]]:
    """The figures that all tunes of a style are made of, which make it one that can be learned."""
    count = FIGURES // 2 if falling else FIGURES
    return [figure(style, Random(f"{style.name}/{falling}/{number}"), falling) for number in range(count)]


def figure(style: Style, dice: Random, falling: bool = False) -> tuple[tuple[int, ...], list[int]]:
    """A rhythm of a bar, and the steps of its notes from the first."""
    rhythm = dice.choice(style.cells)
    drift = -1 if falling else dice.choice((1, 1, -1))
    moves, now = [], 0
    for _note in rhythm:
        moves.append(now)
        size = 2 if dice.random() < style.leaps else 1
        turn = drift if dice.random() < 0.7 else -drift
        now = max(-4, min(4, now + turn * size * (dice.random() > 0.08)))
    return rhythm, moves


def ending(style: Style, dice: Random) -> tuple[tuple[int, ...], list[int]]:
    """A rhythm that comes to rest, and steps that fall to it."""
    rhythm = dice.choice(style.ends)
    return rhythm, [len(rhythm) - 1 - k for k in range(len(rhythm))]


def bar_of(
    number: int,
    rhythm: tuple[int, ...],
    moves: list[int],
    anchor: int,
    chord: list[int],
    harmony: Harmony,
    style: Style,
    length: int,
) -> list[Note]:
    """The notes of one bar: those on a beat, and long ones, belong to the chord."""
    notes, place, before, meant = [], 0, None, 0
    for size, move in zip(rhythm, moves, strict=True):
        degree = degree_at(chord, place, length)
        step = anchor + move
        resting = place % style.beat == 0 or size >= 6
        if resting:
            step = nearest(step, harmony.tones(degree))
        if step == before and move != meant:  # the contour moves on, so the note does too
            onward = 1 if move > meant else -1
            step = nearest(step + 2 * onward, harmony.tones(degree)) if resting else step + onward
        before, meant = step, move
        pitch = harmony.pitch(step, degree)
        while pitch > style.range[1]:
            pitch -= 12
        while pitch < style.range[0]:
            pitch += 12
        notes.append((number * length + place, size, pitch))
        place += size
    return notes


def joined(notes: list[Note], style: Style) -> list[Note]:
    """The same notes without leaps of an octave or so: a note that is far off moves to the octave of the one before."""
    low, high = style.range
    found = notes[:1]
    for begin, size, pitch in notes[1:]:
        before = found[-1][2]
        near = pitch + 12 * round((before - pitch) / 12)
        found.append((begin, size, near if low - 3 <= near <= high + 2 else pitch))
    return found


def nearest(step: int, tones: tuple[int, ...]) -> int:
    """The step of a chord that is nearest to another step, the lower of two."""
    return min(range(step - 3, step + 4), key=lambda other: (other % 7 not in tones, abs(other - step), other))


def step_near(pitch: int, harmony: Harmony) -> int:
    """The step of the scale at a pitch, or just below."""
    return max(step for step in range(-21, 29) if harmony.pitch(step) <= pitch)


def closed(notes: list[Note], harmony: Harmony, length: int) -> list[Note]:
    """The same notes, of which the last is the tonic nearest to the one before, which leads there by step."""
    begin, size, _pitch = notes[-1]
    before = notes[-2][2]
    home = min((60 + harmony.tonic + 12 * octave for octave in (-1, 0, 1, 2)), key=lambda tone: abs(tone - before))
    changed = [*notes[:-1], (begin, size, home)]
    if changed[-2][0] >= 6 * length:
        goal = step_near(home, harmony) + (1 if before >= home else -1)
        degree = 5 if harmony.mode in ("major", "minor") else 7
        changed[-2] = *changed[-2][:2], harmony.pitch(goal, degree)
    return changed

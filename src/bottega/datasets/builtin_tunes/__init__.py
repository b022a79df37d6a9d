"""The built-in collection of tunes: dances, marches, airs and lullabies of a country that does not exist.

All of them are composed by rules of this project, and every tune is a pure function of its number, so the collection
needs no download and is the same on every machine. The class of a tune is its kind.
"""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bottega.datasets.builtin_tunes.melody import BARS, Harmony, Note, section
from bottega.datasets.builtin_tunes.playing import Stroke, accompaniment
from bottega.datasets.builtin_tunes.styles import STYLES, Style
from bottega.media import score
from bottega.media.files import write_each
from bottega.media.score import Score, Track

SEED = 1472
QUARTER = 480
STEP = QUARTER // 4
CLASSES: tuple[str, ...] = tuple(sorted(STYLES))


def draw(index: int) -> tuple[Score, str]:
    """Compose one tune.

    Args:
        index: its number; classes take turns, so any run of numbers is balanced.

    Returns:
        The tune, tidy, and the name of its class.
    """
    name = CLASSES[index % len(CLASSES)]
    dice = random.Random(f"{SEED}/{index}")
    return compose(STYLES[name], dice), name


def compose(style: Style, dice: random.Random) -> Score:
    """A tune in a style."""
    mode = dice.choice(style.modes)
    tonic = dice.choice(style.tonics)
    harmony = Harmony(tonic if tonic < 6 else tonic - 12, mode)
    length = 16 * style.meter[0] // style.meter[1]
    form = dice.choice(style.forms)
    sections = {name: section(name, style, harmony, length, dice) for name in sorted(set(form))}
    upbeat = style.upbeats[1] if dice.random() < style.upbeats[0] else 0
    at = length if upbeat else 0  # the first bar holds nothing but the upbeat
    lead: list[Note] = []
    chords: list[Stroke] = []
    bass: list[Stroke] = []
    for number, name in enumerate(form):
        progression, melody = sections[name]
        if upbeat:
            lead = with_upbeat(lead, at, upbeat, melody[0][2], harmony)
        lead += [(at + begin, size, pitch) for begin, size, pitch in melody]
        above, below = accompaniment(style.pattern, progression, harmony, length, number == len(form) - 1)
        chords += moved(above, at)
        bass += moved(below, at)
        at += BARS * length
    tempo = dice.randint(*style.tempo)
    tracks = [
        Track("melody", dice.choice(style.lead), False, melody_notes(lead, style, length, dice)),
        Track("chords", dice.choice(style.chords), False, stroke_notes(chords, 0.8 * style.loud, dice)),
    ]
    if style.bass:
        tracks.append(Track("bass", dice.choice(style.bass), False, stroke_notes(bass, 0.92 * style.loud, dice)))
    if style.drums and dice.random() < style.drummed:
        first = length if upbeat else 0
        strokes = [
            (bar + place, 1, pitch, strength)
            for bar in range(first, at - length, length)
            for place, pitch, strength in style.drums
        ]
        strokes.append((at - length, 1, style.drums[0][1], 0.8))
        tracks.append(Track("drums", 0, True, stroke_notes(strokes, style.loud, dice)))
    told = "minor" if mode in ("minor", "dorian") else "major"
    return score.tidy(Score(tracks, QUARTER, [(0, float(tempo))], [(0, *style.meter)], [(0, tonic % 12, told)]))


def moved(strokes: list[Stroke], at: int) -> list[Stroke]:
    """Strokes moved by so many sixteenths."""
    return [(at + begin, size, pitch, strength) for begin, size, pitch, strength in strokes]


def with_upbeat(lead: list[Note], at: int, upbeat: int, goal: int, harmony: Harmony) -> list[Note]:
    """The melody so far, its last note shortened where it must be, with a note or two that lead to the next section."""
    begin, size = at - upbeat, upbeat
    if lead and lead[-1][0] + lead[-1][1] > begin:
        last = lead[-1]
        if begin - last[0] < 2:
            return lead
        lead = [*lead[:-1], (last[0], begin - last[0], last[2])]
    fifth = 60 + harmony.tonic + 7
    below = min((fifth - 12, fifth, fifth + 12), key=lambda pitch: (abs(goal - 3 - pitch), pitch))
    return [*lead, (begin, size, below)]


def melody_notes(lead: list[Note], style: Style, length: int, dice: random.Random) -> np.ndarray:
    """The melody as the notes of a track: accents on the beats, phrases that swell."""
    notes = []
    for begin, size, pitch in lead:
        accent = 1.0 if begin % length == 0 else 0.94 if begin % style.beat == 0 else 0.86
        swell = 0.06 * (1 - abs((begin % (4 * length)) / (2 * length) - 1))
        loud = style.loud * (accent + swell) + dice.randint(-3, 3)
        notes.append((begin * STEP, size * STEP, pitch, round(min(loud, 127))))
    return np.array(notes, np.int32)


def stroke_notes(strokes: list[Stroke], loud: float, dice: random.Random) -> np.ndarray:
    """Chords, bass and drums as the notes of a track."""
    return np.array(
        [
            (
                begin * STEP,
                size * STEP,
                pitch,
                round(min(127, max(1, loud * strength + dice.randint(-2, 2)))),
            )
            for begin, size, pitch, strength in strokes
        ],
        np.int32,
    )


def write_collection(folder: Path, count: int = 400, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Write ``count`` tunes as ``folder/<class>/<number>.mid``, all of them or nothing.

    If ``folder`` exists already it is left as it is.

    Returns:
        The folder.
    """

    def write(index: int, place: Path) -> None:
        tune, name = draw(index)
        score.write(place / name / f"{index:05}.mid", tune)

    return write_each(folder, CLASSES, count, write, on_progress)

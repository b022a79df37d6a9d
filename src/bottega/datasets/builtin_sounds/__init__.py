"""The built-in collection of sounds: phrases on bells, mallets and plucked strings, drum patterns; and single strokes.

Everything is composed by rules of this project and played by its own instruments, and every sound is a pure function of
its number, so the collection needs no download. The class of a sound is what plays it.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bottega.datasets import builtin_tunes
from bottega.datasets.builtin_sounds.patterns import pattern
from bottega.media import audio
from bottega.media.audio import Sound
from bottega.media.files import write_each
from bottega.media.score import Score, Track
from bottega.media.synthesis import PEAK, render
from bottega.media.synthesis.drums import drum

SEED = 1472
RATE = 22_050
SECONDS = 7.0  # of a phrase, before its last notes have died away
ATTEMPTS = 3  # tunes of which the one with the most notes is played
PLAYERS = {"bells": (14, 11), "mallets": (12, 13), "plucked": (46, 24)}
"""The General MIDI programs that play melody and chords in each class."""
CLASSES: tuple[str, ...] = tuple(sorted((*PLAYERS, "drums")))
STROKES = {
    "clap": (39,),
    "cymbal": (49, 51),
    "hand": (60, 61, 63, 65),
    "hat": (42, 46),
    "kick": (35, 36),
    "snare": (38, 40),
    "tom": (41, 45, 48, 50),
    "wood": (37, 76, 77),
}
"""The General MIDI percussion instruments of each class of single strokes."""
TUNED = 3.0  # semitones by which a stroke is higher or lower at most


def draw(index: int) -> tuple[Sound, str]:
    """Play one phrase.

    Args:
        index: its number; classes take turns, so any run of numbers is balanced.

    Returns:
        Stereo at ``RATE``, and the name of its class.
    """
    name = CLASSES[index % len(CLASSES)]
    dice = random.Random(f"{SEED}/{index}")
    return render(begun(pattern(dice)) if name == "drums" else phrase(name, dice), RATE), name


def phrase(name: str, dice: random.Random) -> Score:
    """One of the livelier built-in tunes, on the instruments of a class."""
    tunes = [begun(builtin_tunes.draw(dice.randrange(10_000))[0]) for _attempt in range(ATTEMPTS)]
    tune = max(tunes, key=lambda tune: sum(len(track.notes) for track in tune.tracks))
    lead, chords = PLAYERS[name]
    programs = {"melody": lead, "chords": chords}
    played = [replace(track, program=programs[track.name]) for track in tune.tracks if track.name in programs]
    return replace(tune, tracks=played)


def begun(tune: Score) -> Score:
    """A tune from its first note to the bar line after about ``SECONDS``; what sounds on is cut."""
    first = min(int(track.notes[0, 0]) for track in tune.tracks)
    ends = [end for _begin, end in tune.bars]
    stop = min(ends, key=lambda end: abs(float(tune.time_of(end - first)) - SECONDS))
    return replace(tune, tracks=[between(track, first, stop) for track in tune.tracks])


def between(track: Track, first: int, stop: int) -> Track:
    """What a track plays from one tick to another."""
    notes = track.notes[track.notes[:, 0] < stop].copy()
    notes[:, 1] = np.minimum(notes[:, 1], stop - notes[:, 0])
    notes[:, 0] -= first
    return replace(track, notes=notes)


def draw_stroke(index: int) -> tuple[Sound, str]:
    """One stroke on a drum, of another tuning and strength each time: mono at ``RATE``, and the name of its class."""
    name = tuple(STROKES)[index % len(STROKES)]
    dice = random.Random(f"{SEED}/stroke/{index}")
    higher = dice.uniform(-TUNED, TUNED)
    played_at = round(RATE * 2 ** (-higher / 12))  # played for another rate, it is heard higher or lower
    stroke = drum(dice.choice(STROKES[name]), dice.uniform(0.5, 1.0), played_at)
    loud = PEAK * 10 ** (dice.uniform(-6.0, 0.0) / 20)
    return Sound((stroke * np.float32(loud / np.abs(stroke).max()))[None], RATE), name


def write_collection(folder: Path, count: int = 32, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Write ``count`` phrases as ``folder/<class>/<number>.wav``, all of them or nothing: 32 last four minutes.

    If ``folder`` exists already it is left as it is.

    Returns:
        The folder.
    """
    return written(folder, CLASSES, count, draw, on_progress)


def write_strokes(folder: Path, count: int = 96, on_progress: Callable[[int, int], None] | None = None) -> Path:
    """Write ``count`` single strokes as ``write_collection`` writes phrases."""
    return written(folder, tuple(STROKES), count, draw_stroke, on_progress)


def written(
    folder: Path,
    classes: tuple[str, ...],
    count: int,
    play: Callable[[int], tuple[Sound, str]],
    on_progress: Callable[[int, int], None] | None,
) -> Path:
    """The sounds of the numbers below ``count`` in the sub-folders of their classes."""

    def write(index: int, place: Path) -> None:
        sound, name = play(index)
        audio.write(place / name / f"{index:05}.wav", sound)

    return write_each(folder, classes, count, write, on_progress)

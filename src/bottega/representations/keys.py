"""Keys by name and by number: 0 … 11 are C major to B major, 12 … 23 C minor to B minor."""

import re

NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINORS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"#": 1, "♯": 1, "sharp": 1, "升": 1, "b": -1, "♭": -1, "flat": -1, "降": -1, "": 0}
SCALES = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)  # of major and of minor, whose seventh has two heights
MODES = {"": 0, "maj": 0, "major": 0, "大调": 0, "m": 1, "min": 1, "minor": 1, "小调": 1}
SHAPE = re.compile(
    r"([♯♭升降]?)\s*([A-Ga-g])\s*-?\s*(♯|♭|#|b|sharp|flat|)\s*-?\s*(major|maj|minor|min|m|大调|小调|)", re.I
)


def number_of(name: str) -> int:
    """The number of a key such as ``"D minor"``, ``"F#"``, ``"Bbm"`` or ``"降B大调"``; ValueError for anything else."""
    found = SHAPE.fullmatch(name.strip())
    if not found:
        raise ValueError(name)
    before, letter, after, mode = found.groups()
    mode = mode if mode in ("M", "m") else mode.lower()
    tonic = LETTERS[letter.upper()] + SIGNS[before.lower()] + SIGNS[after.lower()]
    return tonic % 12 + 12 * MODES["major" if mode == "M" else mode]


def scale_of(key: int) -> list[int]:
    """The pitch classes of a key, from its tonic on."""
    return [(key + step) % 12 for step in SCALES[key // 12]]


def name_of(key: int) -> str:
    """``"D minor"``, as files and records hold it."""
    return f"{MINORS[key - 12]} minor" if key >= 12 else f"{NAMES[key]} major"

"""The kinds of tunes: what meter, pace, scale, form, rhythms and instruments each has. Lengths are in sixteenths."""

from dataclasses import dataclass, field

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
DORIAN, MIXOLYDIAN = (0, 2, 3, 5, 7, 9, 10), (0, 2, 4, 5, 7, 9, 10)
SCALES = {"major": MAJOR, "minor": MINOR, "dorian": DORIAN, "mixolydian": MIXOLYDIAN}

FIRST = {  # eight bars that come to rest on the dominant after four, and on the tonic after eight
    "major": ["1 1 4 5 1 4 5 1", "1 4 1 5 1 4 5 1", "1 6 4 5 1 6 25 1", "1 5 1 5 1 4 15 1", "1 6 2 5 1 4 25 1"],
    "minor": ["1 1 4 5 1 6 5 1", "1 7 6 5 1 4 5 1", "1 4 1 5 1 6 45 1", "1 6 4 5 1 4 15 1", "1 5 1 5 6 4 5 1"],
    "dorian": ["1 7 1 7 1 7 17 1", "1 1 7 7 1 4 7 1", "1 4 1 7 1 4 17 1"],
    "mixolydian": ["1 7 1 5 1 7 5 1", "1 4 1 7 1 4 7 1", "1 1 7 7 4 1 7 1"],
}
SECOND = {  # eight bars that begin elsewhere and come home
    "major": ["4 1 5 1 4 1 5 1", "6 3 4 5 6 4 25 1", "5 1 5 1 4 1 25 1", "4 4 1 5 4 4 15 1", "6 6 2 5 4 1 5 1"],
    "minor": ["3 7 6 5 4 1 5 1", "6 3 7 5 6 4 5 1", "4 1 7 3 4 1 5 1", "3 3 7 7 6 4 15 1"],
    "dorian": ["7 1 7 1 4 7 17 1", "3 7 1 7 3 4 7 1"],
    "mixolydian": ["4 1 7 1 4 1 7 1", "7 7 4 1 7 4 17 1"],
}


@dataclass(frozen=True)
class Style:
    """A kind of tune.

    Attributes:
        name: of its class.
        meter: numerator and denominator.
        beat: sixteenths from one beat of the melody's accents to the next.
        tempo: slowest and fastest, in quarters a minute.
        modes: each as often as it stands here.
        forms: orders of its sections of eight bars.
        cells: rhythms of a bar; ``ends``: of a bar in which a phrase ends.
        lead, chords, bass: programs to choose from; no bass when empty.
        pattern: how it is accompanied (a function in ``playing``).
        drums: strokes of a bar, (place, pitch, strength); ``drummed``: the share of tunes that have them.
        range: lowest and highest pitch of the melody.
        leaps: how much the melody leaps rather than steps, 0 … 1.
        loud: velocity of an accent.
        upbeats: the share of tunes that begin with an upbeat, and its length.
    """

    name: str
    meter: tuple[int, int]
    beat: int
    tempo: tuple[int, int]
    modes: tuple[str, ...]
    forms: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    ends: tuple[tuple[int, ...], ...]
    lead: tuple[int, ...]
    chords: tuple[int, ...]
    bass: tuple[int, ...]
    pattern: str
    drums: tuple[tuple[int, int, float], ...] = ()
    drummed: float = 0.0
    range: tuple[int, int] = (62, 83)
    leaps: float = 0.25
    loud: int = 96
    upbeats: tuple[float, int] = (0.0, 2)
    tonics: tuple[int, ...] = field(default=(0, 2, 5, 7, 9))


_MAJOR, _MINOR = ("major",), ("minor",)

STYLES: dict[str, Style] = {
    "air": Style(
        "air",
        (4, 4), 8, (58, 76), _MINOR * 3 + ("dorian",), ("AB", "AAB"),
        ((8, 4, 4), (6, 2, 8), (4, 4, 8), (12, 4), (8, 6, 2), (4, 4, 4, 4)), ((16,), (12, 4), (4, 12)),
        (68, 42, 73, 71), (48,), (43,), "pad", range=(60, 79), leaps=0.2, loud=78, tonics=(2, 4, 7, 9, 11),
    ),
    "jig": Style(
        "jig",
        (6, 8), 6, (165, 186), _MAJOR * 3 + ("dorian", "mixolydian"), ("AABB",),
        ((2,) * 6, (4, 2, 4, 2), (2, 2, 2, 4, 2), (4, 2, 2, 2, 2), (3, 1, 2, 2, 2, 2)),
        ((4, 2, 6), (2, 2, 2, 6), (6, 6)),
        (73, 40, 21, 72), (24, 25), (32,), "jig", ((0, 64, 0.8), (4, 63, 0.4), (6, 64, 0.7), (10, 63, 0.5)), 0.5,
        leaps=0.35, loud=102, upbeats=(0.4, 2), tonics=(2, 4, 7, 9),
    ),
    "lullaby": Style(
        "lullaby",
        (3, 4), 12, (72, 92), _MAJOR * 3 + ("minor",), ("AB", "AABA"),
        ((8, 4), (4, 4, 4), (6, 2, 4), (12,), (4, 8)), ((12,), (8, 4)),
        (10, 8, 46, 11), (46, 0, 24), (), "rocking", range=(64, 84), leaps=0.25, loud=66, tonics=(0, 5, 7, 10),
    ),
    "march": Style(
        "march",
        (4, 4), 8, (104, 124), _MAJOR * 4 + _MINOR, ("AABB", "AABA"),
        ((6, 2, 4, 4), (4, 4, 4, 4), (3, 1, 3, 1, 4, 4), (8, 4, 4), (6, 2, 6, 2), (4, 4, 2, 2, 4)),
        ((4, 4, 8), (8, 8), (3, 1, 4, 8)),
        (56, 71, 60), (61, 57), (58,), "march",
        ((0, 36, 0.9), (4, 38, 0.6), (6, 38, 0.35), (7, 38, 0.35), (8, 36, 0.8), (12, 38, 0.7), (14, 38, 0.4)), 0.8,
        range=(58, 79), leaps=0.4, loud=108, upbeats=(0.5, 4), tonics=(0, 5, 8, 10, 3),
    ),
    "minuet": Style(
        "minuet",
        (3, 4), 4, (108, 126), _MAJOR * 2 + _MINOR, ("AABB", "AABA"),
        ((4, 2, 2, 2, 2), (4, 4, 4), (2,) * 6, (8, 4), (2, 2, 4, 4), (4, 4, 2, 2)), ((12,), (8, 4), (4, 8)),
        (6, 6, 0, 73), (6, 0), (), "broken", leaps=0.3, loud=86, tonics=(0, 2, 5, 7, 10),
    ),
    "reel": Style(
        "reel",
        (4, 4), 8, (176, 208), _MAJOR * 2 + ("dorian", "dorian", "mixolydian"), ("AABB",),
        ((2,) * 8, (4, 2, 2, 2, 2, 2, 2), (2, 2, 2, 2, 4, 2, 2), (6, 2, 2, 2, 2, 2)),
        ((4, 4, 8), (2, 2, 4, 8), (2, 2, 2, 2, 8)),
        (40, 21, 105, 73), (24, 25, 0), (32, 33), "boom",
        (*((0, 36, 0.8), (2, 42, 0.4), (4, 38, 0.55), (6, 42, 0.5)),
         *((8, 36, 0.8), (10, 42, 0.4), (12, 38, 0.6), (14, 42, 0.5))), 0.5,
        leaps=0.35, loud=104, upbeats=(0.35, 4), tonics=(2, 4, 7, 9),
    ),
    "tango": Style(
        "tango",
        (2, 4), 4, (56, 68), _MINOR * 5 + _MAJOR, ("AABB", "AABA"),
        ((3, 1, 2, 2), (2, 2, 2, 2), (4, 2, 2), (1, 1, 2, 4), (2, 1, 1, 4), (3, 1, 4)), ((4, 4), (2, 6), (8,)),
        (21, 40, 22), (0, 24), (32,), "habanera",
        ((0, 36, 0.6), (3, 62, 0.4), (4, 76, 0.3), (6, 63, 0.5)), 0.5,
        range=(60, 81), leaps=0.4, loud=98, upbeats=(0.4, 2), tonics=(2, 4, 7, 9, 0),
    ),
    "waltz": Style(
        "waltz",
        (3, 4), 12, (138, 172), _MAJOR * 3 + _MINOR, ("AABB", "AABA"),
        ((4, 4, 4), (8, 4), (12,), (4, 2, 2, 4), (6, 2, 4), (2, 2, 4, 4), (4, 8)), ((12,), (8, 4), (4, 8)),
        (21, 40, 73, 0), (0, 24), (32, 43), "waltz", leaps=0.35, loud=94, upbeats=(0.3, 4),
    ),
}  # fmt: skip

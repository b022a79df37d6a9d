"""What accompanies a melody: chords led by the shortest way, a bass, and strokes of drums, in the manner of a style."""

from bottega.datasets.builtin_tunes.melody import Harmony, degree_at

Stroke = tuple[int, int, int, float]  # begin and length in sixteenths, pitch, strength
CENTRE = 55
PATTERNS = {  # of the chords: (begin, length, strength), or single notes of the chord by number
    "pad": {"chords": ((0, 16, 0.75),), "bass": ((0, 16, 0, 0.75),)},
    "jig": {"chords": ((4, 2, 0.7), (10, 2, 0.65)), "bass": ((0, 4, 0, 0.85), (6, 4, 2, 0.75))},
    "march": {"chords": ((4, 3, 0.7), (12, 3, 0.7)), "bass": ((0, 4, 0, 0.85), (8, 4, 2, 0.8))},
    "boom": {"chords": ((4, 3, 0.7), (12, 3, 0.7)), "bass": ((0, 4, 0, 0.85), (8, 4, 2, 0.8))},
    "waltz": {"chords": ((4, 3, 0.65), (8, 3, 0.6)), "bass": ((0, 8, 0, 0.85),)},
    "habanera": {
        "chords": ((2, 2, 0.6), (6, 2, 0.6)),
        "bass": ((0, 3, 0, 0.9), (3, 1, 2, 0.7), (4, 2, 3, 0.8), (6, 2, 2, 0.7)),
    },
    "rocking": {"notes": ((0, 12, 0), (2, 10, 1), (4, 8, 2), (6, 6, 3), (8, 4, 2), (10, 2, 1))},
    "broken": {"notes": ((0, 4, 0), (4, 4, 1), (8, 4, 2))},
}  # fmt: skip


def voicing(degree: int, harmony: Harmony, before: list[int] | None) -> list[int]:
    """The three pitches of a chord, in the position nearest to the one before."""
    base = [harmony.pitch(step, degree) for step in harmony.tones(degree)]
    classes = sorted(pitch % 12 for pitch in base)
    positions = []
    for turn in range(3):
        order = classes[turn:] + classes[:turn]
        for octave in (36, 48, 60):
            pitches = [octave + order[0]]
            for one in order[1:]:
                pitches.append(pitches[-1] + (one - pitches[-1]) % 12)
            positions.append(pitches)
    wanted = before or [CENTRE - 4, CENTRE, CENTRE + 4]

    def far(pitches: list[int]) -> float:
        away = sum(abs(a - b) for a, b in zip(pitches, wanted, strict=True))
        return away + 0.5 * abs(sum(pitches) / 3 - CENTRE)

    return min(positions, key=far)


def bass_note(degree: int, harmony: Harmony, which: int, low: int = 36) -> int:
    """The root of a chord (0), its fifth below or above (2), or its octave (3), in the range of a bass."""
    root = harmony.pitch(degree - 1, degree) % 12
    pitch = low + (root - low) % 12
    fifth = harmony.pitch(harmony.tones(degree)[2], degree) % 12
    if which == 2:
        return low + (fifth - low) % 12
    return pitch + 12 if which == 3 else pitch


def accompaniment(
    pattern: str, chords: list[list[int]], harmony: Harmony, length: int, last: bool
) -> tuple[list[Stroke], list[Stroke]]:
    """What chords and bass play in some bars, from sixteenth 0 on; the ``last`` bar of a tune is held."""
    plan, before = PATTERNS[pattern], None
    above: list[Stroke] = []
    below: list[Stroke] = []
    for number, bar in enumerate(chords):
        begin = number * length
        held = last and number == len(chords) - 1
        for degree, (from_, to) in parts(bar, length):
            before = voicing(degree, harmony, before)
            if held:
                above += [(begin, length, pitch, 0.7) for pitch in before]
                below.append((begin, length, bass_note(degree, harmony, 0), 0.8))
                continue
            inside = [(place, min(size, to - place), *rest) for place, size, *rest in plan.get("chords", ())]
            above += [
                (begin + place, size, pitch, strength)
                for place, size, strength in inside
                if from_ <= place < to
                for pitch in before
            ]
            if pattern == "pad" and from_:  # a chord that changes within a bar is struck again
                above += [(begin + from_, to - from_, pitch, 0.7) for pitch in before]
                below.append((begin + from_, to - from_, bass_note(degree, harmony, 0), 0.7))
            tones = [bass_note(degree, harmony, 0, 43), *before]
            above += [
                (begin + place, min(size, to - place), tones[which], 0.62 if place else 0.75)
                for place, size, which in plan.get("notes", ())
                if from_ <= place < to
            ]
            below += [
                (begin + place, min(size, to - place), bass_note(degree, harmony, 0 if from_ else which), strength)
                for place, size, which, strength in plan.get("bass", ())
                if from_ <= place < to
            ]
    return above, below


def parts(bar: list[int], length: int) -> list[tuple[int, tuple[int, int]]]:
    """(degree, (begin, end)) of each chord in a bar."""
    if len(bar) == 1:
        return [(bar[0], (0, length))]
    middle = next(place for place in range(length) if degree_at([1, 2], place, length) == 2)
    return [(bar[0], (0, middle)), (bar[1], (middle, length))]

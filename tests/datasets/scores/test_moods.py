"""Moods: fast is more awake than slow, major is brighter than minor, and labels say what they mean."""

from dataclasses import replace

import numpy as np
import pytest

from bottega.datasets import builtin_tunes
from bottega.datasets.scores import moods
from bottega.media import score
from bottega.media.score import Score, Track


def tune(steps: list[int], size: int = 240, bpm: float = 120.0, loud: int = 80, tonic: int = 60) -> Score:
    """A melody over its held tonic, which settles the key."""
    notes = [[k * size, size, tonic + step, loud] for k, step in enumerate(steps)]
    drone = [[0, size * len(steps), tonic - 12, loud], [0, size * len(steps), tonic - 5, loud]]
    return score.tidy(Score([Track("", 0, False, np.array(notes + drone))], 480, tempos=[(0, bpm)]))


MAJOR = [0, 2, 4, 5, 7, 9, 7, 4, 5, 7, 4, 0, 2, 4, 2, 0] * 4
MINOR = [0, 2, 3, 5, 7, 8, 7, 3, 5, 7, 3, 0, 2, 3, 2, 0] * 4


def test_a_fast_major_tune_is_brighter_and_wilder_than_a_slow_minor_one():
    fast, slow = tune(MAJOR, bpm=180, loud=110), tune(MINOR, size=480, bpm=60, loud=50)
    assert np.all(np.array(moods.mood_of(fast)) > np.array(moods.mood_of(slow)) + 1)


def test_each_measure_moves_its_own_side():
    plain = moods.mood_of(tune(MAJOR))
    assert moods.mood_of(tune(MAJOR, bpm=200))[1] > plain[1] + 0.5
    assert moods.mood_of(tune(MAJOR, loud=127))[1] > plain[1] + 0.5
    assert moods.mood_of(tune(MAJOR, size=120))[1] > plain[1] + 0.5
    assert moods.mood_of(tune(MINOR))[0] < plain[0] - 0.5
    assert moods.mood_of(tune(MAJOR, tonic=72))[0] > plain[0] + 0.2
    assert moods.mood_of(tune(MAJOR, bpm=200))[0] == pytest.approx(plain[0])


def test_mode_does_not_depend_on_the_key():
    shifts = [moods.measures(tune(MINOR, tonic=60 + k))["mode"] for k in range(12)]
    assert max(shifts) == pytest.approx(min(shifts)) and shifts[0] < 0


def test_the_key_of_most_tunes_is_found():
    drawn = [builtin_tunes.draw(index)[0] for index in range(80)]
    right = 0
    for made in drawn:
        notes = np.concatenate([track.notes for track in made.tracks if not track.drums])
        weights = np.bincount(notes[:, 2] % 12, weights=notes[:, 1], minlength=12)
        (major, tonic), (minor, other) = moods.fit(weights, moods.MAJOR), moods.fit(weights, moods.MINOR)
        right += made.key == ((tonic, "major") if major > minor else (other, "minor"))
    assert right >= 0.85 * len(drawn)


def test_built_in_tunes_are_spread_over_both_sides():
    drawn = [builtin_tunes.draw(index) for index in range(160)]
    found = np.array([moods.mood_of(made) for made, _name in drawn])
    names = np.array([name for _made, name in drawn])
    assert np.all(np.abs(found.mean(0)) < 0.6) and np.all(found.std(0) > 0.7)
    means = {name: found[names == name].mean(0) for name in builtin_tunes.CLASSES}
    assert means["reel"][1] > means["waltz"][1] > means["lullaby"][1]
    assert means["march"][0] > means["air"][0] and means["minuet"][0] > means["tango"][0]


def test_odd_scores_have_moods():
    drums = Score([Track("", 0, True, np.array([[0, 10, 36, 100], [480, 10, 42, 100]], np.int32))])
    single = Score([Track("", 0, False, np.array([[10_000, 1, 60, 1]], np.int32))])
    chromatic = tune(list(range(12)) * 4)
    for made in (drums, single, chromatic, replace(single, tempos=[(0, 600.0)])):
        assert np.all(np.abs(moods.mood_of(made)) <= 3)


def test_labels_say_moods():
    assert moods.mood_of_label(" Happy ") == (1.0, 0.8) and moods.mood_of_label("Q3") == (-1.0, -1.0)
    assert moods.mood_of_label("waltz") is None and moods.mood_of_label(None) is None

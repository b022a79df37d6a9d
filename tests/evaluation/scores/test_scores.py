"""What is measured of scores: the figures see what they should, and real tunes stand beside."""

import numpy as np
import pytest

from bottega.evaluation.scores import habits
from bottega.evaluation.scores.copies import Library, audit, melody
from bottega.evaluation.scores.markov import Markov
from bottega.media.score import Score, Track, tidy
from bottega.representations.grid import Grid, laid_out


def grid(pitches: list[int], long: int = 240, chords: bool = False) -> Grid:
    """A melody of even notes in 4/4."""
    tracks = [Track("", 0, False, np.array([(long * i, long, pitch, 90) for i, pitch in enumerate(pitches)]))]
    if chords:
        tracks.append(Track("", 0, False, np.array([(1920 * i, 1920, 40, 60) for i in range(len(pitches) // 8)])))
    return laid_out(tidy(Score(tracks, 480)))


def walk(seed: int, n: int = 64) -> list[int]:
    """A melody nobody has written."""
    return (60 + np.random.default_rng(seed).integers(0, 13, n)).tolist()


def test_a_copy_is_found_in_another_key_under_chords() -> None:
    library = Library([melody(grid(walk(0))), melody(grid(walk(1)))])
    stolen = walk(2)[:10] + [pitch + 3 for pitch in walk(1)[20:44]] + walk(3)[:10]
    found = audit([melody(grid(stolen, chords=True)), melody(grid(walk(4)))], library)
    assert found.longest[0].tune == 1 and found.longest[0].notes in (24, 25) and found.longest[0].begin in (9, 10)
    assert found.longest[1].notes < 12
    assert found.share == pytest.approx(24 / 108, abs=0.03)


def test_another_rhythm_is_no_copy() -> None:
    library = Library([melody(grid(walk(0)))])
    assert audit([melody(grid(walk(0), long=480))], library).longest[0].notes == 0
    assert audit([melody(grid(walk(0)))], library).longest[0].notes == 64


def test_habits_are_those_of_the_notes() -> None:
    scale = grid([60, 62, 64, 65, 67, 69, 71, 72] * 4)
    assert habits.in_scale(scale) == 1 and habits.density(scale) == 2 and habits.groove(scale) == 1
    assert habits.in_scale(grid(walk(0))) < 1
    assert habits.divergence([scale], [scale]) == pytest.approx(0)
    assert habits.divergence([grid(walk(0))], [scale]) > 0.2


def test_a_chain_knows_what_follows() -> None:
    chain = Markov([np.array([1, 2, 3, 1, 2, 4] * 20)], 8)
    known, new = chain.nats(np.array([3, 1, 2, 4])), chain.nats(np.array([3, 5, 5, 5]))
    assert known.sum() < new.sum()
    every = np.exp([-chain.nats(np.array([1, 2, k]))[2] for k in range(8)])
    assert every.sum() == pytest.approx(1)

"""Held-out sound: decided by content, whole groups, about a tenth of the seconds."""

import hashlib
from dataclasses import dataclass

import numpy as np

from bottega.datasets.sounds.split import HELD_OUT, NEITHER, TRAIN, held_out, rows_of


@dataclass
class Place:
    name: str
    digest: str
    begin: int
    first: int
    last: int


def digests(count: int) -> list[str]:
    return [hashlib.sha256(bytes([number])).hexdigest() for number in range(count)]


def test_the_choice_does_not_depend_on_order() -> None:
    names, seconds = digests(40), np.random.default_rng(0).uniform(1, 100, 40)
    chosen = {names[file] for file in held_out(names, np.arange(40), seconds)}
    order = np.random.default_rng(1).permutation(40)
    mixed = [names[file] for file in order]
    assert {mixed[file] for file in held_out(mixed, np.arange(40), seconds[order])} == chosen


def test_about_a_tenth_of_the_sound_and_never_more_than_a_fifth() -> None:
    for seed in range(20):
        seconds = np.random.default_rng(seed).lognormal(3, 1, 30)
        share = seconds[held_out(digests(30), np.arange(30), seconds)].sum() / seconds.sum()
        assert 0.05 < share <= 0.2


def test_groups_stay_together_and_the_shortest_is_taken_when_none_fits() -> None:
    groups = np.arange(60) // 3
    chosen = held_out(digests(60), groups, np.ones(60))
    assert set(groups[chosen]) and sorted(chosen) == sorted(np.flatnonzero(np.isin(groups, groups[chosen])))
    assert held_out(digests(4), np.arange(4), np.array([50.0, 30.0, 40.0, 60.0])) == [1]


def test_hours_are_not_held_out() -> None:
    seconds = np.full(2_000, 60.0)
    assert seconds[held_out([str(n) for n in range(2_000)], np.arange(2_000), seconds)].sum() == 300


def test_few_recordings_give_a_stretch_each_and_lose_nothing() -> None:
    places = [Place("a", "1", 0, 100, 1_100), Place("b", "2", 2_000, 0, 500), Place("c", "3", 3_000, 0, 900)]
    rows, held = rows_of(places, np.array([0, 1, 0]), 100)
    assert rows == [
        [0, 100, 800, TRAIN], [0, 900, 100, HELD_OUT], [0, 1_000, 100, TRAIN],
        [1, 2_000, 400, TRAIN], [1, 2_400, 50, HELD_OUT], [1, 2_450, 50, TRAIN],
        [2, 3_000, 900, NEITHER],
    ]  # fmt: skip
    assert held == [("a", 9.0, 10.0), ("b", 4.0, 4.5)]

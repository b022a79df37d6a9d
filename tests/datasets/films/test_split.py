"""Whole films are held out, or the end of each where there are few; pieces of one film stay together."""

from types import SimpleNamespace

import numpy as np

from bottega.datasets.films.split import HELD_OUT, NEITHER, TRAIN, rows_of


def film(number: int, shots: list[list[int]], begin: int = 0) -> SimpleNamespace:
    return SimpleNamespace(name=f"{number}.mp4", digest=f"{(number * 7919) % 1000:03}", begin=begin, shots=shots)


def test_pieces_of_a_film_stay_on_one_side() -> None:
    films = [film(i, [[0, 20], [20, 45], [50, 60]], 100 * i) for i in range(20)]
    rows, held = rows_of(films, np.arange(20), 12.0)
    assert held == []
    sides = {i: {row[3] for row in rows if row[0] == i} for i in range(20)}
    assert all(len(side) == 1 for side in sides.values())
    assert sum(side == {HELD_OUT} for side in sides.values()) == 2
    assert rows[:3] == [[0, 0, 20, rows[0][3]], [0, 20, 25, rows[0][3]], [0, 50, 10, rows[0][3]]]


def test_duplicates_stay_on_one_side() -> None:
    films = [film(i, [[0, 30]], 30 * i) for i in range(20)]
    groups = np.arange(20) // 2 * 2
    rows, _held = rows_of(films, groups, 12.0)
    sides = [row[3] for row in rows]
    assert sides[::2] == sides[1::2]
    assert 0 < sides.count(HELD_OUT) < 10


def test_one_film_is_split_in_time_at_what_it_shows() -> None:
    rows, held = rows_of([film(0, [[0, 100], [140, 240]])], np.array([0]), 12.0)
    assert rows == [[0, 0, 100, TRAIN], [0, 140, 80, TRAIN], [0, 220, 20, HELD_OUT]]
    assert held == [("0.mp4", 220 / 12, 20.0)]


def test_no_piece_is_too_short_to_move() -> None:
    rows, _held = rows_of([film(0, [[0, 88], [88, 100]])], np.array([0]), 12.0)
    assert rows == [[0, 0, 88, TRAIN], [0, 90, 10, HELD_OUT]]
    rows, _held = rows_of([film(0, [[0, 10]])], np.array([0]), 12.0)
    assert rows == [[0, 0, 6, TRAIN], [0, 6, 4, HELD_OUT]]


def test_of_few_films_and_their_twins_the_longest_is_used() -> None:
    films = [film(0, [[0, 50]]), film(1, [[0, 100]], 50), film(2, [[0, 40]], 150)]
    rows, held = rows_of(films, np.array([0, 0, 2]), 12.0)
    assert [row[3] for row in rows] == [NEITHER, TRAIN, HELD_OUT, TRAIN, HELD_OUT]
    assert [name for name, _begin, _end in held] == ["1.mp4", "2.mp4"]

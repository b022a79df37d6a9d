"""The built-in films: drawn alike everywhere, moving as told, loops exact, and read back as they were drawn."""

from pathlib import Path

import numpy as np
import pytest

from bottega.datasets import builtin_films
from bottega.datasets.films import prepare_films
from bottega.datasets.films.cuts import Shots

LOOPS = ("emblems", "fireflies", "orbits", "pendulums", "waves")


@pytest.fixture(scope="module")
def films() -> list[tuple[np.ndarray, str]]:
    return [builtin_films.draw(number, 48) for number in range(16)]


def test_a_film_is_a_function_of_its_number(films: list[tuple[np.ndarray, str]]) -> None:
    assert [name for _film, name in films[:8]] == list(builtin_films.CLASSES)
    again, _name = builtin_films.draw(3, 48)
    np.testing.assert_array_equal(films[3][0], again)
    assert films[3][0].shape == (32, 48, 48, 3)
    assert films[3][0].dtype == np.uint8
    assert not np.array_equal(films[3][0], films[11][0])


def test_all_of_them_move_and_none_is_cut(films: list[tuple[np.ndarray, str]]) -> None:
    for film, name in films:
        steps = np.abs(np.diff(film.astype(np.int16), axis=0)).mean((1, 2, 3))
        assert steps.mean() > 0.3, name
        shots = Shots(float(builtin_films.RATE))
        shots.take(film)
        assert shots.finished() == [(0, len(film))], name


def test_what_swings_or_turns_is_back_where_it_began(films: list[tuple[np.ndarray, str]]) -> None:
    for film, name in films:
        whole = film.astype(np.int16)
        steps = np.abs(np.diff(whole, axis=0)).mean((1, 2, 3))
        if name in LOOPS:
            assert np.abs(whole[-1] - whole[0]).mean() <= 1.2 * steps.max(), name


def test_what_is_drawn_in_memory_holds_out_some_of_each_class() -> None:
    data = builtin_films.in_memory(16, 32, 4, held_out=0.5)
    assert data.size == (32, 32)
    assert data.labels is not None
    assert data.labels[data.held_out].tolist() == list(range(8))
    assert data.train.tolist() == list(range(8))


def test_a_collection_is_written_once_and_read_back_bit_for_bit(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = builtin_films.write_collection(tmp_path / "films", 8, 64, lambda *done: told.append(done))
    assert told[-1] == (8, 8)
    assert sorted(path.name for path in folder.iterdir()) == list(builtin_films.CLASSES)
    data = prepare_films(folder, cache=tmp_path / "cache")
    assert data.classes == list(builtin_films.CLASSES)
    assert data.labels is not None
    np.testing.assert_array_equal(data.frames(2), builtin_films.draw(int(data.labels[2]))[0])
    stamp = folder.stat().st_mtime_ns
    builtin_films.write_collection(folder, 3)
    assert folder.stat().st_mtime_ns == stamp

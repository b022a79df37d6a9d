"""Near-duplicates of films: found in every coat, and another take before the same wall is none."""

from pathlib import Path

import cv2
import numpy as np

from bottega.datasets import builtin
from bottega.datasets.films.alike import Words, find_pairs

RATE = 12.0


def take(seed: int, frames: int = 48, wall: int = 0) -> np.ndarray:
    """Something that wanders in front of a wall, uint8 ``(T, 64, 64, 3)``."""
    dice = np.random.default_rng(seed)
    film = np.repeat(builtin.draw(wall)[0][None], frames, axis=0)
    at, colour, phase = dice.uniform(15, 49, 2), dice.integers(0, 256, 3), dice.uniform(0, 6, 2)
    for time, frame in enumerate(film):
        x, y = at + 14 * np.sin(0.25 * time * dice.uniform(0.9, 1.1) + phase)
        cv2.circle(frame, (int(x), int(y)), 12, colour.tolist(), -1)
    return film


def groups(folder: Path, films: list[np.ndarray]) -> list[int]:
    words = [Words() for _film in films]
    told = [maker.take(film) for maker, film in zip(words, films, strict=True)]
    np.concatenate(told).astype(np.uint32).tofile(folder / "words")
    begins = np.cumsum([0, *map(len, films)]).tolist()
    every = np.concatenate(films)
    places = [(begin, len(film)) for begin, film in zip(begins, films, strict=False)]
    pairs, found = find_pairs(folder / "words", places, RATE, lambda first, count: every[first : first + count])
    assert len(pairs) == len(films) - len(set(found.tolist()))
    return found.tolist()


def coded(film: np.ndarray, quality: int = 30) -> np.ndarray:
    """What is left of a film after poor coding."""
    return np.stack([cv2.imdecode(cv2.imencode(".jpg", f, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1) for f in film])


def test_words_do_not_depend_on_blocks_and_say_only_what_is_new() -> None:
    film = take(0)
    whole, parts = Words().take(film), Words()
    np.testing.assert_array_equal(whole, np.concatenate([parts.take(film[:7]), parts.take(film[7:])]))
    assert np.count_nonzero(Words().take(film[:1].repeat(20, 0))) == 1


def test_the_same_clip_is_found_in_every_coat(tmp_path: Path) -> None:
    film = take(1)
    darker = (film * 0.8 + 10).astype(np.uint8)
    small = np.stack([cv2.resize(cv2.resize(f, (40, 40)), (64, 64)) for f in film])
    coats = [film, coded(film), darker, small, film[13:40], np.concatenate([take(9, 10, wall=5), film])]
    strangers = [take(seed, wall=seed) for seed in range(2, 8)]
    assert groups(tmp_path, [*coats, *strangers]) == [0] * 6 + list(range(6, 12))


def test_another_take_before_the_same_wall_is_no_duplicate(tmp_path: Path) -> None:
    assert groups(tmp_path, [take(seed, wall=3) for seed in range(6)]) == list(range(6))


def test_stills_are_duplicates_only_of_themselves(tmp_path: Path) -> None:
    stills = [builtin.draw(number)[0][None].repeat(24, 0) for number in (0, 1, 2, 0)]
    assert groups(tmp_path, stills) == [0, 1, 2, 0]


def test_a_single_film_and_black_ones_have_no_twin(tmp_path: Path) -> None:
    assert groups(tmp_path, [take(0)]) == [0]
    assert groups(tmp_path, [np.zeros((10, 64, 64, 3), np.uint8)] * 2) == [0, 1]

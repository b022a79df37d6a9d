"""Films are cut where there is a cut, a dissolve or a fade; not at pans, flashes, zooms and changes of light."""

import numpy as np
import pytest

from bottega.datasets import builtin
from bottega.datasets.films.cuts import Shots

RATE = 12


@pytest.fixture(scope="module")
def pictures() -> list[np.ndarray]:
    """Wide pictures of eight kinds, uint8 ``(96, 192, 3)``."""
    drawn = [builtin.draw(number, 96)[0] for number in range(16)]
    return [np.concatenate([drawn[i], drawn[i + 8]], axis=1) for i in range(8)]


def pan(picture: np.ndarray, speed: float, frames: int) -> np.ndarray:
    """A camera that moves by a share of its view in each frame, there and back."""
    room = picture.shape[1] - 64
    places = np.abs((speed * 64 * np.arange(frames) + room) % (2 * room) - room).astype(int)
    return np.stack([picture[16:80, x : x + 64] for x in places])


def shots(film: np.ndarray, block: int = 13) -> list[tuple[int, int]]:
    watching = Shots(RATE)
    for start in range(0, len(film), block):
        watching.take(film[start : start + block])
    return watching.finished()


def lit(film: np.ndarray, light: np.ndarray) -> np.ndarray:
    return (film * light[:, None, None, None]).clip(0, 255).astype(np.uint8)


def test_every_cut_is_found_where_it_is(pictures: list[np.ndarray]) -> None:
    for i in range(7):
        for speed in (0.0, 0.05, 0.12):
            film = np.concatenate([pan(pictures[i], speed, 17), pan(pictures[i + 1], speed, 20)])
            assert shots(film) == [(0, 17), (17, 37)], (i, speed)


def test_quick_cuts_one_after_the_other_are_all_found(pictures: list[np.ndarray]) -> None:
    film = np.concatenate([pan(picture, 0.02, 5) for picture in pictures[:5]])
    assert shots(film) == [(at, at + 5) for at in range(0, 25, 5)]


def test_a_pan_is_no_cut_however_fast(pictures: list[np.ndarray]) -> None:
    for picture in pictures:
        for speed in (0.03, 0.1, 0.2):
            assert shots(pan(picture, speed, 30)) == [(0, 30)]


def test_a_zoom_is_no_cut(pictures: list[np.ndarray]) -> None:
    import cv2

    for picture in pictures[:4]:
        film = []
        for time in range(30):
            side = round(96 / 1.03**time / 2) * 2
            edge = (96 - side) // 2
            film.append(cv2.resize(picture[edge : edge + side, edge : edge + side], (64, 64)))
        assert shots(np.stack(film)) == [(0, 30)]


@pytest.mark.parametrize("strength", [80, 255])
@pytest.mark.parametrize("length", [1, 3])
def test_a_flash_is_no_cut(pictures: list[np.ndarray], strength: int, length: int) -> None:
    for picture in pictures[:4]:
        film = pan(picture, 0.02, 30).astype(int)
        film[12 : 12 + length] += strength
        assert shots(film.clip(0, 255).astype(np.uint8)) == [(0, 30)]


def test_a_change_of_light_is_no_cut(pictures: list[np.ndarray]) -> None:
    for picture in pictures[:4]:
        film = pan(picture, 0.01, 40)
        dawn = np.concatenate([np.full(15, 0.4), np.linspace(0.4, 1, 6), np.ones(19)])
        assert shots(lit(film, dawn)) == [(0, 40)]


def test_a_fade_through_black_is_left_out(pictures: list[np.ndarray]) -> None:
    light = np.concatenate([np.ones(15), np.linspace(1, 0, 8), np.zeros(5), np.linspace(0, 1, 8), np.ones(15)])
    film = lit(np.concatenate([pan(pictures[0], 0.01, 26), pan(pictures[3], 0.01, 25)]), light)
    found = shots(film)
    assert len(found) == 2
    assert 12 <= found[0][1] <= 23
    assert 28 <= found[1][0] <= 39


def test_a_dissolve_is_left_out(pictures: list[np.ndarray]) -> None:
    share = np.clip((np.arange(40) - 16) / 8, 0, 1)[:, None, None, None]
    for i in range(4):
        film = pan(pictures[i], 0.005, 40) * (1 - share) + pan(pictures[i + 1], 0.005, 40) * share
        found = shots(film.astype(np.uint8))
        assert len(found) == 2, i
        assert 12 <= found[0][1] <= 21 <= found[1][0] <= 28


def test_a_film_of_nothing_has_no_shots() -> None:
    assert shots(np.full((20, 64, 64, 3), 7, np.uint8)) == []
    assert shots(np.zeros((0, 64, 64, 3), np.uint8)) == []

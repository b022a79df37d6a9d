"""Enlarged films: neighbouring frames give detail, cuts and strangers give none, sound and rate stay."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from bottega.editing import find, meant
from bottega.editing.moving.enlarging import enlarged, larger
from bottega.editing.moving.stylizing import levels
from bottega.editing.moving.upscale import UPSCALE, UpscaleSettings, wanted_size
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.media.audio import Sound
from bottega.media.films.sound import packed
from bottega.media.video import Film


def grained(shift: float, seed: int = 0, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    """A fine pattern, moved right and down, as a good camera sees it: uint8 ``(H, W, 3)``."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float64)
    picture = np.zeros((*size, 3))
    for wave in range(60):
        reach = 2.2 if wave % 2 else 0.5  # up to what only the large picture can show; and what flow holds on to
        a, b = draw.uniform(-reach, reach, 2)
        phase = a * (x - shift) + b * (y - 0.6 * shift)
        picture += np.sin(phase[..., None] + draw.uniform(0, 7, 3) * 0.2 + wave)
    return (128 + 12 * picture).clip(0, 255).astype(np.uint8)


def halved(frames: list[np.ndarray]) -> np.ndarray:
    size = frames[0].shape[1] // 2, frames[0].shape[0] // 2
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames])


def decibels(made: np.ndarray, true: np.ndarray) -> float:
    inner = np.s_[10:-10, 10:-10]
    return float(10 * np.log10(255**2 / np.square(made[inner].astype(float) - true[inner]).mean()))


def quiet(share: float, frame: np.ndarray) -> None:
    """Nobody listens."""


def test_neighbours_give_what_one_frame_does_not_have():
    true = [grained(1.3 * number) for number in range(5)]
    small = halved(true)
    made, cuts = enlarged(small, (96, 128), False, quiet)
    alone, _cuts = enlarged(small[2:3], (96, 128), False, quiet)
    lanczos = levels(larger(small[2].astype(np.float32), (96, 128), "sharp"))
    assert cuts == 0
    assert decibels(alone[0], true[2]) > decibels(lanczos, true[2])
    assert decibels(made[2], true[2]) > decibels(alone[0], true[2]) + 3
    assert decibels(made[2], true[2]) > decibels(lanczos, true[2]) + 3


def test_nothing_is_taken_from_beyond_a_cut():
    first, second = (halved([grained(1.3 * number, seed) for number in range(3)]) for seed in (0, 9))
    both, cuts = enlarged(np.concatenate([first, second]), (96, 128), False, quiet)
    apart = [enlarged(take, (96, 128), False, quiet)[0] for take in (first, second)]
    assert cuts == 1
    assert np.array_equal(both, np.concatenate(apart))


def test_what_goes_round_has_neighbours_at_its_ends():
    true = [grained(1.3 * abs(number - 3)) for number in range(6)]  # there and back
    small = halved(true)
    straight, _cuts = enlarged(small, (96, 128), False, quiet)
    round_, cuts = enlarged(small, (96, 128), True, quiet)
    assert cuts == 0
    assert np.array_equal(straight[2:4], round_[2:4])
    assert decibels(round_[0], true[0]) > decibels(straight[0], true[0])


def test_who_saw_something_else_is_not_believed():
    true = [grained(1.3 * number) for number in range(3)]
    small = halved(true)
    alone, _cuts = enlarged(small[:1], (96, 128), False, quiet)
    small[1:, 10:30, 20:40] = halved([grained(0, seed=9)])[:, 10:30, 20:40]
    made, cuts = enlarged(small, (96, 128), False, quiet)
    where = np.s_[14:66, 34:86]
    assert cuts == 0
    assert decibels(made[0][where], true[0][where]) > decibels(alone[0][where], true[0][where]) - 0.5
    assert decibels(made[0], true[0]) > decibels(alone[0], true[0]) + 1


def test_sound_and_rate_stay():
    sound = packed(Sound(np.random.default_rng(0).normal(0, 0.1, (1, 2666)).astype(np.float32), 8000))
    film = Film(halved([grained(number) for number in range(3)]), Fraction(30000, 1001), sound)
    shares = []
    job = Job(listen=lambda share, picture: shares.append(share))
    made = UPSCALE.run({"film": [film]}, UpscaleSettings(), job)
    again = UPSCALE.run({"film": [film]}, UpscaleSettings(), Job(seed=5))
    work = made.works[0]
    assert (work.rate, work.sound) == (film.rate, film.sound)
    assert work.frames.shape == (3, 96, 128, 3)
    assert made.facts == {"width": 128, "height": 96, "cuts": 0}
    assert shares[-1] == 1
    assert not job.notes
    assert np.array_equal(work.frames, again.works[0].frames)


@pytest.mark.parametrize(
    ("count", "size", "factor", "channels", "loop"),
    [(1, (48, 64), 2, 3, True), (2, (33, 47), 1.5, 3, True), (2, (1, 1), 8, 3, False), (3, (9, 40), 3, 4, False)],
)
def test_any_shape(count, size, factor, channels, loop):
    frames = np.stack([grained(number, size=size) for number in range(count)])
    if channels == 4:
        opacity = grained(3, seed=4, size=size)[..., :1]
        frames = np.stack([np.dstack([np.minimum(frame, opacity), opacity]) for frame in frames])
    job = Job()
    made = UPSCALE.run({"film": [Film(frames, Fraction(12))]}, UpscaleSettings(factor=factor, loop=loop), job).works[0]
    assert made.frames.shape == (count, *(round(side * factor) for side in size), channels)
    assert bool(job.notes) == (count == 1)
    if channels == 4:
        assert (made.frames[..., :3] <= made.frames[..., 3:]).all()


@pytest.mark.parametrize(
    ("shape", "factor"),
    [((1, 20, 30), 1.01), ((1, 4000, 6000), 2), ((1, 4, 9000), 2), ((4000, 500, 500), 2)],
)
def test_sizes_that_cannot_be(shape, factor):
    film = Film(np.broadcast_to(np.uint8(0), (*shape, 3)), Fraction(12))
    with pytest.raises(UsageError):
        wanted_size(film, factor)


def test_the_medium_decides(tmp_path):
    from bottega.media import image

    image.write(tmp_path / "a.png", grained(0))
    assert find("upscale", "video") is UPSCALE
    assert meant("upscale", [tmp_path / "a.png"], None).medium == "image"

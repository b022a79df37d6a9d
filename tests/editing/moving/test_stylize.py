"""Films in a style: paint follows what moves, new things are painted like old ones, cuts begin anew, loops close."""

from fractions import Fraction

import numpy as np
import pytest
from tests.editing.moving.drawn import waves

from bottega.editing.moving.carrying import Carrier, multiplied, slopes
from bottega.editing.moving.flow import motion, warp
from bottega.editing.moving.restyling import Key
from bottega.editing.moving.stylize import STYLIZE, StylizeSettings
from bottega.editing.moving.stylizing import Stylizer, warp_error
from bottega.editing.operation import Job
from bottega.media.video import Film


def painted(frame: np.ndarray, seed: int = 7) -> np.ndarray:
    """Other colours, and a grain that stays where it is: a painter whose films would flicker."""
    grain = np.random.default_rng(seed).normal(0, 25, frame.shape)
    return (255 - frame[..., ::-1] * 0.8 + grain).clip(0, 255).astype(np.uint8)


def test_paint_follows_what_moves():
    frames = np.stack([waves(2.0 * number) for number in range(6)])
    stylizer = Stylizer(painted, 1)
    made = list(stylizer.paintings(frames))
    alone = [painted(frame) for frame in frames]
    back = [motion(frames[n], frames[n - 1]) for n in range(1, 6)]
    ours = np.mean([warp_error(made[n - 1], made[n], back[n - 1]) for n in range(1, 6)])
    theirs = np.mean([warp_error(alone[n - 1], alone[n], back[n - 1]) for n in range(1, 6)])
    assert ours < theirs / 5
    assert stylizer.keyframes == 1
    assert np.allclose(ours, np.mean([error for _film, error in stylizer.errors]))
    grain = made[5][8:-8, 26:-16].astype(float) - (255 - frames[5][8:-8, 26:-16, ::-1] * 0.8)
    assert 15 < grain.std() < 35  # the paint has not become soft


def test_every_take_has_a_keyframe():
    frames = np.stack([waves(0), waves(1), waves(0, seed=3), waves(1, seed=3)])
    stylizer = Stylizer(painted, 1)
    made = list(stylizer.paintings(frames))
    assert (stylizer.cuts, stylizer.keyframes) == (1, 2)
    assert np.array_equal(made[2], painted(frames[2]))


def test_a_loop_closes():
    frames = np.stack([waves(3 * np.sin(2 * np.pi * number / 12)) for number in range(12)])
    stylizer = Stylizer(painted, 1)
    made = list(stylizer.paintings(frames, loop=True))
    seam = warp_error(made[-1], made[0], motion(frames[0], frames[-1]))
    assert seam < 1.2 * max(error for _film, error in stylizer.errors)


def test_what_is_new_is_painted_like_what_is_like_it():
    red, blue = (200, 40, 40), (40, 60, 200)
    content, wanted = np.zeros((48, 64, 3), np.uint8), np.zeros((48, 64, 3), np.uint8)
    content[:, :32], content[:, 32:] = red, blue
    wanted[:, :32], wanted[:, 32:] = (250, 250, 0), (0, 250, 250)
    frame, where = content[:, ::-1].copy(), np.ones((48, 64), np.float32)
    where[:8] = 0
    made, strange = Key(content, wanted).paint(frame, np.full((48, 64, 3), 9, np.float32), where)
    assert np.abs(made[14:, :28] - (0, 250, 250)).max() < 2
    assert np.abs(made[14:, 36:] - (250, 250, 0)).max() < 2
    assert (made[:8] == 9).all()
    assert strange == 0
    green = np.full((48, 64, 3), (20, 250, 20), np.uint8)
    assert Key(content, wanted).paint(green, np.zeros((48, 64, 3), np.float32), np.ones((48, 64), np.float32))[1] > 0.9


def test_strange_things_get_a_keyframe_of_their_own():
    still = waves(0)
    still[..., 1] //= 8
    frames = np.stack([still] * 8)
    for number in range(1, 8):  # a green curtain is drawn over the picture
        frames[number, :, 96 - 10 * number :] = (10, 240, 10)
    for most, wanted in ((1, 1), (3, 2)):
        stylizer = Stylizer(painted, most)
        made = list(stylizer.paintings(frames))
        assert stylizer.keyframes == wanted
        assert stylizer.cuts == 0
        assert np.abs(made[7][:, 4:16].astype(float) - made[0][:, 4:16]).mean() < 3  # what stays, stays


def test_stretching_is_told():
    y, x = np.mgrid[:40, :50].astype(np.float32)
    twice = np.dstack([x, -0.5 * y])  # reads every third half: x by 2, y by 1/2
    made = multiplied(slopes(twice), slopes(twice))
    assert np.allclose(made[5:-5, 5:-5], (4, 0, 0, 0.25), atol=1e-5)
    assert slopes(np.zeros((1, 7, 2), np.float32)).shape == (1, 7, 4)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (33, 31)])
def test_small_films(size):
    frames = np.stack([waves(number, size=size) for number in range(3)])
    made = list(Stylizer(painted, 2).paintings(frames, loop=True))
    assert [picture.shape for picture in made] == [(*size, 3)] * 3


def test_same_bytes_again():
    frames = [waves(2.0 * number) for number in range(3)]
    runs = []
    for _run in range(2):
        carrier = Carrier(frames[0], painted(frames[0]))
        runs.append([carrier.go_on(frames[n], motion(frames[n], frames[n - 1])).copy() for n in (1, 2)])
    assert np.array_equal(*runs)
    assert warp(frames[0], np.zeros((64, 96, 2), np.float32)).dtype == np.uint8


def test_the_command():
    frames = np.zeros((3, 24, 28, 4), np.uint8)
    for number in range(3):
        frames[number, 6:18, 4 + number : 20 + number] = (*waves(0)[0, 0] // 2, 200)
    told = []
    job = Job(listen=lambda share, picture: told.append(share))
    film = Film(frames, Fraction(10), b"a track")
    settings = StylizeSettings(vgg="off", effort=0.1)
    made = STYLIZE.run({"film": [film], "style": [waves(0, seed=4, size=(24, 24))]}, settings, job)
    assert made.works[0].frames.shape == frames.shape
    assert np.array_equal(made.works[0].frames[..., 3], frames[..., 3])
    assert (made.works[0].frames[..., :3] <= frames[..., 3:]).all()
    assert made.works[0].sound == b"a track"
    assert made.facts["keyframes"] == 1
    assert told == sorted(told)
    assert told[-1] == 1

"""A person's keyframes: each finds its frame, is fitted, stays as it is, and the film follows it."""

from fractions import Fraction

import numpy as np
import pytest
from tests.editing.moving.test_stylize import painted, waves

from bottega.editing.moving.flow import opencv
from bottega.editing.moving.painted import placed, unlike
from bottega.editing.moving.stylize import STYLIZE, StylizeSettings
from bottega.editing.moving.stylizing import Stylizer, met
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.media.video import Film


@pytest.fixture
def frames():
    return np.stack([waves(3.0 * number) for number in range(9)])


def test_a_painting_finds_its_frame_whatever_its_colours_and_its_size(frames):
    job, cv2 = Job(), opencv()
    paintings = [cv2.resize(painted(frames[6]), (192, 128)), painted(frames[2], seed=1)]
    made = placed(paintings, "", frames, job)
    assert list(made) == [2, 6]
    assert made[6].shape == frames[6].shape
    assert np.array_equal(made[2], paintings[1])
    assert len(job.notes) == 2 and "192×128" in job.notes[0] and "7, 3" in job.notes[1]


def test_a_painting_like_no_frame_is_told(frames):
    job = Job()
    noise = np.random.default_rng(3).integers(0, 255, frames[0].shape, dtype=np.uint8)
    placed([noise], "", frames, job)
    assert "No frame is much like painting 1" in job.notes[0]
    assert unlike(painted(frames[0]), frames[0]) < 0.6 < unlike(noise, frames[0])


def test_the_frame_is_seen_where_a_painting_is_transparent(frames):
    layer = np.zeros((64, 96, 4), np.uint8)
    layer[:20] = (90, 10, 10, 255)
    made = placed([layer], "4", frames, Job())[3]
    assert (made[:20] == (90, 10, 10)).all()
    assert np.array_equal(made[20:], frames[3][20:])


@pytest.mark.parametrize(
    ("at", "count", "why"),
    [
        ("1,2", 1, "2 numbers for 1"),
        ("one", 1, "such as 1,48"),
        ("10", 1, "frames 1 to 9"),
        ("0", 1, "frames 1 to 9"),
        ("4 4", 2, "both of frame 4"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(frames, at, count, why):
    with pytest.raises(UsageError, match=why):
        placed([frames[0]] * count, at, frames, Job())


def test_a_painting_of_another_shape_is_refused(frames):
    with pytest.raises(UsageError, match="64×64 and the film 96×64"):
        placed([frames[0][:, :64]], "1", frames, Job())


def test_paintings_stay_and_the_film_follows_them(frames):
    given = {2: painted(frames[2]), 6: painted(frames[6], seed=1)}
    stylizer = Stylizer(None, 1, given)
    made = list(stylizer.paintings(frames))
    assert len(made) == 9 and stylizer.keyframes == 2
    assert all(np.array_equal(made[number], given[number]) for number in given)
    inner = np.s_[8:-8, 26:-26]
    for number in (0, 4, 8):  # the colours of a painting, and a grain that is as rough
        plain = 255 - frames[number][..., ::-1] * 0.8
        off = made[number].astype(float) - plain.clip(0, 255)
        assert abs(off[inner].mean()) < 6
        assert 14 < off[inner].std() < 32


def test_a_take_without_a_painting_is_painted_with_the_patches_of_the_nearest():
    frames = np.stack([waves(0), waves(1), waves(0, seed=3), waves(1, seed=3)])
    given = {0: 255 - frames[0]}
    made = list(Stylizer(None, 1, given).paintings(frames))
    assert len(made) == 4
    flat = [picture.reshape(-1, 3).astype(float) for picture in (made[2], frames[2])]
    assert np.corrcoef(flat[0][:, 1], flat[1][:, 1])[0, 1] < -0.4  # light where it was dark, as in the painting
    with_painter = list(Stylizer(painted, 1, given).paintings(frames))
    assert np.array_equal(with_painter[2], painted(frames[2]))


def test_steps_are_told_with_those_that_go_backwards(frames):
    told = []
    given = {4: painted(frames[4])}
    list(Stylizer(None, 1, given, lambda done, steps: told.append((done, steps))).paintings(frames))
    assert told[-1] == (9 + 4, 9 + 4)
    assert [done for done, _steps in told] == list(range(1, 14))


def test_two_paintings_meet_with_the_contrast_of_each():
    draw = np.random.default_rng(0)
    one, other = (draw.normal(128, 30, (60, 80, 3)).clip(0, 255).astype(np.uint8) for _side in range(2))
    sure, lost = np.ones((60, 80), np.float32), np.zeros((60, 80), np.float32)
    half = met((one, sure), (other, sure), 0.5)
    assert 27 < half.std() < 33  # a plain mean has 21
    assert np.abs(met((one, lost), (other, sure), 0.5) - other).mean() < 1
    assert np.allclose(met((one, sure), (one, sure), 0.5), one, atol=1)


def test_the_command(frames):
    film, told = Film(frames, Fraction(10)), []
    job = Job(listen=lambda share, picture: told.append(share))
    given = {"film": [film], "style": [], "keyframe": [painted(frames[3])]}
    made = STYLIZE.run(given, StylizeSettings(frames="4"), job)
    assert np.array_equal(made.works[0].frames[3], painted(frames[3]))
    assert made.facts["frames"] == "4" and made.facts["keyframes"] == 1
    assert told == sorted(told) and told[-1] == 1
    for works, settings in (({"style": []}, {}), ({"style": [frames[0]]}, {"frames": "1"})):
        with pytest.raises(UsageError, match="--keyframe"):
            STYLIZE.run({"film": [film], **works}, StylizeSettings(**settings), Job())

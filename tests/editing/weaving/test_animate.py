from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.weaving.animate import AnimateSettings, animate
from bottega.errors import UsageError
from bottega.evaluation.films.motion import seam
from bottega.media.video import Film


@pytest.fixture
def river():
    """A clip in which everything goes two pixels to the right in each frame."""
    ground = np.random.default_rng(2).integers(0, 256, (12, 30, 3), np.uint8)
    ground = ground.repeat(4, 0).repeat(4, 1)  # (48, 120, 3)
    return Film(np.stack([ground[:, 40 - 2 * n : 104 - 2 * n] for n in range(8)]), Fraction(10))


@pytest.fixture
def picture():
    return np.random.default_rng(3).integers(0, 256, (12, 16, 3), np.uint8).repeat(4, 0).repeat(4, 1)


def test_the_picture_drifts_as_the_clip_does_and_closes(river, picture):
    from bottega.editing.moving.flow import flow

    made = animate({"picture": [picture], "motion": [river]}, AnimateSettings(seconds=1, follow=0), Job())
    film = made.works[0]
    assert film.rate == 20 and film.frames.shape[1:] == (48, 64, 3) and film.seconds == pytest.approx(1, abs=0.2)
    drift = np.mean([flow(a, b)[8:-8, 8:-8].mean((0, 1)) for a, b in pairwise(film.frames)], 0)
    assert drift[0] > 0.15 and abs(drift[1]) < 0.5 * drift[0]  # to the right
    assert seam(film) < 1.5


def test_only_what_the_mask_marks_moves(river, picture):
    mask = np.zeros((48, 64), np.uint8)
    mask[:, 32:] = 255
    works = {"picture": [picture], "motion": [river], "mask": [mask]}
    frames = animate(works, AnimateSettings(seconds=0.5, follow=0), Job()).works[0].frames.astype(int)
    moved = np.abs(np.diff(frames, axis=0)).mean((0, 3))
    assert moved[:, :20].max() <= 1 and moved[:, 44:].mean() > 5


def test_a_clip_that_stands_still_leaves_the_picture(picture):
    job, still = Job(), Film(np.full((4, 40, 40, 3), 80, np.uint8), Fraction(24))
    frames = animate({"picture": [picture], "motion": [still]}, AnimateSettings(seconds=0.5), job).works[0].frames
    assert np.abs(frames.astype(int) - picture).max() <= 1 and len(job.notes) == 1


def test_transparency_stays_and_colours_never_exceed_it(river, picture):
    opacity = np.full((48, 64, 1), 128, np.uint8)
    picture = np.concatenate([np.minimum(picture, opacity), opacity], 2)
    frames = animate({"picture": [picture], "motion": [river]}, AnimateSettings(seconds=0.5), Job()).works[0].frames
    assert frames.shape[3] == 4 and (frames[..., :3] <= frames[..., 3:]).all()


def test_one_frame_has_no_motion(picture):
    with pytest.raises(UsageError, match="--motion"):
        animate({"picture": [picture], "motion": [Film(picture[None], Fraction(8))]}, AnimateSettings(), Job())

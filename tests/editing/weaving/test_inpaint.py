from fractions import Fraction

import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.perform import perform
from bottega.editing.weaving.inpaint import INPAINT, InpaintSettings, in_step, inpaint
from bottega.errors import UsageError
from bottega.media import video
from bottega.media.video import Film


def test_a_mark_is_taken_out_and_the_rest_stays(draw):
    clean = draw(8)
    spoilt = clean.copy()
    spoilt[:, 2:7, 3:9] = [0, 255, 0]
    film = Film(spoilt, Fraction(8), b"a track")
    made = inpaint({"film": [film]}, InpaintSettings(area="3,2,6x5"), Job())
    outside = np.ones((24, 32), bool)
    outside[2:7, 3:9] = False
    frames = made.works[0].frames
    assert np.array_equal(frames[:, outside], spoilt[:, outside]) and made.works[0].sound == b"a track"
    assert (frames[:, ~outside][..., 1] < 160).all()  # nothing of the loud colour
    assert made.facts["filled"] == pytest.approx(30 / (24 * 32), abs=1e-4)


def test_a_hole_that_moves_is_filled_where_it_is(draw):
    frames = draw(6, channels=4)
    for number in range(6):
        frames[number, 3 + number : 8 + number, 4:9] = 0
    made = inpaint({"film": [Film(frames, Fraction(8))]}, InpaintSettings(), Job()).works[0].frames
    assert made.shape == (6, 24, 32, 3)
    kept = frames[..., 3] == 255
    assert np.array_equal(made[kept], frames[kept][:, :3]) and (made[~kept].min(1) > 5).all()


def test_a_mask_holds_for_all_frames(draw):
    mask = np.zeros((24, 32), np.uint8)
    mask[2:6, 2:6] = 255
    frames = draw(5)
    made = inpaint({"film": [Film(frames, Fraction(8))], "mask": [mask]}, InpaintSettings(), Job()).works[0].frames
    assert np.array_equal(made[:, mask == 0], frames[:, mask == 0])


def square(count: int, size: tuple[int, int] = (24, 32)) -> np.ndarray:
    """A white square that goes to the right."""
    frames = np.zeros((count, *size, 3), np.uint8)
    for number in range(count):
        frames[number, 4:10, 3 * number : 3 * number + 6] = 255
    return frames


def test_something_that_moves_is_taken_out_by_a_film_of_masks(draw, tmp_path):
    film, mask = tmp_path / "film.mkv", tmp_path / "mask.mkv"
    frames, white = draw(6), square(6)
    spoilt = np.where(white > 0, np.uint8([0, 255, 0]), frames)
    video.write(film, Film(spoilt, Fraction(8)))
    video.write(mask, Film(white, Fraction(25)))  # as many frames: the rate is of no matter
    job = Job()
    made, note, _profile = perform(INPAINT, [film], {"mask": [mask]}, {}, job)
    ours, kept = made.works[0].frames, white[..., 0] == 0
    assert np.array_equal(ours[kept], spoilt[kept]) and (ours[~kept][:, 1] < 160).all()
    assert note["parameters"]["inputs"] == {"film": 1, "mask": 1} and len(note["parents"]) == 2
    assert job.notes == []


def test_a_mask_that_moves_is_fitted_in_size_and_in_length(draw):
    job, film = Job(), Film(draw(8), Fraction(8))
    hole = in_step(Film(square(2).repeat(2, 1).repeat(2, 2), Fraction(4)), film, job)
    assert hole.shape == (8, 24, 32)
    assert [int(np.flatnonzero(frame.any(0))[0]) for frame in hole] == [0, 0, 3, 3, 3, 3, 3, 3]
    assert len(job.notes) == 2 and "0.5 and the film 1.0 seconds" in job.notes[0] and "64×48" in job.notes[1]
    job = Job()
    in_step(Film(square(20), Fraction(8)), film, job)
    assert "left out" in job.notes[0]


@pytest.mark.parametrize(("white", "why"), [(0, "marks nothing"), (255, "whole film")])
def test_a_mask_that_moves_marks_something_and_not_everything(draw, white, why):
    mask = Film(np.full((5, 24, 32, 3), white, np.uint8), Fraction(8))
    with pytest.raises(UsageError, match=why):
        inpaint({"film": [Film(draw(5), Fraction(8))], "mask": [mask]}, InpaintSettings(), Job())


@pytest.mark.parametrize(("channels", "settings"), [(3, InpaintSettings()), (4, InpaintSettings())])
def test_nothing_to_change_is_refused(draw, channels, settings):
    with pytest.raises(UsageError, match="--area"):
        inpaint({"film": [Film(draw(5, channels=channels), Fraction(8))]}, settings, Job())


def test_a_film_that_is_transparent_everywhere_is_refused(draw):
    with pytest.raises(UsageError, match="transparent"):
        inpaint({"film": [Film(draw(5, channels=4) * 0, Fraction(8))]}, InpaintSettings(), Job())

from fractions import Fraction

import numpy as np
import pytest

from bottega.editing.operation import Job
from bottega.editing.weaving.inpaint import InpaintSettings, inpaint
from bottega.errors import UsageError
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


@pytest.mark.parametrize(("channels", "settings"), [(3, InpaintSettings()), (4, InpaintSettings())])
def test_nothing_to_change_is_refused(draw, channels, settings):
    with pytest.raises(UsageError, match="--area"):
        inpaint({"film": [Film(draw(5, channels=channels), Fraction(8))]}, settings, Job())


def test_a_film_that_is_transparent_everywhere_is_refused(draw):
    with pytest.raises(UsageError, match="transparent"):
        inpaint({"film": [Film(draw(5, channels=4) * 0, Fraction(8))]}, InpaintSettings(), Job())

from dataclasses import dataclass

import numpy as np
import pytest

from bottega.editing import masks
from bottega.editing.operation import Job
from bottega.errors import UsageError

PICTURE = np.full((20, 30, 3), 90, np.uint8)


@dataclass
class Area:
    area: str = ""


def test_a_rectangle_is_cut_at_the_edge() -> None:
    found = masks.hole({"picture": [PICTURE], "mask": []}, Area("25,10,50x4"), Job())
    assert found.sum() == 5 * 4
    assert found[10:14, 25:].all()


def test_a_mask_of_another_size_is_fitted_and_said() -> None:
    job = Job()
    mask = np.zeros((10, 15), np.uint8)
    mask[:5] = 255
    found = masks.hole({"picture": [PICTURE], "mask": [mask]}, Area(), job)
    assert found.shape == (20, 30)
    assert found[:9].all() and not found[11:].any()
    assert "15×10" in job.notes[0] and "30×20" in job.notes[0]


def test_mask_and_area_add_up() -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[0, 0] = 255
    assert masks.hole({"picture": [PICTURE], "mask": [mask]}, Area("5,5,2x1"), Job()).sum() == 3


def test_transparency_is_a_hole() -> None:
    picture = np.full((20, 30, 4), 255, np.uint8)
    picture[3:6, 4:8] = 0
    picture[6, 4] = 128  # half transparent is half unknown
    assert masks.hole({"picture": [picture], "mask": []}, Area(), Job()).sum() == 13


@pytest.mark.parametrize(
    ("mask", "area", "what"),
    [
        (None, "", "Say what to change"),
        (0, "", "marks nothing"),
        (255, "", "marks the whole picture"),
        (None, "0,0,30x20", "marks the whole picture"),
        (None, "40,0,3x3", "marks nothing of the picture"),
        (None, "1,1,0x5", "marks nothing of the picture"),
        (None, "all of it", "is written X,Y,WxH"),
    ],
)
def test_what_marks_nothing_or_everything_is_refused(mask: int | None, area: str, what: str) -> None:
    given = [] if mask is None else [np.full((20, 30), mask, np.uint8)]
    with pytest.raises(UsageError, match=what):
        masks.hole({"picture": [PICTURE], "mask": given}, Area(area), Job())


def test_sizes_are_read() -> None:
    assert masks.size_of("640x480") == (480, 640)
    for wrong in ("640", "0x5", "big", "-3x4"):
        with pytest.raises(UsageError, match="is written WxH"):
            masks.size_of(wrong)

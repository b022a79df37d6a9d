from itertools import pairwise

import numpy as np
import pytest
import torch

from bottega.datasets import builtin
from bottega.editing.operation import Job
from bottega.editing.patchwork.enlarging import OVERLAP, TILE, kindred, library, starts
from bottega.editing.patchwork.upscale import UPSCALE, finish, wanted_size
from bottega.editing.pixels import to_tensor
from bottega.errors import UsageError
from bottega.media import image


def enlarged(picture: np.ndarray, *works: np.ndarray, **settings: float | str) -> np.ndarray:
    made = UPSCALE.run({"picture": [picture], "works": list(works)}, UPSCALE.settings(**settings), Job())
    return made.works[0]


def test_from_afar_the_result_is_the_picture() -> None:
    picture = builtin.draw(3, 24)[0]
    made = enlarged(picture, factor=2.5)
    assert made.shape == (60, 60, 3)
    assert np.abs(image.fit(made, (6, 6)).astype(int) - image.fit(picture, (6, 6))).mean() < 3


def test_detail_comes_from_the_works() -> None:
    truth = builtin.draw(5, 64)[0]
    small = image.fit(truth, (16, 16))
    made = enlarged(small, truth, factor=4)  # the work itself is there: it is found again
    smooth = image.fit(small, (64, 64))
    assert np.abs(made.astype(int) - truth).mean() < 0.6 * np.abs(smooth.astype(int) - truth).mean()


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (3, 3), (1, 1)])
def test_pictures_smaller_than_a_patch(size: tuple[int, int]) -> None:
    assert enlarged(np.full((*size, 3), 60, np.uint8)).shape == (2 * size[0], 2 * size[1], 3)


def test_sizes() -> None:
    assert wanted_size(UPSCALE.settings(factor=1.5), (20, 31)) == (30, 46)
    assert wanted_size(UPSCALE.settings(size="100x100"), (20, 40)) == (50, 100)
    for settings in ({"size": "40x10"}, {"size": "40x20"}, {"factor": 1.001}):
        with pytest.raises(UsageError, match="already"):
            wanted_size(UPSCALE.settings(**settings), (20, 40))
    with pytest.raises(UsageError, match="too many"):
        wanted_size(UPSCALE.settings(factor=32), (2000, 2000))


@pytest.mark.parametrize("length", [5, TILE, TILE + 1, 5 * TILE])
def test_tiles_cover_everything_and_overlap(length: int) -> None:
    tiles = starts(length)
    assert tiles[0][0] == 0 and sum(tiles[-1]) == length
    for (begin, size), (following, _) in pairwise(tiles):
        assert following + OVERLAP <= begin + size


def test_a_picture_of_several_tiles_has_no_gap() -> None:
    picture = np.full((8, TILE // 2 + 40, 3), 90, np.uint8)
    made = enlarged(picture)
    assert made.shape == (16, TILE + 80, 3)
    assert np.abs(made.astype(int) - 90).max() <= 1


def test_the_nearest_work_comes_first_mirrored_where_that_is_nearer() -> None:
    works = [builtin.draw(index, 32)[0] for index in range(10)]
    layout = to_tensor(image.fit(works[6], (16, 16))).flip(2)
    found = kindred(layout, library(works, 0.5), 3)
    assert torch.equal(found[0], to_tensor(works[6]).flip(2))
    assert len(found) == 3


def test_layouts_are_finished_in_their_own_colours_the_same_with_any_threads() -> None:
    works = [builtin.draw(index, 64)[0] for index in range(8)]
    layouts = [builtin.draw(index, 16)[0] for index in (40, 41)]
    job = Job(seed=1)
    made = finish(layouts, works, 48, job)
    assert [picture.shape for picture in made] == [(48, 48, 3)] * 2
    for picture, layout in zip(made, layouts, strict=True):
        assert np.abs(image.fit(picture, (4, 4)).astype(int) - image.fit(layout, (4, 4))).mean() < 4
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        again = finish(layouts, works, 48, Job(seed=1))
    finally:
        torch.set_num_threads(threads)
    assert all((a == b).all() for a, b in zip(made, again, strict=True))
    assert job.notes == []


def test_transparent_layouts_and_works_of_other_kinds_go_together() -> None:
    works = [builtin.draw(index, 20)[0] for index in range(3)]
    layout = np.zeros((10, 14, 4), np.uint8)
    layout[2:8, 3:9] = (60, 30, 20, 128)
    job = Job()
    made = finish([layout], works, 28, job)[0]
    assert made.shape == (20, 28, 4)
    assert (made[..., :3] <= made[..., 3:]).all()
    assert "smaller than 28 pixels" in job.notes[0]
    opaque = finish([layout[..., :3]], [made], 28, Job())[0]
    assert opaque.shape == (20, 28, 3)


def test_nothing_to_finish_with_is_said() -> None:
    layout = builtin.draw(0, 16)[0]
    assert finish([], [layout], 32, Job()) == []
    with pytest.raises(UsageError, match="works are needed"):
        finish([layout], [], 32, Job())
    with pytest.raises(UsageError, match="have 16 pixels already"):
        finish([layout], [layout], 16, Job())

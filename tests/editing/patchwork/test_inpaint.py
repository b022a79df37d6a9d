import numpy as np
import pytest
import torch

from bottega.editing.operation import Job, Made
from bottega.editing.patchwork.filling import Window, context_of, dilated, membrane, width_of, windows
from bottega.editing.patchwork.inpaint import EXTEND, INPAINT, borders
from bottega.errors import UsageError


def woven(height: int, width: int, channels: int = 3) -> np.ndarray:
    """A texture that repeats every eight pixels, in several colours."""
    y, x = np.mgrid[:height, :width]
    layers = [127 + 100 * np.sin(2 * np.pi * (x + k * y) / 8 + k) for k in range(3)]
    layers += [np.full((height, width), 255)] * (channels - 3)
    return np.stack(layers, axis=-1).astype(np.uint8)


def filled(picture: np.ndarray, hole: np.ndarray, seed: int = 0, **settings: float | str) -> Made:
    works = {"picture": [picture], "mask": [hole.astype(np.uint8) * 255]}
    return INPAINT.run(works, INPAINT.settings(**settings), Job(seed=seed))


def middle(height: int, width: int) -> np.ndarray:
    hole = np.zeros((height, width), bool)
    hole[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3] = True
    return hole


def test_a_regular_texture_goes_on_through_the_hole_and_nothing_else_changes() -> None:
    truth, hole = woven(48, 56), middle(48, 56)
    torn = np.where(hole[..., None], 0, truth).astype(np.uint8)
    made = filled(torn, hole).works[0]
    assert (made[~hole] == truth[~hole]).all()
    error = np.abs(made[hole].astype(int) - truth[hole]).mean()
    flat = np.abs(truth[hole].mean(axis=0) - truth[hole]).mean()
    assert error < 0.5 * flat


def test_the_seed_and_not_the_threads_decide() -> None:
    picture, hole = woven(40, 40), middle(40, 40)
    picture = (picture + np.random.default_rng(0).integers(0, 40, picture.shape)).clip(0, 255).astype(np.uint8)
    threads = torch.get_num_threads()
    made = []
    try:
        for count in (1, 3):
            torch.set_num_threads(count)
            made.append(filled(picture, hole, seed=4).works[0])
    finally:
        torch.set_num_threads(threads)
    assert (made[0] == made[1]).all()


def test_what_lies_in_the_hole_does_not_matter() -> None:
    picture, hole = woven(32, 40), middle(32, 40)
    other = picture.copy()
    other[hole] = 7
    assert (filled(picture, hole).works[0] == filled(other, hole).works[0]).all()


def test_transparency_is_filled_and_then_opaque() -> None:
    picture = woven(32, 32, 4)
    picture[10:18, 12:20] = 0
    job = Job()
    made = INPAINT.run({"picture": [picture], "mask": []}, INPAINT.settings(), job).works[0]
    assert made.shape == picture.shape
    assert (made[..., 3] == 255).all()
    assert (made[10:18, 12:20, :3].std() > 10) and (made[:10] == picture[:10]).all()


def test_colour_never_exceeds_opacity() -> None:
    picture = woven(32, 32, 4)
    picture[:, ::2] //= 2  # premultiplied, half transparent
    made = filled(picture, middle(32, 32)).works[0]
    assert (made[..., :3] <= made[..., 3:]).all()


@pytest.mark.parametrize("size", [(1, 30), (30, 1), (4, 4), (2, 9), (64, 9)])
def test_pictures_smaller_than_a_patch(size: tuple[int, int]) -> None:
    hole = np.zeros(size, bool)
    hole[size[0] // 2, size[1] // 2] = True
    made = filled(np.full((*size, 3), 80, np.uint8), hole).works[0]
    assert np.abs(made.astype(int) - 80).max() <= 1


def test_a_picture_that_is_nearly_all_hole() -> None:
    hole = np.ones((24, 24), bool)
    hole[0, :3] = False
    picture = np.full((24, 24, 3), 200, np.uint8)
    made = filled(picture, hole).works[0]
    assert np.abs(made.astype(int) - 200).max() <= 2


def test_progress_ends_with_the_result() -> None:
    seen: list[tuple[float, np.ndarray | None]] = []
    picture, hole = woven(32, 40), middle(32, 40)
    job = Job(listen=lambda share, preview: seen.append((share, preview)))
    made = INPAINT.run({"picture": [picture], "mask": [hole.astype(np.uint8) * 255]}, INPAINT.settings(), job)
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert (seen[-1][1] == made.works[0]).all()
    assert made.facts == {"filled": round(float(hole.mean()), 4)}


def test_holes_far_apart_are_filled_each_from_its_own_surroundings() -> None:
    hole = torch.zeros(200, 300, dtype=torch.bool)
    hole[5:9, 6:12] = hole[150:160, 250:251] = hole[158:162, 252:255] = True
    assert windows(hole) == [Window(5, 9, 6, 12), Window(150, 162, 250, 255)]
    assert context_of(Window(5, 9, 6, 12), hole.numpy(), None) == 48


def test_a_membrane_is_a_plane_where_its_border_is_one() -> None:
    y, x = torch.meshgrid(torch.linspace(0, 1, 40), torch.linspace(0, 1, 50), indexing="ij")
    plane = torch.stack([x, y])
    hole = torch.zeros(40, 50, dtype=torch.bool)
    hole[8:30, 10:40] = True
    closed = membrane(torch.where(hole, 0.0, plane), hole)
    assert float((closed - plane).abs().max()) < 0.03
    assert (closed[:, ~hole] == plane[:, ~hole]).all()


def test_how_wide_a_hole_is() -> None:
    hole = torch.zeros(40, 40, dtype=torch.bool)
    hole[10:18, 5:35] = True
    assert width_of(hole) == 8
    assert int(dilated(hole, 2).sum()) == 12 * 34


def test_extending_keeps_the_picture_where_it_was() -> None:
    picture = woven(24, 32)
    made = EXTEND.run({"picture": [picture]}, EXTEND.settings(left=9, bottom=5), Job()).works[0]
    assert made.shape == (29, 41, 3)
    assert (made[:24, 9:] == picture).all()
    assert made[:24, :9].std() > 20  # the pattern goes on, nothing is left flat


def test_how_much_is_added() -> None:
    assert borders(EXTEND.settings(), (40, 80)) == (10, 10, 20, 20)
    assert borders(EXTEND.settings(top=3), (40, 80)) == (3, 0, 0, 0)
    assert borders(EXTEND.settings(size="101x40"), (40, 80)) == (0, 0, 10, 11)
    for settings in ({"size": "20x20"}, {"size": "80x40"}, {"size": "90x90", "top": 4}):
        with pytest.raises(UsageError):
            borders(EXTEND.settings(**settings), (40, 80))


def test_too_large_an_extension_is_refused_before_it_is_made() -> None:
    with pytest.raises(UsageError, match="are too many"):
        EXTEND.run({"picture": [woven(8, 8)]}, EXTEND.settings(size="20000x20000"), Job())


def test_a_class_needs_a_model() -> None:
    picture = np.zeros((16, 16, 3), np.uint8)
    with pytest.raises(UsageError, match="only be asked for with --model"):
        INPAINT.run({"picture": [picture]}, INPAINT.settings(area="2,2,4x4", label="cat"), Job())

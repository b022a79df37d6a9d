"""The built-in collection: always the same, balanced, varied, and written whole or not at all."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.datasets.builtin import CLASSES, draw, write_collection
from bottega.datasets.builtin.hand import Sheet


def test_a_picture_is_a_pure_function_of_its_number() -> None:
    first = [draw(i, 32)[0] for i in range(16)]
    again = [draw(i, 32)[0] for i in reversed(range(16))][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_pictures_have_the_size_asked_for_and_classes_take_turns() -> None:
    pixels, name = draw(3, 48)
    assert pixels.shape == (48, 48, 3)
    assert pixels.dtype == np.uint8
    assert [draw(i, 16)[1] for i in range(len(CLASSES))] == list(CLASSES)
    assert name == CLASSES[3]


def test_the_same_number_is_the_same_picture_at_another_size() -> None:
    for index in range(16):
        small, large = (draw(index, size)[0] for size in (32, 128))
        reduced = np.asarray(Image.fromarray(large).reduce(4), dtype=float)
        assert np.abs(reduced - small).mean() < 12


def test_no_two_are_alike_and_none_is_empty() -> None:
    pictures = np.stack([draw(i, 32)[0] for i in range(160)]).astype(float)
    flat = pictures.reshape(len(pictures), -1)
    squares = (flat**2).mean(1)
    apart = np.sqrt((squares[:, None] + squares - 2 * flat @ flat.T / flat.shape[1]).clip(0))
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 8
    assert flat.std(1).min() > 12  # something stands out from its ground in every one
    assert pictures.mean((1, 2)).std(0).min() > 25  # and they differ in colour


@pytest.mark.parametrize("index", range(0, 8000, 61))
def test_every_branch_of_every_motif_draws(index: int) -> None:
    assert draw(index, 16)[0].std() > 0


def test_a_collection_is_written_by_class_and_not_twice(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = write_collection(tmp_path / "paper", 24, 16, lambda done, total: seen.append((done, total)))
    files = sorted(folder.rglob("*.png"))
    assert len(files) == 24
    assert sorted(p.name for p in folder.iterdir()) == sorted(CLASSES)
    assert seen[-1] == (24, 24)
    prints = {p: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    assert write_collection(folder, 24, 16, lambda *_: pytest.fail("drawn twice")) == folder
    other = write_collection(tmp_path / "again", 24, 16)
    assert [hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(other.rglob("*.png"))] == [
        prints[p] for p in files
    ]


def test_an_interrupted_collection_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_collection(tmp_path / "paper", 24, 16, stop)
    assert list(tmp_path.iterdir()) == []


def test_colours_suffice_on_every_ground() -> None:
    for index in range(400):
        assert len(Sheet(index, 16).colours(8, least=0.24)) == 8

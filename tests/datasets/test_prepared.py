"""Prepared once, trusted only when whole, split by content, and never a traceback for what a folder may hold."""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pictures import write_pictures
from PIL import Image

from bottega.datasets.prepared import Prepared, prepare
from bottega.errors import DataError, UsageError
from bottega.media import image

SIZE = (32, 24)


def held_contents(data: Prepared) -> set[bytes]:
    return {row.tobytes() for row in data.rows(data.held_out)}


def test_rows_are_the_pictures(works, cache):
    data = prepare(works, size=SIZE, cache=cache)
    assert data.shape == (3, 32, 24) and len(data) == 30 and data.classes == ["kind 0", "kind 1"]
    assert data.names == sorted(data.names) and data.labels.dtype == np.int64
    rows = data.rows(np.array([29, 0, 3, 3]))
    for row, name in zip(rows, np.array(data.names)[[29, 0, 3, 3]], strict=True):
        assert (row == image.fit(image.read(works / name, hint=SIZE), SIZE, "crop")).all()
    assert [data.classes[label] for label in data.labels] == [name.split("/")[0] for name in data.names]
    assert data.report.classes == {"kind 0": 15, "kind 1": 15} and data.report.used == 30
    assert len(data.fingerprint) == 64
    assert sorted([*data.train, *data.held_out]) == list(range(30)) and len(data.held_out) == 3


def test_progress_reaches_the_end(works, cache):
    (works / "kind 0" / "bad.png").write_text("no picture")
    seen = []
    prepare(works, size=SIZE, cache=cache, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (31, 31) and seen == sorted(seen)


def test_split_does_not_depend_on_names_or_order(works, cache, tmp_path):
    before = prepare(works, size=SIZE, cache=cache)
    for number, path in enumerate(sorted(works.rglob("*.png"), reverse=True)):
        target = tmp_path / "renamed" / f"{number:02} new.png"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    after = prepare(tmp_path / "renamed", size=SIZE, cache=cache)
    assert held_contents(after) == held_contents(before)


@pytest.mark.parametrize("count", range(2, 10))
def test_few_pictures_still_have_both_sides(tmp_path, cache, count):
    data = prepare(write_pictures(tmp_path / "few", count), size=SIZE, cache=cache)
    assert len(data.held_out) == 1 and len(data.train) == count - 1


def test_twins_are_found_and_stay_on_one_side(works, cache):
    for number in range(0, 30, 2):
        original = works / f"kind {number % 2}" / f"{number:04}.png"
        shutil.copy(original, original.with_name(f"{number:04} copy.png"))
        with Image.open(original) as picture:
            picture.resize((50, 37)).save(original.with_name(f"{number:04} small.jpg"), quality=60)
    data = prepare(works, size=SIZE, cache=cache)
    assert len(data) == 60
    stems = {frozenset(Path(name).name[:4] for name in pair) for pair in data.report.duplicates}
    assert stems == {frozenset([f"{number:04}"]) for number in range(0, 30, 2)} and len(data.report.duplicates) == 30
    numbers = np.array([Path(name).name[:4] for name in data.names])
    assert not set(numbers[data.train]) & set(numbers[data.held_out])
    assert "near-duplicate pairs: 30" in data.report.sentence()


def test_all_alike_is_still_split(tmp_path, cache):
    write_pictures(tmp_path / "same", 1)
    (original,) = (tmp_path / "same").rglob("*.png")
    for number in range(9):
        shutil.copy(original, original.with_name(f"copy {number}.png"))
    data = prepare(tmp_path / "same", size=SIZE, cache=cache)
    assert len(data.held_out) == 1 and len(data.train) == 9


def test_a_zip_gives_the_same(works, cache, tmp_path):
    with zipfile.ZipFile(tmp_path / "works.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in works.rglob("*.png"):
            archive.write(path, path.relative_to(works))
    one, other = (prepare(source, size=SIZE, cache=cache) for source in (works, tmp_path / "works.zip"))
    assert one.fingerprint == other.fingerprint and one.names == other.names
    assert (one.rows(np.arange(30)) == other.rows(np.arange(30))).all()


def test_a_damaged_zip_member_is_skipped(works, cache, tmp_path):
    path = tmp_path / "works.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in works.rglob("*.png"):
            archive.write(file, file.relative_to(works))
    content = bytearray(path.read_bytes())
    content[400] ^= 255
    path.write_bytes(content)
    report = prepare(path, size=SIZE, cache=cache).report
    assert report.used == 29 and "zip" in report.skipped[0].reason


def test_bad_files_are_skipped_with_their_reasons(works, cache):
    good = (works / "kind 0" / "0000.png").read_bytes()
    (works / "a text.png").write_text("I am a text.")
    (works / "cut.png").write_bytes(good[: len(good) // 2])
    (works / "empty.jpg").touch()
    Image.new("1", (9000, 9000)).save(works / "bomb.png")
    (works / "loop").symlink_to(".")
    report = prepare(works, size=SIZE, cache=cache).report
    assert report.used == 30
    assert {skip.name: skip.reason for skip in report.skipped} == {
        "a text.png": "not a readable PNG, JPEG, WebP, TIFF, BMP or GIF picture",
        "bomb.png": "larger than 64 million pixels",
        "cut.png": "the picture is damaged or cut short",
        "empty.jpg": "the file is empty",
        "loop": "the same folder as one that is read already",
    }
    assert report.sentence().startswith("30 used, 5 skipped: a text.png (not a readable")
    assert report.sentence().endswith(" and 2 more")


def test_a_work_without_class_is_marked(works, cache):
    shutil.copy(works / "kind 0" / "0000.png", works / "stray.png")
    data = prepare(works, size=SIZE, cache=cache)
    assert data.labels[data.names.index("stray.png")] == 2


def test_one_class_is_none_and_numbers_sort_as_numbers(tmp_path, cache):
    data = prepare(write_pictures(tmp_path / "one", 4, classes=1), size=SIZE, cache=cache)
    assert data.classes == [] and data.labels is None and data.report.classes == {}
    for number in (10, 9, 2):
        write_pictures(tmp_path / "n", 2, first=number * 2, classes=1)
        (tmp_path / "n" / "kind 0").rename(tmp_path / "n" / str(number))
    assert prepare(tmp_path / "n", size=SIZE, cache=cache).classes == ["2", "9", "10"]


def test_alpha_is_kept(tmp_path, cache):
    for number in range(3):
        pixels = np.full((40, 40, 4), 255, np.uint8)
        pixels[:, :20] = (255, 0, number * 90, 0)
        (tmp_path / "a").mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "a" / f"{number}.png")
    data = prepare(tmp_path / "a", size=(16, 16), alpha=True, cache=cache)
    assert data.shape == (4, 16, 16) and not data.rows(np.array([0]))[0, :, 0].any()
    assert (prepare(tmp_path / "a", size=(16, 16), cache=cache).rows(np.array([0])) == 255).all()


@pytest.mark.parametrize("size", [(8, 8), (32, 33), (264, 64), (0, 32), (32, 12)])
def test_impossible_sizes(works, cache, size):
    with pytest.raises(UsageError, match="multiples of 8"):
        prepare(works, size=size, cache=cache)


def test_an_impossible_fit(works, cache):
    with pytest.raises(UsageError, match="crop, pad or stretch"):
        prepare(works, size=SIZE, fit="zoom", cache=cache)


@pytest.mark.parametrize("bad", [0, 3])
def test_too_few_pictures(tmp_path, cache, bad):
    write_pictures(tmp_path / "few", 1)
    for number in range(bad):
        (tmp_path / "few" / f"{number}.png").write_text("no")
    with pytest.raises(DataError, match=r"at least 2 are needed\. Add PNG") as caught:
        prepare(tmp_path / "few", size=SIZE, cache=cache)
    assert ("not a readable" in str(caught.value)) == bool(bad)
    assert not cache.exists() or not list(cache.iterdir())


def test_an_empty_folder(tmp_path, cache):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="at least 2"):
        prepare(tmp_path / "empty", size=SIZE, cache=cache)


@pytest.mark.skipif("BOTTEGA_TEST_DATA" not in os.environ, reason="BOTTEGA_TEST_DATA is not set")
def test_real_collections(tmp_path):
    images = Path(os.environ["BOTTEGA_TEST_DATA"]) / "images"
    emoji = prepare(images / "emoji", size=(32, 32), alpha=True, cache=tmp_path)
    assert len(emoji) == 2640 and emoji.captions[0] == "number sign" and emoji.classes == []
    rows = emoji.rows(np.arange(len(emoji)))
    assert (rows[..., :3] <= rows[..., 3:]).all() and (rows[..., 3] == 0).any()
    photos = prepare(images / "photos", size=(64, 96), fit="pad", cache=tmp_path)
    assert photos.shape == (3, 64, 96) and len(photos) == 5

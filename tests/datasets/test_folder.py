"""What is found in a folder or a zip: pictures, classes, captions, and the reason for all that is passed over."""

import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.datasets.folder import find
from bottega.errors import DataError


def picture(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(number).integers(0, 256, (16, 16, 3), np.uint8)).save(path)


def zipped(folder: Path, root: str = "") -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, root + file.relative_to(folder).as_posix())
    return path


def labels(source: Path) -> dict[str, str | None]:
    return {entry.name: entry.label for entry in find(source)[0]}


def reasons(source: Path) -> dict[str, str]:
    return {skip.name: skip.reason for skip in find(source)[1]}


def test_recursive_sorted_and_nothing_hidden(tmp_path):
    for name in ("b.png", "a.JPG", "deep/er/c.webp", "no_suffix", ".hidden.png", ".thumbs/d.png", "海/日 出.png"):
        target = tmp_path / name
        picture(target.with_name(target.name + ".png"))
        target.with_name(target.name + ".png").rename(target)
    (tmp_path / "notes.txt").write_text("not a picture, and nobody said so")
    entries, skipped = find(tmp_path)
    assert [entry.name for entry in entries] == ["a.JPG", "b.png", "deep/er/c.webp", "no_suffix", "海/日 出.png"]
    assert skipped == []
    with entries[4].open() as file:
        assert file.read() == (tmp_path / "海/日 出.png").read_bytes()


def test_sub_folders_are_classes(tmp_path):
    picture(tmp_path / "cat" / "1.png")
    picture(tmp_path / "dog" / "old" / "2.png")
    picture(tmp_path / "stray.png")
    expected = {"cat/1.png": "cat", "dog/old/2.png": "dog", "stray.png": None}
    assert labels(tmp_path) == expected
    assert labels(zipped(tmp_path)) == expected


def test_one_sub_folder_is_no_class(tmp_path):
    picture(tmp_path / "all" / "1.png")
    picture(tmp_path / "all" / "2.png")
    assert set(labels(tmp_path).values()) == {None}


def test_splits_are_no_classes(tmp_path):
    for name in ("Train/cat/1.png", "Train/dog/2.png", "test/cat/3.png"):
        picture(tmp_path / name)
    assert labels(tmp_path) == {"Train/cat/1.png": "cat", "Train/dog/2.png": "dog", "test/cat/3.png": "cat"}


def test_splits_without_classes(tmp_path):
    picture(tmp_path / "train" / "1.png")
    picture(tmp_path / "validation" / "2.png")
    assert set(labels(tmp_path).values()) == {None}


def test_the_folder_a_zip_wraps_around_everything(tmp_path):
    picture(tmp_path / "w" / "cat" / "1.png")
    picture(tmp_path / "w" / "dog" / "2.png")
    assert labels(zipped(tmp_path / "w", "my works/")) == {"my works/cat/1.png": "cat", "my works/dog/2.png": "dog"}


@pytest.mark.parametrize("as_zip", [False, True])
def test_metadata_jsonl(tmp_path, as_zip):
    for number in range(5):
        picture(tmp_path / "w" / "kind" / f"é {number}.png")
    picture(tmp_path / "w" / "other" / "5.png")
    lines = [
        {"file_name": "kind/é 0.png", "text": "first ", "label": "sea"},
        {"file_name": "./kind/e\u0301 1.png", "caption": "second", "label": 3},
        {"file_name": "kind\\é 2.png", "text": "", "caption": "海上日出", "label": None},
        {"file_name": "gone.png", "text": "lost"},
        {"text": "no name"},
    ]
    text = "\ufeff" + "\n".join(map(json.dumps, lines)) + "\n\n{broken\n[1, 2]\n\xff"
    (tmp_path / "w" / "metadata.jsonl").write_bytes(text.encode()[:-2] + b"\xff")
    source = zipped(tmp_path / "w") if as_zip else tmp_path / "w"
    entries, skipped = find(source)
    found = {entry.name: (entry.label, entry.caption) for entry in entries}
    assert found["kind/é 0.png"] == ("sea", "first")
    assert found["kind/é 1.png"] == ("3", "second")
    assert found["kind/é 2.png"] == ("kind", "海上日出")
    assert found["kind/é 3.png"] == ("kind", None)
    assert found["other/5.png"] == ("other", None)
    assert {skip.name for skip in skipped} == {
        "gone.png",
        *(f"metadata.jsonl, line {number}" for number in (5, 7, 8, 9)),
    }


def test_metadata_csv(tmp_path):
    for number in range(3):
        picture(tmp_path / "train" / f"{number}.png")
    (tmp_path / "train" / "metadata.csv").write_bytes(
        b'\xef\xbb\xbffile_name, label ,text\r\n0.png,a,"red, and\nblue"\r\n1.png,b\r\n2.png,c,d,e\r\n'
    )
    entries, skipped = find(tmp_path)
    assert [(entry.label, entry.caption) for entry in entries] == [("a", "red, and\nblue"), ("b", None), (None, None)]
    assert [skip.name for skip in skipped] == ["train/metadata.csv, line 5"]


def test_what_is_skipped_is_listed(tmp_path):
    picture(tmp_path / "good.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "phone.HEIC").write_bytes(b"x")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "itself.png").symlink_to("itself.png")
    (tmp_path / "nowhere.png").symlink_to("gone.png")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "loop").symlink_to("..")
    os.mkfifo(tmp_path / "pipe.png")
    with open(tmp_path / "huge.tif", "wb") as file:
        file.truncate(300_000_000)
    entries, skipped = find(tmp_path)
    assert [entry.name for entry in entries] == ["good.png"]
    assert [skip.name for skip in skipped] == [
        "empty.png", "folder.png", "huge.tif", "itself.png", "nowhere.png", "phone.HEIC", "pipe.png", "sub/loop",
    ]  # fmt: skip
    assert all(skip.reason for skip in skipped)
    assert "empty" in reasons(tmp_path)["empty.png"] and "HEIC" in reasons(tmp_path)["phone.HEIC"]


def test_a_link_to_pictures_elsewhere_is_followed_once(tmp_path):
    picture(tmp_path / "elsewhere" / "1.png")
    (tmp_path / "works").mkdir()
    (tmp_path / "works" / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "works" / "link again").symlink_to(tmp_path / "elsewhere")
    entries, skipped = find(tmp_path / "works")
    assert [entry.name for entry in entries] == ["link/1.png"] and [skip.name for skip in skipped] == ["link again"]


def test_a_name_that_is_no_text(tmp_path):
    picture(tmp_path / "a.png")
    os.rename(os.fsencode(tmp_path / "a.png"), os.fsencode(tmp_path) + b"/caf\xe9.png")
    (entry,), _skipped = find(tmp_path)
    entry.name.encode("utf-8")
    with entry.open() as file:
        assert file.read(4) == b"\x89PNG"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_without_permission():
    root = Path(tempfile.mkdtemp())
    try:
        picture(root / "good.png")
        picture(root / "closed" / "1.png")
        root.chmod(0o755)
        (root / "closed").chmod(0)
        os.seteuid(65534)
        try:
            assert reasons(root) == {"closed": "the folder cannot be opened: no permission"}
            assert list(labels(root)) == ["good.png"]
        finally:
            os.seteuid(0)
    finally:
        shutil.rmtree(root)


def test_zip_members(tmp_path):
    picture(tmp_path / "1.png")
    content = (tmp_path / "1.png").read_bytes()
    path = tmp_path / "works.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("1.png", "__MACOSX/._1.png", ".DS_Store", "../../outside.png", "sub\\2.png", "sub/"):
            archive.writestr(name, content)
        with archive.open("bomb.png", "w", force_zip64=True) as member:
            for _block in range(300):
                member.write(bytes(1_000_000))
    entries, skipped = find(path)
    assert [entry.name for entry in entries] == ["1.png", "outside.png", "sub/2.png"]
    assert [skip.name for skip in skipped] == ["bomb.png"] and "256 MB" in skipped[0].reason
    with entries[2].open() as file:
        assert file.read() == content
    assert {file.name for file in tmp_path.iterdir()} == {"1.png", "works.zip"}


def test_zip_names_in_utf_8_without_the_flag(tmp_path):
    path = tmp_path / "works.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("海.png", b"x")
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(signature) + offset
        content[place : place + 2] = b"\0\0"
    path.write_bytes(content)
    assert [entry.name for entry in find(path)[0]] == ["海.png"]


def test_a_zip_with_a_password(tmp_path):
    path = tmp_path / "works.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", b"x")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert "password" in reasons(path)["1.png"]


def test_no_collection_at_all(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        find(tmp_path / "missing")
    picture(tmp_path / "one.png")
    with pytest.raises(DataError, match="neither a folder nor a zip"):
        find(tmp_path / "one.png")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match=r"broken\.zip"):
        find(tmp_path / "broken.zip")

"""Dropped files: real works come in byte for byte, and nothing that is something else as well does."""

import contextlib
import gzip
import hashlib
import io
import os
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega import home
from bottega.errors import UnreadableWork
from bottega.media import audio, kinds, score, video
from bottega.media.audio import Sound
from bottega.studio.safety import uploads

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 255, (40, 60, 3), np.uint8)
SCRIPT = b"<script>alert(1)</script>"


def picture(form: str, **wishes: object) -> bytes:
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, form, **wishes)
    return out.getvalue()


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.html", SCRIPT)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def refused(path: Path) -> str:
    with pytest.raises(UnreadableWork) as caught:
        uploads.accept(path)
    assert not list(home.dropped().glob("*"))
    sentence = str(caught.value)
    assert "\n" not in sentence and str(path.parent) not in sentence
    return sentence


def test_works_of_every_medium_come_in_as_they_are(tmp_path: Path) -> None:
    dropped = []
    for name, form in (("a.png", "PNG"), ("b.JPG", "JPEG"), ("c.webp", "WEBP"), ("d.gif", "GIF"), ("e.tiff", "TIFF")):
        (tmp_path / name).write_bytes(picture(form))
        dropped.append(tmp_path / name)
    sound = Sound(np.zeros((1, 8000), np.float32), 8000)
    for name in ("a.wav", "b.flac", "c.ogg", "d.mp3"):
        kinds.write(tmp_path / name, sound)
        dropped.append(tmp_path / name)
    tune = score.Score([score.Track("", 0, False, np.array([[0, 480, 60, 90]]))])
    kinds.write(tmp_path / "a.mid", tune)
    kinds.write(tmp_path / "a.md", "诗\n<script>alert(1)</script> stays words", {"operation": "x"})
    film = video.Film(np.stack([PIXELS] * 3), video.FOLDER_RATE)
    for name in ("a.mp4", "m.gif"):
        kinds.write(tmp_path / name, film)
        dropped.append(tmp_path / name)
    for path in [*dropped, tmp_path / "a.mid", tmp_path / "a.md"]:
        kept = uploads.accept(path)
        assert kept.read_bytes() == path.read_bytes()
        assert kept.name == hashlib.sha256(path.read_bytes()).hexdigest() + path.suffix.lower()
        assert kept.parent == home.dropped()
        assert uploads.accept(path) == kept


def test_a_record_with_a_script_in_it_is_a_work_all_the_same(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "a.webp"):
        kinds.write(tmp_path / name, PIXELS, {"operation": "generate", "prompt": SCRIPT.decode()})
        assert kinds.read_record(uploads.accept(tmp_path / name))["prompt"] == SCRIPT.decode()


@pytest.mark.parametrize(("name", "form"), [("a.png", "PNG"), ("a.gif", "GIF"), ("a.jpg", "JPEG"), ("a.webp", "WEBP")])
@pytest.mark.parametrize("more", [SCRIPT, b"\n<!DOCTYPE html><p>", archive(), b"%PDF-1.7\n", b"<?php system(1);"])
def test_polyglots_that_follow_a_picture(tmp_path: Path, name: str, form: str, more: bytes) -> None:
    (tmp_path / name).write_bytes(picture(form) + more)
    assert name in refused(tmp_path / name)


def test_polyglots_that_begin_as_something_else(tmp_path: Path) -> None:
    png = picture("PNG")
    within = png[:33] + chunk(b"tEXt", b"a\0%PDF-1.4 1 0 obj") + png[33:]
    heads = {
        "a.gif": b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)//",
        "b.png": b"%PDF-1.4\n" + png,
        "c.png": SCRIPT + png,
        "d.jpg": b"\xef\xbb\xbf<svg onload=alert(1)>",
        "e.png": within,
        "f.mid": b"#!/bin/sh\nMThd",
        "g.wav": b"RIFF\x24\0\0\0WAVE" + SCRIPT * 3,
        "h.mp4": b"#EXTM3U\n#EXTINF:1\nfile:///etc/passwd\n",
        "i.png": b"MZ" + b"\0" * 58 + png,
        "j.gif": b"<!--GIF89a-->",
        "k.mp4": b"<smil><video src='http://a.example/'/></smil>",
    }
    for name, data in heads.items():
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name)


def test_what_is_no_work(tmp_path: Path) -> None:
    files = {
        **{"a.html": SCRIPT, "b.svg": b"<svg/>", "c.exe": b"MZ", "d.zip": archive(), "e.pkl": b"\x80\x04.", "j": b"x"},
        **{"f.pt": archive(), "g.png": b"", "h.wav": b"nothing", "i.mid": b"MThd", "k.pdf": b"%PDF-1.4"},
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        refused(tmp_path / name)
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    refused(tmp_path / "link.md")
    refused(tmp_path)
    refused(tmp_path / "missing.png")


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple:
            return os.system, (f"touch {tmp_path}/ran",)

    import pickle

    for name in ("a.png", "a.mid", "a.txt", "a.wav", "a.mp4"):
        (tmp_path / name).write_bytes(pickle.dumps(Bomb()))
        with contextlib.suppress(UnreadableWork):
            uploads.accept(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_bombs_do_not_go_off(tmp_path: Path) -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    flat = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000, 9)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(flat)  # 3,600 million pixels in ten kilobytes
    assert "million pixels" in refused(tmp_path / "a.png")
    words = zlib.compress(b"a" * 80_000_000, 9)
    png = picture("PNG")
    bomb = png[:33] + chunk(b"iTXt", b"bottega\0\1\0\0\0" + words) + png[33:]
    (tmp_path / "b.png").write_bytes(bomb)  # 80 MB of words
    refused(tmp_path / "b.png")
    (tmp_path / "c.mid").write_bytes(gzip.compress(b"MThd" + b"\0" * 10_000_000))
    refused(tmp_path / "c.mid")
    huge = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", 2**32 - 1, b"WAVE", b"fmt ", 16, 1, 65535, 2**31, 0, 0, 16, b"data", 2**32 - 1
    )
    (tmp_path / "d.wav").write_bytes(huge)
    refused(tmp_path / "d.wav")


def test_files_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(uploads.LARGEST, "image", 100)
    (tmp_path / "a.png").write_bytes(picture("PNG"))
    assert "too large" in refused(tmp_path / "a.png")


def test_photographs_with_pictures_after_them_come_in(tmp_path: Path) -> None:
    # phones write a second picture, or a film, behind the first one
    (tmp_path / "a.jpg").write_bytes(picture("JPEG") + picture("JPEG", quality=30) + b"\0\0\0\x18ftypmp42" + bytes(500))
    uploads.accept(tmp_path / "a.jpg")


def test_sounds_are_looked_into(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", Sound(np.zeros((1, 8000), np.float32), 8000))
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes() + SCRIPT)
    refused(tmp_path / "a.wav")

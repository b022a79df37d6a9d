"""Every kind of file says that a model made it, where other programs look for that, and still opens everywhere."""

import contextlib
import json
import struct
import time
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from bottega.errors import UnreadableWork, UsageError
from bottega.media import disclosure, image, kinds, video
from bottega.media.audio import Sound
from bottega.media.score import Score, Track
from bottega.media.video import Film

RECORD = {"schema": 1, "operation": "generate", "digital_source_type": "trainedAlgorithmicMedia", "标题": "海"}
SOURCE = b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PICTURE = np.random.default_rng(0).integers(0, 256, (20, 32, 3), np.uint8)
SOUND = Sound(np.random.default_rng(0).normal(0, 0.1, (1, 4001)).astype(np.float32), 8000)
FILM = Film(np.stack([PICTURE, 255 - PICTURE, PICTURE, 255 - PICTURE]), Fraction(12))
SCORE = Score([Track("", 0, False, np.array([(0, 480, 60, 90)]))])
WORKS = {
    "image": (PICTURE, (".png", ".jpg", ".webp")),
    "audio": (SOUND, (".wav", ".flac", ".ogg", ".mp3")),
    "score": (SCORE, (".mid",)),
    "text": ("The sea\nand the sky", (".md",)),
    "video": (FILM, (".mp4", ".mov", ".webm", ".mkv", ".gif", ".webp")),
}
FILES = [pytest.param(work, ending, id=medium + ending) for medium, (work, ends) in WORKS.items() for ending in ends]


def wav_chunks(data: bytes) -> dict[bytes, bytes]:
    at, found = 12, {}
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found[name] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data) == struct.unpack_from("<I", data, 4)[0] + 8
    return found


def metadata(path, **options: str) -> dict[str, str]:
    """As FFmpeg reads it."""
    with av.open(str(path), options=options) as container:
        return dict(container.metadata)


def gif_extension(data: bytes) -> bytes:
    begin = data.index(b"!\xff\x0bXMP DataXMP") + 14
    at = begin
    while data[at]:  # by blocks, as a reader does that knows nothing of XMP
        at += 1 + data[at]
    return data[begin : at + 1]


@pytest.mark.parametrize(("work", "ending"), FILES)
def test_a_record_comes_back_from_every_kind_of_file(tmp_path, work, ending):
    path = tmp_path / f"work{ending}"
    kinds.write(path, work, RECORD)
    assert kinds.read_record(path) == RECORD
    first = path.read_bytes()
    kinds.write(path, work, RECORD)
    assert path.read_bytes() == first


def test_pictures_and_loops_hold_xmp(tmp_path):
    for work, endings in (WORKS["image"], (FILM, (".webp",))):
        for ending in endings:
            kinds.write(tmp_path / f"work{ending}", work, RECORD)
            with Image.open(tmp_path / f"work{ending}") as opened:
                told = opened.info.get("xmp") or opened.info["XML:com.adobe.xmp"].encode()
            assert SOURCE in told
    kinds.write(tmp_path / "work.gif", FILM, RECORD)
    extension = gif_extension((tmp_path / "work.gif").read_bytes())
    assert extension.endswith(b"\x03\x02\x01\x00\x00") and extension[:-258] == disclosure.xmp(RECORD)
    with Image.open(tmp_path / "work.gif") as opened:
        assert opened.n_frames == 4 and opened.info["loop"] == 0
        opened.seek(3)
        opened.load()
    assert len(kinds.read(tmp_path / "work.gif")) == 4


def test_sounds_hold_xmp_where_there_is_a_place(tmp_path):
    plain = {}
    for ending in (".wav", ".mp3"):
        path = tmp_path / f"work{ending}"
        kinds.write(path, SOUND)
        plain[ending] = soundfile.read(path)[0]
        assert b"adobe" not in path.read_bytes()
        kinds.write(path, SOUND, RECORD)
        assert np.array_equal(soundfile.read(path)[0], plain[ending])
        with av.open(str(path)) as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) >= len(SOUND)
    assert SOURCE in wav_chunks((tmp_path / "work.wav").read_bytes())[b"_PMX"]
    told = metadata(tmp_path / "work.mp3")
    assert SOURCE.decode() in told["id3v2_priv.XMP"] and json.loads(told["comment"])["bottega"] == RECORD


def test_films_hold_xmp_or_a_tag(tmp_path):
    for ending in (".mp4", ".webm", ".mkv"):
        path = tmp_path / f"work{ending}"
        kinds.write(path, FILM, RECORD)
        told = metadata(path, export_xmp="1") if ending == ".mp4" else metadata(path)
        assert SOURCE.decode() in told["xmp" if ending == ".mp4" else disclosure.TAG]
        with av.open(str(path)) as container:
            assert len(list(container.decode(video=0))) == 4


def test_a_work_without_a_record_says_nothing(tmp_path):
    for medium, (work, endings) in WORKS.items():
        for ending in endings:
            kinds.write(tmp_path / f"{medium}{ending}", work)
            content = (tmp_path / f"{medium}{ending}").read_bytes()
            assert b"digitalsourcetype" not in content and disclosure.TAG.encode() not in content


HOSTILE = {
    "large": '{"bottega": "' + "x" * 10_000_000 + '"}',
    "deep": "[" * 100_000 + "]" * 100_000,
    "deeper": '{"a":' * 40 + "1" + "}" * 40,
    "a long number": '{"a": ' + "9" * 5000 + "}",
    "a list": "[1, 2]",
    "half": '{"a": ',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_record_that_means_harm_is_none(text):
    assert disclosure.parsed(text) is None
    assert disclosure.parsed(text.encode()) is None


def test_a_record_is_made_harmless():
    text = '{"\\u001b[2J": ["\\u009b31m\\u0000\\ud800", "a\\nb\\tc"], "b": NaN, "c": 1e999, "d": "海🌊"}'
    assert disclosure.parsed(text) == {"�[2J": ["�31m��", "a\nb\tc"], "b": None, "c": None, "d": "海🌊"}
    assert disclosure.source_of({"digital_source_type": "</x>"}) is None
    assert disclosure.source_of({"digital_source_type": 3}) is None


def test_a_harmful_record_in_a_file_is_not_shown_as_one(tmp_path):
    for medium, (work, endings) in WORKS.items():
        for ending in endings:
            path = tmp_path / f"{medium}{ending}"
            kinds.write(path, work, {"a": {"b": "\x1b[31m"}})
            assert kinds.read_record(path) == {"a": {"b": "�[31m"}}
            deep: dict = {}
            for _layer in range(40):
                deep = {"a": deep}
            kinds.write(path, work, deep)
            assert kinds.read_record(path) is None


def test_a_record_too_long_for_its_format_is_told(tmp_path):
    with pytest.raises(UsageError, match="write a PNG"):
        image.write(tmp_path / "work.jpg", PICTURE, RECORD | {"parents": ["0" * 64] * 1000})
    image.write(tmp_path / "work.png", PICTURE, RECORD | {"parents": ["0" * 64] * 10_000})
    assert len((image.read_record(tmp_path / "work.png") or {})["parents"]) == 10_000


def test_endless_comments_are_refused_at_once(tmp_path):
    kinds.write(tmp_path / "work.gif", FILM, RECORD)
    content = (tmp_path / "work.gif").read_bytes()
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 40_000 + b"\0"
    place = content.index(b"!\xff\x0bXMP")
    (tmp_path / "work.gif").write_bytes(content[:place] + comment + content[place:])
    began = time.process_time()
    assert kinds.medium_of_file(tmp_path / "work.gif") == "image"
    for read in (kinds.read, kinds.read_record, video.read, video.read_record):
        with contextlib.suppress(UnreadableWork):
            assert read(tmp_path / "work.gif") is None
    assert time.process_time() - began < 20

"""Files that are damaged, no films, or made to do harm: they are read as far as possible, or refused in a sentence."""

import contextlib
import os
import signal
import struct
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from tests.media.conftest import filmed, noise, pictures

from bottega.errors import UnreadableWork
from bottega.language import _, speaking
from bottega.media import audio, video
from bottega.media.audio import Sound
from bottega.media.films import child, nursery


def reason(path: Path, content: bytes | None = None) -> str:
    """Why a file is refused."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableWork) as refused:
        video.read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def decoders() -> list[psutil.Process]:
    """The processes that decode for this one."""
    mine = psutil.Process()
    started = {one.pid for one in mine.children()} if nursery.FORKS else set()
    return [one for one in mine.children(recursive=True) if one.pid not in started]


def gone(process: psutil.Process) -> bool:
    """Whether a process ended, and is no zombie either."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.wait(60)
    return not process.is_running()


def rough(count: int = 60) -> np.ndarray:
    """Frames that take many bytes."""
    first = np.random.default_rng(1).integers(64, 192, (96, 128, 3)).astype(np.uint8)
    return np.stack([np.roll(first, 3 * number, axis=1) for number in range(count)])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_the_beginning_of_a_truncated_film_is_read_and_this_is_said(name: str, tmp_path: Path) -> None:
    path = filmed(tmp_path / name, rough(), muxing={"movflags": "+faststart"} if name == "a.mp4" else {})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    film = video.read(path)
    assert 3 < len(film) < 59
    assert film.note == f"it is cut short: {film.seconds:.1f} of 5.0 seconds could be read"
    assert [block.note for block in video.blocks(path, frames=len(film) - 1)] == [None, film.note]
    assert video.read(path, seconds=0.25).note is None  # all that was asked for
    assert reason(path, whole[: len(whole) // 20]) == "the film is damaged or cut short"


@pytest.mark.parametrize("name", ["a.mp4", "a.ts"])
def test_a_damaged_film_is_read_as_far_as_possible_and_always_the_same(name: str, tmp_path: Path) -> None:
    path = filmed(tmp_path / name, rough(), "libx264" if name == "a.mp4" else "mpeg2video", rate=25)
    content = np.frombuffer(path.read_bytes(), np.uint8).copy()
    places = np.random.default_rng(3).integers(2000, len(content) - 2000, 60)
    content[places] ^= 0x5A
    path.write_bytes(content.tobytes())
    first, again = video.read(path), video.read(path)
    assert 40 < len(first) < 90 and first.note is not None
    np.testing.assert_array_equal(first.frames, again.frames)


def test_damaged_pictures_that_move_are_read_as_far_as_possible(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    first, *rest = (Image.fromarray(frame) for frame in rough(6))
    first.save(path, save_all=True, append_images=rest, duration=100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    film = video.read(path)
    assert 1 <= len(film) < 6 and film.note == "it is damaged (places that cannot be read: 1)"
    bomb = content[:6] + struct.pack("<HH", 65_535, 65_535) + content[10:]
    assert reason(path, bomb) == "its pictures of 65,535 × 65,535 pixels are larger than 36 million"


def test_what_is_no_film_is_refused_before_anything_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child.Child, "__init__", None)  # no child is started
    path = tmp_path / "a.mp4"
    assert reason(path) == "it cannot be opened: it is not there"
    assert reason(path, b"") == "the file is empty"
    assert reason(path, b"Dear diary, nothing was filmed today.\n" * 99).startswith("not a film that can be read (MP4,")
    filmed(tmp_path / "secret.ts", pictures(2), "mpeg2video", rate=25)
    for playlist in (
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile secret.ts\n",
        "\ufefffile 'secret.ts'\n",
        "<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
    ):
        assert reason(path, playlist.encode()).startswith("a playlist, which only names other files")
    assert reason(path, b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5004 RTP/AVP 96\n").startswith("not a film")
    audio.write(tmp_path / "a.wav", Sound(np.zeros((1, 800), np.float32), 8000))
    assert reason(path, (tmp_path / "a.wav").read_bytes()) == "a sound without pictures"
    os.mkfifo(tmp_path / "pipe.mp4")
    assert reason(tmp_path / "pipe.mp4") == "not an ordinary file"


def test_a_film_without_pictures_is_refused(tmp_path: Path) -> None:
    import av

    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(noise(1).samples.T.reshape(1, -1), "flt", "stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert reason(tmp_path / "a.mp4") == "it holds no pictures, only sound"


def test_headers_of_absurd_sizes_are_refused_in_little_memory(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(2), "ffv1", "bgr0")
    content = path.read_bytes()
    width, height = content.index(b"\xb0\x81\x40"), content.index(b"\xba\x81\x30")
    assert width + 3 == height  # beside each other: room for neither of them to grow, so both become 3-byte numbers
    bomb = content[:width] + b"\xb0\x82\xff\xff\xba\x81" + content[height + 2 :]
    assert "pixels are larger than 36 million" not in reason(path, bomb[: len(content)])  # a broken one first
    raw = filmed(tmp_path / "a.avi", pictures(2), "rawvideo", "bgr24").read_bytes()
    place = raw.index(b"strf") + 12
    for width, height in ((100_000, 100_000), (30_000, 2_000), (0, 0)):
        bomb = raw[:place] + struct.pack("<ii", width, height) + raw[place + 8 :]
        assert "pixels" in reason(tmp_path / "bomb.avi", bomb)


def test_a_decoder_that_crashes_hangs_or_wants_all_memory_ends_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filmed(tmp_path / "a.mkv", np.zeros((3, 1500, 2000, 3), np.uint8), "ffv1", "bgr0", options={"slices": "4"})
    job = {"kind": "matroska", "pictures": True, "sound": False, "size": None, "fit": "crop", "alpha": False}
    job |= {"rate": None, "start": "0", "seconds": None}
    before = decoders()  # of other tests, which may take a moment to end
    with path.open("rb") as file, child.Child(file, job) as started:
        assert started.next()["shape"] == [1500, 2000, 3]
        (decoder,) = [one for one in decoders() if one not in before]
        decoder.send_signal(signal.SIGSEGV)
        with pytest.raises(UnreadableWork, match="it brought the decoder down"):
            for _again in range(1000):
                if "times" in started.next():
                    started.fill(np.empty((1500, 2000, 3), np.uint8))
    assert gone(decoder)
    monkeypatch.setitem(child.LIMITS, "patience", 0.001)
    began = time.monotonic()
    assert "nothing came out of it for 0 seconds" in reason(path)
    assert time.monotonic() - began < 20
    monkeypatch.setitem(child.LIMITS, "patience", 60.0)
    monkeypatch.setitem(child.LIMITS, "memory", 290 << 20)
    assert reason(path) in (
        "there is not enough memory to open it",
        "the film is damaged or cut short",
        "it brought the decoder down; it is damaged, or made to do harm",  # where memory ends
    )


def test_a_reader_that_goes_away_takes_the_child_along(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", pictures(12))
    for _again in range(2):
        flow = video.blocks(path, rate=1000, frames=1)
        next(flow)
        flow.close()
    with pytest.raises(UnreadableWork):
        video.read(path, start=100)
    for decoder in decoders():
        assert gone(decoder)


def test_another_process_forks_when_the_first_one_died(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(3))
    first = video.read(path)
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # one that is no more, or dead and not yet taken leave of
            if "bottega.media.films.nursery" in process.cmdline():
                process.kill()
                process.wait(60)
    np.testing.assert_array_equal(video.read(path).frames, first.frames)


def test_where_nothing_forks_each_child_is_started_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(3))
    first = video.read(path)
    monkeypatch.setattr(nursery, "FORKS", False)
    np.testing.assert_array_equal(video.read(path).frames, first.frames)
    path.write_bytes(path.read_bytes()[:300])
    assert reason(path) == "the film is damaged or cut short"


def test_the_child_speaks_the_language_of_the_one_who_asks(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(3))
    path.write_bytes(path.read_bytes()[:300])
    with speaking("zh"):
        assert reason(path) == _("the film is damaged or cut short") != "the film is damaged or cut short"


def test_many_packets_without_a_picture_end_soon(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mkv", pictures(3), "mjpeg", "yuvj420p", rate=1000)
    content = path.read_bytes()
    first = content.index(b"\xa3")  # the first simple block, repeated with nothing but zeros inside
    empty = b"\xa3\x8c\x81\x00\x01\x80" + bytes(8)
    path.write_bytes(content[:first] + empty * 200_000)
    began = time.monotonic()
    assert reason(path) == "the film is damaged or cut short"
    assert time.monotonic() - began < 20

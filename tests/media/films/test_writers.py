"""Films of ours: what is written is what is read, with its record, its rate and its sound, always in the same bytes."""

import os
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.media.conftest import delay, filmed, noise, packets, pictures, psnr

from bottega.errors import UnreadableWork, UsageError
from bottega.media import audio, image, video
from bottega.media.video import Film

NTSC = Fraction(24000, 1001)


def vivid(count: int = 8, side: int = 64) -> np.ndarray:
    """Small frames with edges of strong colours, as drawings have."""
    frames = np.full((count, side, side, 3), (250, 240, 230), np.uint8)
    for number in range(count):
        frames[number, 10 + number : 30 + number, 20:40] = 220, 30, 40
        frames[number, 40:50, 5 + 2 * number : 25 + 2 * number] = 20, 60, 200
        frames[number, ::8, :2] = 0, 160, 0
    return frames


@pytest.mark.parametrize(
    ("ending", "least"),
    [
        (".mp4", 42),
        (".mov", 42),
        (".webm", 42),
        (".mkv", 130),
        (".gif", 20),
        (".webp", 40),
        (".av1.mp4", 42),
        (".av1.webm", 42),
    ],
)
def test_a_film_comes_back_with_its_rate_and_its_record_from_the_same_bytes(
    ending: str, least: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, record = tmp_path / f"a{ending}", {"recipe": "影-é", "numbers": [1, 2.5], "long": "x" * 70_000}
    film = Film(pictures(8, 256, 258), NTSC)
    video.write(path, film, record)
    first = path.read_bytes()
    assert video.read_record(path) == record
    back = video.read(path)
    assert (back.rate, back.note, back.sound) == (NTSC, None, None)
    assert psnr(back.frames, film.frames) > least
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    video.write(path, film, record)
    assert path.read_bytes() == first
    assert str(tmp_path).encode() not in first
    video.write(path, film)
    assert video.read_record(path) is None


@pytest.mark.parametrize("name", ["a.av1.mp4", "a.AV1-2.mov", "a.av1.webm"])
def test_a_name_asks_for_av1(name: str, tmp_path: Path, capfd: pytest.CaptureFixture, monkeypatch) -> None:
    import av

    path = tmp_path / name
    video.write(path, Film(pictures(6, 64, 64, alpha=True), Fraction(12), audio_track()))
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name in ("libdav1d", "av1")
        assert container.streams.audio
    assert "".join(capfd.readouterr()) == ""  # the encoder is silent
    if sys.platform == "linux":
        assert os.sched_getscheduler(0) == os.SCHED_OTHER  # and no more urgent than anything else
    monkeypatch.setattr(av, "codecs_available", set())
    with pytest.raises(UsageError, match=f"name the film a{path.suffix} instead"):
        video.write(path, Film(pictures(2), Fraction(12)))


def audio_track() -> bytes:
    return video.packed(noise(0.5))


@pytest.mark.parametrize("ending", [".mp4", ".webm"])
def test_a_small_film_of_strong_colours_survives_half_as_many_colours(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    video.write(path, Film(vivid(), Fraction(12)))
    assert video.read(path).size == (256, 256)
    assert psnr(video.read(path, size=(64, 64)).frames, vivid()) > 36


def test_players_are_told_the_colours(tmp_path: Path) -> None:
    import av

    flat = np.empty((3, 256, 256, 3), np.uint8)
    flat[:] = 200, 30, 60
    for ending in (".mp4", ".webm"):
        path = tmp_path / f"a{ending}"
        video.write(path, Film(flat, Fraction(12)))
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            assert (frame.colorspace, frame.color_range, frame.format.name) == (1, 1, "yuv420p")
        assert np.abs(video.read(path).frames.astype(int) - flat).max() <= 3


@pytest.mark.parametrize("ending", [*video.WRITTEN])
def test_odd_sizes_and_single_frames_are_written(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    odd = pictures(1, 301, 257)
    video.write(path, Film(odd, Fraction(25)))
    back = video.read(path)
    even = ending in (".mp4", ".mov", ".webm")
    assert back.frames.shape == ((1, 302, 258, 3) if even else (1, 301, 257, 3))
    assert psnr(back.frames[:, :301, :257], odd) > (30 if ending == ".gif" else 36)
    assert back.rate == 25


@pytest.mark.parametrize(("ending", "least"), [(".webm", 36), (".mkv", 130), (".gif", 30), (".webp", 36)])
def test_transparency_comes_back(ending: str, least: int, tmp_path: Path) -> None:
    film = Film(pictures(6, 256, 256, alpha=True), Fraction(12))
    video.write(tmp_path / f"a{ending}", film)
    assert psnr(video.read(tmp_path / f"a{ending}").frames, film.frames) > least


def test_the_master_keeps_every_bit_of_soft_transparency(tmp_path: Path) -> None:
    opacity = np.random.default_rng(0).integers(0, 256, (3, 33, 47, 1))
    colour = (np.random.default_rng(1).random((3, 33, 47, 3)) * (opacity + 1)).astype(int)
    film = Film(np.concatenate([colour, opacity], axis=-1).astype(np.uint8), Fraction(23, 7))
    video.write(tmp_path / "a.mkv", film)
    back = video.read(tmp_path / "a.mkv")
    np.testing.assert_array_equal(back.frames, film.frames)
    assert back.rate == film.rate


def test_an_mp4_shows_transparency_as_white(tmp_path: Path) -> None:
    film = Film(np.zeros((2, 256, 256, 4), np.uint8), Fraction(12))
    video.write(tmp_path / "a.mp4", film)
    assert video.read(tmp_path / "a.mp4").frames.min() > 250


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_a_still_film_keeps_its_length_in_a_loop(ending: str, tmp_path: Path) -> None:
    frames = pictures(9)[[0, 0, 0, 0, 1, 1, 2, 2, 2]]
    video.write(tmp_path / f"a{ending}", Film(frames, Fraction(24)))
    back = video.read(tmp_path / f"a{ending}")
    assert (len(back), back.rate) == (9, 24)
    fast = Film(pictures(12), Fraction(60))
    video.write(tmp_path / f"b{ending}", fast)
    assert abs(video.read(tmp_path / f"b{ending}").seconds - fast.seconds) < 0.02
    assert video.moves(tmp_path / f"b{ending}")


@pytest.mark.parametrize(
    ("name", "codec", "kept"),
    [
        ("a.mp4", "aac", {".mp4", ".mkv"}),
        ("a.mkv", "libopus", {".mp4", ".webm", ".mkv"}),
        ("a.avi", "libmp3lame", {".mp4", ".mkv"}),
    ],
)
def test_sound_is_carried_bit_for_bit_where_the_format_takes_it(
    name: str, codec: str, kept: set[str], tmp_path: Path
) -> None:
    vision = "mpeg4" if name == "a.avi" else "libx264"
    path = filmed(tmp_path / name, pictures(30), vision, sound=noise(), sound_codec=codec)
    film = video.read(path)
    assert film.sound is not None
    sound = video.sound_of(film)
    assert sound is not None and sound.rate == 48_000
    late = delay(sound, noise())
    assert abs(late) <= (1200 if name == "a.avi" else 48)  # an AVI has no word for the silence that MP3 begins with
    for ending in (".mp4", ".webm", ".mkv"):
        video.write(tmp_path / f"out{ending}", film)
        back = video.read(tmp_path / f"out{ending}")
        assert back.sound is not None
        count = len(packets(back.sound))
        assert (packets(back.sound) == packets(film.sound)[:count]) == (ending in kept)
        again = video.sound_of(back)
        assert again is not None and abs(delay(again, noise()) - late) <= 48
        assert abs(again.seconds - 2) < 0.1


def test_sound_ends_with_the_film_and_begins_with_its_cut(tmp_path: Path) -> None:
    path = filmed(tmp_path / "a.mp4", pictures(24), sound=noise(4))
    film = video.read(path, start=0.5, seconds=1)
    sound = video.sound_of(film)
    assert sound is not None and abs(sound.seconds - 1) < 0.1
    later = noise(4)
    assert abs(delay(sound, audio.Sound(later.samples[:, 24_000:], 48_000))) < 100
    whole = video.read(path)
    video.write(tmp_path / "b.mp4", whole)
    ended = video.sound_of(video.read(tmp_path / "b.mp4"))
    assert ended is not None and abs(ended.seconds - 2) < 0.1


def test_any_sound_can_be_given_to_a_film(tmp_path: Path) -> None:
    track = video.packed(noise())
    assert track == video.packed(noise())
    film = Film(pictures(24), Fraction(12), track)
    sound = video.sound_of(film)
    assert sound is not None
    assert np.abs(sound.samples - noise().samples).max() < 1e-6
    audio.write(tmp_path / "song.mp3", noise())
    song = video.sound_track(tmp_path / "song.mp3")
    assert song is not None
    video.write(tmp_path / "a.mp4", Film(pictures(24), Fraction(12), song))
    back = video.read(tmp_path / "a.mp4").sound
    assert back is not None
    assert packets(back) == packets(song)[: len(packets(back))]
    assert video.sound_track(filmed(tmp_path / "silent.mp4", pictures(2))) is None
    assert video.sound_of(Film(pictures(2), Fraction(12))) is None


def test_what_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    film = Film(pictures(2), Fraction(12))
    with pytest.raises(UsageError, match=r"written as \.mp4, \.webm, \.mkv, \.mov, \.gif, \.webp, not as “\.avi”"):
        video.write(tmp_path / "a.avi", film)
    with pytest.raises(UsageError, match="empty"):
        video.write(tmp_path / "a.mp4", Film(pictures(0), Fraction(12)))
    with pytest.raises(UsageError, match="at most 8,192 pixels"):
        video.write(tmp_path / "a.mp4", Film(np.zeros((1, 2, 9000, 3), np.uint8), Fraction(12)))
    assert not list(tmp_path.iterdir())


def test_records_of_others_are_none(tmp_path: Path) -> None:
    import av

    for name in ("a.mp4", "a.mkv"):
        for comment in ("a nice film", "[1, 2]", '{"bottega": 3}', "[" * 100_000):
            with av.open(str(tmp_path / name), "w") as container:
                container.metadata["comment"] = comment
                stream = container.add_stream("mpeg4", rate=12)
                stream.height, stream.width = 32, 32
                container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
                container.mux(stream.encode(None))
            assert video.read_record(tmp_path / name) is None
    content = (tmp_path / "a.mp4").read_bytes()
    rng = np.random.default_rng(0)
    for size in rng.integers(1, len(content), 40):
        (tmp_path / "cut.mp4").write_bytes(content[:size])
        if size > 12:
            assert video.read_record(tmp_path / "cut.mp4") is None
    image.write(tmp_path / "a.png", pictures(1)[0], {"a": 1})
    assert video.read_record(tmp_path / "a.png") == {"a": 1}
    assert video.read_record(tmp_path) is None
    with pytest.raises(UnreadableWork, match=r"gone\.mp4 cannot be read: it cannot be opened: it is not there"):
        video.read_record(tmp_path / "gone.mp4")

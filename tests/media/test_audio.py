"""Sounds: read whatever their container, written as they were, and refused in words when they are none."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bottega.errors import UnreadableWork, UsageError
from bottega.media import audio
from bottega.media.audio import Sound

RATE = 22_050


def tone(seconds: float = 1.0, rate: int = RATE, channels: int = 2, frequency: float = 440.0) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    rows = [0.5 * np.sin(2 * np.pi * frequency * (1 + side) * time) for side in range(channels)]
    return Sound(np.array(rows, np.float32), rate)


def whole_numbers(bits: int, count: int = 5000) -> Sound:
    """Every sample a whole number of steps of so many bits, the extremes among them."""
    values = np.random.default_rng(bits).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (2, count))
    values[:, :2] = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    return Sound((values / 2.0 ** (bits - 1)).astype(np.float32), 44_100)


def coded(container: str, codec: str, sound: Sound) -> bytes:
    """A sound as the sound track of a file of FFmpeg's."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=sound.rate, layout="stereo" if sound.channels == 2 else "7.1")
        packed = np.ascontiguousarray(sound.samples.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(packed, "flt", stream.layout.name)
        frame.sample_rate, frame.pts = sound.rate, 0
        change = av.AudioResampler(stream.format.name, stream.layout.name, sound.rate, 1024)
        for part in [*change.resample(frame), *change.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def reason(content: bytes | np.ndarray, path: Path) -> str:
    """Why a file is refused."""
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        soundfile.write(path, content, RATE, subtype="FLOAT")
    with pytest.raises(UnreadableWork) as refused:
        audio.read(path)
    return str(refused.value)


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("ending", [".wav", ".flac"])
def test_whole_numbers_come_back_exactly_at_their_depth(bits: int, ending: str, tmp_path: Path) -> None:
    sound, path = whole_numbers(bits), tmp_path / f"a{ending}"
    audio.write(path, sound)
    assert soundfile.info(path).subtype == f"PCM_{bits}"
    back = audio.read(path)
    assert back.rate == sound.rate
    np.testing.assert_array_equal(back.samples, sound.samples)


def test_peaks_beyond_full_scale_survive_in_a_wav_and_are_cut_elsewhere(tmp_path: Path) -> None:
    sound = Sound(3 * tone().samples, RATE)
    audio.write(tmp_path / "a.wav", sound)
    np.testing.assert_array_equal(audio.read(tmp_path / "a.wav").samples, sound.samples)
    audio.write(tmp_path / "a.flac", Sound(4 * tone().samples, RATE))
    assert np.abs(audio.read(tmp_path / "a.flac").samples).max() == 1.0


@pytest.mark.parametrize("ending", [*audio.WRITTEN])
def test_a_record_of_any_length_lies_inside_and_the_same_sound_has_the_same_bytes(ending: str, tmp_path: Path) -> None:
    path, record = tmp_path / f"a{ending}", {"recipe": "音-é", "numbers": [1, 2.5], "long": "x" * 70_000}
    audio.write(path, tone(), record)
    first = path.read_bytes()
    assert audio.read_record(path) == record
    back = audio.read(path)
    assert (back.rate, back.samples.shape) == (RATE, tone().samples.shape)
    assert np.abs(back.samples - tone().samples)[:, 2000:-2000].max() < 0.05
    audio.write(path, tone(), record)
    assert path.read_bytes() == first
    audio.write(path, tone())
    assert audio.read_record(path) is None


def test_ogg_pages_keep_a_valid_checksum(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.ogg", tone(3.0))
    content = bytearray((tmp_path / "a.ogg").read_bytes())
    assert len(audio.read(io.BytesIO(content))) == 3 * RATE  # libogg drops pages whose checksum is wrong
    content[len(content) // 2] ^= 1
    try:
        harmed = len(audio.read(io.BytesIO(content)))
    except UnreadableWork:
        harmed = 0
    assert harmed < 3 * RATE


def test_a_comment_of_somebody_else_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    for comment in ("a nice song", "[1, 2]", '{"bottega": 3}', "[" * 100_000):
        with soundfile.SoundFile(path, "w", RATE, 1) as file:
            file.comment = comment
            file.write(np.zeros(100, np.float32))
        assert audio.read_record(path) is None
    with pytest.raises(UnreadableWork, match=r"gone\.wav cannot be read: it cannot be opened: it is not there"):
        audio.read_record(tmp_path / "gone.wav")


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_resampling_keeps_pitch_length_and_level(rate: int, tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", tone(4.0))
    at_once = audio.resampled(tone(4.0), rate)
    read = audio.read(tmp_path / "a.wav", rate=rate, channels=1)
    assert abs(len(at_once) - 4 * rate) <= 1 and abs(len(read) - 4 * rate) <= 1
    time = np.arange(rate, 2 * rate) / rate
    expected = 0.5 * np.sin(2 * np.pi * 440 * time)
    assert np.abs(at_once.samples[0, rate : 2 * rate] - expected).max() < 2e-3
    np.testing.assert_allclose(read.samples[0], at_once.samples.mean(0)[: len(read)], atol=1e-3)


def test_channels_are_mixed_and_spread() -> None:
    samples = np.arange(8, dtype=np.float32)[:, None] * np.ones((1, 3), np.float32)
    assert audio.in_channels(samples, 1).tolist() == [[3.5] * 3]
    assert audio.in_channels(samples, 2).tolist() == [[3.0] * 3, [4.0] * 3]
    assert audio.in_channels(samples[:1], 2).shape == (2, 3)
    assert audio.in_channels(samples[:2], 3).tolist() == [[0.0] * 3, [1.0] * 3, [0.0] * 3]


CONTAINERS = [
    *(("mp4", "aac", 2), ("ipod", "alac", 2), ("mov", "pcm_s16le", 2), ("matroska", "libopus", 2)),
    *(("webm", "libopus", 2), ("avi", "mp3", 2), ("adts", "aac", 2), ("mpegts", "aac", 2), ("mp4", "aac", 8)),
    ("matroska", "flac", 8),
]


@pytest.mark.parametrize(("container", "codec", "channels"), CONTAINERS)
def test_sound_tracks_are_read_whatever_the_ending(container: str, codec: str, channels: int, tmp_path: Path) -> None:
    sound = tone(1.0, 48_000, channels)
    path = tmp_path / "a.wav"  # a wrong ending: the content decides
    path.write_bytes(coded(container, codec, sound))
    back = audio.read(path)
    assert (back.rate, back.channels) == (48_000, channels)
    assert abs(back.seconds - 1.0) < 0.1
    middle = back.samples[:, 10_000:30_000]
    for side, one in enumerate(middle):
        strongest = np.abs(np.fft.rfft(one * np.hanning(len(one)))).argmax() * 48_000 / len(one)
        assert abs(strongest - 440 * (1 + side)) < 5 or (channels == 8 and side == 3)  # the bass channel is filtered


@pytest.mark.parametrize(
    ("form", "subtype", "ending"),
    [("AIFF", "PCM_24", ".aiff"), ("OGG", "OPUS", ".opus"), ("AU", "PCM_16", ".au"), ("CAF", "ALAC_24", ".caf")],
)
def test_other_containers_are_read(form: str, subtype: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    soundfile.write(path, tone(1.0, 24_000).samples.T, 24_000, subtype, format=form)
    back = audio.read(path)
    assert back.samples.shape == (2, 24_000)
    assert np.abs(back.samples - tone(1.0, 24_000).samples)[:, 500:-500].max() < 0.02


def test_a_long_sound_comes_in_blocks(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", tone(20.0))
    parts = list(audio.blocks(tmp_path / "a.wav", rate=16_000, channels=1))
    assert len(parts) > 5 and max(map(len, parts)) < 100_000
    together = np.concatenate([part.samples for part in parts], axis=1)
    assert abs(together.shape[1] - 20 * 16_000) <= 1
    np.testing.assert_array_equal(together, audio.read(tmp_path / "a.wav", rate=16_000, channels=1).samples)


@pytest.mark.parametrize("channels", [1, 8])
@pytest.mark.parametrize("rate", [8_000, 192_000])
def test_any_rate_and_number_of_channels(rate: int, channels: int, tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", tone(0.5, rate, channels))
    back = audio.read(tmp_path / "a.wav", rate=RATE, channels=2)
    assert (back.channels, back.rate) == (2, RATE)
    assert abs(back.seconds - 0.5) < 0.01


def test_a_single_sample_is_a_sound(tmp_path: Path) -> None:
    audio.write(tmp_path / "a.wav", Sound(np.full((1, 1), 0.5, np.float32), RATE))
    assert audio.read(tmp_path / "a.wav").samples.tolist() == [[0.5]]


def test_what_is_no_sound_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert reason(b"", path) == "the file is empty"
    assert "playlist" in reason(b"#EXTM3U\n#EXTINF:1\nhttp://example.org/a.ts\n", path)
    assert "playlist" in reason(b"\xef\xbb\xbf[playlist]\nFile1=/etc/passwd\n", path)
    assert "playlist" in reason(b"ffconcat version 1.0\nfile /etc/passwd\n", path)
    assert "not a sound" in reason(b"once upon a time" * 100, path)
    assert "not a sound" in reason(b"\x89PNG\r\n\x1a\n" + bytes(100), path)
    assert "NaN" in reason(np.full(100, np.nan, np.float32), path)
    assert "NaN" in reason(np.array([0.0, np.inf], np.float32), path)
    assert "far too large" in reason(np.full(100, 1e30, np.float32), path)
    soundfile.write(path, np.zeros((0, 2), np.float32), RATE)
    assert reason(path.read_bytes(), path) == "the sound is empty"
    soundfile.write(path, np.zeros((100, 60), np.float32), RATE)
    assert "60 channels" in reason(path.read_bytes(), path)
    soundfile.write(path, np.zeros(100, np.float32), 50)
    assert "50 Hz" in reason(path.read_bytes(), path)


def test_what_cannot_be_opened_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableWork, match="it is not there"):
        audio.read(tmp_path / "gone.wav")
    with pytest.raises(UnreadableWork, match="not an ordinary file"):
        audio.read(tmp_path)
    os.mkfifo(tmp_path / "pipe.wav")  # to open it would wait for ever
    with pytest.raises(UnreadableWork, match="not an ordinary file"):
        audio.read(tmp_path / "pipe.wav")


def test_a_video_without_sound_says_so(test_data: Path) -> None:
    with pytest.raises(UnreadableWork, match="no sound track"):
        audio.read(test_data / "video" / "cliff.mp4")
    assert audio.read(test_data / "video" / "realshort.mp4").seconds > 1


def samples_of_formats(folder: Path) -> list[bytes]:
    sound = tone(0.5, 48_000)
    for ending in audio.WRITTEN:
        audio.write(folder / f"a{ending}", sound, {"a": 1})
    soundfile.write(folder / "a.aiff", sound.samples.T, sound.rate)
    soundfile.write(folder / "a.opus", sound.samples.T, sound.rate, "OPUS", format="OGG")
    files = [path.read_bytes() for path in sorted(folder.iterdir())]
    return files + [coded(container, codec, sound) for container, codec, channels in CONTAINERS if channels == 2]


def cut(content: bytearray, dice: np.random.Generator) -> bytearray:
    return content[: dice.integers(1, len(content))]


def flip(content: bytearray, dice: np.random.Generator) -> bytearray:
    for place in dice.integers(0, len(content), 20):
        content[place] ^= 1 << int(dice.integers(8))
    return content


def garble(content: bytearray, dice: np.random.Generator) -> bytearray:
    for place in dice.integers(0, min(len(content), 300), 5):
        content[place] = int(dice.integers(256))
    return content


def refill(content: bytearray, dice: np.random.Generator) -> bytearray:
    return content[: dice.integers(4, 200)] + dice.bytes(4000)


@pytest.mark.parametrize("harm", [cut, flip, garble, refill])
def test_damaged_files_are_read_in_part_or_refused_and_nothing_is_printed(
    harm: Callable, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    dice = np.random.default_rng(0)
    refused = 0
    for content in samples_of_formats(tmp_path):
        for _again in range(4):
            path = tmp_path / "harmed"
            path.write_bytes(harm(bytearray(content), dice))
            try:
                assert np.isfinite(audio.read(path, rate=16_000, channels=1).samples).all()
                audio.read_record(path)
            except UnreadableWork as error:
                refused += 1
                assert str(error)
    assert refused
    assert capfd.readouterr() == ("", "")


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    for number in range(60):
        path = tmp_path / ("a.mp3" if number % 2 else "a.wav")
        path.write_bytes((b"", b"\xff\xfb", b"RIFF", b"ID3\x04")[number % 4] + dice.bytes(5000))
        with pytest.raises(UnreadableWork):
            audio.read(path)


def test_what_a_format_does_not_have_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    for name, sound, told in (
        ("a.aac", tone(), "not as “.aac”"),
        ("a.mp3", tone(0.1, RATE, 3), "MP3"),
        ("a.mp3", tone(0.1, 96_000), "96,000"),
        ("a.flac", tone(0.1, RATE, 9), "9 channels"),
        ("a.wav", Sound(np.empty((1, 0), np.float32), RATE), "empty"),
    ):
        with pytest.raises(UsageError, match=told):
            audio.write(tmp_path / name, sound)
    assert not list(tmp_path.iterdir())


def test_a_longer_sound_than_memory_takes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audio.write(tmp_path / "a.wav", tone(20.0))
    monkeypatch.setattr(audio, "MOST_VALUES", 2 * 10 * RATE)
    with pytest.raises(UnreadableWork, match="too much for memory"):
        audio.read(tmp_path / "a.wav")
    monkeypatch.setattr(audio, "LONGEST", 5)
    with pytest.raises(UnreadableWork, match="hours"):
        list(audio.blocks(tmp_path / "a.wav"))

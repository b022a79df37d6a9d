"""Preparing sounds: the same rows whatever the container, incremental, in constant memory, and bad files skipped."""

import errno
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bottega.datasets import sounds
from bottega.datasets.sounds import SoundSettings, make, prepare_sounds
from bottega.errors import DataError, OutOfRoom, UsageError
from bottega.media import audio
from bottega.media.audio import Sound

RATE = 22_050


def music(seed: int, seconds: float = 1.0, rate: int = RATE, channels: int = 1) -> Sound:
    """A melody of its own: notes of random pitch, each with its partials."""
    dice = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(rate // 5) / rate
    samples = np.zeros((channels, count + rate), np.float32)
    for begin in range(0, count, rate // 8):
        pitch = 150 * 2 ** dice.uniform(0, 3)
        note = sum(dice.uniform(0.1, 0.5) * np.sin(2 * np.pi * pitch * k * time) for k in range(1, 6))
        samples[:, begin : begin + len(time)] += dice.uniform(0.3, 1, (channels, 1)) * note * np.exp(-8 * time) * 0.3
    return Sound(samples[:, :count], rate)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(12):
        audio.write(tmp_path / "works" / ("low", "high")[number % 2] / f"{number:02}_take.wav", music(number))
    return tmp_path / "works"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_rows_are_the_samples_of_the_files(folder: Path, cache: Path) -> None:
    data = prepare_sounds(folder, cache=cache)
    assert data.classes == ["high", "low"] and data.labels is not None and data.labels.tolist() == [0] * 6 + [1] * 6
    assert data.names[0] == "high/01_take.wav" and (data.rate, data.channels) == (RATE, 1)
    for row, name in enumerate(data.names):
        expected = audio.read(folder / name).samples
        assert data.lengths[row] == expected.shape[1]
        np.testing.assert_allclose(data.samples(row), expected, atol=1 / 32_768)
        np.testing.assert_array_equal(data.samples(row, 100, 50), data.samples(row)[:, 100:150])
    assert not set(data.train) & set(data.held_out) and len(data.train) + len(data.held_out) == 12
    assert 1 <= len(data.held_out) <= 3
    assert data.report.sentence() == "12 recordings, 0:12 of sound; read at 22,050 Hz, mono; none skipped"
    with pytest.raises(IndexError):
        data.samples(0, 0, int(data.lengths[0]) + 1)


def test_a_second_time_nothing_is_decoded(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare_sounds(folder, cache=cache)
    monkeypatch.setattr(make.audio, "blocks", None)
    again = prepare_sounds(folder, cache=cache)
    assert again.fingerprint == first.fingerprint
    np.testing.assert_array_equal(again.samples(3), first.samples(3))


def test_only_new_files_are_decoded_and_the_result_is_the_same(folder: Path, cache: Path, tmp_path: Path) -> None:
    (folder / "low" / "broken.wav").write_bytes(b"RIFF and nothing more")
    prepare_sounds(folder, cache=cache)
    (folder / "high" / "05_take.wav").unlink()
    audio.write(folder / "low" / "00_new.wav", music(99, 2.0))
    decoded = []
    blocks = audio.blocks
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make.audio, "blocks", lambda file, **how: decoded.append(file.name) or blocks(file, **how))
        data = prepare_sounds(folder, cache=cache)
    assert [Path(name).name for name in decoded] == ["00_new.wav"]
    assert [skip.name for skip in data.report.skipped] == ["low/broken.wav"]
    fresh = prepare_sounds(folder, cache=tmp_path / "another")
    assert data.fingerprint == fresh.fingerprint and data.names == fresh.names
    assert data.held_out.tolist() == fresh.held_out.tolist()
    for file in (make.SAMPLES, make.SKETCHES):
        assert (data.folder / file).read_bytes() == (fresh.folder / file).read_bytes()
    assert [path.name for path in cache.iterdir()] == [data.folder.name]  # the older state is gone


def test_a_zip_and_one_file_are_collections_too(folder: Path, cache: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "works"), "zip", tmp_path, "works")
    zipped = prepare_sounds(tmp_path / "works.zip", cache=cache)
    data = prepare_sounds(folder, cache=cache)
    assert zipped.classes == data.classes
    np.testing.assert_array_equal(zipped.samples(4), data.samples(4))
    assert zipped.held_out.tolist() == data.held_out.tolist()
    assert not [name for name in zipped.folder.iterdir() if name.suffix == ".wav"]
    alone = tmp_path / "sound without an ending"
    shutil.copy(folder / "low" / "00_take.wav", alone)
    one = prepare_sounds(alone, cache=cache)
    assert set(one.names) == {"sound without an ending"}


def test_a_stretch_is_held_out_where_there_are_few_recordings(tmp_path: Path, cache: Path) -> None:
    audio.write(tmp_path / "works" / "long.flac", music(1, 30.0))
    audio.write(tmp_path / "works" / "twin.ogg", Sound(0.7 * music(1, 30.0).samples[:, :-RATE], RATE))
    audio.write(tmp_path / "works" / "other.wav", music(2, 10.0))
    data = prepare_sounds(tmp_path / "works", cache=cache)
    assert [(data.names[row], round(data.lengths[row] / RATE)) for row in data.held_out] == [
        ("long.flac", 3),
        ("other.wav", 1),
    ]
    assert [data.names[row] for row in data.train] == ["long.flac", "long.flac", "other.wav", "other.wav"]
    assert data.report.held == [("long.flac", 24.0, 27.0), ("other.wav", 8.0, 9.0)]
    assert "held out: 0:24 to 0:27 of long.flac" in data.report.sentence()
    whole = audio.read(tmp_path / "works" / "long.flac").samples
    held = data.samples(int(data.held_out[0]))
    np.testing.assert_allclose(held, whole[:, 24 * RATE : 27 * RATE], atol=1 / 32_768)


def test_near_duplicates_stay_on_one_side(folder: Path, cache: Path) -> None:
    for number in range(12):
        name = f"{number:02}_take.wav"
        source = folder / ("low", "high")[number % 2] / name
        audio.write(source.with_suffix(".ogg"), audio.resampled(Sound(0.5 * audio.read(source).samples, RATE), 16_000))
    shutil.copy(folder / "low" / "00_take.wav", folder / "high" / "copy.wav")
    data = prepare_sounds(folder, cache=cache)
    assert len(data.report.duplicates) == 13
    assert ("high/copy.wav", "low/00_take.wav") in data.report.duplicates
    held = {Path(data.names[row]).stem for row in data.held_out}
    assert held and not held & {Path(data.names[row]).stem for row in data.train}
    assert "near-duplicate pairs: 13" in data.report.sentence()


def test_silence_at_the_ends_is_trimmed_when_asked(folder: Path, cache: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 1e-5, (1, 3 * RATE)).astype(np.float32)
    noise[:, RATE : 2 * RATE] += music(50).samples
    audio.write(folder / "low" / "padded.wav", Sound(noise, RATE))
    plain, trimmed = (prepare_sounds(folder, SoundSettings(trim=trim), cache=cache) for trim in (False, True))
    row = plain.names.index("low/padded.wav")
    assert plain.lengths[row] == 3 * RATE
    assert 0.9 < trimmed.lengths[row] / RATE < 1.1
    kept, whole = trimmed.samples(row), plain.samples(row)
    begins = [at for at in range(RATE - 500, RATE) if np.array_equal(whole[:, at : at + kept.shape[1]], kept)]
    assert len(begins) == 1
    assert 1.9 < trimmed.report.trimmed < 2.5
    assert "of silence trimmed" in trimmed.report.sentence()


def test_what_cannot_be_used_is_skipped_with_the_reason(folder: Path, cache: Path) -> None:
    (folder / "empty.wav").write_bytes(b"")
    (folder / "random.mp3").write_bytes(np.random.default_rng(0).bytes(9_000))
    (folder / "list.m3u").write_text("#EXTM3U\n/etc/passwd\n")
    (folder / "dressed.wav").write_text("#EXTM3U\n/etc/passwd\n")
    (folder / "song.mid").write_bytes(b"MThd")
    (folder / "notes.txt").write_text("not a work")
    os.mkfifo(folder / "pipe.wav")
    audio.write(folder / "silent.wav", Sound(np.full((1, RATE), 0.25, np.float32), RATE))
    audio.write(folder / "one.wav", Sound(np.ones((1, 1), np.float32), RATE))
    soundfile.write(folder / "nan.wav", np.full(RATE, np.nan), RATE, subtype="FLOAT")
    soundfile.write(folder / "none.wav", np.zeros((0, 2)), RATE)
    good = (folder / "low" / "00_take.wav").read_bytes()
    (folder / "cut.flac").write_bytes(b"fLaC" + good[:3_000])
    (folder / ".hidden.wav").write_bytes(b"")
    data = prepare_sounds(folder, cache=cache)
    assert data.report.used == 12
    reasons = {skip.name: skip.reason for skip in data.report.skipped}
    assert reasons.pop("cut.flac") == "the sound is damaged or cut short"
    assert reasons.pop("random.mp3").startswith("not a sound")
    assert reasons.pop("song.mid").startswith("MID files cannot be read as sounds")
    assert "NaN" in reasons.pop("nan.wav")
    assert "playlist" in reasons.pop("list.m3u") and "playlist" in reasons.pop("dressed.wav")
    assert reasons == {
        "empty.wav": "the file is empty",
        "pipe.wav": "not an ordinary file",
        "silent.wav": "it is silent",
        "one.wav": "shorter than 0.02 seconds",
        "none.wav": "the sound is empty",
    }
    assert "11 skipped" in data.report.sentence()


def test_any_rate_and_channels_become_those_asked_for(folder: Path, cache: Path) -> None:
    audio.write(folder / "low" / "eight.wav", music(70, 1.0, 48_000, 8))
    audio.write(folder / "low" / "fast.wav", music(71, 1.0, 192_000))
    audio.write(folder / "low" / "slow.wav", music(72, 1.0, 8_000))
    data = prepare_sounds(folder, SoundSettings(rate=16_000, channels=2), cache=cache)
    assert np.abs(data.lengths - 16_000).max() <= 1
    assert data.samples(0).shape == (2, data.lengths[0])
    assert prepare_sounds(folder, SoundSettings(rate=None), cache=cache).rate == RATE  # most files have it
    for number in range(20):
        audio.write(folder / "high" / f"later{number}.wav", music(number + 100, 0.2, 16_000))
    chosen = prepare_sounds(folder, SoundSettings(rate=None), cache=cache)
    assert chosen.rate == 16_000
    assert abs(chosen.lengths[chosen.names.index("low/00_take.wav")] - 16_000) <= 1  # decoded again, not copied


def test_a_sound_beyond_full_scale_is_made_softer_not_cut(folder: Path, cache: Path) -> None:
    loud = 40 * music(80).samples
    audio.write(folder / "low" / "loud.wav", Sound(loud, RATE))
    data = prepare_sounds(folder, cache=cache)
    samples = data.samples(data.names.index("low/loud.wav"))
    np.testing.assert_allclose(samples, loud / np.abs(loud).max(), atol=1 / 32_768)


def test_classes_come_from_names_when_asked_and_from_metadata(folder: Path, cache: Path) -> None:
    named = prepare_sounds(folder, SoundSettings(class_from="name"), cache=cache)
    assert named.classes == [f"{number:02}" for number in range(12)]
    (folder / "metadata.csv").write_text("file_name,label\nlow/00_take.wav,middle\n")
    told = prepare_sounds(folder, cache=cache)
    assert told.classes == ["high", "low", "middle"]


def test_progress_ends_with_all_bytes(folder: Path, cache: Path) -> None:
    told: list[tuple[int, int]] = []
    prepare_sounds(folder, cache=cache, on_progress=lambda *done: told.append(done))
    assert told == sorted(told) and told[-1][0] == told[-1][1] > 12 * 2 * RATE


def test_what_cannot_be_prepared_is_refused_in_words(folder: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        prepare_sounds(tmp_path / "gone", cache=cache)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match=r"usable sound: 0\.0 seconds, and at least 1 is needed"):
        prepare_sounds(tmp_path / "nothing", cache=cache)
    (tmp_path / "list.m3u8").write_text("#EXTM3U\nhttp://example.org/a.ts\n")
    with pytest.raises(DataError, match="a playlist, which only names other files"):
        prepare_sounds(tmp_path / "list.m3u8", cache=cache)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.wav", b"no sound at all")
    with pytest.raises(DataError, match=r"Skipped: a\.wav: not a sound"):
        prepare_sounds(tmp_path / "a.zip", cache=cache)
    for settings, told in (
        (SoundSettings(rate=100), "4,000"),
        (SoundSettings(channels=5), "1 or 2"),
        (SoundSettings(class_from="mood"), "mood"),
    ):
        with pytest.raises(UsageError, match=told):
            prepare_sounds(folder, settings, cache=cache)
    assert not cache.exists() or not list(cache.iterdir())


def test_what_is_damaged_in_a_zip_or_on_the_disk_is_skipped(
    folder: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "works.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.wav")):
            archive.write(path, path.relative_to(folder))
        begin = archive.infolist()[0].header_offset
        archive.fp.flush()
    content = bytearray(packed.read_bytes())
    content[begin + 2_000 : begin + 2_050] = bytes(50)
    packed.write_bytes(content)
    data = prepare_sounds(packed, cache=cache)
    assert data.report.used == 11
    assert [skip.reason for skip in data.report.skipped] == ["it is damaged inside the zip"]

    def torn(file: object, _how: str) -> object:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(make.hashlib, "file_digest", torn)
    with pytest.raises(DataError, match="it cannot be opened: Input/output error"):
        prepare_sounds(folder, cache=cache)


def test_a_full_disk_says_so_and_leaves_nothing(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: object, _values: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(make, "write_all", full)
    with pytest.raises(OutOfRoom, match="The disk is full"):
        prepare_sounds(folder, cache=cache)
    assert not list(cache.iterdir())


def test_a_damaged_cache_is_made_anew(folder: Path, cache: Path) -> None:
    data = prepare_sounds(folder, cache=cache)
    path = data.folder / sounds.SAMPLES
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="is damaged"):
        data.samples(len(data) - 1)
    np.testing.assert_array_equal(prepare_sounds(folder, cache=cache).samples(0), data.samples(0))


def test_memory_does_not_grow_with_a_recording(tmp_path: Path) -> None:
    for name, seconds in (("short", 20), ("long", 120)):
        (tmp_path / name).mkdir()
        second = np.random.default_rng(0).normal(0, 0.1, (44_100, 2)).astype(np.float32)
        with soundfile.SoundFile(tmp_path / name / "a.wav", "w", 44_100, 2) as file:
            for _second in range(seconds):
                file.write(second)
    program = (
        "import resource, sys; from pathlib import Path; from bottega.datasets.sounds import prepare_sounds\n"
        "prepare_sounds(Path(sys.argv[1]), cache=Path(sys.argv[2]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    used = [
        int(subprocess.check_output([sys.executable, "-c", program, tmp_path / name, tmp_path / "cache"]))
        for name in ("short", "long")
    ]
    assert used[1] < used[0] + 12, "megabytes; the samples alone are 5, and 42 as they are read"


def test_real_recordings_are_prepared(test_data: Path, cache: Path) -> None:
    data = prepare_sounds(
        test_data / "audio" / "spoken_digits", SoundSettings(rate=8_000, class_from="name"), cache=cache
    )
    assert data.report.used == 1_000 and not data.report.skipped
    assert data.classes == [*"0123456789"]
    assert len(data.report.duplicates) <= 3  # one word said twice by one person is no duplicate
    assert 0.1 <= data.lengths[data.held_out].sum() / data.lengths.sum() < 0.12

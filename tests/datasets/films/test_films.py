"""Preparing films: the same rows whatever the container, incremental, in constant memory, and bad files skipped."""

import errno
import os
import shutil
import subprocess
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.datasets import builtin, builtin_films
from bottega.datasets.films import FilmSettings, make, prepare_films
from bottega.errors import DataError, OutOfRoom, UsageError
from bottega.media import video
from bottega.media.video import Film

RATE = Fraction(12)
SMALL = FilmSettings(size=(32, 32))


def moving(number: int, frames: int = 12) -> np.ndarray:
    """A film of the built-in collection, 32 × 32."""
    return builtin_films.draw(number, 32, frames)[0]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten films of two classes."""
    folder = tmp_path_factory.mktemp("master")
    for number in range(10):
        name = ("left", "right")[number % 2]
        video.write(folder / name / f"{number:02}.mkv", Film(moving(number), RATE))
    return folder


@pytest.fixture
def folder(master: Path, tmp_path: Path) -> Path:
    shutil.copytree(master, tmp_path / "works")
    return tmp_path / "works"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_rows_are_the_frames_of_the_files_and_only_new_ones_are_decoded(
    folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    data = prepare_films(folder, SMALL, cache=cache, on_progress=lambda *done: told.append(done))
    assert (data.classes, data.size, data.rate) == (["left", "right"], (32, 32), RATE)
    assert data.labels is not None
    assert data.labels.tolist() == [0] * 5 + [1] * 5
    assert data.lengths.tolist() == [12] * 10
    for row, name in enumerate(data.names):
        np.testing.assert_array_equal(data.frames(row), moving(int(Path(name).stem)))
    np.testing.assert_array_equal(data.frames(3, 4, 5), data.frames(3)[4:9])
    with pytest.raises(IndexError):
        data.frames(3, 10, 3)
    assert told == sorted(told) and told[-1][0] == told[-1][1]
    assert not {data.names[row] for row in data.train} & {data.names[row] for row in data.held_out}
    assert len(data.train) + len(data.held_out) == 10
    assert data.report.sentence() == ("10 films, 0:10 long; read at 32 × 32 pixels, 12 frames a second; none skipped")
    decoded: list[str] = []
    plain = make.Writer.decode

    def counted(writer, entry, *given) -> make.Place:
        decoded.append(entry.name)
        return plain(writer, entry, *given)

    monkeypatch.setattr(make.Writer, "decode", counted)
    assert prepare_films(folder, SMALL, cache=cache).fingerprint == data.fingerprint
    assert decoded == []
    video.write(folder / "left" / "new.mkv", Film(moving(20), RATE))
    more = prepare_films(folder, SMALL, cache=cache)
    assert decoded == ["left/new.mkv"]
    assert more.fingerprint != data.fingerprint
    np.testing.assert_array_equal(more.frames(more.names.index("right/09.mkv")), moving(9))
    np.testing.assert_array_equal(more.frames(more.names.index("left/new.mkv")), moving(20))


def test_a_zip_holds_the_same_as_its_folder(folder: Path, cache: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder / "right")
    with zipfile.ZipFile(tmp_path / "works.zip", "w") as archive:
        for path in sorted(folder.rglob("*.mkv")):
            archive.write(path, Path("wrapped") / path.relative_to(folder))
        for number, frame in enumerate(moving(30, 9)):
            Image.fromarray(frame).save(tmp_path / "frame.png")
            archive.write(tmp_path / "frame.png", f"wrapped/shot/f{number}.png")
        archive.writestr("wrapped/left/broken.mp4", b"no film at all")
    data = prepare_films(tmp_path / "works.zip", SMALL, cache=cache)
    assert data.report.used == 6
    np.testing.assert_array_equal(data.frames(data.names.index("wrapped/shot")), moving(30, 9))
    np.testing.assert_array_equal(data.frames(data.names.index("wrapped/left/04.mkv")), moving(4))
    assert [skip.name for skip in data.report.skipped] == ["wrapped/left/broken.mp4"]
    assert {path.name for path in data.folder.iterdir()} == {"frames.u8", "words.u32", "index.json", "manifest.json"}


def test_a_folder_of_numbered_pictures_is_a_film(tmp_path: Path, cache: Path) -> None:
    for name, pictures in (("walk/one", 12), ("walk/two", 9), ("run/three", 10)):
        place = tmp_path / "works" / name
        place.mkdir(parents=True)
        for number, frame in enumerate(moving(len(name), pictures)):
            Image.fromarray(frame).save(place / f"frame_{number + 1}.png")
    (tmp_path / "works" / "run" / "notes.txt").write_text("not a film")
    data = prepare_films(tmp_path / "works", SMALL, cache=cache)
    assert data.classes == ["run", "walk"]
    assert sorted(set(data.names)) == ["run/three", "walk/one", "walk/two"]
    rows = [row for row, name in enumerate(data.names) if name == "walk/one"]
    np.testing.assert_array_equal(np.concatenate([data.frames(row) for row in rows]), moving(len("walk/one")))
    alone = prepare_films(tmp_path / "works" / "walk" / "two", SMALL, cache=cache)
    assert set(alone.names) == {"two"}
    Image.fromarray(moving(0)[0]).save(tmp_path / "works" / "walk" / "two" / "cover.png")
    with pytest.raises(DataError, match="usable frames of film: 0"):
        prepare_films(tmp_path / "works" / "walk" / "two", SMALL, cache=cache)  # then they are just pictures


def test_one_film_is_cut_and_split_in_time(tmp_path: Path, cache: Path) -> None:
    drawn = [np.repeat(builtin.draw(number, 32)[0][None], 30, axis=0) for number in range(3)]
    black = np.zeros((6, 32, 32, 3), np.uint8)
    whole = np.concatenate([drawn[0], drawn[1], black, drawn[2], moving(3, 3)])
    video.write(tmp_path / "film.mkv", Film(whole, RATE))
    data = prepare_films(tmp_path / "film.mkv", SMALL, cache=cache)
    assert data.lengths.tolist() == [30, 30, 21, 9]
    np.testing.assert_array_equal(data.frames(2), drawn[2][:21])
    assert (data.train.tolist(), data.held_out.tolist()) == ([0, 1, 2], [3])
    assert data.report.short == 1
    assert data.report.held == [("film.mkv", 87 / 12, 96 / 12)]
    assert data.report.sentence() == (
        "one film, 0:08 long, cut into 3 shots; read at 32 × 32 pixels, 12 frames a second; "
        "shots too short to keep: 1; held out: 0:07 to 0:08 of film.mkv; none skipped"
    )
    uncut = prepare_films(tmp_path / "film.mkv", FilmSettings(size=(32, 32), cut=False), cache=cache)
    assert uncut.lengths.sum() == len(whole)


def test_size_fit_and_rate_are_those_asked_for(tmp_path: Path, cache: Path) -> None:
    film = np.repeat(moving(4, 24), 2, axis=2)  # 32 × 64
    video.write(tmp_path / "works" / "wide.mkv", Film(film, Fraction(24)))
    slow = prepare_films(tmp_path / "works", FilmSettings(size=(32, 32), rate=8, fit="stretch"), cache=cache)
    assert (slow.rate, slow.lengths.sum()) == (8, 8)
    cut = prepare_films(tmp_path / "works", FilmSettings(size=(32, 32), rate=24), cache=cache)
    np.testing.assert_array_equal(cut.frames(0, 0, 5), film[:5, :, 16:48])
    page = prepare_films(tmp_path / "works", FilmSettings(size=(32, 32), rate=24, fit="pad"), cache=cache)
    assert (page.frames(0)[:, :7] == 255).all()


def test_near_duplicates_stay_on_one_side(folder: Path, cache: Path) -> None:
    for number in range(6):
        name = ("left", "right")[number % 2]
        twin = Film(moving(number)[2:].repeat(2, 1).repeat(2, 2), RATE)  # larger, begins later, and coded with loss
        video.write(folder / name / f"{number:02}_again.mp4", twin)
    data = prepare_films(folder, SMALL, cache=cache)
    twins = [(f"{c}/{n:02}.mkv", f"{c}/{n:02}_again.mp4") for n in range(6) for c in [("left", "right")[n % 2]]]
    assert set(data.report.duplicates) <= set(twins)
    assert len(data.report.duplicates) >= 4  # what hardly moves in a second or is dark may be missed
    train, held = ({Path(data.names[row]).stem[:2] for row in rows} for rows in (data.train, data.held_out))
    assert held
    assert not {one[0].split("/")[1][:2] for one in data.report.duplicates} & train & held


def test_what_cannot_be_used_is_skipped_with_the_reason(folder: Path, cache: Path) -> None:
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "random.webm").write_bytes(np.random.default_rng(0).bytes(9_000))
    (folder / "list.m3u8").write_text("#EXTM3U\nhttp://example.org/a.ts\n")
    (folder / "project.prproj").write_bytes(b"x")
    (folder / "notes.txt").write_text("not a film")
    (folder / ".hidden.mp4").write_bytes(b"")
    os.mkfifo(folder / "pipe.mp4")
    Image.fromarray(moving(0)[0]).save(folder / "still.gif")
    video.write(folder / "black.mkv", Film(np.zeros((20, 32, 32, 3), np.uint8), RATE))
    data = prepare_films(folder, SMALL, cache=cache)
    assert data.report.used == 10
    reasons = {skip.name: skip.reason for skip in data.report.skipped}
    assert reasons.pop("random.webm").startswith("not a film")
    assert "playlist" in reasons.pop("list.m3u8")
    assert reasons == {
        "empty.mp4": "the file is empty",
        "project.prproj": "PRPROJ files cannot be read as films; save it as MP4",
        "pipe.mp4": "not an ordinary file",
        "still.gif": "too few frames at this rate: 1 of at least 4",
        "black.mkv": "it shows nothing, or no shot of it is long enough",
    }
    assert "7 skipped" in data.report.sentence()


def test_a_truncated_film_is_used_as_far_as_it_goes_and_said(folder: Path, cache: Path) -> None:
    whole = folder / "left" / "long.mkv"
    video.write(whole, Film(moving(0, 60), RATE))
    whole.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * 0.6)])
    data = prepare_films(folder, SMALL, cache=cache)
    row = data.names.index("left/long.mkv")
    assert 20 < data.lengths[row] < 45
    assert [one.name for one in data.report.partly] == ["left/long.mkv"]
    assert "1 read in part: left/long.mkv" in data.report.sentence()


def test_what_cannot_be_prepared_is_refused_in_words(folder: Path, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        prepare_films(tmp_path / "gone", cache=cache)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DataError, match=r"usable frames of film: 0, and at least 8 are needed"):
        prepare_films(tmp_path / "nothing", cache=cache)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.mp4", b"no film at all")
    with pytest.raises(DataError, match=r"Skipped: a\.mp4: not a film"):
        prepare_films(tmp_path / "a.zip", cache=cache)
    for settings, told in (
        (FilmSettings(size=(4, 64)), "from 8 to 1024"),
        (FilmSettings(rate=1000), "1 to 120"),
        (FilmSettings(fit="squeeze"), "crop, pad or stretch"),
    ):
        with pytest.raises(UsageError, match=told):
            prepare_films(folder, settings, cache=cache)
    assert not cache.exists() or not list(cache.iterdir())


def test_a_full_disk_says_so_and_leaves_nothing(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: object, _values: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(make, "write_all", full)
    with pytest.raises(OutOfRoom, match="The disk is full"):
        prepare_films(folder, SMALL, cache=cache)
    assert not list(cache.iterdir())


def test_a_damaged_cache_is_made_anew(master: Path, cache: Path) -> None:
    data = prepare_films(master / "left" / "00.mkv", SMALL, cache=cache)
    path = data.folder / make.FRAMES
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="is damaged"):
        data.frames(len(data) - 1)
    np.testing.assert_array_equal(
        prepare_films(master / "left" / "00.mkv", SMALL, cache=cache).frames(0), data.frames(0)
    )


def test_how_far_it_is_within_a_long_film_is_told(tmp_path: Path, cache: Path) -> None:
    noise, told = np.random.default_rng(0).integers(0, 255, (300, 64, 64, 3), np.uint8), []
    video.write(tmp_path / "long.mkv", Film(noise, Fraction(30)))
    prepare_films(tmp_path, FilmSettings(rate=30, cut=False), cache=cache, on_progress=lambda *done: told.append(done))
    assert len(told) > 3 and told == sorted(told) and told[-1][0] == told[-1][1] > told[0][0] > 0


def test_memory_does_not_grow_with_a_film(tmp_path: Path) -> None:
    for name, frames in (("short", 60), ("long", 1500)):
        drawn = np.repeat(moving(1, 60), frames // 60, axis=0).repeat(3, 1).repeat(3, 2)
        video.write(tmp_path / name / "film.mkv", Film(drawn, Fraction(30)))
    program = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from bottega.datasets.films import FilmSettings, prepare_films\n"
        "prepare_films(Path(sys.argv[1]), FilmSettings(size=(96, 96), rate=30), cache=Path(sys.argv[2]))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    peaks = [
        int(subprocess.check_output([sys.executable, "-c", program, str(tmp_path / name), str(tmp_path / "cache")]))
        for name in ("short", "long")
    ]
    assert peaks[1] < peaks[0] + 12  # MB; the frames of the long one are 41


def test_real_clips_are_hardly_cut(test_data: Path, tmp_path: Path) -> None:
    data = prepare_films(test_data / "video", cache=tmp_path / "cache")
    assert data.report.used == 12
    assert data.report.shots <= 13  # a parrot that bites the camera
    assert data.report.duplicates == []
    assert len(data.held_out) and len(data.train)

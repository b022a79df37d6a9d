"""Collections of scores: books and folders, classes and moods, near-duplicates on one side, reasons."""

import shutil
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from bottega.datasets import builtin_tunes
from bottega.datasets.scores import prepare_scores
from bottega.datasets.scores.alike import word_of
from bottega.datasets.scores.moods import mood_of
from bottega.errors import DataError
from bottega.media import score
from bottega.media.score import Score

BOOK = "".join(
    f"X:{number}\nT:Tune {number}\nM:4/4\nL:1/4\nK:{key}\n{notes}\n\n"
    for number, (key, notes) in enumerate(
        [("C", "CDEF|G2E2|"), ("Am", "ABcd|e4|"), ("G", "GABd|cAFG|"), ("", "CDE|")], 1
    )
)


@pytest.fixture
def tunes(tmp_path):
    """Forty tunes in the folders of their classes."""
    return builtin_tunes.write_collection(tmp_path / "tunes", 40)


def test_a_folder_is_prepared_and_opened_again(tunes, tmp_path):
    steps = []
    made = prepare_scores(tunes, cache=tmp_path / "cache", on_progress=lambda *step: steps.append(step))
    assert len(made) == 40 and made.classes == list(builtin_tunes.CLASSES)
    assert made.labels is not None and np.bincount(made.labels).tolist() == [5] * 8
    assert steps[-1][0] == steps[-1][1] and len(steps) == 40
    assert not set(made.train) & set(made.held_out) and len(made.train) + len(made.held_out) == 40
    assert len(made.held_out) == 4
    for row in range(40):
        path = tunes / made.names[row]
        assert made.score(row) == score.read(path)
        assert made.moods[row] == pytest.approx(mood_of(made.score(row)), abs=1e-5)
    again = prepare_scores(tunes, cache=tmp_path / "cache", on_progress=lambda *_step: pytest.fail())
    assert again.fingerprint == made.fingerprint and again.names == made.names
    assert again.held_out.tolist() == made.held_out.tolist()


def test_the_split_follows_content_and_not_names(tunes, tmp_path):
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    held = {score_bytes(made.score(int(row))) for row in made.held_out}
    for number, path in enumerate(sorted(tunes.rglob("*.mid"), reverse=True)):
        path.rename(path.with_name(f"{number}.mid"))
    again = prepare_scores(tunes, cache=tmp_path / "cache")
    assert {score_bytes(again.score(int(row))) for row in again.held_out} == held


def score_bytes(tune: Score) -> bytes:
    return b"".join(track.notes.tobytes() for track in tune.tracks)


def test_a_zip_and_a_book_are_collections_too(tunes, tmp_path):
    with zipfile.ZipFile(tmp_path / "tunes.zip", "w") as archive:
        for path in tunes.rglob("*.mid"):
            archive.write(path, f"tunes/{path.relative_to(tunes)}")
    zipped = prepare_scores(tmp_path / "tunes.zip", cache=tmp_path / "cache")
    assert len(zipped) == 40 and zipped.classes == list(builtin_tunes.CLASSES)
    (tmp_path / "book.abc").write_text(BOOK)
    book = prepare_scores(tmp_path / "book.abc", cache=tmp_path / "cache")
    assert book.names == ["book.abc:1 Tune 1", "book.abc:2 Tune 2", "book.abc:3 Tune 3"]
    assert book.labels is None and len(book.held_out) == 1
    (skipped,) = book.report.skipped
    assert skipped.name == "book.abc:4 Tune 4"
    assert book.report.sentence().startswith("3 tunes, 6 bars, 0 minutes of music; 1 skipped: book.abc:4 Tune 4 (")


def changed(tune: Score) -> Score:
    """The same melody a fourth higher, twice as slow, in another meter, with other instruments and no chords."""
    slower = [replace(track, program=73, notes=track.notes * [2, 2, 1, 1]) for track in tune.tracks[:1]]
    return replace(tune, tracks=slower, meters=[(0, 2, 4)], tempos=[(0, 90.0)]).transposed(5)


def test_transposed_and_rebarred_copies_stay_on_one_side(tunes, tmp_path):
    originals = sorted(tunes.rglob("*.mid"))
    for path in originals:
        tune = score.read(path)
        score.write(path.with_name(f"copy-{path.name}"), changed(tune))
        assert word_of(changed(tune)) == word_of(tune)
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    assert made.report.repeats == 40
    side = {name: row in set(made.held_out.tolist()) for row, name in enumerate(made.names)}
    for path in originals:
        name = path.relative_to(tunes).as_posix()
        assert side[name] == side[name.replace(path.name, f"copy-{path.name}")]
    assert 0 < sum(side.values()) <= 8


def test_columns_and_class_names_say_moods(tunes, tmp_path):
    (tunes / "metadata.csv").write_text(
        "file_name,label,valence,arousal\n"
        "jig/00001.mid,happy,0.25,0.75\n"
        "air/00000.mid,sad,,\n"
        "jig/00009.mid,,nan,1\n"
        "gone.mid,x,1,1\n"
    )
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    moods = dict(zip(made.names, made.moods.tolist(), strict=True))
    assert moods["jig/00001.mid"] == [0.25, 0.75]
    assert moods["air/00000.mid"] == pytest.approx([-1.0, -0.8])
    assert moods["jig/00009.mid"] == pytest.approx(mood_of(score.read(tunes / "jig" / "00009.mid")), abs=1e-5)
    assert made.report.told == 2 and "mood told of 2" in made.report.sentence()
    assert made.report.classes["happy"] == 1
    assert [skip.name for skip in made.report.skipped] == ["gone.mid"]
    before = made.fingerprint
    (tunes / "metadata.csv").write_text("file_name,valence,arousal\njig/00001.mid,0.5,0.75\n")
    assert prepare_scores(tunes, cache=tmp_path / "cache").fingerprint != before


def test_quadrants_are_moods(tunes, tmp_path):
    for number, name in enumerate(builtin_tunes.CLASSES):
        (tunes / name).rename(tunes / f"q{number % 4 + 1}-{name}")
        target = tunes / f"Q{number % 4 + 1}"
        target.mkdir(exist_ok=True)
        for path in (tunes / f"q{number % 4 + 1}-{name}").iterdir():
            path.rename(target / path.name)
        (tunes / f"q{number % 4 + 1}-{name}").rmdir()
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    assert made.classes == ["Q1", "Q2", "Q3", "Q4"] and made.report.told == 40
    assert {tuple(mood) for mood in made.moods.tolist()} == {(1, 1), (-1, 1), (-1, -1), (1, -1)}


def test_what_cannot_be_used_is_listed_with_its_reason(tunes, tmp_path):
    (tunes / "empty.mid").touch()
    (tunes / "playlist.mid").write_text("#EXTM3U\nhttp://example.org\n")
    (tunes / "piece.mscz").write_bytes(b"PK")
    (tunes / "cut.mid").write_bytes((tunes / "air" / "00000.mid").read_bytes()[:100])
    (tunes / "notes.txt").write_text("not a score")
    (tunes / "folder.mid").mkdir()
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    reasons = {skip.name: skip.reason for skip in made.report.skipped}
    assert set(reasons) == {"empty.mid", "playlist.mid", "piece.mscz", "cut.mid", "folder.mid"}
    assert "MSCZ files cannot be read; export it as MIDI" in reasons["piece.mscz"]
    assert "neither MIDI nor ABC" in reasons["playlist.mid"]


def test_too_little_is_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        prepare_scores(tmp_path / "none", cache=tmp_path / "cache")
    (tmp_path / "one.abc").write_text("X:1\nL:1/4\nK:C\nCDEF|\n")
    with pytest.raises(DataError, match="usable tunes: 1, and at least 2"):
        prepare_scores(tmp_path / "one.abc", cache=tmp_path / "cache")
    (tmp_path / "bad.mid").write_bytes(b"MThd")
    with pytest.raises(DataError, match=r"bad\.mid cannot be read: it is no MIDI file"):
        prepare_scores(tmp_path / "bad.mid", cache=tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("scores-*"))


def test_a_damaged_cache_is_made_anew(tunes, tmp_path):
    made = prepare_scores(tunes, cache=tmp_path / "cache")
    data = bytearray((made.folder / "scores.bin").read_bytes())
    (made.folder / "scores.bin").write_bytes(bytes(len(data)))
    with pytest.raises(DataError, match="damaged"):
        made.score(0)
    again = prepare_scores(tunes, cache=tmp_path / "cache")
    assert again.score(0) == score.read(tunes / again.names[0])
    shutil.rmtree(tmp_path / "cache")


def test_folk_tunes_that_repeat_each_other_are_found(test_data, tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    for number in (13, 330, 134, 136, 253, 68):
        shutil.copy(test_data / "music" / "nottingham_midi" / f"jigs{number}.mid", folder)
    made = prepare_scores(folder, cache=tmp_path / "cache")
    assert made.report.duplicates == [("jigs13.mid", "jigs330.mid"), ("jigs134.mid", "jigs136.mid")]

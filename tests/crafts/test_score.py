"""The verbs with scores: learn, make, measure."""

import json

import numpy as np
import pytest

import bottega
from bottega import origins
from bottega.crafts.schemas import ScoreMaking
from bottega.crafts.score import form_of
from bottega.errors import DataError, UsageError
from bottega.media import score as media
from bottega.media.score import Score, Track, tidy
from bottega.representations.events import Events
from bottega.representations.grid import laid_out
from bottega.wishes import asked

SMALL = {"networks.model.width": "32", "networks.model.layers": "1", "rows.length": "64", "training.batch": "4"}


def tune(seed: int) -> Score:
    """Eight bars of a melody and chords that no other tune has."""
    rng = np.random.default_rng(seed)
    melody = [(240 * i, 240, int(pitch), 90) for i, pitch in enumerate(60 + rng.integers(0, 20, 64))]
    chords = [(1920 * i, 1920, int(p), 70) for i in range(8) for p in rng.integers(40, 55) + np.array([0, 4, 7])]
    return tidy(Score([Track("", 0, False, np.array(some)) for some in (melody, chords)], 480))


@pytest.fixture
def folder(tmp_path):
    for name in ("calm", "wild"):
        for seed in range(6):
            (tmp_path / "tunes" / name).mkdir(parents=True, exist_ok=True)
            media.write(tmp_path / "tunes" / name / f"{seed}.mid", tune(seed + 100 * (name == "wild")))
    return tmp_path / "tunes"


def test_learn_make_and_measure(folder, tmp_path) -> None:
    model = bottega.train(folder, recipe="tune-rnn", steps=3, to=tmp_path / "model", settings=SMALL)
    assert model.classes == ["calm", "wild"] and model.events.size > 0
    files = bottega.generate(tmp_path / "model", 2, to=tmp_path / "made", label="wild", bars=2, key="a minor", tempo=90)
    made = media.read(files[0])
    assert made.key == (9, "minor") and made.tempos[0][1] == 90
    assert {file.suffix for file in (tmp_path / "made").iterdir()} == {".mid", ".wav", ".png"}
    with pytest.raises(DataError, match="no SoundFont at"):
        bottega.generate(tmp_path / "model", to=tmp_path / "unheard", bars=2, soundfont=str(tmp_path / "none.sf2"))
    assert not (tmp_path / "unheard").exists()
    longer = bottega.edit("continue", files[0], model=tmp_path / "model", to=tmp_path / "more", bars=2)
    assert media.read(longer.files[0]).end > made.end
    assert origins.remake(files[0], to=tmp_path / "again.mid", look_in=[tmp_path]).same
    found = bottega.evaluate(tmp_path / "model", n=2)
    told = json.loads(json.dumps(found.as_json()))
    assert told["nats_per_bar"] > 0 and told["markov_nats_per_bar"] > 0 and told["samples"] == 2
    assert found.text().count("\n") == 10
    assert (tmp_path / "model" / "copies.md").exists()


def test_wishes_that_make_no_sense_are_refused() -> None:
    assert asked(ScoreMaking, {"key": "bbm", "meter": "6/8"}, "generate").key == "Bb minor"
    for word, value in (("key", "H"), ("meter", "6"), ("mood", "happy"), ("bars", 0), ("tempo", 1)):
        with pytest.raises(UsageError, match=word):
            asked(ScoreMaking, {word: value}, "generate")


def test_the_form_of_a_tune_says_which_bars_come_back() -> None:
    four = np.array([[480 * i, 480, 60 + i % 4 + (i >= 8) * 5, 90] for i in range(20)])  # bars A A B B A
    four[16:, 2] = four[:4, 2]
    grid = laid_out(tidy(Score([Track("", 0, False, four)], 480)))
    assert form_of(Events.learn([grid] * 4).bars(grid)) == (0, 0, 2, 2, 0)

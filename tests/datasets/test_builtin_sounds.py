"""The built-in sounds: always the same, in tune, without clicks, at even levels, and written whole or not at all."""

from pathlib import Path

import numpy as np
import pytest

from bottega.datasets import builtin_sounds
from bottega.datasets.builtin_sounds import CLASSES, RATE, STROKES, draw, draw_stroke, write_collection, write_strokes
from bottega.datasets.sounds import prepare_sounds
from bottega.media import audio


def test_a_phrase_is_a_pure_function_of_its_number() -> None:
    np.testing.assert_array_equal(draw(5)[0].samples, draw(5)[0].samples)
    assert [draw(index)[1] for index in range(len(CLASSES))] == list(CLASSES)
    assert not np.array_equal(draw(1)[0].samples[:, :RATE], draw(5)[0].samples[:, :RATE])


@pytest.mark.parametrize("index", range(8))
def test_phrases_sound_from_the_beginning_and_end_softly(index: int) -> None:
    sound, _name = draw(index)
    assert sound.channels == 2 and sound.rate == RATE and 5 < sound.seconds < 12
    level = np.abs(sound.samples)
    assert level.max() == pytest.approx(0.89, abs=0.01)
    assert level[:, : RATE // 20].max() > 0.02, "it begins with a note"
    assert level[:, 0].max() < 0.01 and level[:, -1].max() < 1e-4, "no click at either end"
    assert level[:, -RATE // 10 :].max() < 0.05
    assert -30 < 10 * np.log10(np.square(sound.samples).mean()) < -10
    assert abs(sound.samples.mean()) < 0.005


def test_plucked_phrases_are_in_tune() -> None:
    sound, _name = draw(CLASSES.index("plucked"))
    spectrum = np.abs(np.fft.rfft(sound.samples.mean(0) * np.hanning(len(sound))))
    hertz = np.arange(len(spectrum)) * RATE / len(sound)
    heard = spectrum[(hertz > 150) & (hertz < 700)]
    pitches = 12 * np.log2(hertz[(hertz > 150) & (hertz < 700)] / 440)
    peaks = (
        np.flatnonzero((heard[1:-1] > heard[:-2]) & (heard[1:-1] > heard[2:]) & (heard[1:-1] > 0.1 * heard.max())) + 1
    )
    off = np.abs(pitches[peaks] - np.rint(pitches[peaks]))
    weights = heard[peaks]
    assert (off * weights).sum() / weights.sum() < 0.12, "semitones"


def test_strokes_are_short_varied_and_quiet_at_the_ends() -> None:
    strokes = [draw_stroke(index) for index in range(3 * len(STROKES))]
    assert {name for _sound, name in strokes} == set(STROKES)
    for sound, _name in strokes:
        assert sound.channels == 1 and 0.05 < sound.seconds < 2.5
        assert np.abs(sound.samples).max() > 0.4
        assert np.abs(sound.samples[:, [0, -1]]).max() < 1e-3
    assert len({sound.seconds for sound, _name in strokes}) > 2 * len(STROKES)


def test_collections_are_written_whole_and_can_be_learned_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_strokes(tmp_path / "strokes", 48)
    assert sorted(path.name for path in folder.iterdir()) == sorted(STROKES)
    data = prepare_sounds(folder, cache=tmp_path / "cache")
    assert data.classes == sorted(STROKES) and data.report.used == 48 and not data.report.skipped
    told: list[tuple[int, int]] = []
    phrases = write_collection(tmp_path / "phrases", 4, lambda *done: told.append(done))
    assert told[-1] == (4, 4)
    file = phrases / CLASSES[0] / "00000.wav"
    np.testing.assert_allclose(audio.read(file).samples, draw(0)[0].samples, atol=2**-23)
    monkeypatch.setattr(builtin_sounds, "draw", None)
    assert write_collection(phrases, 9) == phrases, "what exists is left as it is"
    with pytest.raises(TypeError):
        write_collection(tmp_path / "broken", 4)
    assert not (tmp_path / "broken").exists()

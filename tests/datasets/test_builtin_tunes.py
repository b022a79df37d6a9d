"""The built-in tunes are the same everywhere, whole, in their key, and different from each other."""

import hashlib

import numpy as np
import pytest

from bottega.datasets import builtin_tunes
from bottega.datasets.builtin_tunes.styles import SCALES, STYLES
from bottega.media import score
from bottega.media.midi import to_midi

DRAWN = [builtin_tunes.draw(index) for index in range(64)]


def test_a_tune_is_a_function_of_its_number():
    again = [builtin_tunes.draw(index) for index in range(64)]
    assert again == DRAWN
    digest = hashlib.sha256(b"".join(to_midi(tune) for tune, _name in DRAWN)).hexdigest()
    assert digest == hashlib.sha256(b"".join(to_midi(tune) for tune, _name in again)).hexdigest()
    assert len({tune.tracks[0].notes.tobytes() for tune, _name in DRAWN}) == 64


def test_classes_take_turns():
    assert [name for _tune, name in DRAWN[:16]] == [*builtin_tunes.CLASSES, *builtin_tunes.CLASSES]


@pytest.mark.parametrize("index", range(32))
def test_a_tune_is_whole(index):
    tune, name = DRAWN[index]
    style = STYLES[name]
    assert tune == score.tidy(tune)
    assert tune.meters == [(0, *style.meter)]
    assert tune.end == tune.bars[-1][1]
    upbeat = len(tune.bars) % 8
    assert upbeat in (0, 1) and len(tune.bars) - upbeat in (16, 24, 32)
    assert 25 < tune.seconds < 110
    lead = tune.tracks[0].notes
    assert style.range[0] - 12 <= lead[:, 2].min() and lead[:, 2].max() <= style.range[1] + 2
    assert np.all(lead[1:, 0] >= lead[:-1, 0] + lead[:-1, 1])  # one voice
    assert not np.any(lead[:, :2] % builtin_tunes.STEP)  # on the grid


def test_tunes_stay_in_their_scale_and_end_on_the_tonic():
    for tune, name in DRAWN:
        tonic, _mode = tune.key or (0, "")
        lead = tune.tracks[0].notes
        assert lead[-1, 2] % 12 == tonic
        steps = set(((lead[:, 2] - tonic) % 12).tolist())
        fits = [len(steps - {*SCALES[mode], 11}) for mode in STYLES[name].modes]
        assert min(fits) == 0


def test_melodies_move_by_steps_mostly_and_chords_agree_with_them():
    sizes, agree = [], []
    for tune, _name in DRAWN:
        lead, chords = tune.tracks[0].notes, tune.tracks[1].notes
        sizes.append(np.abs(np.diff(lead[:, 2])))
        for begin, _end in tune.bars[1:-1]:
            sung = lead[(lead[:, 0] <= begin) & (lead[:, 0] + lead[:, 1] > begin), 2] % 12
            bar = chords[(chords[:, 0] >= begin) & (chords[:, 0] < begin + 480 * 2), 2] % 12
            if len(sung) and len(bar):
                agree.append(sung[0] in bar)
    every = np.concatenate(sizes)
    assert (every <= 4).mean() > 0.6 and (every > 12).mean() < 0.01 and (every == 0).mean() < 0.2
    assert np.mean(agree) > 0.85


def test_a_collection_is_written_once(tmp_path):
    folder = builtin_tunes.write_collection(tmp_path / "tunes", 16)
    assert sorted(path.name for path in folder.iterdir()) == list(builtin_tunes.CLASSES)
    path = folder / "jig" / "00001.mid"
    assert score.read(path) == DRAWN[1][0]
    path.unlink()
    builtin_tunes.write_collection(folder, 16)
    assert not path.exists()

"""Windows of frames: a pure function of key and step, fair to every place, and short works stand in rows of silence."""

import numpy as np
import pytest

from bottega.datasets.frames import Frames


def works(*lengths: int) -> list[np.ndarray]:
    """Frames that say which work they are of, and which place in it."""
    return [np.stack([np.full(n, k), np.arange(n)]).astype(np.float32) for k, n in enumerate(lengths)]


def test_a_batch_follows_from_key_and_step():
    rows = Frames(works(50, 9, 30), np.array([0, 1, 0]), length=12)
    one, label = rows.batch((3,), 5, 8)
    again, _label = Frames(works(50, 9, 30), np.array([0, 1, 0]), length=12).batch((3,), 5, 8)
    assert np.array_equal(one, again) and one.shape == (8, 2, 12) and one.dtype == np.float32
    assert np.array_equal(label, np.array([0, 1, 0])[one[:, 0, 0].astype(int)])
    assert not np.array_equal(one, rows.batch((4,), 5, 8)[0])
    parts = [rows.batch((3,), 5, 8, rank, 2)[0] for rank in range(2)]
    assert np.array_equal(np.concatenate(parts), one)


def test_every_place_is_shown_and_windows_stay_inside_a_work():
    rows = Frames(works(40, 25), length=10)
    assert rows.labels is None and len(rows) == 6
    batch = np.concatenate([rows.batch((0,), step, 6)[0] for step in range(60)])
    assert (np.diff(batch[:, 1], axis=1) == 1).all() and (np.diff(batch[:, 0], axis=1) == 0).all()
    for work, length in ((0, 40), (1, 25)):
        starts = batch[batch[:, 0, 0] == work][:, 1, 0]
        assert starts.min() == 0 and starts.max() == length - 10
        assert abs(starts.mean() - (length - 10) / 2) < 2
    share = (batch[:, 0, 0] == 0).mean()
    assert share == pytest.approx(40 / 65, abs=0.08)


def test_a_short_work_stands_anywhere_in_its_row():
    rows = Frames(works(3), length=8)
    batch = np.concatenate([rows.batch((0,), step, 4)[0] for step in range(20)])
    begins = {int((row == 0).sum()) for row in batch[:, 1]}
    assert len(begins) > 3
    assert all((np.diff(row) >= 0).all() and row[-1] == 2 for row in batch[:, 1])


def test_refuses_nothing():
    with pytest.raises(ValueError, match="at least one"):
        Frames([], length=4)

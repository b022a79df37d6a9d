"""Rows of tunes: the same for the same key, in every key, from every bar."""

import numpy as np
import pytest

from bottega.datasets.tunes import Tunes

SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3}
BAR = 4
MOVED = np.stack([np.arange(40), np.concatenate([np.arange(20), np.arange(20, 40) + 0])])
MOVED[1, 20:30] = np.arange(30, 40)  # "higher by ten"


def rows(length: int = 12) -> Tunes:
    works = [[np.array([BAR, 20 + k, 21]) for k in range(n)] for n in (2, 9)]
    return Tunes(works, [np.array([0, 5]), np.array([0, 6])], SPECIAL, MOVED, length=length)


def test_a_row_is_head_and_bars() -> None:
    data = rows()
    shown, labels = data.batch((0,), 0, 64)
    assert labels is None and shown.shape == (64, 13)
    for row in shown.tolist():
        assert row[0] == 0 and row[1] in (5, 6)
        at = 3 if row[2] == SPECIAL["gap"] else 2
        assert row[at] == BAR
        notes = [token for token in row if token >= 20]
        assert all(token < 30 for token in notes) or all(token >= 30 for token in notes)  # one key in one row
    short = shown[shown[:, 1] == 5]
    assert (short[:, 2] == BAR).all() and (short[:, 8] == SPECIAL["eos"]).all() and (short[:, 9:] == 2).all()
    long = shown[shown[:, 1] == 6]
    assert (long[:, 2] == SPECIAL["gap"]).any() and (long[:, 2] == BAR).any()
    assert (long == SPECIAL["eos"]).any()  # its end is shown too
    assert {True, False} == set((shown >= 30).any(1).tolist())  # in both keys


def test_batches_are_a_pure_function_and_shared_out() -> None:
    whole = rows().batch((7,), 3, 4)[0]
    assert np.array_equal(whole, rows().batch((7,), 3, 4)[0])
    parts = [rows().batch((7,), 3, 4, rank, 2)[0] for rank in (0, 1)]
    assert np.array_equal(np.concatenate(parts), whole)
    assert not np.array_equal(whole, rows().batch((8,), 3, 4)[0])


def test_every_tune_comes_in_every_epoch() -> None:
    data = rows()
    assert len(data) == 1 + 3
    heads = [data.batch((0,), step, 1)[0][0, 1] for step in range(len(data))]
    assert sorted(heads) == [5, 6, 6, 6]


def test_rows_have_a_length() -> None:
    with pytest.raises(ValueError):
        rows(length=0)

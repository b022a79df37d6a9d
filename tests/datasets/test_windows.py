from itertools import pairwise

import numpy as np
import pytest

from bottega.datasets.windows import Windows, class_word

SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5, "class 0": 6, "class 1": 7}
WORKS = [np.arange(10, 10 + n) for n in (5, 9, 1, 20)]


def test_an_epoch_shows_every_token_nearly_once():
    rows = Windows(WORKS, SPECIAL, length=6)
    assert rows.tokens == 35 + 8 and len(rows) == 7
    shown = np.concatenate([rows.batch((0,), step, 1)[0][0, :-1] for step in range(len(rows))])
    assert len(shown) == 42 and sorted(shown)[:4] == [0, 0, 0, 0]


def test_a_row_goes_on_where_the_stream_does():
    rows = Windows(WORKS[-1:], SPECIAL, length=4)
    batch, labels = rows.batch((0,), 0, 5)
    assert batch.shape == (5, 5) and batch.dtype == np.int64 and labels is None
    ring = [0, *range(10, 30), 1]
    for row in batch.tolist():
        for before, after in pairwise(row):
            assert after == ring[(ring.index(before) + 1) % len(ring)]


def test_epochs_differ_and_are_repeatable():
    rows = Windows(WORKS, SPECIAL, length=6)
    first, second = rows.batch((0,), 0, 7)[0], rows.batch((0,), 1, 7)[0]
    assert not np.array_equal(first, second)
    assert np.array_equal(Windows(WORKS, SPECIAL, length=6).batch((0,), 1, 7)[0], second)


def test_processes_share_the_batch():
    rows = Windows(WORKS, SPECIAL, length=6)
    whole = rows.batch((3,), 5, 4)[0]
    assert np.array_equal(np.concatenate([rows.batch((3,), 5, 4, rank, 2)[0] for rank in range(2)]), whole)


def test_a_class_stands_behind_the_beginning():
    rows = Windows(WORKS, SPECIAL, np.array([0, 1, 2, 0]), length=60)
    row = rows.batch((0,), 0, 1)[0][0].tolist()
    assert {row[i + 1] for i, token in enumerate(row[:-1]) if token == 0} == {6, 7, 5}
    assert class_word(2, SPECIAL) == SPECIAL["any"]


def test_a_text_shorter_than_a_row_is_shown_again_and_again():
    assert Windows([np.array([10])], SPECIAL, length=8).batch((0,), 0, 1)[0].shape == (1, 9)


def test_a_row_holds_something():
    with pytest.raises(ValueError, match="length"):
        Windows(WORKS, SPECIAL, length=0)

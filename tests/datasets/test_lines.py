import numpy as np
import pytest

from bottega.datasets.lines import Lines
from bottega.errors import DataError
from bottega.representations.tokens import Tokens

POEMS = ["the moon\nis low", "a crow\ncalls once", "rain", "the river\nkeeps on"]
TOKENS = Tokens.learn(POEMS, "characters", 400, ["sad", "glad"])


def rows(texts, labels=None, length=20):
    return Lines([TOKENS.encode(text) for text in texts], TOKENS, labels, length=length)


def texts(batch):
    return [TOKENS.decode(row) for row in batch]


def test_short_works_are_rows():
    made = rows(POEMS)
    batch, _labels = made.batch((0,), 0, 4)
    assert sorted(texts(batch)) == sorted(POEMS)
    assert batch.shape == (4, max(map(len, POEMS)) + 2)  # with a beginning and an end
    for row in batch:
        assert row[0] == TOKENS.bos and (row == TOKENS.eos).sum() == 1
        assert (row[np.argmax(row == TOKENS.eos) + 1 :] == TOKENS.pad).all()


def test_long_works_are_cut_into_lines_and_long_lines_into_sentences():
    made = rows(["one two.\nthree", "aaaa bbbb. cccc dddd.\n\neee"], length=12)
    assert [TOKENS.decode(row) for row in made.rows] == ["one two.", "three", "aaaa bbbb.", " cccc dddd.", "eee"]


def test_a_long_work_among_short_ones_is_left_out():
    assert len(rows([*POEMS * 4, "x" * 30])) == 16


def test_the_class_stands_behind_the_beginning():
    made = rows(POEMS, np.array([0, 1, 2, 0]))
    assert [row[1] for row in made.rows] == [TOKENS.word("sad"), TOKENS.word("glad"), TOKENS.any, TOKENS.word("sad")]


def test_every_epoch_shows_every_row_once_in_another_order():
    made = rows(["a" * (n % 7 + 1) + "bcdefgh"[n // 7] for n in range(48)])
    epochs = [[text for step in range(6) for text in texts(made.batch((3,), e * 6 + step, 8)[0])] for e in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(TOKENS.decode(row) for row in made.rows)
    assert epochs[0] != epochs[1]
    assert (made.batch((3,), 2, 8)[0] == made.batch((3,), 2, 8)[0]).all()


def test_processes_share_a_batch():
    made = rows(POEMS)
    whole = made.batch((0,), 1, 4)[0]
    halves = [made.batch((0,), 1, 4, rank, 2)[0] for rank in range(2)]
    assert sorted(texts(whole)) == sorted(texts(halves[0]) + texts(halves[1]))
    assert halves[0].shape == halves[1].shape


def test_nothing_to_learn_from_is_a_sentence():
    with pytest.raises(DataError, match="Nothing is left"):
        rows(["", "\n\n"])

from dataclasses import dataclass, field

import numpy as np
import pytest

from bottega.datasets.pairs import Pairs, class_token
from bottega.errors import DataError


@dataclass
class Letters:
    """A vocabulary of two classes and letters, each of them a word."""

    special: dict = field(
        default_factory=lambda: {
            "bos": 0,
            "eos": 1,
            "pad": 2,
            "gap": 3,
            "middle": 4,
            "any": 5,
            "class 0": 6,
            "class 1": 7,
        }
    )
    pieces: list = field(
        default_factory=lambda: [b""] * 10 + [b"\n"] + [b" " + bytes([97 + k % 26]) for k in range(29)]
    )


def texts(n, longest=30, seed=0):
    numbers = np.random.default_rng(seed)
    return [numbers.integers(11, 40, numbers.integers(1, longest + 1)) for _ in range(n)]


def rows_of(batch):
    """Sources and targets without what fills them up."""
    return [tuple(side[side != 2].tolist() for side in row) for row in batch]


def test_an_epoch_shows_every_pair_once():
    sources, targets = texts(200), texts(200, seed=1)
    pairs = Pairs(sources, Letters(), targets=targets)
    assert len(pairs) == 200
    seen = [row for step in range(7) for row in rows_of(pairs.batch((3,), step, 30)[0])]
    wanted = [([*s, 1], [0, *t, 1]) for s, t in zip(sources, targets, strict=True)]
    assert sorted(seen) == sorted(wanted)
    assert pairs.per_row == pytest.approx(np.mean([len(s) + len(t) for s, t in seen]))


def test_batches_hold_about_as_many_tokens_of_about_one_length():
    pairs = Pairs(texts(2000), Letters(), targets=texts(2000, seed=1))
    batches = [pairs.batch((3,), step, 50)[0] for step in range(40)]
    held = np.array([(batch != 2).sum() for batch in batches])
    assert held.std() < 0.1 * held.mean()
    filled = sum((batch == 2).sum() for batch in batches) / sum(batch.size for batch in batches)
    assert filled < 0.4  # these sources and targets have nothing to do with each other


def test_a_batch_is_a_function_of_its_name():
    for targets in (None, texts(90, seed=1)):
        pairs, again = (Pairs(texts(90), Letters(), targets=targets) for _time in range(2))
        pairs.batch((3,), 11, 20)
        assert (pairs.batch((3,), 2, 20)[0] == again.batch((3,), 2, 20)[0]).all()
        assert rows_of(pairs.batch((3,), 2, 20)[0]) != rows_of(pairs.batch((3,), 7, 20)[0])
        assert rows_of(pairs.batch((3,), 2, 20)[0]) != rows_of(pairs.batch((4,), 2, 20)[0])


def test_processes_share_a_batch():
    pairs = Pairs(texts(90), Letters(), targets=texts(90, seed=1))
    whole = rows_of(pairs.batch((3,), 1, 20)[0])
    parts = [rows_of(pairs.batch((3,), 1, 20, rank, 4)[0]) for rank in range(4)]
    assert len({len(part) for part in parts}) == 1
    assert sorted(map(str, set(map(str, whole)))) == sorted({str(row) for part in parts for row in part})


def test_empty_and_long_texts_are_left_out():
    sources, targets = texts(5), texts(5, seed=1)
    sources[1], targets[2], targets[3] = sources[1][:0], targets[2][:0], np.full(60, 12)
    pairs = Pairs(sources, Letters(), targets=targets, length=40)
    assert pairs.owner.tolist() == [0, 4]
    with pytest.raises(DataError, match="40 tokens"):
        Pairs(sources[1:4], Letters(), targets=targets[1:4], length=40)
    with pytest.raises(DataError, match="Nothing is left"):
        Pairs([], Letters())


def test_without_pairs_gaps_make_them():
    tokens = Letters()
    works = [np.concatenate([text, [10], text]) for text in texts(40, longest=20)]
    pairs = Pairs(works, tokens, labels=np.arange(40) % 3, length=24)
    assert len(pairs) == 80
    lines = {tuple(work.tolist()) for work in works} | {tuple(work[: len(work) // 2].tolist()) for work in works}
    told = []
    for step in range(20):
        for source, target in rows_of(pairs.batch((3,), step, 8)[0]):
            words = [token for token in target[1:-1] if token not in (3, 4)]
            assert tuple(words) in lines
            assert len(words) <= 24
            told.append(source[0])
            assert source.count(3) == target.count(3) == target.count(4)
            assert len(words) < 6 or 3 in source
    assert set(told) == {5, 6, 7}  # a third has no class, and of the others a tenth is not told


def test_one_long_text_can_be_all_there_is():
    pairs = Pairs([np.full(300, 12)], Letters(), length=20)
    assert all(len(pairs.batch((0,), step, 4)[0]) for step in range(8))


def test_tokens_that_say_something():
    assert [class_token(Letters().special, k) for k in (0, 1, 2, -1)] == [6, 7, 5, 5]

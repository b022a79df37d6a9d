"""A tenth is held out, by content, and families stay together."""

import hashlib

import numpy as np
import pytest

from bottega.datasets.split import MOST, hold_out


def digests(count: int) -> np.ndarray:
    return np.array([hashlib.sha256(bytes(str(number), "ascii")).digest() for number in range(count)])


@pytest.mark.parametrize(("count", "held"), [(2, 1), (9, 1), (10, 1), (15, 2), (100, 10), (50_000, MOST)])
def test_how_many(count, held):
    assert hold_out(digests(count), np.arange(count)).sum() == held


def test_order_does_not_matter():
    content = digests(200)
    shuffle = np.random.default_rng(0).permutation(200)
    groups = np.arange(200) // 3
    assert (hold_out(content, groups)[shuffle] == hold_out(content[shuffle], groups[shuffle] + 7)).all()


def test_most_stay_held_out_when_works_are_added():
    content = digests(220)
    before, after = hold_out(content[:200], np.arange(200)), hold_out(content, np.arange(220))
    assert (before & after[:200]).sum() >= 15


def test_families_stay_together():
    groups = np.arange(300) // 4
    held = hold_out(digests(300), groups)
    assert 20 <= held.sum() <= 30 and set(held.reshape(-1, 4).sum(1)) == {0, 4}


def test_two_large_families():
    held = hold_out(digests(100), np.arange(100) // 60)
    assert held.sum() == 40 and held[60:].all()


def test_one_family():
    assert hold_out(digests(50), np.zeros(50, int)).sum() == 5

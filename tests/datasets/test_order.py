import numpy as np
import pytest

from bottega.datasets.order import rows


def test_every_epoch_is_a_permutation_of_its_own():
    sequence = np.concatenate([rows(10, (3,), step, 4) for step in range(10)])
    epochs = sequence.reshape(4, 10)
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_a_pure_function_of_seed_and_step():
    assert np.array_equal(rows(1000, (1,), 77, 16), rows(1000, (1,), 77, 16))
    assert not np.array_equal(rows(1000, (1,), 77, 16), rows(1000, (2,), 77, 16))
    assert not np.array_equal(rows(1000, (1,), 77, 16), rows(1000, (1, "again", 1), 77, 16))


@pytest.mark.parametrize("n", [1, 3, 50, 1000])
def test_processes_share_the_same_global_batch(n):
    whole = rows(n, (0,), 5, 48)
    parts = [rows(n, (0,), 5, 48, rank, 3) for rank in range(3)]
    assert np.array_equal(whole, np.concatenate(parts))


def test_a_batch_larger_than_the_collection_shows_every_work_equally_often():
    counts = np.bincount(rows(3, (0,), 2, 12), minlength=3)
    assert counts.tolist() == [4, 4, 4]

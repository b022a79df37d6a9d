import numpy as np
import pytest

from bottega.objectives.choosing import choose

SHARES = np.array([0.3, 0.0, 0.5, 0.15, 0.05], np.float32)


def shares(**controls):
    with np.errstate(divide="ignore"):
        logits = np.tile(np.log(SHARES), (4000, 1))
    chosen = choose(logits, np.random.default_rng(0).random(4000, np.float32), **controls)
    return [(chosen == token).mean() for token in range(5)]


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        ({}, SHARES),
        ({"temperature": 0.5}, SHARES**2 / (SHARES**2).sum()),
        ({"temperature": 0}, [0, 0, 1, 0, 0]),
        ({"temperature": 0.01}, [0, 0, 1, 0, 0]),
        ({"top_p": 0.75}, [0.375, 0, 0.625, 0, 0]),
        ({"min_p": 0.4}, [0.375, 0, 0.625, 0, 0]),
        ({"min_p": 0.2, "top_p": 0.9}, [0.3 / 0.95, 0, 0.5 / 0.95, 0.15 / 0.95, 0]),
    ],
)
def test_tokens_come_as_often_as_they_are_likely(controls, expected):
    assert shares(**controls) == pytest.approx(list(expected), abs=0.03)


@pytest.mark.parametrize("controls", [{}, {"top_p": 0.9999}])
def test_the_largest_number_does_not_choose_what_is_ruled_out(controls):
    largest = np.nextafter(np.float32(1), np.float32(0))
    for seed in range(200):
        logits = np.random.default_rng(seed).normal(size=(1, 300)).astype(np.float32)
        logits[0, [0, -1, -2]] = -np.inf
        for chance in (0.0, largest):
            assert np.isfinite(logits[0, choose(logits, np.array([chance], np.float32), **controls)])

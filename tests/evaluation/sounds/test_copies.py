"""A planted copy is found, at any gain and place; what is new is not called a copy."""

import numpy as np
import pytest

from bottega.evaluation.sounds.copies import Library, audit

RATE = 8000


def melody(seed: int, seconds: float) -> np.ndarray:
    """Plucked tones of random pitch and length."""
    draw, parts, left = np.random.default_rng(seed), [], int(seconds * RATE)
    while left > 0:
        n = int(draw.uniform(0.08, 0.3) * RATE)
        t = np.arange(n) / RATE
        f = 220 * 2 ** (draw.integers(0, 24) / 12)
        parts.append(sum(np.sin(2 * np.pi * k * f * t) / k for k in (1, 2, 3)) * np.exp(-6 * t))
        left -= n
    return (0.3 * np.concatenate(parts)[: int(seconds * RATE)]).astype(np.float32)


@pytest.fixture(scope="module")
def library() -> Library:
    return Library([melody(0, 20), melody(1, 15)], RATE)


@pytest.mark.parametrize("gain", [1.0, 0.1, -0.5])
def test_finds_a_planted_copy_and_its_place(library, gain):
    sound = melody(2, 10)
    sound[3 * RATE : 6 * RATE] = gain * melody(1, 15)[int(7.37 * RATE) : int(10.37 * RATE)]
    found = audit([sound], library)
    assert found.passages
    copy = found.passages[0]
    assert copy.sound == 0 and copy.work == 1
    assert copy.begin == pytest.approx(3, abs=0.3) and copy.end == pytest.approx(6, abs=0.3)
    assert copy.first - copy.begin == pytest.approx(4.37, abs=0.05)
    assert 0.2 < found.share < 0.45
    assert found.longest == pytest.approx(3, abs=0.6)


def test_calls_no_new_sound_a_copy(library):
    new = audit([melody(5, 10), 0.1 * np.random.default_rng(0).standard_normal(5 * RATE).astype(np.float32)], library)
    assert new.share == 0 and not new.passages
    assert new.likeness < 0.7


def test_what_is_copied_whole_is_copied_throughout(library):
    found = audit([melody(0, 20)[RATE : 9 * RATE]], library)
    assert found.share == 1 and found.likeness > 0.98 and len(found.passages) == 1


def test_silence_and_the_shortest_sounds_are_no_copies(library):
    found = audit([np.zeros(3 * RATE, np.float32), np.zeros(1, np.float32), np.zeros(0, np.float32)], library)
    assert found.share == 0 and found.seconds == 0


def test_a_library_may_hold_sounds_shorter_than_a_second():
    short = Library([melody(0, 0.3)], RATE)
    assert audit([melody(0, 0.3)], short).share == 1

from types import SimpleNamespace

import pytest

from bottega.errors import UsageError
from bottega.training import budget
from bottega.training.budget import Budget, Clock
from bottega.training.settings import TrainingSettings


@pytest.mark.parametrize(
    "wrong", [{}, {"steps": 3, "minutes": 1}, {"steps": 0}, {"minutes": -1}, {"epochs": float("nan")}]
)
def test_exactly_one_positive_number(wrong):
    with pytest.raises(UsageError):
        Budget(**wrong)


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"ema": 1.1}, {"ema": -0.1}, {"previews": -1}])
def test_settings_out_of_range(wrong):
    with pytest.raises(UsageError):
        TrainingSettings(**wrong)


def test_steps_and_epochs():
    assert Budget(steps=7).in_steps(100, 64) == 7
    assert Budget(epochs=2).in_steps(100, 64) == 4  # 200 works in batches of 64
    assert Budget(minutes=2).in_steps(100, 64) is None
    clock = Clock(Budget(steps=8), 8)
    assert [clock.progress(step) for step in (0, 2, 8, 9)] == [0, 0.25, 1, 1]
    assert clock.seconds_left(4, steps_per_second=2.0) == 2


def test_minutes_follow_the_clock_and_what_was_used_before(monkeypatch):
    now = 100.0
    monkeypatch.setattr(budget, "time", SimpleNamespace(monotonic=lambda: now))
    clock = Clock(Budget(minutes=1), None)
    clock.start(used=30)
    assert clock.progress(0) == 0.5
    now += 6
    assert clock.progress(0) == 0.6
    assert clock.seconds_left(0, 1.0) == 24
    clock.start(used=61)
    assert clock.progress(0) == 1


def test_time_for_the_end_is_kept_back_but_never_much():
    clock = Clock(Budget(minutes=1), None)
    clock.start(used=57)
    clock.keep_back(3)
    assert clock.progress(0) == pytest.approx(1, abs=0.001)
    clock.keep_back(1000)
    assert clock.reserve == 6

"""Time in a film: rates are told exactly, and each tick shows what is to be seen then."""

from fractions import Fraction

import pytest

from bottega.media.films.clock import at_rate, consistent, neat, rate_of

MILLISECOND = Fraction(1, 1000)
NTSC = Fraction(24000, 1001)


def stamps(rate: Fraction, tick: Fraction, count: int = 50) -> list[Fraction]:
    """When pictures begin, as a file tells it."""
    return [round(number / rate / tick) * tick for number in range(count)]


@pytest.mark.parametrize(
    "rate", [Fraction(12), Fraction(25), NTSC, Fraction(60000, 1001), Fraction(23, 7), Fraction(1, 2)]
)
def test_a_rate_is_found_behind_rounded_times(rate: Fraction) -> None:
    rounded = (1 / rate).limit_denominator(1_000_000)  # what a header says that counts time in whole steps
    assert rate_of(stamps(rate, MILLISECOND), MILLISECOND, [1 / rounded]) == rate
    assert rate_of(stamps(rate, 1 / rate), 1 / rate, []) == rate


def test_wrong_claims_are_not_believed() -> None:
    times = stamps(Fraction(25), Fraction(1, 12_800))
    assert rate_of(times, Fraction(1, 12_800), [Fraction(90_000), Fraction(24), Fraction(0)]) == 25
    assert rate_of([Fraction(0)], MILLISECOND, []) == 25
    assert rate_of([Fraction(0)], MILLISECOND, [NTSC]) == NTSC


def test_a_variable_rate_becomes_the_usual_one() -> None:
    times = [Fraction(number, 10) for number in (0, 1, 2, 3, 9, 10, 11, 30, 31)]
    assert rate_of(times, MILLISECOND, [Fraction(90_000), Fraction(8, 3)]) == 10


def test_a_rate_of_ntsc_is_not_made_a_simpler_one() -> None:
    assert neat(Fraction(19001, 792) * Fraction(792, 19001) * NTSC, MILLISECOND) == NTSC
    assert neat(Fraction(45000, 1499), Fraction(1, 90_000)) == Fraction(45000, 1499)
    assert neat(Fraction(29_999_999, 1_000_000), MILLISECOND) == 30


def seen(times: list[str | None], rate: int, **more: Fraction) -> list[int]:
    """The numbers of the pictures that begin at these times, the last of which lasts a second, at each tick."""
    each = ((None if time is None else Fraction(time), Fraction(1), number) for number, time in enumerate(times))
    return [number for number, count in at_rate(each, Fraction(rate), **more) for _again in range(count)]


def test_each_tick_shows_what_is_to_be_seen_then() -> None:
    assert seen(["0", "1", "2"], 1) == [0, 1, 2]
    assert seen(["0", "1.001", "1.999"], 1) == [0, 1, 2]  # rounded times
    assert seen(["0", "1", "2"], 2) == [0, 0, 1, 1, 2, 2]
    assert seen(["0", "0.25", "0.5", "0.75"], 2) == [0, 2, 3, 3]  # the last one lasts a second
    assert seen(["0", "3"], 1) == [0, 0, 0, 1]
    assert seen([None, None, None], 1) == [0, 1, 2]
    assert seen(["0"], 100) == [0] * 100
    assert seen(["0", "0.001"], 1) == [1]


def test_a_cut_begins_and_ends_where_it_is_told() -> None:
    assert seen(["0", "1", "2", "3"], 1, start=Fraction(1), seconds=Fraction(2)) == [1, 2]
    assert seen(["0", "1", "2", "3"], 1, seconds=Fraction(1, 100)) == [0]
    assert seen(["0", "1"], 1, start=Fraction(5)) == []


def test_times_that_leap_forward_by_hours_or_back_go_on() -> None:
    assert seen(["0", "1", "90000", "90001"], 1) == [0, 1, 2, 3]
    assert seen(["0", "1", "0", "1"], 1) == [0, 1, 2, 3]
    assert len(seen(["0", "500"], 1)) == 501  # a slide that is shown for a while


def test_a_time_that_the_next_one_contradicts_is_not_known():
    step = Fraction(1, 10)
    times = [step * i for i in range(6)]
    damaged = [*times[:2], Fraction(17), *times[3:], None]
    found = list(consistent((time, step, number) for number, time in enumerate(damaged)))
    assert [time for time, _length, _number in found] == [*times[:2], None, *times[3:], None]
    assert [number for _time, _length, number in found] == list(range(7))

"""Time in a film: at which fixed rate its pictures come, and which of them is seen at each tick of another.

All times are exact fractions of seconds.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

SLOWEST, FASTEST = Fraction(1, 3600), Fraction(1000)  # frames per second that are believed
USUAL = Fraction(240)  # a median gap is no proof of a higher rate
FINE = Fraction(1, 2000)  # seconds; containers whose time steps are smaller tell rates exactly
LOOK = Fraction(9, 20)  # of a tick; its middle would fall on the border between two pictures at half their rate
LONGEST_STILL = 600  # seconds that one frame may last; time stamps that leap further are wrong
SAMPLED = 256  # packets whose time stamps tell the rate


def neat(rate: Fraction, tick: Fraction) -> Fraction:
    """The rate that is meant by one that was rounded: 24000/1001 by 19001/792.

    A whole number or one of NTSC's; where the file's time is coarse also the simplest fraction within a millionth.
    """
    for candidate in (Fraction(round(rate)), Fraction(round(rate * 1001 / 1000) * 1000, 1001)):
        if candidate and abs(candidate - rate) <= rate / 500_000:
            return candidate
    for denominator in range(2, 1002 if tick > FINE else 2):
        candidate = Fraction(round(rate * denominator), denominator)
        if candidate and abs(candidate - rate) <= rate / 1_000_000:
            return candidate
    return rate


def rate_of(times: list[Fraction], tick: Fraction, claims: list[Fraction]) -> Fraction:
    """The rate at which a film's pictures come.

    Args:
        times: when the first ones begin, in order.
        tick: the step in which the file tells time; each time may be off by one.
        claims: what the file says its rate is, the most trusted first.

    Returns:
        The first claim that explains the times; else, when all gaps are alike, their inverse; else, as pictures come
        at a variable rate, the inverse of the median gap as a whole number.
    """
    claims = [claim for claim in claims if claim and SLOWEST <= claim <= FASTEST]
    gaps = sorted(after - before for before, after in pairwise(times) if after > before)
    for claim in claims:
        if all(abs(time - times[0] - index / claim) <= tick for index, time in enumerate(times)):
            return neat(claim, tick)
    if not gaps:
        return claims[0] if claims else Fraction(25)
    if gaps[0] == gaps[-1]:
        return min(max(neat(1 / gaps[0], tick), SLOWEST), FASTEST)
    median = 1 / gaps[len(gaps) // 2]
    whole = Fraction(round(median)) if median > 1 else 1 / Fraction(round(1 / median))
    return min(max(whole, SLOWEST), USUAL)


def at_rate(
    pictures: Iterable[tuple[Fraction | None, Fraction, T]],
    rate: Fraction,
    start: Fraction = Fraction(0),
    seconds: Fraction | None = None,
) -> Iterator[tuple[T, int]]:
    """Which pictures are seen at the ticks of a fixed rate.

    Each tick shows what was to be seen near its middle, so time stamps that a container has rounded change nothing.

    Args:
        pictures: when each begins (None: when the one before ends), how long it lasts when nothing follows, itself.
        rate: ticks per second.
        start: seconds before the first tick.
        seconds: the time of all ticks; up to the end when not given.

    Yields:
        A picture and for how many ticks it is seen, at least one; one tick at least for a film that is shorter.
    """
    limit = None if seconds is None else max(1, round(seconds * rate))
    given, shift = 0, Fraction(0)
    held: tuple[Fraction, Fraction, T] | None = None  # when the last picture began and will end, and itself
    for time, length, picture in pictures:
        now = (held[1] if held else Fraction(0)) if time is None else time + shift
        if held is not None:
            begun, end, before = held
            if not begun <= now <= begun + LONGEST_STILL:  # the time stamps leap
                shift += end - now
                now = end
            count = _ticks(now, start, rate, limit) - given
            if count > 0:
                yield before, count
                given += count
            if given == limit:
                return
        held = now, now + length, picture
    if held is not None:
        count = _ticks(held[1], start, rate, limit) - given
        if count > 0 or (given == 0 and held[1] > start):
            yield held[2], max(count, 1)


def _ticks(time: Fraction, start: Fraction, rate: Fraction, limit: int | None) -> int:
    """How many ticks look at what is seen before a time."""
    ticks = max(0, math.ceil((time - start) * rate - LOOK))
    return ticks if limit is None else min(ticks, limit)


def consistent(
    pictures: Iterable[tuple[Fraction | None, Fraction, T]],
) -> Iterator[tuple[Fraction | None, Fraction, T]]:
    """Pictures, each after its time: one that the next time contradicts, as in damaged files, is not known (None)."""
    waiting = None
    for one in pictures:
        if waiting is not None:
            time, length, picture = waiting
            wrong = time is not None and one[0] is not None and one[0] < time
            yield None if wrong else time, length, picture
        waiting = one
    if waiting is not None:
        yield waiting

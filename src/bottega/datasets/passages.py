"""Where some works say the same as a text: every match, word for word, found at once in a library of any size.

Texts are compared as rows of units: a word, or a Chinese (Japanese) character. Case, punctuation, white space and
accents are left out, so a copy is found however it is set. The units of all works stand end to end in one row, whose
suffixes are sorted by prefix doubling (Manber & Myers 1993, "Suffix arrays"): every place where some words occur is one
stretch of that order, found by bisection and narrowed with each word more.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

WORDS, CHARACTERS = 8, 10
"""A match of so many words, or so many Chinese characters, is long: below, idioms and stock phrases match all the time.
In mixed text a match is long when its share of both adds up to 1."""

HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
UNIT = re.compile(rf"[{HAN}]|[^\W_{HAN}]+")
APOSTROPHES = "'’‘ʼ＇"


class _Folding(dict):
    """What each character counts as, letter by letter, so that any part of a text folds as it does in the whole."""

    def __missing__(self, number: int) -> str:
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", chr(number)).casefold())
        # marks go, as do apostrophes (“don't” is one word) and what has no width
        kept = "".join(c for c in apart if unicodedata.category(c) not in ("Mn", "Me", "Cf") and c not in APOSTROPHES)
        self[number] = kept
        return kept


_FOLD = _Folding()


def fold(text: str) -> str:
    """The text with small letters only, without accents and apostrophes; ``fold(a + b) == fold(a) + fold(b)``."""
    return text.translate(_FOLD)


def units(text: str) -> list[str]:
    """The words and Chinese characters of a text, folded."""
    return UNIT.findall(fold(text))


def spans(text: str) -> np.ndarray:
    """Where the units of a text begin and end in it, int64 ``(n, 2)``."""
    folded = [fold(character) for character in text]
    of = np.repeat(np.arange(len(text)), [len(part) for part in folded])  # the character each folded one comes from
    found = [(of[match.start()], of[match.end() - 1] + 1) for match in UNIT.finditer("".join(folded))]
    return np.array(found, np.int64).reshape(-1, 2)


def is_character(unit: str) -> bool:
    """Whether a unit is a Chinese character rather than a word."""
    return len(unit) == 1 and re.match(f"[{HAN}]", unit) is not None


def weight(unit: str, words: int = WORDS, characters: int = CHARACTERS) -> float:
    """A unit's part in what makes a match long; it is long from 1 on."""
    return 1 / characters if is_character(unit) else 1 / words


@dataclass(frozen=True)
class Stretch:
    """All places of the works where some units occur: positions ``order[low:high]``."""

    low: int
    high: int
    depth: int  # how many units

    def __bool__(self) -> bool:
        return self.high > self.low


class Passages:
    """Some works, ready to be searched.

    Args:
        works: their texts.

    Attributes:
        number: of each unit that occurs, from 1 on.
        row: the units of all works, int32 ``(N,)``; 0 stands between works.
        order: the positions of ``row``, sorted by what follows them, int64 ``(N,)``.
        starts: where each work begins in ``row``.
    """

    def __init__(self, works: Iterable[str]) -> None:
        self.number: dict[str, int] = {}
        rows, starts, at = [], [], 0
        for work in works:
            found = units(work)
            for unit in found:
                self.number.setdefault(unit, len(self.number) + 1)
            rows.append(np.array([*(self.number[unit] for unit in found), 0], np.int32))
            starts.append(at)
            at += len(rows[-1])
        self.row = np.concatenate([np.zeros(0, np.int32), *rows])
        self.starts = np.array(starts, np.int64)
        self.order = suffix_order(self.row)
        self.names = ["", *self.number]

    def __len__(self) -> int:
        """Works."""
        return len(self.starts)

    def everywhere(self) -> Stretch:
        """All places, before any unit is asked for."""
        return Stretch(0, len(self.row), 0)

    def narrowed(self, stretch: Stretch, unit: str) -> Stretch:
        """The places of a stretch that go on with one unit more."""
        number, depth = self.number.get(unit), stretch.depth
        if number is None or not stretch:
            return Stretch(0, 0, depth + 1)

        def following(position: np.int64) -> int:
            return self.row[position + depth] if position + depth < len(self.row) else -1

        low = bisect_left(self.order, number, stretch.low, stretch.high, key=following)
        return Stretch(low, bisect_right(self.order, number, low, stretch.high, key=following), depth + 1)

    def find(self, wanted: Iterable[str]) -> Stretch:
        """All places where these units follow one another."""
        stretch = self.everywhere()
        for unit in wanted:
            stretch = self.narrowed(stretch, unit)
            if not stretch:
                break
        return stretch

    def following(self, stretch: Stretch) -> set[str]:
        """The units that follow anywhere in a stretch."""
        at = self.order[stretch.low : stretch.high] + stretch.depth
        return {self.names[number] for number in np.unique(self.row[at[at < len(self.row)]])} - {""}

    def longest(self, wanted: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """From each unit of a text the longest match that begins there.

        Returns:
            how many units match, ``(n,)``, and one position in ``row`` where they stand, ``(n,)`` (-1: nowhere).
        """
        numbers = np.array([self.number.get(unit, -1) for unit in wanted], np.int64)
        length, place = np.zeros(len(numbers), np.int64), np.full(len(numbers), -1)
        alive = np.flatnonzero(numbers > 0)
        low, high = np.zeros(len(alive), np.int64), np.full(len(alive), len(self.row))
        depth = 0
        while len(alive):
            low, high = self._narrow(low, high, np.full(len(alive), depth), numbers[alive + depth])
            depth += 1
            found = high > low
            alive, low, high = alive[found], low[found], high[found]
            length[alive], place[alive] = depth, self.order[low]
            more = alive + depth < len(numbers)
            alive, low, high = alive[more], low[more], high[more]
        return length, place

    def work_at(self, position: int) -> tuple[int, int]:
        """Which work stands at a position of ``row``, and which of its units it is."""
        work = int(np.searchsorted(self.starts, position, "right")) - 1
        return work, int(position - self.starts[work])

    def _narrow(self, low: np.ndarray, high: np.ndarray, depth: np.ndarray, number: np.ndarray):
        """Within each stretch ``order[low:high]``, equal so far, the part whose unit at ``depth`` is ``number``."""
        return self._bisect(low, high, depth, number), self._bisect(low, high, depth, number + 1)

    def _bisect(self, low: np.ndarray, high: np.ndarray, depth: np.ndarray, number: np.ndarray) -> np.ndarray:
        """In each stretch the first place whose unit at ``depth`` is at least ``number``."""
        low, high = low.copy(), high.copy()
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            at = self.order[middle] + depth
            there = np.where(at < len(self.row), self.row[np.minimum(at, len(self.row) - 1)], -1)
            smaller = open_ & (there < number)
            low = np.where(smaller, middle + 1, low)
            high = np.where(open_ & ~smaller, middle, high)
        return low


def suffix_order(row: np.ndarray) -> np.ndarray:
    """The positions of a row of numbers ≥ 0, sorted by the numbers from there to the end: int64 ``(N,)``."""
    if not len(row):
        return np.zeros(0, np.int64)
    rank = row.astype(np.int64)
    reach = 1
    while True:
        follows = np.zeros(len(row), np.int64)
        follows[:-reach] = rank[reach:] + 1  # the end sorts before everything
        follows += rank * (int(rank.max()) + 2)
        order = np.argsort(follows, kind="stable")
        new = np.ones(len(row), np.int64)
        new[0] = 0
        np.not_equal(follows[order[1:]], follows[order[:-1]], out=new[1:], casting="unsafe")
        rank = np.empty(len(row), np.int64)
        rank[order] = np.cumsum(new)
        if rank[order[-1]] == len(row) - 1 or reach >= len(row):
            return order
        reach *= 2

"""The copy audit of texts: does a model write, or recite what it learned from?

Every new text is searched for passages that stand word for word in a training work; case, punctuation and white space
do not hide them. A passage counts from 8 words, or 10 Chinese characters, on. Idioms, names and refrains match in any
two texts, so the same is measured of works that nobody can have copied: held-out works, cut to the new texts' length.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bottega.datasets.passages import Passages, fold, spans, units, weight


@dataclass(frozen=True)
class Copy:
    """A passage of a text that also stands in a training work.

    Attributes:
        text: which of the texts.
        begin, end: where it stands in it, in characters.
        units: how long it is, in words and Chinese characters.
        weight: from 1 on it is long.
        work: which training work.
        first: which unit of that work it begins with.
    """

    text: int
    begin: int
    end: int
    units: int
    weight: float
    work: int
    first: int

    def source(self, work: str) -> tuple[int, int]:
        """Where the passage stands in its work, in characters."""
        inside = spans(work)
        return int(inside[self.first, 0]), int(inside[self.first + self.units - 1, 1])


@dataclass(frozen=True)
class CopyAudit:
    """What was found in some texts.

    Attributes:
        share: of all their characters, those inside long passages.
        copied: share of the texts that hold a long passage.
        longest: the longest passage of each text that holds any at all, the longest of all first.
    """

    share: float
    copied: float
    longest: list[Copy]

    @property
    def most(self) -> int:
        """Words or characters of the longest passage of all, 0 when nothing matches."""
        return max((copy.units for copy in self.longest), default=0)


def audit(texts: Sequence[str], works: Passages, tell: Callable[[int], None] = lambda done: None) -> CopyAudit:
    """Look for passages of works in texts.

    Args:
        texts: at least one.
        works: the training works.
        tell: called with the number of texts done.
    """
    inside, long, longest = 0, 0, []
    for number, text in enumerate(texts):
        found = _matches(number, text, works)
        covered = np.zeros(len(text), bool)
        for copy in found:
            if copy.weight >= 1 - 1e-9:
                covered[copy.begin : copy.end] = True
        inside += int(covered.sum())
        long += bool(covered.any())
        longest += [max(found, key=lambda copy: (copy.weight, -copy.begin))] if found else []
        tell(number + 1)
    characters = max(1, sum(len(text.strip()) for text in texts))
    longest.sort(key=lambda copy: (-copy.weight, copy.text))
    return CopyAudit(inside / characters, long / max(1, len(texts)), longest)


def _matches(number: int, text: str, works: Passages) -> list[Copy]:
    """The passages of one text that cannot be prolonged and do not lie inside another."""
    found = units(text)
    length, place = works.longest(found)
    heavy = np.concatenate([[0.0], np.cumsum([weight(unit) for unit in found])])
    where, copies, reached = spans(text), [], 0
    for at, n in enumerate(length.tolist()):
        if n and at + n > reached:
            reached = at + n
            work, first = works.work_at(int(place[at]))
            begin, end, heft = int(where[at, 0]), int(where[at + n - 1, 1]), float(heavy[at + n] - heavy[at])
            copies.append(Copy(number, begin, end, n, heft, work, first))
    return copies


def as_long_as(texts: Sequence[str], works: Sequence[str]) -> list[str]:
    """Works cut into pieces like the texts, at most as many, taken from all over the works.

    A longer text holds longer matches by chance, so both sides of a comparison are given the same length.
    """
    length = max(1, int(np.median([len(text) for text in texts])))
    pieces = [work[at : at + length] for work in works for at in range(0, max(1, len(work) - length // 2), length)]
    pieces = [piece for piece in pieces if fold(piece).strip()]
    step = max(1.0, len(pieces) / max(1, len(texts)))
    return [pieces[int(i * step)] for i in range(min(len(texts), len(pieces)))]

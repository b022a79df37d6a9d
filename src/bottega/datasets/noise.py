"""Where texts written in tokens come apart, and noise that takes words from them.

Lewis et al. 2020, "BART" (arXiv:1910.13461): masked spans and words left out; Lample et al. 2018 (arXiv:1711.00043):
words moved within a few places. All of it whole words, in any vocabulary: bytes, byte pairs, characters.
"""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from bottega.randomness import Random

SPAN = 3.0  # words that one gap stands for, on average
REACH = 3.0  # places by which a word moves, at most
LEFT_OUT, EXCHANGED = 0.15, 0.2  # shares of what noise takes; a gap stands for the rest
END = re.compile(rb"""(?:[.!?]|\xe3\x80\x82|\xef\xbc\x81|\xef\xbc\x9f|\xe2\x80\xa6)(?:["')\]]|\xe2\x80[\x99\x9d])*$""")


class Seams:
    """Which tokens begin a word, break a line and end a sentence.

    A word begins with white space or is a sign as Chinese has them; what follows a line break begins one too.

    Args:
        pieces: the bytes each token adds.
    """

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.word = np.array([piece[:1].isspace() or piece[:1] >= b"\xe2" for piece in pieces])
        self.line = np.array([b"\n" in piece for piece in pieces])
        self.end = np.array([bool(END.search(piece)) for piece in pieces])

    def words(self, ids: np.ndarray) -> np.ndarray:
        """Where each word of ``ids (T,)`` begins, ascending from 0; a line break counts as one."""
        begins = self.word[ids]
        begins[1:] |= self.line[ids[:-1]]
        begins[:1] = True
        return np.flatnonzero(begins)

    def parts(self, ids: np.ndarray, length: int) -> np.ndarray:
        """Where lines and sentences begin and end, ``(n, 2)``, without the line breaks; none exceeds ``length``."""
        begins = np.zeros(len(ids), bool)
        begins[self.words(ids)] = True
        breaks = self.line[ids]
        cuts = np.flatnonzero((self.end[ids[:-1]] & begins[1:]) | breaks[:-1] | breaks[1:]) + 1
        edges = [0, *cuts.tolist(), len(ids)]
        found = []
        for first, last in itertools.pairwise(edges):
            while last - first > length:  # at the last word that fits, or in the middle of one that never ends
                inside = np.flatnonzero(begins[first + 1 : first + length + 1])
                cut = first + (inside[-1] + 1 if len(inside) else length)
                found.append((first, cut))
                first = cut
            if first < last and not breaks[first]:
                found.append((first, last))
        return np.array(found, np.int64).reshape(-1, 2)


def noisy(
    ids: np.ndarray, seams: Seams, amount: float, gap: int, random: Random, strangers: Sequence[np.ndarray] = ()
) -> np.ndarray:
    """What noise leaves of a text, int64 ``(T',)``.

    Args:
        ids: the text.
        amount: the share of words it takes, in [0, 1]; half of the time it moves others as well.
        gap: the token that stands for words taken away.
        strangers: words to put in the place of some; without any there are gaps instead.
    """
    if not len(ids):
        return ids
    starts = seams.words(ids)
    chance = random.uniform(5, len(starts)).numpy()
    breaks = seams.line[ids[starts]]
    ways = _taken(chance, breaks, amount, bool(len(strangers)))
    order = np.arange(len(starts))
    if chance[4, 0] < 0.5:
        line = np.cumsum(breaks) - breaks  # a line break belongs to the line it ends
        order = np.lexsort((order + np.where(breaks, np.inf, chance[3] * REACH * amount), line))
    ends = np.append(starts[1:], len(ids))
    left: list[np.ndarray] = []
    mark, open_gap = np.array([gap], np.int64), False
    for word in order:
        way = ways[word]
        if way == "gap" and not open_gap:
            left.append(mark)
        if way == "kept":
            left.append(ids[starts[word] : ends[word]])
        if way == "exchanged":
            left.append(strangers[int(chance[4, word] * len(strangers))])
        open_gap = way == "gap" or (open_gap and way == "left out")
    return np.concatenate([*left, ids[:0]])


def _taken(chance: np.ndarray, breaks: np.ndarray, amount: float, strangers: bool) -> np.ndarray:
    """What happens to each word; runs of words share one fate."""
    run = np.cumsum((chance[0] < 1 / SPAN) | breaks)
    run -= run[0]
    turn = chance[1][run]  # in which order runs are taken
    turn[breaks] = 2
    share = amount * (~breaks).sum()
    number = int(share) + int(chance[0, 0] < share % 1)
    taken = np.argsort(turn, kind="stable")[:number]
    fate = chance[2][run]
    exchanged = strangers & (fate >= LEFT_OUT) & (fate < LEFT_OUT + EXCHANGED)
    way = np.select([fate < LEFT_OUT, exchanged], ["left out", "exchanged"], "gap")
    ways = np.full(len(breaks), "kept", way.dtype)
    ways[taken] = way[taken]
    return ways

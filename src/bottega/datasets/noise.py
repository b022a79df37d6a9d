"""Where texts written in tokens come apart, and gaps that take words from them.

Spans of words give way to one mark each, as in Lewis et al. 2020, "BART" (arXiv:1910.13461), and the text that is to be
written shows where they stood (Donahue et al. 2020, arXiv:2005.05339): what is kept need not be learned by heart. All
of it whole words, in any vocabulary: bytes, byte pairs, characters.
"""

import itertools
import re
from collections.abc import Sequence

import numpy as np

from bottega.randomness import Random

SPAN = 2.0  # words that are taken together, on average
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


def with_gaps(
    ids: np.ndarray, seams: Seams, amount: float, special: dict[str, int], random: Random
) -> tuple[np.ndarray, np.ndarray]:
    """What is left of a text, and the text with marks around what is gone; both int64.

    The first has the token "gap" where words are gone; the second has there "gap", the words, and "middle". A gap lies
    within a line.

    Args:
        ids: the text.
        amount: the share of words to take, in [0, 1].
    """
    starts = seams.words(ids)
    gone = _gone(random.uniform(2, max(len(starts), 1)).numpy(), seams.line[ids[starts]], amount)
    gap, middle = np.array([special["gap"]]), np.array([special["middle"]])
    left, whole = [ids[:0]], [ids[:0]]
    edges = np.flatnonzero(np.diff(gone, prepend=False, append=False))
    for first, last in itertools.pairwise([0, *edges.tolist(), len(starts)]):
        words = ids[starts[first] : starts[last] if last < len(starts) else len(ids)] if first < last else ids[:0]
        taken = first < last and gone[first]
        left.append(gap if taken else words)
        whole += [gap, words, middle] if taken else [words]
    return np.concatenate(left).astype(np.int64), np.concatenate(whole).astype(np.int64)


def _gone(chance: np.ndarray, breaks: np.ndarray, amount: float) -> np.ndarray:
    """Which words are taken, ``(n,)``: runs of them, the share ``amount`` of all; line breaks (``breaks``) stay."""
    chance = chance[:, : len(breaks)]
    run = np.cumsum((chance[0] < 1 / SPAN) | breaks)
    turn = chance[1][run - run[:1].sum()]  # in which order runs are taken
    turn[breaks] = 2
    gone = np.zeros(len(breaks), bool)
    gone[np.argsort(turn, kind="stable")[: round(amount * (~breaks).sum())]] = True
    return gone

"""How tokens spell: which of a list of words, or of characters, each token can lead to.

A token need not end where a word ends: it may be a letter, a syllable or, in Chinese, half a character or two. Every
spelling stands in a trie of its bytes, and every token is walked through it byte by byte, all of them at once. As the
spellings are sorted, those below a node stand side by side: a node is a range of them, and whether any of them is
wanted is one difference of running counts.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

LONGEST = 24  # spellings that one token may touch: more than the characters of any line


@dataclass(frozen=True)
class Steps:
    """Tokens that lead on from a node.

    Attributes:
        tokens: int64 ``(M,)``.
        low, high: int64 ``(M, K)``: the spellings that the token leads to, as ranges; one column for each spelling it
            touches, in order. Columns it does not reach are -1.
    """

    tokens: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Spellings:
    """Words in a trie of bytes, with a vocabulary that walks in it.

    Args:
        spellings: distinct, in the order of their bytes, none empty.
        pieces: the bytes of each token.
        endless: a spelling is followed by the next one at once. No spelling may then begin another one; the characters
            of UTF-8 never do.

    Attributes:
        ends: int64 ``(N,)``: the spelling that is complete at each node, -1 for none. Node 0 is the root.
        low, high: int64 ``(N,)``: the range of spellings below each node.
    """

    def __init__(self, spellings: list[bytes], pieces: list[bytes], endless: bool = False) -> None:
        self.spellings, self.endless = spellings, endless
        self.pieces, self.length = _matrix(pieces)  # (V, L), (V,)
        self._grow(*_matrix(spellings))
        self.steps: dict[int, Steps] = {}

    def _grow(self, rows: np.ndarray, length: np.ndarray) -> None:
        """Make the trie, a level at a time; the key of a node is its parent and its byte, and all keys are sorted."""
        w, nodes = len(rows), 1
        first = np.append(True, np.zeros(w - 1, bool))  # does the prefix so far differ from the row above?
        parent = np.zeros(w, np.int64)
        keys, low, high, ends = [], [np.array([0])], [np.array([w])], [np.array([-1])]
        for depth in range(rows.shape[1]):
            first = first | np.append(True, rows[1:, depth] != rows[:-1, depth])
            begins = np.flatnonzero(first & (length > depth))  # shorter rows stand before those that go on
            keys.append(parent[begins] * 256 + rows[begins, depth])
            borders = np.append(np.flatnonzero(first), w)
            low.append(begins)
            high.append(borders[np.searchsorted(borders, begins, "right")])
            ends.append(np.where(length[begins] == depth + 1, begins, -1))
            parent = nodes - 1 + np.cumsum(first & (length > depth))
            nodes += len(begins)
        self.keys = np.concatenate([*keys, [nodes * 256]])  # the node of a key is its place plus 1
        self.low, self.high, self.ends = (np.concatenate(parts) for parts in (low, high, ends))

    def child(self, node: int, byte: int) -> int:
        """The node one byte further, -1 where nothing is spelled so."""
        key = node * 256 + byte
        at = int(np.searchsorted(self.keys, key))
        return at + 1 if self.keys[at] == key else -1

    def bytes_of(self, token: int) -> bytes:
        """What a token spells."""
        return self.pieces[token, : self.length[token]].astype(np.uint8).tobytes()

    @cached_property
    def every(self) -> np.ndarray:
        """The tokens that have bytes, int64."""
        return np.flatnonzero(self.length)

    @cached_property
    def _by_first_byte(self) -> list[np.ndarray]:
        return [self.every[self.pieces[self.every, 0] == byte] for byte in range(256)]

    def after(self, node: int) -> Steps:
        """The tokens that can follow at a node; kept, as texts come to the same nodes again and again."""
        if node not in self.steps:
            children = self.keys[slice(*np.searchsorted(self.keys, (node * 256, node * 256 + 256)))] % 256
            groups = [self._by_first_byte[byte] for byte in children]
            self.steps[node] = self.walk(node, np.concatenate([self.every[:0], *groups]))
        return self.steps[node]

    def walk(self, node: int, tokens: np.ndarray, skip: int = 0) -> Steps:
        """Those of ``tokens`` (M,) whose bytes, without the first ``skip``, are spelled from a node."""
        m = len(tokens)
        at, number, alive = np.full(m, node), np.zeros(m, np.int64), np.ones(m, bool)
        low, high = np.full((2, m, LONGEST if self.endless else 1), -1)
        for column in range(skip, self.pieces.shape[1]):
            moving = np.flatnonzero(alive & (self.length[tokens] > column))
            if not len(moving):
                break
            key = at[moving] * 256 + self.pieces[tokens[moving], column]
            place = np.searchsorted(self.keys, key)
            found = (self.keys[place] == key) & (number[moving] < low.shape[1])
            alive[moving[~found]] = False
            moving, reached = moving[found], place[found] + 1
            at[moving] = reached
            low[moving, number[moving]], high[moving, number[moving]] = self.low[reached], self.high[reached]
            if self.endless:
                complete = moving[self.ends[reached] >= 0]
                at[complete] = 0
                number[complete] += 1
        used = max(1, int((low >= 0).any(0).sum()))
        return Steps(tokens[alive], low[alive, :used], high[alive, :used])


def _matrix(rows: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Bytes as int64 ``(W, L)``, filled up with zeros, and their lengths ``(W,)``."""
    length = np.array([len(row) for row in rows])
    matrix = np.zeros((len(rows), max(1, length.max())), np.uint8)
    matrix[np.arange(matrix.shape[1]) < length[:, None]] = np.frombuffer(b"".join(rows), np.uint8)
    return matrix.astype(np.int64), length


def running(wanted: np.ndarray) -> np.ndarray:
    """How many spellings are wanted ``(..., W)`` before each, int32 ``(..., W + 1)``."""
    counts = np.zeros((*wanted.shape[:-1], wanted.shape[-1] + 1), np.int32)
    wanted.cumsum(-1, np.int32, counts[..., 1:])
    return counts

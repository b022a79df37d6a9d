"""Near-duplicates: the same text but for punctuation, capitals and spaces, or sharing most of its 8-grams.

A held-out poem whose other version was trained on measures memory, not learning. Each work is folded to its letters;
of its 8-grams (4-grams of Chinese characters, which say as much) twenty smallest hashes are kept, as in MinHash (Broder
1997). Works that agree in some of them are compared by all their 8-grams.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

import numpy as np

GRAM = 8
HASHES = 20
AGREE = 4  # of the twenty: works that share half of their 8-grams do with probability 0.999
SHARED = 0.5  # of the 8-grams of two works together
KEPT = 512  # 8-grams of a work, those with the smallest hashes, stand for all when two are compared
SLICE = 1 << 18  # characters of a long work that are hashed at once
NEIGHBOURS = 64  # compared with each work for each hash: more share a common phrase, not a text
CHINESE = 0x2E80  # from here on a character counts twice
UNKNOWN = np.uint32(0xFFFFFFFF)
FACTORS = np.array(
    [int.from_bytes(hashlib.sha256(b"%d" % number).digest()[:8], "little") | 1 for number in range(HASHES)], np.uint64
)
BASE = np.uint64(0x9E3779B97F4A7C15)
_folded = np.full(0x110000, UNKNOWN, np.uint32)  # of each character: its small letter, or 0 for what is no letter


def letters(text: str) -> np.ndarray:
    """The letters and digits of a text, small, as uint32 ``(n,)``; a NUL of the text stays one (0)."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    folded = _folded[codes]
    for code in np.unique(codes[folded == UNKNOWN]).tolist():
        character = unicodedata.normalize("NFKC", chr(code)).casefold()[:1]
        _folded[code] = ord(character) if character.isalnum() else 0
    folded = _folded[codes]
    folded = folded[(folded > 0) | (codes == 0)]
    wide = folded >= CHINESE
    return np.repeat(folded, 1 + wide) if wide.any() else folded


def grams(symbols: np.ndarray) -> np.ndarray:
    """Hashes of all 8-grams, uint64 ``(n - 7,)``; of a shorter text one of the whole."""
    if len(symbols) < GRAM:
        symbols = np.concatenate([symbols, np.zeros(GRAM - len(symbols), np.uint32)])
    mixed = (symbols.astype(np.uint64) + np.uint64(1)) * FACTORS[0]
    mixed ^= mixed >> np.uint64(29)
    count = len(symbols) - GRAM + 1
    hashes = np.zeros(count, np.uint64)
    for place in range(GRAM):
        hashes *= BASE
        hashes += mixed[place : place + count]
    hashes ^= hashes >> np.uint64(32)
    return hashes


def slices(text: str) -> Iterator[np.ndarray]:
    """The 8-grams of a text, a stretch at a time: memory does not grow with its length."""
    for begin in range(0, max(1, len(text)), SLICE):
        yield grams(letters(text[begin : begin + SLICE]))


def sketches(texts: list[str]) -> np.ndarray:
    """What near-duplicates have in common: uint32 ``(N, 20)``, the smallest value of each hash over the 8-grams.

    Args:
        texts: clean works; but for those longer than ``SLICE``, all are hashed at once.
    """
    found = np.full((len(texts), HASHES), np.iinfo(np.uint32).max, np.uint32)
    short = np.array([len(text) <= SLICE for text in texts])
    for row in np.flatnonzero(~short).tolist():
        for hashes in slices(texts[row]):
            found[row] = np.minimum(found[row], smallest(hashes, np.zeros(1, np.int64))[0])
    rows = np.flatnonzero(short)
    symbols = letters("".join(f"{texts[row]}\0" for row in rows.tolist()))
    ends = np.flatnonzero(symbols == 0)
    lengths = np.diff(ends, prepend=-1) - 1
    for place in np.flatnonzero(lengths < GRAM).tolist():  # their 8-grams would reach into the next work
        own = grams(symbols[ends[place] - lengths[place] : ends[place]])
        found[rows[place]] = smallest(own, np.zeros(1, np.int64))[0]
    if (lengths >= GRAM).any():
        hashes = grams(symbols)
        place_of = np.repeat(np.arange(len(rows)), lengths + 1)[: len(hashes)]
        inside = np.arange(len(hashes)) + GRAM <= ends[place_of]
        places = place_of[inside]
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        found[rows[places[starts]]] = smallest(hashes[inside], starts)
    return found


def smallest(hashes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The smallest values of the twenty hashes over stretches of 8-grams: uint32 ``(len(starts), 20)``."""
    values = ((hashes * factor >> np.uint64(32)).astype(np.uint32) for factor in FACTORS)
    return np.stack([np.minimum.reduceat(value, starts) for value in values], axis=1)


def kept(text: str) -> np.ndarray:
    """The hashes of a work's 8-grams, sorted, each once; only the smallest when they are many."""
    smallest_yet = np.empty(0, np.uint64)
    for hashes in slices(text):
        if len(smallest_yet) == KEPT:
            hashes = hashes[hashes < smallest_yet[-1]]
        smallest_yet = np.unique(np.concatenate([smallest_yet, hashes]))[:KEPT]
    return smallest_yet


def shared(one: np.ndarray, other: np.ndarray) -> float:
    """How many of the 8-grams of two works both have, of 1: exact for short works, to some hundredths for long ones."""
    either = np.concatenate([one, other])
    either.sort()
    full = [hashes[-1] for hashes in (one, other) if len(hashes) == KEPT]
    if full:  # beyond the last that is kept nothing is known of the longer one
        either = either[either <= min(full)]
    both = np.count_nonzero(either[1:] == either[:-1])
    return both / (len(either) - both)


def candidates(sketched: np.ndarray) -> np.ndarray:
    """Pairs of rows ``(n, 2)`` of ``(N, 20)`` that agree in enough hashes."""
    found = []
    for column in range(HASHES):
        values = np.ascontiguousarray(sketched[:, column])
        order = np.argsort(values, kind="stable")
        values = values[order]
        for step in range(1, min(NEIGHBOURS, len(order))):
            places = np.flatnonzero(values[step:] == values[:-step])
            if not len(places):
                break
            one, other = order[places], order[places + step]
            enough = (sketched[one] == sketched[other]).sum(1) >= AGREE
            one, other = one[enough], other[enough]
            found.append(np.minimum(one, other) * len(sketched) + np.maximum(one, other))
    keys = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
    return np.stack(np.divmod(keys, max(1, len(sketched))), axis=1)


def find_alike(sketched: np.ndarray, text: Callable[[int], str]) -> tuple[list[tuple[int, int]], np.ndarray]:
    """All near-duplicates.

    Args:
        sketched: uint32 ``(N, 20)`` from ``sketches``.
        text: gives a work; only those with similar sketches are asked for.

    Returns:
        the pairs that hold the groups together (a group of n has n - 1 of them), and int64 ``(N,)``: the lowest row of
        each row's group.
    """
    weights = FACTORS * BASE
    keys = np.zeros(len(sketched), np.uint64)
    for column in range(HASHES):
        keys = (keys ^ sketched[:, column]) * weights[column]
    _keys, first, same = np.unique(keys, return_index=True, return_inverse=True)
    root = first[same].astype(np.int64)  # rows whose sketches are one and the same are alike
    repeated = np.flatnonzero(root != np.arange(len(root)))
    pairs = list(zip(root[repeated].tolist(), repeated.tolist(), strict=True))
    distinct = np.sort(first)

    def group(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = int(root[row])
        return row

    @lru_cache(maxsize=1 << 14)
    def hashes(row: int) -> np.ndarray:
        return kept(text(row))

    for first_row, second_row in distinct[candidates(sketched[distinct])].tolist():
        one, other = sorted((group(first_row), group(second_row)))
        if one != other and shared(hashes(first_row), hashes(second_row)) >= SHARED:
            root[other] = one
            pairs.append((first_row, second_row))
    return sorted(pairs), np.array([group(row) for row in range(len(sketched))], np.int64)

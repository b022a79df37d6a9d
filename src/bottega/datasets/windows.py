"""Rows of equal length cut from all works laid end to end, for models that learn to continue."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bottega.language import later
from bottega.randomness import Random

Key = tuple[int | str, ...]


class Windows:
    """What the training loop shows: ``batch`` is a pure function of its arguments.

    A work is ``bos, (its class,) tokens …, eos``. Every epoch shuffles the works, lays them end to end, begins to cut
    at another place and shows the windows in another order, so no sentence stands in the same window twice.

    Args:
        works: tokens of each work without special ones, int64 ``(T,)``, below 65,536.
        special: numbers of the special tokens, as ``Tokens.special``.
        labels: class of each work, int64 ``(N,)``; one past the last class says "no class". ``None`` when nothing
            steers: then no token stands for the class either.
        length: tokens of a row that are predicted; a row holds one more.
    """

    unit = later("tokens")

    def __init__(
        self,
        works: Sequence[np.ndarray],
        special: dict[str, int],
        labels: np.ndarray | None = None,
        *,
        length: int = 256,
    ) -> None:
        if length < 1:
            raise ValueError(f"length is at least 1, not {length}")
        self.length = self.per_row = length
        words = [[]] * len(works) if labels is None else [[class_word(int(k), special)] for k in labels]
        whole = [[[special["bos"], *word], work, [special["eos"]]] for work, word in zip(works, words, strict=True)]
        self.lengths = np.array([sum(map(len, parts)) for parts in whole])
        self.tokens = int(self.lengths.sum())
        # a megabyte of text is one of tokens too: a library need not fit into memory several times
        self.stream = np.concatenate([np.asarray(part, np.uint16) for parts in whole for part in parts])
        self.begins = np.cumsum(self.lengths) - self.lengths
        self._epoch = lru_cache(maxsize=2)(self._lay_out)

    def __len__(self) -> int:
        """Rows in an epoch."""
        return max(1, self.tokens // self.length)

    def batch(self, key: Key, step: int, size: int, rank: int = 0, world: int = 1) -> tuple[np.ndarray, None]:
        """This process's rows of a step, int64 ``(size // world, length + 1)``; labels stand in the rows themselves."""
        mine = size // world
        first = step * size + rank * mine
        rows = np.empty((mine, self.length + 1), np.int64)
        for i in range(mine):
            epoch, place = divmod(first + i, len(self))
            order, ends, starts = self._epoch(key, epoch)
            places = (starts[place] + np.arange(self.length + 1)) % self.tokens
            at = np.searchsorted(ends, places, side="right")  # the works that the row runs through
            rows[i] = self.stream[self.begins[order[at]] + places - ends[at] + self.lengths[order[at]]]
        return rows, None

    def _lay_out(self, key: Key, epoch: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The order of the works in an epoch, where each ends, and where the windows begin."""
        random = Random(*key, "windows", epoch)
        order = random.permutation(len(self.lengths)).numpy()
        shift = int(random.integers(self.tokens, 1))
        starts = shift + self.length * random.permutation(len(self)).numpy()
        return order, np.cumsum(self.lengths[order]), starts


def class_word(label: int, special: dict[str, int]) -> int:
    """The token of a class; one past the last, like every class unknown to the vocabulary, reads as "any"."""
    return special.get(f"class {label}", special["any"])

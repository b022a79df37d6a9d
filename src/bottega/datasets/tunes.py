"""Rows of tunes for models that write them event by event: each begins with what the tune is, at the start of a bar."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bottega.language import later
from bottega.randomness import Random

Key = tuple[int | str, ...]


class Tunes:
    """What the training loop shows: ``batch`` is a pure function of its arguments.

    A row is ``head, bar, bar, … (eos)``. Half of the rows begin where their tune does; the others at any bar, with the
    token "gap" behind the head. Every time a tune is shown it is in another key. A tune comes as often as its length
    asks for.

    Args:
        works: of each tune its bars, int64 ``(T,)`` each.
        heads: what stands before each, int64 ``(H,)``.
        special: numbers of the special tokens.
        moved: for each transposition the token in the place of each token, int64 ``(keys, V)``.
        length: tokens of a row that are predicted; a row holds one more.
    """

    unit = later("events")

    def __init__(
        self,
        works: Sequence[Sequence[np.ndarray]],
        heads: Sequence[np.ndarray],
        special: dict[str, int],
        moved: np.ndarray,
        *,
        length: int = 512,
    ) -> None:
        if length < 1:
            raise ValueError(f"length is at least 1, not {length}")
        self.length, self.special, self.moved = length, special, moved
        self.heads = [np.asarray(head, np.int64) for head in heads]
        self.works = [np.concatenate([*bars, [special["eos"]]]).astype(np.int64) for bars in works]
        self.begins = [np.cumsum([0, *map(len, bars)])[:-1] for bars in works]
        sizes = np.array([len(work) for work in self.works])
        # every work gets as many rows as it fills; rows are dealt from these like cards, so that none is left out long
        self.deck = np.repeat(np.arange(len(sizes)), -(-sizes // length))
        self._epoch = lru_cache(maxsize=2)(self._shuffle)
        self.per_row = float(min(length, sizes.mean()))

    def __len__(self) -> int:
        """Rows in an epoch."""
        return len(self.deck)

    def batch(self, key: Key, step: int, size: int, rank: int = 0, world: int = 1) -> tuple[np.ndarray, None]:
        """This process's rows of a step, int64 ``(size // world, L)``, filled up with "pad"; what steers is in them."""
        mine = size // world
        first = step * size + rank * mine
        rows = np.full((mine, self.length + 1), self.special["pad"], np.int64)
        for i in range(mine):
            epoch, place = divmod(first + i, len(self))
            row = self._row(*self._dealt(key, epoch, place))
            rows[i, : len(row)] = row
        return rows, None

    def _dealt(self, key: Key, epoch: int, place: int) -> tuple[int, list[float]]:
        """The work of a row, and three numbers that say where it begins and in which key."""
        order, numbers = self._epoch(key, epoch)
        return int(order[place]), numbers[place].tolist()

    def _shuffle(self, key: Key, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        random = Random(*key, "tunes", epoch)
        return self.deck[random.permutation(len(self)).numpy()], random.uniform(len(self), 3).numpy()

    def _row(self, work: int, numbers: list[float]) -> np.ndarray:
        """One row, at most ``length + 1``: where it begins and in which key three numbers in [0, 1) say."""
        whole, begins, head = self.works[work], self.begins[work], self.heads[work]
        room = self.length + 1 - len(head)
        start = 0
        if len(whole) > room and numbers[0] >= 0.5:
            last = int(np.searchsorted(begins, len(whole) - room // 2))  # never only the last few events
            start = int(begins[int(numbers[1] * last)])
        amid = [self.special["gap"]] if start else []
        row = np.concatenate([head, amid, whole[start : start + room - len(amid)]]).astype(np.int64)
        return self.moved[int(numbers[2] * len(self.moved))][row]

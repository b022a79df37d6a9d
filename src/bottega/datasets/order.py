"""In which order the works are shown: a pure function of (seed, step), so nothing has to be saved to resume.

Position ``step * batch + i`` of the endless sequence of works belongs to epoch ``position // n``; each epoch is its own
permutation. The sequence does not depend on the number of processes: each takes its rows of every global batch.
"""

from functools import lru_cache
from typing import Protocol

import numpy as np

from bottega.language import later
from bottega.randomness import Random


@lru_cache(maxsize=4)
def _permutation(n: int, key: tuple[int | str, ...], epoch: int) -> np.ndarray:
    return Random(*key, "order", epoch).permutation(n).numpy()


def rows(n: int, key: tuple[int | str, ...], step: int, batch: int, rank: int = 0, world: int = 1) -> np.ndarray:
    """Which of ``n`` works make up this process's part of the batch of ``step``.

    Args:
        n: number of works; may be smaller than the batch.
        key: names the sequence, usually the seed.
        batch: works in the global batch, a multiple of ``world``.

    Returns:
        int64 ``(batch // world,)`` numbers in [0, n), the same split as ``bottega.randomness.Random`` makes.
    """
    mine = batch // world
    first = step * batch + rank * mine
    epochs, places = np.divmod(np.arange(first, first + mine), n)
    chosen = np.empty(mine, np.int64)
    for epoch in range(int(epochs[0]), int(epochs[-1]) + 1):
        here = epochs == epoch
        chosen[here] = _permutation(n, key, epoch)[places[here]]
    return chosen


class EndToEnd:
    """Works of different lengths, laid end to end: every epoch goes through all of them once, in pieces of one length,
    in another order and with other beginnings.

    Args:
        lengths: of the works, in samples or frames.
        count: of a piece; a shorter work counts as one.
        purpose: names the order among other random things.
    """

    def __init__(self, lengths: np.ndarray, count: int, purpose: str) -> None:
        self.ends, self.count, self.purpose = np.cumsum(np.maximum(lengths, count)), count, purpose
        self._epoch = lru_cache(maxsize=2)(self._order)

    def __len__(self) -> int:
        """Pieces in an epoch."""
        return max(1, round(int(self.ends[-1]) / self.count))

    def dice(self, key: tuple[int | str, ...], step: int, size: int, sides: int, rank: int, world: int) -> np.ndarray:
        """Random numbers for this process's part of a step, float64 ``(size // world, sides)`` in [0, 1)."""
        random = Random(*key, self.purpose, step, rank=rank, world=world)
        return random.uniform(size // world, sides).numpy().astype(np.float64)

    def works(
        self, key: tuple[int | str, ...], step: int, size: int, within: np.ndarray, rank: int, world: int
    ) -> np.ndarray:
        """From which works the pieces of a step come, int64 ``(size // world,)``.

        Args:
            within: where in its place of the order each piece lies, in [0, 1).
        """
        mine = size // world
        first = step * size + rank * mine
        epochs, places = np.divmod(np.arange(first, first + mine), len(self))
        shown = [self._epoch(key, int(epoch))[place] for epoch, place in zip(epochs, places, strict=True)]
        at = (np.array(shown) + within) / len(self) * self.ends[-1]
        return np.searchsorted(self.ends, at, side="right").clip(max=len(self.ends) - 1)

    def _order(self, key: tuple[int | str, ...], epoch: int) -> np.ndarray:
        return Random(*key, self.purpose, epoch).permutation(len(self)).numpy()


class Works(Protocol):
    """Works of which some can be read: a prepared collection of pictures."""

    train: np.ndarray
    labels: np.ndarray | None

    def rows(self, indices: np.ndarray) -> np.ndarray:
        """The works of these rows."""
        ...


class Shuffled:
    """The training works one by one, in an order of its own for each epoch: what the training loop is shown.

    Attributes:
        unit, per_row: what a row is counted in, and how many of those it is.
    """

    unit, per_row = later("works"), 1.0

    def __init__(self, data: Works) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data.train)

    def batch(
        self, key: tuple[int | str, ...], step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's works of a step, and their labels; the arguments are those of ``rows``."""
        chosen = self.data.train[rows(len(self), key, step, size, rank, world)]
        labels = self.data.labels
        return self.data.rows(chosen), None if labels is None else labels[chosen]

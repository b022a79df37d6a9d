"""Windows of frames cut from sounds that a codec has encoded."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bottega.language import later
from bottega.randomness import Random

Key = tuple[int | str, ...]


class Frames:
    """What the training loop shows: ``batch`` is a pure function of its arguments.

    Every epoch goes through all works once, in another order and with other beginnings of the windows. A work shorter
    than a row stands somewhere in it, with its first frame held before it and its last one after it.

    Args:
        latents: frames of each work, float32 ``(L, T_i)``, T_i at least 1.
        labels: class of each work, int64 ``(N,)``; None when nothing steers.
        length: frames of a row.
    """

    unit = later("frames")

    def __init__(self, latents: Sequence[np.ndarray], labels: np.ndarray | None = None, *, length: int = 128) -> None:
        if length < 1 or not latents or min(one.shape[1] for one in latents) < 1:
            raise ValueError("frames need at least one work, each of at least one frame, and rows of at least one")
        self.latents, self.labels, self.length = latents, labels, length
        self.per_row = float(length)
        self.lengths = np.array([one.shape[1] for one in latents])
        self.ends = np.cumsum(np.maximum(self.lengths, length))  # a short work fills a row too
        self._order = lru_cache(maxsize=2)(self._shuffled)

    def __len__(self) -> int:
        """Rows in an epoch."""
        return max(1, int(self.ends[-1]) // self.length)

    def batch(
        self, key: Key, step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """This process's rows of a step, float32 ``(size // world, L, length)``, and their labels."""
        mine = size // world
        rows = np.empty((mine, self.latents[0].shape[0], self.length), np.float32)
        works = np.empty(mine, np.int64)
        for i in range(mine):
            epoch, number = divmod(step * size + rank * mine + i, len(self))
            place = int(self._order(key, epoch)[number])
            works[i] = work = int(np.searchsorted(self.ends, place, side="right"))
            rows[i] = self._window(work, place)
        return rows, None if self.labels is None else self.labels[works]

    def _window(self, work: int, place: int) -> np.ndarray:
        """The window that stands as far along its work as ``place`` does: no end is shown more than the middle."""
        frames, count = self.latents[work], int(self.lengths[work])
        spread = max(count, self.length)
        share = (place - (self.ends[work] - spread)) / spread  # in [0, 1)
        if count >= self.length:
            first = int(share * (count - self.length + 1))
            return frames[:, first : first + self.length]
        before = int(share * (self.length - count + 1))
        return np.pad(frames, ((0, 0), (before, self.length - count - before)), mode="edge")

    def _shuffled(self, key: Key, epoch: int) -> np.ndarray:
        """Places in the works laid end to end, one for each row of an epoch."""
        random = Random(*key, "frames", epoch)
        shift = int(random.integers(int(self.ends[-1]), 1))
        places = shift + self.length * random.permutation(len(self)).numpy()
        return places % int(self.ends[-1])

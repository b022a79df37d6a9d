"""Randomness as a pure function of (seed, step, purpose).

Nothing has to be saved to resume a run bit for bit, and the numbers do not depend on how many processes share a batch:
every process draws the whole global batch and keeps its own rows.
"""

import hashlib

import torch
from torch import Tensor


class Random:
    """A stream of random numbers named by its key, for example ``Random(seed, step, "noise")``.

    Args:
        key: integers and strings; the same key always gives the same numbers.
        rank, world: this process's number and the number of processes that share each batch.
    """

    def __init__(self, *key: int | str, rank: int = 0, world: int = 1) -> None:
        self.key, self.rank, self.world = key, rank, world
        digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
        self.generator = torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)

    def child(self, *purpose: int | str) -> "Random":
        """An independent stream for a part of the work."""
        return Random(*self.key, *purpose, rank=self.rank, world=self.world)

    def normal(self, n: int, *shape: int) -> Tensor:
        """Standard normal numbers, ``(n, *shape)``: this process's rows."""
        return self._mine(torch.randn(n * self.world, *shape, generator=self.generator))

    def uniform(self, n: int, *shape: int) -> Tensor:
        """Numbers in [0, 1), ``(n, *shape)``: this process's rows."""
        return self._mine(torch.rand(n * self.world, *shape, generator=self.generator))

    def integers(self, high: int, n: int, *shape: int) -> Tensor:
        """Whole numbers in [0, high), ``(n, *shape)`` int64: this process's rows."""
        return self._mine(torch.randint(high, (n * self.world, *shape), generator=self.generator))

    def permutation(self, n: int) -> Tensor:
        """The numbers 0 … n-1 in random order, the same in every process."""
        return torch.randperm(n, generator=self.generator)

    def _mine(self, rows: Tensor) -> Tensor:
        if self.world == 1:
            return rows
        return rows.chunk(self.world)[self.rank]

"""The average of the weights over time, with which works are made.

The half-life is a constant share of the works seen so far, so the average forgets the beginning at the same relative
pace in a run of a minute and of a day and needs no plan (the power-function profile of Karras et al. 2024, "Analyzing
and Improving the Training Dynamics of Diffusion Models", §3.1). Buffers, such as the statistics of batch normalisation,
are not averaged: the live ones are used.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from bottega.objectives.base import Objective


class Average:
    """Averages the parameters of ``objective.averaged``.

    Args:
        objective: its live weights are read after every step.
        share: half-life as a share of the works seen so far; 0 averages nothing.
    """

    def __init__(self, objective: Objective, share: float) -> None:
        self.share = share
        networks = objective.averaged if share else ()
        chosen = {id(p) for name in networks for p in getattr(objective, name).parameters()}
        named = [(name, p) for name, p in objective.named_parameters() if id(p) in chosen]
        self.names = [name for name, _p in named]
        self.live: list[Tensor] = [p for _name, p in named]
        self.kept: list[Tensor] = [p.detach().clone() for p in self.live]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Take in the weights after step ``step`` (counted from 0)."""
        if self.kept:
            half_life = self.share * (step + 1)  # in steps; every step shows the same number of works
            torch._foreach_lerp_(self.kept, self.live, 1 - 0.5 ** (1 / half_life))

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Inside, the objective holds the averaged weights; afterwards the live ones again."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def install(self) -> None:
        """Give the objective the averaged weights for good."""
        self._swap()

    def tensors(self) -> dict[str, Tensor]:
        """The averaged weights by name."""
        return dict(zip(self.names, self.kept, strict=True))

    def _swap(self) -> None:
        for live, kept in zip(self.live, self.kept, strict=True):
            live.data, kept.data = kept.data, live.data

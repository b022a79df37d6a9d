"""Learning for the few seconds that a test may take."""

from collections.abc import Callable

import torch
from torch import Tensor

from bottega.objectives.base import Objective
from bottega.randomness import Random
from bottega.training.turns import Turn


def learn(objective: Objective, batch: Callable[[int], Tensor], steps: int, calm: int) -> None:
    """Teach an objective; from the step ``calm`` on with a fifth of its rate."""
    turns = [Turn(objective, phase) for phase in objective.phases()]
    for step in range(steps):
        for turn in turns:
            if step / steps < turn.phase.since:
                continue
            turn.backward(turn.phase.loss(batch(step), None, Random(0, step), step / steps)["loss"])
            turn.step(0.5, 1.0 if step < calm else 0.2, torch.tensor(1.0))
            turn.close()
    objective.eval()

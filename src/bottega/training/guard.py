"""What happens when numbers stop being finite.

A step with a non-finite loss or gradient changes nothing. ``PATIENCE`` such steps in a row: back to the last good
checkpoint with half the learning rate and other random numbers. After ``ROLLBACKS`` of those training ends.
"""

import torch
from torch import Tensor, nn

from bottega.errors import TrainingFailed
from bottega.language import _

PATIENCE = 5
ROLLBACKS = 3


class Guard:
    """Counts bad steps and undoes what they did to buffers.

    A forward pass changes buffers (the running statistics of batch normalisation) before the loss is known, and one
    NaN would stay in them for good.
    """

    def __init__(self, network: nn.Module) -> None:
        self.in_a_row = 0
        self._buffers = [b for b in network.buffers() if b.numel()]
        self._before = [b.clone() for b in self._buffers]

    @torch.no_grad()
    def remember(self) -> None:
        """Note the buffers before a phase."""
        if self._buffers:
            torch._foreach_copy_(self._before, self._buffers)

    @torch.no_grad()
    def undo(self) -> None:
        """A bad phase: put the buffers back and count the step."""
        self.in_a_row += 1
        if self._buffers:
            torch._foreach_copy_(self._buffers, self._before)

    def good(self) -> None:
        """A whole step went well."""
        self.in_a_row = 0

    @property
    def out_of_patience(self) -> bool:
        """Whether it is time to go back."""
        return self.in_a_row >= PATIENCE

    def go_back(self, rollbacks: int, phase: str) -> int:
        """One more roll-back, counted.

        Raises:
            TrainingFailed: there were ``ROLLBACKS`` already.
        """
        self.in_a_row = 0
        if rollbacks >= ROLLBACKS:
            raise TrainingFailed(
                _(
                    "Training stopped: the loss of the phase “{phase}” is no longer a finite number, and going back "
                    "{rollbacks} times with a smaller learning rate did not help. The last good state is kept. "
                    "Try a smaller learning rate, or look for broken works in the folder."
                ).format(phase=phase, rollbacks=rollbacks)
            )
        return rollbacks + 1


def learning_scale(rollbacks: int) -> float:
    """What learning rates are multiplied by after so many roll-backs."""
    return 0.5**rollbacks


@torch.no_grad()
def all_finite(tensors: list[Tensor]) -> bool:
    """Whether every number of every floating-point tensor is finite."""
    return all(bool(torch.isfinite(t).all()) for t in tensors if t.is_floating_point())

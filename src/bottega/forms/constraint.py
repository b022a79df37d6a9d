"""What a text may go on with while it is written: the one thing a form, a guard and a wish have in common."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Constraint(Protocol):
    """What one text must keep while it is written. It is asked and told in turn, token after token."""

    @property
    def done(self) -> bool:
        """Whether the text is complete: nothing more is asked."""
        ...

    def allowed(self) -> np.ndarray | None:
        """Which tokens may follow: bool ``(V,)``, or ``None`` where all may."""
        ...

    def take(self, token: int) -> None:
        """Note that ``token`` was written. The end of a work is never told."""
        ...


class Both:
    """Several at once. Where they cannot all be kept, the first ones are: put the form before the guard.

    Args:
        constraints: the most important first.
    """

    def __init__(self, constraints: Sequence[Constraint]) -> None:
        self.constraints = list(constraints)

    @property
    def done(self) -> bool:
        """Whether one of them is complete."""
        return any(constraint.done for constraint in self.constraints)

    def allowed(self) -> np.ndarray | None:
        """What all of them allow together, bool ``(V,)``."""
        together = None
        for constraint in self.constraints:
            mask = constraint.allowed()
            if together is None:
                together = mask
            elif mask is not None and (both := together & mask).any():
                together = both
        return together

    def take(self, token: int) -> None:
        """Tell all of them."""
        for constraint in self.constraints:
            constraint.take(token)


def together(constraints: Sequence[Constraint | None]) -> Constraint | None:
    """Those that there are, as one; None when there are none."""
    found = [constraint for constraint in constraints if constraint is not None]
    return Both(found) if len(found) > 1 else found[0] if found else None

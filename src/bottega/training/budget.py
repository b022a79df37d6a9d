"""How long a run may take, and how far it has come.

Every schedule is a function of the progress u in [0, 1]. With a budget in minutes u follows the clock, so a run ends
annealed and on time on any machine.
"""

import math
import time
from dataclasses import asdict, dataclass

from bottega.errors import UsageError
from bottega.language import _


@dataclass(frozen=True)
class Budget:
    """Exactly one of: ``minutes`` of wall-clock time, ``steps`` of the optimizer, ``epochs`` over the collection.

    Raises:
        UsageError: none or several are given, or the number is not positive.
    """

    minutes: float | None = None
    steps: int | None = None
    epochs: float | None = None

    def __post_init__(self) -> None:
        values = list(self.given().values())
        if len(values) != 1:
            raise UsageError(_("Give exactly one of minutes, steps and epochs."))
        if not (math.isfinite(values[0]) and values[0] > 0):
            raise UsageError(_("The training budget has to be more than 0; it is {value}.").format(value=values[0]))

    def given(self) -> dict[str, float]:
        """The one that is given, by its name: ``{"minutes": 10.0}``."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def part(self, share: float) -> "Budget":
        """A share of it."""
        if self.steps is not None:
            return Budget(steps=max(1, round(self.steps * share)))
        return Budget(**{name: value * share for name, value in self.given().items()})

    def in_steps(self, works: int, batch: int) -> int | None:
        """The number of steps, or ``None`` when the clock decides."""
        if self.epochs is not None:
            return math.ceil(self.epochs * works / batch)
        return self.steps


class Clock:
    """Time used so far and progress.

    Args:
        budget: what was asked for.
        steps: the budget in steps, or ``None`` when it is in minutes.
    """

    def __init__(self, budget: Budget, steps: int | None) -> None:
        self.limit = None if budget.minutes is None else budget.minutes * 60
        self.steps = steps
        self.reserve = 0.0
        self._start = time.monotonic()

    def start(self, used: float) -> None:
        """Start; a resumed run goes on where its clock stood, at ``used`` seconds."""
        self._start = time.monotonic() - used

    def seconds(self) -> float:
        """Seconds of training, previews and checkpoints, over all the processes this run has lived in."""
        return time.monotonic() - self._start

    def keep_back(self, seconds: float) -> None:
        """Leave time for the last preview and checkpoint, at most a tenth of the budget, so the run ends on time."""
        self.reserve = min(seconds, (self.limit or 0.0) / 10)

    def progress(self, step: int) -> float:
        """How far the run has come, in [0, 1], before step ``step`` is taken."""
        if self.limit is not None:
            return min(self.seconds() / (self.limit - self.reserve), 1.0)
        return min(step / (self.steps or 1), 1.0)

    def seconds_left(self, step: int, steps_per_second: float) -> float | None:
        """An honest guess; ``None`` while nothing is known."""
        if self.limit is not None:
            return max(self.limit - self.seconds(), 0.0)
        return max((self.steps or 0) - step, 0) / steps_per_second if steps_per_second > 0 else None

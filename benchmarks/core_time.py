"""Training by processor time, for machines that are not idle."""

import time
from collections.abc import Callable

from bottega.training.budget import Budget


def budget_of(core_seconds: float, trial: int, train: Callable[[Budget], object]) -> Budget:
    """As many steps as take so many seconds of processor time, told from ``trial`` of them; ``train`` must not go on
    from one call to the next."""
    train(Budget(steps=trial))  # the first steps are slower
    before = time.process_time()
    train(Budget(steps=trial))
    return Budget(steps=max(1, round(core_seconds * trial / (time.process_time() - before))))

"""The honest baseline: grains of the training sounds in random order, which need no model at all."""

from collections.abc import Sequence

import numpy as np

from bottega.randomness import Random

SECONDS = 0.05
"""Of a grain."""


def shuffled(works: Sequence[np.ndarray], rate: int, count: int, random: Random, seconds: float = SECONDS):
    """``count`` samples of grains drawn from all places of the works, faded into each other so that none clicks.

    Args:
        works: samples of one channel each, ``(N,)``; together longer than two grains.
        rate: in Hz.
        seconds: of a grain, half of each fade included.

    Returns:
        float32 ``(count,)``.
    """
    hop = max(1, round(seconds * rate))
    fade = max(1, hop // 5)
    every = np.concatenate(works)
    if len(every) <= hop + fade:
        raise ValueError("there is too little sound to cut grains from")
    grains = -(-count // hop) + 1
    places = random.integers(len(every) - hop - fade, grains).numpy()
    rise = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade).astype(np.float32)
    made = np.zeros(grains * hop + fade, np.float32)
    for i, place in enumerate(places.tolist()):
        grain = every[place : place + hop + fade].copy()
        grain[:fade] *= rise
        grain[-fade:] *= rise[::-1]
        made[i * hop : i * hop + hop + fade] += grain
    return made[fade : fade + count]

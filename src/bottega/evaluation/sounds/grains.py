"""The honest baseline: grains of a training work in random order, which need no model at all."""

from collections.abc import Sequence

import numpy as np

from bottega.randomness import Random

SECONDS = 0.05
"""Of a grain."""


def grained(works: Sequence[np.ndarray], rate: int, counts: Sequence[int], random: Random) -> list[np.ndarray]:
    """As many sounds as there are counts of samples, each of grains of one work: the longer a work, the likelier.

    Grains of all works together would be easier to beat: nothing sounds like a dog, a trumpet and a waltz at once.
    """
    edges = np.cumsum([len(work) for work in works])
    which = np.searchsorted(edges, random.child("works").integers(int(edges[-1]), len(counts)).numpy(), side="right")
    return [
        shuffled([works[work]], rate, count, random.child("grains", number))
        for number, (work, count) in enumerate(zip(which.tolist(), counts, strict=True))
    ]


def shuffled(
    works: Sequence[np.ndarray], rate: int, count: int, random: Random, seconds: float = SECONDS
) -> np.ndarray:
    """``count`` samples of grains drawn from all places of the works, faded into each other so that none clicks.

    Args:
        works: samples of one channel each, ``(N,)``.
        rate: in Hz.
        seconds: of a grain, half of each fade included.

    Returns:
        float32 ``(count,)``.
    """
    hop = max(1, round(seconds * rate))
    fade = max(1, hop // 5)
    every = np.concatenate(works)
    every = np.pad(every, (0, max(0, hop + fade + 1 - len(every))))
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

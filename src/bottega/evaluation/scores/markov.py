"""The honest baseline of a model of events: a table of what follows the events of two notes."""

from collections.abc import Iterable

import numpy as np

ORDER = 6  # two notes of a melody: position, length and pitch of each
SMOOTH = 2.0  # events' worth of belief in the shorter context
MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number that scatters contexts over 64 bits


class Markov:
    """A Markov chain of the second order in notes, with shorter contexts where longer ones are rare.

    Args:
        works: tokens of the training works, each with its end.
        size: of the vocabulary.
    """

    def __init__(self, works: Iterable[np.ndarray], size: int) -> None:
        self.size = size
        parts = [_contexts(work) for work in works]
        contexts = np.concatenate([contexts for contexts, _followed in parts], 1)  # (ORDER + 1, T)
        followed = np.concatenate([followed for _contexts, followed in parts], 1)
        self.contexts = [np.unique(some, return_counts=True) for some in contexts]
        self.followed = [np.unique(some, return_counts=True) for some in followed]

    def nats(self, work: np.ndarray) -> np.ndarray:
        """How unlikely each event of a work is, float64 ``(T,)``."""
        contexts, followed = _contexts(work)
        p = np.full(len(work), 1 / self.size)
        for order in range(ORDER + 1):
            all_, these = (
                _counted(self.contexts[order], contexts[order]),
                _counted(self.followed[order], followed[order]),
            )
            p = (these + SMOOTH * p) / (all_ + SMOOTH)
        return -np.log(p)


def _contexts(work: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each event the contexts of each length before it, and the same with it, as numbers ``(ORDER + 1, T)``."""
    padded = np.concatenate([np.zeros(ORDER, np.uint64), work.astype(np.uint64) + np.uint64(1)])
    contexts = np.zeros((ORDER + 1, len(work)), np.uint64)
    for order in range(1, ORDER + 1):
        before = padded[ORDER - order : len(padded) - order]
        contexts[order] = (contexts[order - 1] + before) * MIX + np.uint64(order)
    return contexts, (contexts ^ padded[ORDER:]) * MIX


def _counted(table: tuple[np.ndarray, np.ndarray], wanted: np.ndarray) -> np.ndarray:
    """How often each of some numbers stands in a table."""
    numbers, counts = table
    at = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.where(numbers[at] == wanted, counts[at], 0)

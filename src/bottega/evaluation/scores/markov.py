"""The honest baseline of a model of events: a table of what follows each pair of events."""

from collections.abc import Iterable

import numpy as np

SMOOTH = 2.0  # events' worth of belief in the shorter context


class Markov:
    """A Markov chain of second order over events that are predicted, with shorter contexts where pairs are rare.

    Args:
        works: tokens of the training works, each with its end.
        size: of the vocabulary.
    """

    def __init__(self, works: Iterable[np.ndarray], size: int) -> None:
        self.size = size
        self.counts: list[dict[tuple[int, ...], dict[int, int]]] = [{}, {}, {}]
        for work in works:
            past = (-1, -1)
            for token in work.tolist():
                for order in range(3):
                    told = self.counts[order].setdefault(past[2 - order :], {})
                    told[token] = told.get(token, 0) + 1
                past = (past[1], token)

    def nats(self, work: np.ndarray) -> np.ndarray:
        """How unlikely each event of a work is, float64 ``(T,)``."""
        found, past = np.zeros(len(work)), (-1, -1)
        for i, token in enumerate(work.tolist()):
            p = 1 / self.size
            for order in range(3):
                told = self.counts[order].get(past[2 - order :])
                if told:
                    p = (told.get(token, 0) + SMOOTH * p) / (sum(told.values()) + SMOOTH)
            found[i] = -np.log(p)
            past = (past[1], token)
        return found

"""Rows of one line, sentence or short work each, for models that hold all of it in mind at once."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

from bottega.datasets.noise import Seams
from bottega.datasets.windows import Key, class_word
from bottega.errors import DataError
from bottega.language import _, later
from bottega.randomness import Random

MOST = 0.9  # of the works have to fit for the works to be the rows
POOL = 16  # batches whose rows are sorted by length, so that little of a batch is empty


class Vocabulary(Protocol):
    """What is asked of the tokens; see ``bottega.representations.tokens``."""

    special: dict[str, int]

    @property
    def pieces(self) -> list[bytes]: ...


class Lines:
    """What the training loop shows: rows ``bos, (class,) tokens …, eos``, filled up with the token "pad".

    Where nine works in ten fit, they are the rows; the others are left out. Otherwise each line is a row, and a line
    that is too long gives its sentences.

    Args:
        works: tokens of each work without special ones, int64 ``(T,)``.
        tokens: the vocabulary they are written in.
        labels: class of each work, int64 ``(N,)``; one past the last class says "no class". ``None`` when nothing
            steers: then no token stands for the class either.
        length: the most tokens of a row, without special ones.

    Attributes:
        unit, per_row: what a row is counted in, and how many of those it is.

    Raises:
        DataError: no row is left.
    """

    unit, per_row = later("lines"), 1.0

    def __init__(
        self, works: Sequence[np.ndarray], tokens: Vocabulary, labels: np.ndarray | None = None, *, length: int = 64
    ) -> None:
        if length < 1:
            raise ValueError(f"length is at least 1, not {length}")
        self.pad = tokens.special["pad"]
        self.rows: list[np.ndarray] = []
        for work, texts in enumerate(cut(works, tokens.pieces, length)):
            word = [] if labels is None else [class_word(int(labels[work]), tokens.special)]
            head, end = [tokens.special["bos"], *word], [tokens.special["eos"]]
            self.rows += [np.concatenate([head, text, end]).astype(np.int64) for text in texts]
        if not self.rows:
            raise DataError(
                _("Nothing is left to learn from: the texts are empty, or longer than {length} tokens.").format(
                    length=length
                )
            )
        self.lengths = np.array([len(row) for row in self.rows])
        self._epoch = lru_cache(maxsize=2)(self._plan)

    def __len__(self) -> int:
        """Rows in an epoch."""
        return len(self.rows)

    def batch(self, key: Key, step: int, size: int, rank: int = 0, world: int = 1) -> tuple[np.ndarray, None]:
        """This process's rows of a step, int64 ``(size // world, L)``; classes stand in the rows themselves.

        ``L`` is as long as the longest row of all processes.
        """
        count = -(-len(self) // size)
        epoch, place = divmod(step, count)
        chosen = self._epoch(key, epoch, size)[place]
        filled = np.full((size // world, int(self.lengths[chosen].max())), self.pad, np.int64)
        for i, row in enumerate(chosen[rank::world]):
            filled[i, : self.lengths[row]] = self.rows[row]
        return filled, None

    def _plan(self, key: Key, epoch: int, size: int) -> np.ndarray:
        """Which rows make up each batch, ``(batches, size)``: alike in length, the batches in random order."""
        random, n = Random(*key, "lines", epoch), len(self)
        count = -(-n // size)
        order = np.resize(random.permutation(n).numpy(), count * size)  # some twice, so that all batches are full
        pools = [
            part[np.argsort(self.lengths[part], kind="stable")]
            for part in np.split(order, range(0, len(order), POOL * size))
        ]
        return np.concatenate(pools).reshape(count, size)[random.permutation(count).numpy()]


def cut(works: Sequence[np.ndarray], pieces: Sequence[bytes], length: int) -> list[list[np.ndarray]]:
    """The rows that each work gives: itself where nearly all works fit into ``length`` tokens, its lines otherwise."""
    fits = np.array([0 < len(work) <= length for work in works], bool)
    if len(works) and fits.mean() >= MOST:
        return [[work] if fit else [] for work, fit in zip(works, fits, strict=True)]
    seams = Seams(pieces)
    return [_lines(work, seams, length) for work in works]


def _lines(work: np.ndarray, seams: Seams, length: int) -> list[np.ndarray]:
    breaks = np.flatnonzero(seams.line[work])
    found = []
    for line in np.split(work, np.unique(np.concatenate([breaks, breaks + 1]))):
        if len(line) and not seams.line[line[0]]:
            found += [line] if len(line) <= length else [line[a:b] for a, b in seams.parts(line, length)]
    return found

"""Rows of two texts each, one to read and one to write: aligned pairs, or a text with gaps and the text.

Where a collection holds no pairs, each row is drawn from the works: one or a few lines or sentences, with gaps that
take some or all of the words.

Every batch of an epoch holds about the same number of tokens, in texts of about the same length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np

from bottega.datasets.noise import Seams, with_gaps
from bottega.errors import DataError
from bottega.language import _, later
from bottega.randomness import Random

TOGETHER = 4  # so many lines or sentences at most make one text
UNSAID = 0.1  # how often a class is not told, so that a model can do without
LEAST = 0.1  # share of the words that is taken, at least: what is kept teaches little


class Vocabulary(Protocol):
    """What is asked of the tokens; see ``bottega.representations.tokens``."""

    special: dict[str, int]

    @property
    def pieces(self) -> list[bytes]: ...


@dataclass(frozen=True)
class Epoch:
    """All rows of an epoch, and which of them make up each batch.

    Attributes:
        first, last: tokens of its work that a row takes, ``(N,)``.
        amount: the share of words it loses, ``(N,)``.
        batches: rows of each batch.
    """

    first: np.ndarray
    last: np.ndarray
    amount: np.ndarray
    batches: list[np.ndarray]


class Pairs:
    """Sources and targets in one array ``(B, 2, L)``, filled up with the token "pad".

    A source is ``[class] text eos``, a target ``bos text eos``; see ``with_gaps`` for how gaps stand in both.

    Args:
        works: each work's tokens, int64, without special ones.
        tokens: the vocabulary they are written in.
        labels: the class of each work, int64; the number of classes stands for none.
        targets: what belongs to each work; without it rows are drawn from the works.
        length: the most tokens of a text; longer pairs are left out, longer works are cut into parts.

    Attributes:
        unit, per_row: what a row is counted in, and how many of those it is on average.

    Raises:
        DataError: no row is left.
    """

    unit = later("tokens")

    def __init__(
        self,
        works: Sequence[np.ndarray],
        tokens: Vocabulary,
        labels: np.ndarray | None = None,
        targets: Sequence[np.ndarray] | None = None,
        length: int = 256,
    ) -> None:
        self.works, self.targets, self.length = works, works if targets is None else targets, length
        self.special, self.seams = tokens.special, Seams(tokens.pieces)
        self.gaps = targets is None
        whole = [np.array([[0, len(ids)]]) if len(ids) <= length else np.empty((0, 2), np.int64) for ids in works]
        cut = [self.seams.parts(ids, length) for ids in works] if targets is None else whole
        self.owner = np.repeat(np.arange(len(works)), [len(spans) for spans in cut])
        spans = np.concatenate([*cut, np.empty((0, 2), np.int64)])
        answers = np.array([len(ids) for ids in self.targets], np.int64)[self.owner]
        fits = (spans[:, 1] > 0) & (answers > 0) & ((answers <= length) | self.gaps)
        self.owner, self.begins, self.ends = self.owner[fits], spans[fits, 0], spans[fits, 1]
        if not len(self.owner):
            raise DataError(
                _("Nothing is left to learn from: the texts are empty, or longer than {length} tokens.").format(
                    length=length
                )
            )
        self.labels = None if labels is None else labels[self.owner]
        self._epoch = lru_cache(maxsize=2)(self._plan)
        plan = self._epoch(("length",), 0, 1)
        self.per_row = float(self._tokens(plan.first, plan.last).mean())

    def __len__(self) -> int:
        return len(self.owner)

    def batch(
        self, key: tuple[int | str, ...], step: int, size: int, rank: int = 0, world: int = 1
    ) -> tuple[np.ndarray, None]:
        """This process's share of a step's rows, int64 ``(B, 2, L)``; classes are told in the sources.

        Args:
            key, step: name the batch; nothing else does.
            size: rows of a batch, on average: there are more short texts in one than long ones.
        """
        count = -(-len(self) // size)
        epoch, place = divmod(step, count)
        plan = self._epoch(tuple(key), epoch, count)
        chosen = plan.batches[place]
        chosen = np.resize(chosen, -(-len(chosen) // world) * world)[
            rank::world
        ]  # some twice, so that all have as many
        sources, targets = [], []
        for row in chosen.tolist():
            source, target = self._row(row, plan, Random(*key, "pair", epoch, row))
            sources.append(source)
            targets.append(target)
        longest = max(map(len, sources + targets))
        filled = np.full((len(chosen), 2, longest), self.special["pad"], np.int64)
        for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
            filled[i, 0, : len(source)] = source
            filled[i, 1, : len(target)] = target
        return filled, None

    def _row(self, row: int, plan: Epoch, random: Random) -> tuple[np.ndarray, np.ndarray]:
        work, first, last = self.owner[row], plan.first[row], plan.last[row]
        head = []
        if self.labels is not None:
            told = float(random.uniform(1)) >= UNSAID
            head.append(class_token(self.special, int(self.labels[row]) if told else -1))
        source = self.works[work][first:last]
        target = source if self.gaps else self.targets[work]
        if self.gaps:
            source, target = with_gaps(source, self.seams, float(plan.amount[row]), self.special, random)
        bos, eos = self.special["bos"], self.special["eos"]
        return np.concatenate([head, source, [eos]]).astype(np.int64), np.concatenate([[bos], target, [eos]])

    def _plan(self, key: tuple[int | str, ...], epoch: int, count: int) -> Epoch:
        """An epoch in ``count`` batches of about the same number of tokens, in random order."""
        random, n = Random(*key, "pairs", epoch), len(self)
        rows, amount, jitter = np.arange(n), *random.uniform(2, n).numpy()
        last = rows.copy()
        if self.gaps:
            together = random.integers(TOGETHER, n).numpy()
            for more in range(1, TOGETHER):
                until = np.minimum(rows + more, n - 1)
                fits = (self.owner[until] == self.owner) & (self.ends[until] - self.begins <= self.length)
                last = np.where(fits & (more <= together), until, last)
        first, end = self.begins, self.ends[last]
        tokens, answer = self._tokens(first, end), self._answers(first, end)
        source = (tokens - answer + 2 * jitter) * (1 - 2 * (answer % 2))  # up and down, so that neighbours are alike
        order = np.lexsort((source, answer))
        reached = np.cumsum(tokens[order])
        edges = np.searchsorted(reached, reached[-1] * np.arange(1, count) / count)
        batches = [part for part in np.split(order, edges) if len(part)]
        turns = random.permutation(len(batches)).tolist()
        batches = [batches[turn] for turn in turns]
        batches += [batches[i % len(turns)] for i in range(count - len(turns))]  # one long text can fill two
        return Epoch(first, end, LEAST + (1 - LEAST) * amount, batches)

    def _tokens(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """How many tokens each row holds, source and target."""
        return last - first + self._answers(first, last) + 3

    def _answers(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """How many tokens each row's target holds."""
        return last - first if self.gaps else np.array([len(self.targets[work]) for work in self.owner])


def class_token(special: dict[str, int], label: int) -> int:
    """The number that tells a model the class; "any" for one that does not exist."""
    return special.get(f"class {label}", special["any"])

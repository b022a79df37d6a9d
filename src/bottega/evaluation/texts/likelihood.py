"""How well a model foresees texts that it has not learned from: nats for each character, bits for each byte.

The end of a work is foreseen too, and its nats are counted; it is no character. So models of any tokens compare: what
they have to say is the same text, letter by letter.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bottega.representations.tokens import Tokens

TOGETHER = 1 << 18  # characters handed to the model at once


@dataclass(frozen=True)
class Likelihood:
    """What some works cost a model.

    Attributes:
        nats: of each work, its end included, float64 ``(N,)``.
        characters, bytes: of each work (UTF-8), its end not included, int64 ``(N,)``.
    """

    nats: np.ndarray
    characters: np.ndarray
    bytes: np.ndarray

    @property
    def nats_per_char(self) -> float:
        """All nats by all characters."""
        return float(self.nats.sum() / self.characters.sum())

    @property
    def bits_per_byte(self) -> float:
        """All bits by all bytes."""
        return float(self.nats.sum() / math.log(2) / self.bytes.sum())

    @property
    def error(self) -> float | None:
        """Standard error of ``nats_per_char``, from how much works differ; None below two works."""
        return _error_of_ratio(self.nats, self.characters)

    @property
    def error_in_bits(self) -> float | None:
        """Standard error of ``bits_per_byte``."""
        return _error_of_ratio(self.nats / math.log(2), self.bytes)


def likelihood(
    objective: Any,
    tokens: "Tokens",
    works: Iterable[str],
    beside: Iterable[Any] | None = None,
) -> Likelihood:
    """What works cost an objective that can tell (``nats``); works without a letter are left out.

    Args:
        works: their texts; only a part of them is in memory at a time.
        beside: what the objective is told of each: its class, or the source it answers.
    """
    nats, characters, sizes = [], [], []
    for part in _parts(works, beside):
        ids = [tokens.encode(text) for text, _told in part]
        nats.append(objective.nats(ids) if beside is None else objective.nats(ids, [told for _text, told in part]))
        characters += [len(text) for text, _told in part]
        sizes += [len(text.encode("utf-8", "replace")) for text, _told in part]
    return Likelihood(np.concatenate([np.zeros(0), *nats]), np.array(characters, np.int64), np.array(sizes, np.int64))


def _parts(works: Iterable[str], beside: Iterable[Any] | None) -> Iterable[list[tuple[str, Any]]]:
    """Works with what is told of them, a quarter of a million characters at a time."""
    part: list[tuple[str, Any]] = []
    characters = 0
    for text, told in zip(works, repeat(None) if beside is None else beside, strict=False):
        if text:
            part.append((text, told))
            characters += len(text)
        if characters >= TOGETHER:
            yield part
            part, characters = [], 0
    if part:
        yield part


def _error_of_ratio(above: np.ndarray, below: np.ndarray) -> float | None:
    if len(above) < 2:
        return None
    off = above - above.sum() / below.sum() * below
    return float(np.sqrt(len(off) / (len(off) - 1) * np.square(off).sum()) / below.sum())

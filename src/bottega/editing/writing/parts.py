"""Texts in parts that a model can read at once, and how far two texts are from each other."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bottega.datasets.noise import Seams

if TYPE_CHECKING:
    from bottega.representations.tokens import Tokens

SIGN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"  # signs that stand without spaces
WORD = re.compile(rf"[{SIGN}]|[^\W{SIGN}]+|[^\w\s]")


def parts(ids: np.ndarray, tokens: "Tokens", together: int, length: int) -> list[tuple[int, int]]:
    """Where to cut a text: lines and sentences, a few of them together, never across an empty line.

    Args:
        ids: the text, int64 ``(T,)``.
        together, length: the most lines or sentences, and tokens, of a part.
    """
    found: list[tuple[int, int]] = []
    count = 0
    for first, last in Seams(tokens.pieces).parts(ids, length).tolist():
        if not tokens.decode(ids[first:last]).strip():
            continue
        near = found and tokens.decode(ids[found[-1][1] : first]).count("\n") < 2
        if near and count < together and last - found[-1][0] <= length:
            found[-1], count = (found[-1][0], last), count + 1
        else:
            found, count = [*found, (first, last)], 1
    return found


def joined(texts: Sequence[str]) -> str:
    """Sentences one after the other, with a space where their signs need one."""
    whole = ""
    for text in texts:
        tight = not whole or re.match(f"[{SIGN}]", whole[-1]) or re.match(r"\s", text)
        whole += text if tight else " " + text
    return whole


def changed(draft: str, texts: Sequence[str]) -> tuple[list[int], list[int]]:
    """How many words of ``draft`` have to change to make each text (Levenshtein), and how many there can be at most.

    Case does not count; a Chinese sign and a punctuation mark count as a word.
    """
    before, cache = WORD.findall(draft.casefold()), dict[str, tuple[int, int]]()
    for text in texts:
        if text not in cache:
            after = WORD.findall(text.casefold())
            cache[text] = (_edits(before, after), max(len(before), len(after), 1))
    return [cache[text][0] for text in texts], [cache[text][1] for text in texts]


def _edits(before: Sequence[str], after: Sequence[str]) -> int:
    """The fewest words put in, taken out or exchanged that turn one into the other."""
    row = list(range(len(after) + 1))
    for i, word in enumerate(before, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(after, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]

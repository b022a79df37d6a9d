"""Rows of tokens: what in them is predicted, and those of similar length as one batch."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor


def is_class(ids: Tensor, special: dict[str, int], classes: int) -> Tensor:
    """Where a token says to which class a work belongs, or that it may be any."""
    return (ids >= special["any"]) & (ids <= special["any"] + classes)


def predicted(rows: Tensor, special: dict[str, int], classes: int) -> Tensor:
    """Tokens with -100 in the place of those that are given, not predicted, and of those that stand for nothing."""
    return rows.masked_fill(is_class(rows, special, classes) | (rows == special["pad"]), -100)


def together(
    rows: Sequence[np.ndarray], pad: int, room: int, device: torch.device
) -> Iterator[tuple[np.ndarray, Tensor]]:
    """Rows of similar length as batches ``(B, L)``, filled up with ``pad``, and their numbers; the longest first.

    Args:
        room: the most tokens of a batch, where a row alone has no more.
    """
    order = np.argsort([-len(row) for row in rows], kind="stable")
    start = 0
    while start < len(order):
        length = max(1, len(rows[order[start]]))
        group = order[start : start + max(1, room // length)]
        batch = torch.full((len(group), length), pad)
        for place, i in enumerate(group):
            batch[place, : len(rows[i])] = torch.from_numpy(rows[i])
        yield group, batch.to(device)
        start += len(group)

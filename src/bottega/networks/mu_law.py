"""The μ-law: samples as a few levels of loudness, which lie close where it is soft and far apart where it is loud."""

import math

import torch
from torch import Tensor


def compressed(x: Tensor, levels: int = 256) -> Tensor:
    """Samples in [-1, 1] as one of ``levels`` numbers, int64; silence is ``levels // 2``."""
    mu = levels - 1
    y = x.clamp(-1, 1)
    y = y.sign() * torch.log1p(mu * y.abs()) / math.log1p(mu)
    return ((y + 1) / 2 * mu + 0.5).floor().long()


def expanded(ids: Tensor, levels: int = 256) -> Tensor:
    """The samples of such numbers, in [-1, 1]; those of silence are less than 0.0001."""
    mu = levels - 1
    y = ids.float() * (2 / mu) - 1
    return y.sign() * torch.expm1(y.abs() * math.log1p(mu)) / mu


def borders(levels: int = 256) -> Tensor:
    """Between the levels: level ``i`` holds the samples from the ``i``-th to the next, ``(levels + 1,)``."""
    return expanded(torch.arange(levels + 1) - 0.5, levels)

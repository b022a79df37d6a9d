"""What all flows share, whatever they carry: the straight line from noise to a work, and the way along a velocity."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from bottega.randomness import Random


def between(x: Tensor, random: Random, mean: float, std: float, apart: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """Works ``x`` (B, …) on their way from noise: ``(x_t, t, v)``, at times (B,) drawn as ``sigmoid(N(mean, std²))``
    (Esser et al. 2024, arXiv:2403.03206), and the velocity there, which is the same all the way (Lipman et al. 2023,
    arXiv:2210.02747).

    Args:
        apart: share of the rows in which every frame ``(…, T)`` has its own time; with any, times are ``(B, T)``.
    """
    e = random.child("noise").normal(*x.shape).to(x.device)
    t = torch.sigmoid(random.child("time").normal(len(x)) * std + mean).to(x.device)
    v = x - e
    at = t.view(-1, *[1] * (x.ndim - 1))
    if apart:
        own = torch.sigmoid(random.child("times").normal(len(x), x.shape[-1]) * std + mean).to(x.device)
        t = torch.where((random.child("apart").uniform(len(x), 1) < apart).to(x.device), own, t[:, None])
        at = t.view(len(x), *[1] * (x.ndim - 2), -1)
    return torch.addcmul(e, at, v), t, v  # (1 - t) e + t x


def carried(
    velocity: Callable[[Tensor, float], Tensor],
    x: Tensor,
    first: float,
    last: float,
    steps: float,
    tell: Callable[[float], None] = lambda share: None,
) -> Tensor:
    """``x`` at the time ``first`` moved to the time ``last``, forwards or backwards, by the two-step method of Adams
    and Bashforth.

    Args:
        velocity: at a place and a time.
        steps: each asks for one velocity.
        tell: told how far the way is done, in [0, 1].
    """
    times = torch.linspace(first, last, int(steps) + 1).tolist()
    before = None
    for number, (here, there) in enumerate(pairwise(times)):
        v = velocity(x, here)
        x = x + (there - here) * (v if before is None else 1.5 * v - 0.5 * before)
        before = v
        tell((number + 1) / int(steps))
    return x

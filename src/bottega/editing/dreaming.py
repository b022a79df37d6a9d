"""DeepDream on tensors: climb what a network sees in a picture, from a small copy of the picture up to its full size.

Mordvintsev, Olah & Tyka 2015, "Inceptionism"; the gradient is made even over all scales with a Laplacian pyramid as in
their notebook, and its colours are decorrelated as in Olah et al. 2017, "Feature Visualization".
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.randomness import Random

Score = Callable[[Tensor], Tensor]
"""``(B, C, h, w)`` in [-1, 1] to one number, which is climbed."""

TILE = 384
"""Larger pictures are looked at in tiles of this side; their seams move at every step."""
COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
"""A square root of the covariance of colours in photographs (Olah et al. 2017)."""

GREYER = 0.5
"""How far colours move together, as they do in photographs: 1 makes pale dreams, 0 gaudy ones."""


def sizes(height: int, width: int, smallest: int, octaves: int, ratio: float) -> list[tuple[int, int]]:
    """The sizes dreamt at, smallest first: each ``ratio`` times the one before, none shorter than ``smallest``."""
    found = [(height, width)]
    for octave in range(1, octaves):
        side = max(1, round(height / ratio**octave)), max(1, round(width / ratio**octave))
        if min(side) < smallest:
            break
        found.append(side)
    return found[::-1]


def dream(
    picture: Tensor,
    score: Score,
    random: Random,
    *,
    smallest: int,
    octaves: int = 6,
    ratio: float = 1.4,
    steps: int = 10,
    strength: float = 0.5,
    smooth: float = 0.35,
    least: int = 1,
    show: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """The picture, changed so that ``score`` sees more of what it knows.

    Args:
        picture: float32 ``(1, C, H, W)`` in [-1, 1]; with C = 4 the last channel, alpha, is kept.
        score: what is climbed; seen by it are pictures and tiles of at least ``least`` pixels a side.
        smallest: shortest side dreamt at; octaves, ratio: how many sizes, and how much each grows.
        steps: at the full size, and more at smaller ones; strength: how far pixels may move, in [0, 1].
        smooth: 0 gives every scale of the gradient the same weight, 1 leaves only broad shapes.
        show: told how far the work is, with the picture at its present size.
    """
    levels = sizes(*picture.shape[2:], max(smallest, least), octaves, ratio)
    # small copies cost little and decide most: they get more steps
    counts = [round(steps * (1 + 2 * (len(levels) - 1 - number) / len(levels))) for number in range(len(levels))]
    work = [a * b * count for (a, b), count in zip(levels, counts, strict=True)]
    change = torch.zeros_like(resized(picture, levels[0]))
    for number, (size, count) in enumerate(zip(levels, counts, strict=True)):
        own = resized(picture, size)
        change = resized(change, size)
        for step in range(count):
            seen = (own + change).clamp(-1, 1)
            gradient = even(slope(seen, score, random.child(number, step), least), smooth)
            if picture.shape[1] == 4:
                gradient[:, 3] = 0
            room = 1 - seen.abs() * (seen * gradient > 0)  # slower towards black and white: no hard clipping
            change = calm(change + 0.6 * strength / count * gradient * room)
            show((sum(work[:number]) + work[number] * (step + 1) / count) / sum(work), own + change)
    return (picture + change).clamp(-1, 1)


def calm(change: Tensor) -> Tensor:
    """The change without most of its broadest shades, so that light and dark stay where the picture has them."""
    height, width = change.shape[2:]
    broad = F.adaptive_avg_pool2d(change, (max(1, min(6, height // 8)), max(1, min(6, width // 8))))
    return change - 0.3 * resized(broad, (height, width))


def slope(picture: Tensor, score: Score, random: Random, least: int) -> Tensor:
    """The gradient of the score ``(1, C, H, W)``, taken on the picture rolled by a random way, tile by tile."""
    height, width = picture.shape[2:]
    down, right = int(random.integers(height, 1)), int(random.integers(width, 1))
    rolled = picture.roll((down, right), (2, 3))
    gradient = torch.zeros_like(rolled)
    for rows in cuts(height, least):
        for columns in cuts(width, least):
            tile = rolled[:, :, rows, columns].clone().requires_grad_()
            gradient[:, :, rows, columns] = torch.autograd.grad(score(tile), tile)[0]
    return gradient.roll((-down, -right), (2, 3))


def cuts(length: int, least: int) -> list[slice]:
    """A side in equal parts of at most ``TILE`` pixels, and not fewer than ``least`` where there are two or more."""
    count = min(max(1, math.ceil(length / TILE)), max(1, length // least))
    edges = [round(length * number / count) for number in range(count + 1)]
    return [slice(first, last) for first, last in zip(edges[:-1], edges[1:], strict=True)]


def even(gradient: Tensor, smooth: float) -> Tensor:
    """The gradient with natural colours, each of its scales brought to the same size, and about 1 in all.

    ``smooth`` weighs the scales: from one to the next finer it falls by ``1 - smooth``.
    """
    natural = COLOURS @ COLOURS.T
    mixing = (GREYER * natural / natural.trace() + (1 - GREYER) / 3 * torch.eye(3)).to(gradient)
    gradient = torch.cat([torch.einsum("ij,bjhw->bihw", mixing, gradient[:, :3]), gradient[:, 3:]], 1)
    bands, rest = [], gradient
    while min(rest.shape[2:]) > 8 and len(bands) < 6:
        small = F.avg_pool2d(rest, 2)
        bands.append(rest - resized(small, rest.shape[2:]))
        rest = small
    total = rest / (rest.std() + 1e-12)
    for band in reversed(bands):
        total = (1 - smooth) * band / (band.std() + 1e-12) + resized(total, band.shape[2:])
    return total / (total.abs().mean() + 1e-12)


def resized(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """``(B, C, H, W)`` at another size, without aliasing."""
    if tuple(x.shape[2:]) == tuple(size):
        return x
    smaller = size[0] < x.shape[2] or size[1] < x.shape[3]
    return F.interpolate(x, tuple(size), mode="bicubic" if smaller else "bilinear", antialias=smaller)

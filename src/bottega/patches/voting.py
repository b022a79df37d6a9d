"""From a field to a picture: every pixel is the mean of what the patches that cover it say.

Each patch offset is one addition to a slice of the result, so no two threads ever add to the same place.
"""

import math

import torch
from torch import Tensor

from bottega.patches.pyramid import Canvas, Size

AT_ONCE = 1 << 16  # pixels are fetched together: for small pictures a call takes longer than its work


def vote(field: Tensor, canvas: Canvas, weights: Tensor | None, wrap: tuple[bool, ...], channels: int) -> Tensor:
    """The picture that a field describes: float32 ``(channels, *size)``.

    Args:
        field: int32 ``(*grid)``.
        canvas: the sources.
        weights: ``(*grid)``, positive: how much each patch is believed; None is equally.
        wrap: along which axes the picture goes around.
        channels: how many of the canvas's channels are colours; the others only guide the search.
    """
    patch, strides, grid = canvas.patch, canvas.strides, field.shape
    size = tuple(n + p - 1 for n, p in zip(grid, patch, strict=True))
    pixels = canvas.picture[:channels].flatten(1).T  # (N, C)
    pixels = torch.cat([pixels, torch.ones(len(pixels), 1)], 1)  # (N, C + 1): the last one counts
    total = torch.zeros(*size, channels + 1)
    places, scale = field.flatten(), None if weights is None else weights.reshape(-1, 1)
    steps = torch.zeros((), dtype=places.dtype)  # (*patch)
    for width, stride in zip(patch, strides, strict=True):
        steps = steps[..., None] + torch.arange(width, dtype=places.dtype) * stride
    together = max(1, AT_ONCE // max(1, places.numel() * math.prod(patch[1:])))  # rows of a patch
    for first in range(0, patch[0], together):
        some = steps[first : first + together].reshape(-1, 1)
        said = pixels.index_select(0, (places + some).flatten()).view(len(some), -1, channels + 1)
        if scale is not None:
            said *= scale
        said = overlaid(said.view(-1, *patch[1:], *grid, channels + 1))
        total.narrow(0, first, said.shape[0]).add_(said)
    total = folded(total, grid, wrap)
    return (total[..., :channels] / total[..., channels:]).movedim(-1, 0).contiguous()


def overlaid(said: Tensor) -> Tensor:
    """The sum of what patches say: ``(*patch, *grid, C)`` to ``(*(grid + patch - 1), C)``, axis by axis."""
    for axis in reversed(range((said.dim() - 1) // 2)):
        before, place = said.unbind(axis), 2 * axis
        shape = list(before[0].shape)
        shape[place] += len(before) - 1
        said = said.new_zeros(shape)
        for offset, one in enumerate(before):
            said.narrow(place, offset, one.shape[place]).add_(one)
    return said


def folded(total: Tensor, grid: Size, wrap: tuple[bool, ...]) -> Tensor:
    """Along axes that wrap, what was said beyond the end counts at the beginning."""
    for axis, around in enumerate(wrap):
        beyond = total.shape[axis] - grid[axis]
        if not around or not beyond:
            continue
        kept = total.narrow(axis, 0, grid[axis]).clone()
        for start in range(0, beyond, grid[axis]):  # more than once around, where the picture is smaller than a patch
            width = min(grid[axis], beyond - start)
            kept.narrow(axis, 0, width).add_(total.narrow(axis, grid[axis] + start, width))
        total = kept
    return total

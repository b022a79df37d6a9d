"""From a field to a picture: every pixel is the mean of what the patches that cover it say.

Each patch offset is one gather from the sources and one addition to a slice of the result, so no two threads ever add
to the same place.
"""

import itertools

import torch
from torch import Tensor

from bottega.patches.pyramid import Canvas, Size


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
    places, scale = field.flatten(), None if weights is None else weights[..., None]
    for offset in itertools.product(*(range(width) for width in patch)):
        step = sum(o * stride for o, stride in zip(offset, strides, strict=True))
        said = pixels.index_select(0, places + step).view(*grid, channels + 1)
        part = total[tuple(slice(o, o + n) for o, n in zip(offset, grid, strict=True))]
        if scale is None:
            part += said
        else:
            part.addcmul_(said, scale)
    total = folded(total, grid, wrap)
    return (total[..., :channels] / total[..., channels:]).movedim(-1, 0).contiguous()


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

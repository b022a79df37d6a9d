"""From a field to a picture much larger than the level it was found on.

Above some millions of pixels nothing new is found by searching: every patch already knows where it comes from. Each
pixel of the large picture takes the shift of the four (in films eight) pixels of the small one around it, and the
sources' pixels at those shifts are blended. It is done in strips, so that memory does not grow with the picture.
"""

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from bottega.patches.fields import shifts_of
from bottega.patches.pyramid import Canvas, Size, strides_of

STRIP = 1 << 20  # places at a time


def carry(
    field: Tensor,
    small: Canvas,
    large: Canvas,
    extent: Size,
    size: Size,
    wrap: tuple[bool, ...],
    on_strip: Callable[[float], None] = lambda share: None,
) -> Tensor:
    """The picture at full size that a field of a smaller level describes: ``(C, *size)``.

    Args:
        field: int32 ``(*grid)``, on the small canvas.
        small, large: the canvases of the level and of the full size, of the same sources.
        extent: the size of the picture on the level.
        size: the full size.
        wrap: along which axes the picture goes around.
        on_strip: told the share that is done.
    """
    source, shifts = shifts_of(field, small)
    centred = []  # of each pixel, the shift of the patch around it
    for part in (source, *shifts):
        for axis, (n, p, around) in enumerate(zip(extent, small.patch, wrap, strict=True)):
            place = torch.arange(n) - p // 2
            part = part.index_select(axis, place % n if around else place.clamp_(0, field.shape[axis] - 1))
        centred.append(part.flatten())
    pixels = large.picture.flatten(1)  # (C, N)
    result = torch.empty(pixels.shape[0], *size)
    rows = max(1, STRIP // max(1, math.prod(size[1:])))
    for first in range(0, size[0], rows):
        last = min(size[0], first + rows)
        result[:, first:last] = strip(centred, pixels, small, large, extent, size, wrap, (first, last))
        on_strip(last / size[0])
    return result


def strip(
    centred: list[Tensor],
    pixels: Tensor,
    small: Canvas,
    large: Canvas,
    extent: Size,
    size: Size,
    wrap: tuple[bool, ...],
    part: tuple[int, int],
) -> Tensor:
    """The rows ``part`` of the large picture: ``(C, rows, …)``."""
    dims = len(size)
    here, below, share = [], [], []
    for axis, (n, m) in enumerate(zip(size, extent, strict=True)):
        place = torch.arange(*part) if axis == 0 else torch.arange(n)
        exact = (place.double() + 0.5) * (m / n) - 0.5
        shape = [-1 if other == axis else 1 for other in range(dims)]
        here.append(place.view(shape))
        below.append(exact.floor().long().view(shape))
        share.append((exact - exact.floor()).float().view(shape))
    sizes = torch.tensor(large.sizes)  # (S, D)
    scale = [new / old for new, old in zip(large.sizes[0], small.sizes[0], strict=True)]
    total: Tensor | float = 0.0
    for corner in itertools.product((0, 1), repeat=dims):
        place, weight = torch.zeros(1, dtype=torch.int64), torch.ones(1)
        for axis, step in enumerate(corner):
            index, n = below[axis] + step, extent[axis]
            index = index % n if wrap[axis] else index.clamp(0, n - 1)
            place = place + index * strides_of(extent)[axis]
            weight = weight * (share[axis] if step else 1 - share[axis])
        origin = centred[0][place]
        found = large.origin[origin] * large.strides[0]
        for axis, stride in enumerate(large.strides):
            end = here[axis] + (centred[axis + 1][place].double() * scale[axis]).round_().long()
            found = found + torch.minimum(end.clamp_(min=0), sizes[:, axis][origin] - 1) * stride
        total = total + pixels[:, found] * weight
    return total

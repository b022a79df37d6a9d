"""Nearest-neighbour fields: for every patch of a picture, the place on the canvas of the source patch most like it.

Small pictures are searched exhaustively. Large ones by PatchMatch (Barnes, Shechtman, Finkelstein & Goldman 2009,
"PatchMatch: A Randomized Correspondence Algorithm for Structural Image Editing"), all patches at once: each tries where
its neighbours' matches lead, near and far by powers of two, then places around its own match, nearer and nearer.

A field is int32 ``(*grid)``; distances are float32 ``(*grid)``, whole numbers (see ``descriptors``).
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from bottega.patches.pyramid import Canvas, Size, strides_of
from bottega.randomness import Random

QUERIES, KEYS = 512, 1024  # a block of distances stays in the cache of one core
ROWS = 1 << 15


def nearest_field(queries: Tensor, keys: Tensor, completeness: float | None = None) -> tuple[Tensor, Tensor]:
    """For each query its nearest key, by looking at all of them.

    With ``completeness``, a key that no query resembles becomes cheaper, so that the whole source is used (Granot,
    Feinstein, Shocher, Bagon & Irani 2022, "Drop the GAN"): distance(i, j) / (completeness·typical + min_i distance).

    Args:
        queries: float32 ``(Q, K)``, whole numbers.
        keys: float32 ``(M, K)``, whole numbers.
        completeness: from about 0.005 (use everything) to infinity (do not mind); None is infinity.

    Returns:
        int64 ``(Q,)`` indices of keys, of equal ones the first; float32 ``(Q,)`` squared distances.
    """
    extended = torch.cat([keys, keys.square().sum(1, keepdim=True)], 1).T.contiguous()  # (K + 1, M)
    left = torch.cat([queries * -2, torch.ones(len(queries), 1)], 1)
    squares = queries.square().sum(1, keepdim=True)  # (Q, 1)
    weights = None
    if completeness is not None:
        lonely = torch.full((keys.shape[0],), math.inf)
        for i in range(0, len(queries), QUERIES):
            for j in range(0, len(keys), KEYS):
                block = left[i : i + QUERIES] @ extended[:, j : j + KEYS]
                part = block.add_(squares[i : i + QUERIES]).amin(0)
                lonely[j : j + KEYS] = torch.minimum(lonely[j : j + KEYS], part)
        typical = max(float(lonely.median()), 1.0)
        weights = 1 / (completeness * typical + lonely)  # (M,)
    indices = torch.empty(len(queries), dtype=torch.int64)
    for i in range(0, len(queries), QUERIES):
        best = torch.full((min(QUERIES, len(queries) - i),), math.inf)
        index = torch.zeros(len(best), dtype=torch.int64)
        for j in range(0, len(keys), KEYS):
            block = left[i : i + QUERIES] @ extended[:, j : j + KEYS]
            if weights is not None:
                block.add_(squares[i : i + QUERIES]).mul_(weights[j : j + KEYS])
            where = torch.from_numpy(block.numpy().argmin(1))  # seven times as fast as torch's
            least = block.gather(1, where[:, None])[:, 0]
            better = least < best
            best, index = torch.where(better, least, best), torch.where(better, where + j, index)
        indices[i : i + QUERIES] = index
    return indices, distances(queries, keys, indices)


def distances(queries: Tensor, keys: Tensor, places: Tensor) -> Tensor:
    """Squared distances between each query ``(Q, K)`` and the key at its place ``(Q,)``: ``(Q,)``."""
    result = torch.empty(len(queries))
    for i in range(0, len(queries), ROWS):  # pieces that stay in the cache
        piece = keys.index_select(0, places[i : i + ROWS]).sub_(queries[i : i + ROWS])
        torch.sum(piece.square_(), 1, out=result[i : i + ROWS])
    return result


def search(
    queries: Tensor,
    keys: Tensor,
    field: Tensor,
    canvas: Canvas,
    random: Random,
    sweeps: int,
    on_step: Callable[[], None] = lambda: None,
) -> tuple[Tensor, Tensor]:
    """Better a field by propagation and random search.

    Args:
        queries: float32 ``(*grid, K)``.
        keys: float32 ``(N, K)`` over the canvas, ``NOWHERE`` where no patch begins.
        field: int32 ``(*grid)``: where to start.
        random: where to look.
        sweeps: how often.
        on_step: called after every few steps.

    Returns:
        the field and its distances.
    """
    grid, last = field.shape, keys.shape[0] - 1
    rows = queries.flatten(0, -2)
    best = distances(rows, keys, field.flatten()).view(grid)
    reach = max(1, max(grid) // 8)

    def consider(places: Tensor) -> None:
        nonlocal field, best
        places = places.clamp_(0, last)
        found = distances(rows, keys, places.flatten()).view(grid)
        better = found < best
        field, best = torch.where(better, places, field), torch.where(better, found, best)

    for sweep in range(sweeps):
        far = 1 << max(0, min(3, reach.bit_length() - 1) - sweep)
        while far >= 1:
            for axis, stride in enumerate(canvas.strides):
                for step in (far, -far):
                    consider(field.roll(step, axis) + step * stride)
            on_step()
            far //= 2
        radius = max(canvas.size)
        while radius >= 1:
            consider(field + jump(grid, radius, canvas, random))
            on_step()
            radius //= 3
    return field, best


def jump(grid: Size, radius: int, canvas: Canvas, random: Random) -> Tensor:
    """Random steps on the canvas of at most ``radius`` along each axis: int32 ``(*grid)``."""
    total = torch.zeros(grid, dtype=torch.int32)
    for n, stride in zip(canvas.size, canvas.strides, strict=True):
        reach = min(radius, n - 1)
        if reach:
            total += ((random.integers(2 * reach + 1, *grid) - reach) * stride).int()
    return total


def lift(field: Tensor, old: Canvas, new: Canvas, grid: Size, up: float = 0.5) -> Tensor:
    """A field for the next, larger level.

    Each patch keeps how far it is from its match, times the scale: what lay together stays together to the pixel.

    Args:
        field: int32 ``(*old grid)``.
        old, new: the canvases of the two levels, of the same sources.
        grid: of the new field.
        up: fractions of a step above 1 - ``up`` are rounded up. It should change from level to level: rounded always
            to the nearest, a shift of one would be a shift of one at every size.
    """
    places = []  # of the old field, for each axis of the new grid
    for n, m in zip(grid, field.shape, strict=True):
        places.append((((torch.arange(n, dtype=torch.float64) + 0.5) * (m / n)).long()).clamp_(0, m - 1))
    source, shifts = shifts_of(field, old)
    for axis, index in enumerate(places):
        source = source.index_select(axis, index)
        shifts = [shift.index_select(axis, index) for shift in shifts]
    limits = new.limits  # (S, D)
    result = new.origin[source] * new.strides[0]
    for axis, (shift, stride) in enumerate(zip(shifts, new.strides, strict=True)):
        here = torch.arange(grid[axis]).view([-1 if a == axis else 1 for a in range(len(grid))])
        scale = new.sizes[0][axis] / old.sizes[0][axis]
        place = here + (shift.double() * scale + up).floor_().long()
        result += torch.minimum(place.clamp_(min=0), limits[:, axis][source]) * stride
    return result.int()


def shifts_of(field: Tensor, canvas: Canvas) -> tuple[Tensor, list[Tensor]]:
    """From which source each match is, and how far it lies from its patch along each axis, all int64 ``(*grid)``."""
    row = field.long() // canvas.strides[0]
    source = torch.bucketize(row, canvas.origin, right=True) - 1
    shifts = []
    for axis, stride in enumerate(canvas.strides):
        place = field.long() // stride % canvas.size[axis]
        if axis == 0:
            place = place - canvas.origin[source]
        here = torch.arange(field.shape[axis]).view([-1 if a == axis else 1 for a in range(field.dim())])
        shifts.append(place - here)
    return source, shifts


def scattered(canvas: Canvas, grid: Size, random: Random) -> Tensor:
    """A field that points anywhere."""
    places = canvas.valid.nonzero()[:, 0]
    return places[random.integers(len(places), math.prod(grid))].view(grid).int()


__all__ = ["distances", "jump", "lift", "nearest_field", "scattered", "search", "shifts_of", "strides_of"]

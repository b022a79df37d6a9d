"""A patch as a few whole numbers, so that a distance is cheap and exact.

Patches of one picture live near a plane of few dimensions: their first principal components. The components are
rounded, the pixels are rounded, and the numbers are kept so small that every sum of products stays below 2²⁴, where
float32 is exact. A distance is then the same number in whatever order it is summed — with one thread or many.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.pyramid import Canvas, Size

COMPONENTS = 24
SAMPLES = 6_000
EXACT = 1 << 24  # whole numbers up to here are exact in float32
REACH = 384  # pixels are whole numbers in [-REACH, REACH]: (x - 1/2)·255, with room for noise beyond [0, 1]
LONGEST = 2_000  # of a descriptor, so that squared distances stay below 2²⁴
NOWHERE = 10_000.0  # each number of a descriptor where no patch may begin: farther than any other


@dataclass(frozen=True)
class Basis:
    """How a patch becomes numbers.

    Attributes:
        filters: float32 ``(K, C, *patch)``, whole numbers.
        mean: float32 ``(K,)``: taken off the filtered picture.
        unit: what it is divided by.
        low, high: float32 ``(K,)``: between which the sources' descriptors lie.
    """

    filters: Tensor
    mean: Tensor
    unit: float
    low: Tensor
    high: Tensor


@contextmanager
def one_thread() -> Iterator[None]:
    """Factorise with one thread: how LAPACK rounds depends on their number."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def whole(x: Tensor) -> Tensor:
    """Colours around [0, 1] as whole numbers around 0."""
    return ((x - 0.5) * 255).round_().clamp_(-REACH, REACH)


def patches_at(canvas: Canvas, places: Tensor) -> Tensor:
    """The patches that begin at ``places`` ``(n,)``, as whole numbers: float64 ``(n, C·prod(patch))``."""
    pixels = whole(canvas.picture).flatten(1)  # (C, N)
    steps = torch.cartesian_prod(*(torch.arange(width) for width in canvas.patch)).view(-1, len(canvas.patch))
    offsets = (steps * torch.tensor(canvas.strides)).sum(1)  # (P,)
    return pixels[:, places[:, None] + offsets].permute(1, 0, 2).flatten(1).double()


def learn(canvas: Canvas, weights: Tensor, components: int = COMPONENTS) -> tuple[Basis, Tensor]:
    """The principal components of a canvas's patches, and the descriptor of each.

    Args:
        canvas: the sources.
        weights: ``(C,)``: how much each channel matters.
        components: K, at most.

    Returns:
        the basis, and float32 ``(N, K)``: one descriptor for each place of the canvas, ``NOWHERE`` where none begins.
    """
    places = canvas.valid.nonzero()[:, 0]
    sample = patches_at(canvas, places[:: max(1, len(places) // SAMPLES)])  # (n, C·P)
    share = weights.double().repeat_interleave(math.prod(canvas.patch))  # (C·P,)
    with one_thread():
        centred = (sample - sample.mean(0)) * share
        _, vectors = torch.linalg.eigh(centred.T @ centred)  # ascending
    vectors = vectors.flip(1)[:, :components] * share[:, None]  # (C·P, K): project, and weigh, in one
    precision = EXACT / REACH / float(vectors.abs().sum(0).amax().clamp_min(1e-12)) / 2
    filters = (vectors * min(precision, 4096.0)).round().T.float()  # (K, C·P)
    filters = filters.reshape(-1, canvas.picture.shape[0], *canvas.patch).contiguous()
    rows = convolve(canvas.picture, filters)  # (*grid, K)
    grid = rows.shape[:-1]
    keys = torch.zeros(*canvas.size, filters.shape[0])
    keys[tuple(slice(0, n) for n in grid)] = rows
    keys = keys.flatten(0, -2)  # (N, K)
    seen = keys[places]
    mean = ((seen.amax(0) + seen.amin(0)) / 2).round()
    half = (seen - mean).abs().amax(0)  # (K,)
    unit = max(float(half.double().square().sum().sqrt()) / (LONGEST - half.numel()), 1e-6)
    keys = keys.sub_(mean).div_(unit).round_()
    low, high = keys[places].aminmax(dim=0)
    keys[~canvas.valid] = NOWHERE
    return Basis(filters, mean, unit, low, high), keys


def describe(x: Tensor, basis: Basis, wrap: tuple[bool, ...]) -> Tensor:
    """Descriptors of all patches of a picture ``(C, *size)``: float32 ``(*grid, K)``.

    Along an axis that wraps, as many patches begin as there are places; along the others, those that fit.
    """
    for axis, around in enumerate(wrap, start=1):
        width = basis.filters.shape[axis + 1]
        if around:
            x = torch.cat([x, x.narrow(axis, 0, width - 1)], axis)
    rows = convolve(x, basis.filters).sub_(basis.mean).div_(basis.unit).round_()
    # Within the sources' range the sums stay exact; what lies outside (noise) is nearest to its edge anyway.
    return rows.clamp_(basis.low, basis.high)


def convolve(x: Tensor, filters: Tensor) -> Tensor:
    """Every patch of ``(C, *size)`` times every filter: ``(*grid, K)``, rows of K lying together in memory."""
    flat = filters.dim() == 4
    layout = torch.channels_last if flat else torch.channels_last_3d
    run = F.conv2d if flat else F.conv3d
    y = run(whole(x)[None].contiguous(memory_format=layout), filters.contiguous(memory_format=layout))[0]
    return y.movedim(0, -1).contiguous()


def grid_of(size: Size, patch: Size, wrap: tuple[bool, ...]) -> Size:
    """Where patches begin in a picture of this size."""
    return tuple(n if around else n - p + 1 for n, p, around in zip(size, patch, wrap, strict=True))

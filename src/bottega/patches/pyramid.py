"""Pictures (and films) at many sizes, and several of them side by side on one canvas.

Everything in this room is written for tensors ``(C, *size)`` with two or three axes: a film is a picture with a third.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

Size = tuple[int, ...]
FEWEST = 5  # frames, in which motion can be seen


def resize(x: Tensor, size: Size) -> Tensor:
    """Scaled without aliasing: ``(C, *old)`` -> ``(C, *size)``; what a sharp filter overshoots is cut off.

    Args:
        x: float32 ``(C, H, W)`` or ``(C, T, H, W)``.
        size: the axes wanted.
    """
    low, high = x.aminmax() if x.numel() else (0.0, 1.0)
    if x.shape[-2:] != size[-2:]:
        flat = x.reshape(1, -1, *x.shape[-2:])  # (1, C or C·T, H, W)
        flat = F.interpolate(flat, size[-2:], mode="bicubic", antialias=True)
        x = flat.reshape(*x.shape[:-2], *size[-2:])
    if x.shape[1] != size[0]:  # the time of a film: (1, C, T, H·W), of which only T changes
        frames = F.interpolate(x.flatten(2)[None], (size[0], x[0, 0].numel()), mode="bicubic", antialias=True)
        x = frames.reshape(x.shape[0], *size)
    return x.clamp(low, high)


def in_proportion(size: Iterable[int], scale: float, least: int = 1) -> Size:
    """A size times ``scale``, no side shorter than ``least``."""
    return tuple(max(least, round(n * scale)) for n in size)


def scaled(size: Size, scale: float, least: Size) -> Size:
    """The size of a level: ``scale`` times the full size, but no axis shorter than ``least`` or longer than it was."""
    return tuple(min(n, max(low, round(n * scale))) for n, low in zip(size, least, strict=True))


def small_size(size: Size, scale: float, moments: int | None = None) -> Size:
    """A size in proportion, for a glance at a picture; of a film at least a few frames are left, so that it moves.

    Args:
        size: ``(H, W)`` or ``(T, H, W)``.
        scale: at most 1.
        moments: of a film, no more frames than that.
    """
    if len(size) == 2:
        return in_proportion(size, scale)
    time = scaled(size[:1], scale, (FEWEST,))
    return (min(time[0], moments or time[0]), *in_proportion(size[1:], scale))


def scales(start: float, ratio: float) -> list[float]:
    """The levels from ``start`` to 1, evenly spaced in proportion, each about ``ratio`` of the next."""
    steps = math.ceil(math.log(start) / math.log(ratio) - 1e-9) if start < 1 else 0
    return [start ** (1 - step / steps) for step in range(steps)] + [1.0]


@dataclass(frozen=True)
class Canvas:
    """Several sources below each other, so that one number names a place in any of them.

    Attributes:
        picture: float32 ``(C, *canvas)``: stacked along the first axis, the others filled up with zeros.
        valid: bool ``(N,)``, over all places of the canvas, N = prod(canvas): may a patch begin here?
        origin: int64 ``(S,)``: the first row of each source.
        sizes: the size of each source.
        patch: the size of a patch.
    """

    picture: Tensor
    valid: Tensor
    origin: Tensor
    sizes: tuple[Size, ...]
    patch: Size

    @property
    def size(self) -> Size:
        return tuple(self.picture.shape[1:])

    @property
    def strides(self) -> Size:
        """How far the number of a place moves for one step along each axis."""
        return strides_of(self.size)

    @property
    def limits(self) -> Tensor:
        """The last place on each axis where a patch may begin, by source: int64 ``(S, D)``."""
        return torch.tensor([[n - p for n, p in zip(size, self.patch, strict=True)] for size in self.sizes])


def strides_of(size: Size) -> Size:
    """How far the flat number of a place moves for one step along each axis."""
    return tuple(math.prod(size[axis + 1 :]) for axis in range(len(size)))


def canvas_of(sources: Sequence[Tensor], allowed: Sequence[Tensor | None], patch: Size) -> Canvas:
    """Put sources ``(C, *size)`` on one canvas; patches that touch a place not ``allowed`` (``(*size)``) are no keys.

    Where that leaves no patch at all, every patch that lies inside a source is a key.
    """
    sizes = tuple(tuple(source.shape[1:]) for source in sources)
    rows = [size[0] for size in sizes]
    shape = (sum(rows), *(max(size[axis] for size in sizes) for axis in range(1, len(patch))))
    picture = torch.zeros(sources[0].shape[0], *shape)
    inside, free = torch.zeros(shape, dtype=torch.bool), torch.zeros(shape, dtype=torch.bool)
    origin = [sum(rows[:number]) for number in range(len(rows))]
    for source, mask, size, row in zip(sources, allowed, sizes, origin, strict=True):
        part = (slice(row, row + size[0]), *(slice(0, n) for n in size[1:]))
        picture[(slice(None), *part)] = source
        first, *rest = (n - p + 1 for n, p in zip(size, patch, strict=True))
        begin = (slice(row, row + first), *(slice(0, n) for n in rest))
        inside[begin] = True
        free[begin] = True if mask is None else whole_patches(mask, patch)
    valid = free if bool(free.any()) else inside
    return Canvas(picture, valid.flatten(), torch.tensor(origin), sizes, patch)


def whole_patches(mask: Tensor, patch: Size) -> Tensor:
    """Where a patch begins that lies wholly inside ``mask``: bool ``(*size)`` -> ``(*(size - patch + 1))``."""
    for axis, width in enumerate(patch):
        mask = mask.unfold(axis, width, 1).all(-1)
    return mask

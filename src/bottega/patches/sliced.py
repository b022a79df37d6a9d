"""Patch distributions compared and matched through one-dimensional projections, where gradients are wanted.

After Elnekave and Weiss, "Generating natural images with direct patch distributions matching" (2022): two pictures
whose patches agree along every direction have the same patches. Sorting solves the comparison along one direction.
Four things make it fast: few directions drawn anew at each step, a sparse grid of patches whose offset is drawn anew,
few levels, and a reference that is projected and sorted once for all outputs of the batch.

Everything works in any number of dimensions: pictures (C, H, W) and films (C, T, H, W).
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.pyramid import in_proportion
from bottega.randomness import Random

CONVOLUTION = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
SMOOTH = {1: "linear", 2: "bicubic", 3: "trilinear"}


def sliced_wasserstein(
    x: Tensor,
    references: Tensor | Sequence[Tensor],
    random: Random,
    *,
    patch: int = 7,
    projections: int = 16,
    stride: int = 2,
) -> Tensor:
    """How far the patches of some pictures are from those of the references; differentiable.

    Args:
        x: (B, C, *size): pictures, each of which is compared on its own.
        references: one (C, *size), or several of any sizes, whose patches are pooled.
        random: draws the directions and the offsets of the grids; a new one for each step.
        patch: side of the patches; smaller where a picture is smaller.
        projections: how many directions.
        stride: every how many pixels a patch is taken.

    Returns:
        The mean difference of the sorted projections, a scalar in the units of x.
    """
    references = [references] if isinstance(references, Tensor) else list(references)
    dimensions, channels = x.ndim - 2, x.shape[1]
    # the same side along every axis but those that are shorter: a picture of one row has patches of one row
    smallest = [min(each) for each in zip(x.shape[2:], *(each.shape[1:] for each in references), strict=True)]
    sides = [min(patch, length) for length in smallest]
    directions = random.normal(projections, channels, *sides)
    directions = directions / directions.flatten(1).norm(dim=1).view(-1, *[1] * (dimensions + 1))
    ours = project(x, directions, random, stride).sort(dim=-1).values  # (B, P, patches)
    with torch.no_grad():
        theirs = torch.cat([project(each[None], directions, random, stride)[0] for each in references], dim=-1)
        theirs = at_quantiles(theirs.sort(dim=-1).values, ours.shape[-1])  # (P, patches)
    return (ours - theirs).abs().mean()


def project(x: Tensor, directions: Tensor, random: Random, stride: int) -> Tensor:
    """The patches of (B, C, *size) on a grid with a random offset, along (P, C, *sides): (B, P, patches)."""
    offsets = [int(random.integers(stride, 1)) for _axis in x.shape[2:]]
    for axis, offset in enumerate(offsets, start=2):
        offset = min(offset, x.shape[axis] - directions.shape[axis])
        x = x.narrow(axis, offset, x.shape[axis] - offset)
    return CONVOLUTION[x.ndim - 2](x, directions.to(x), stride=stride).flatten(2)


def at_quantiles(ordered: Tensor, count: int) -> Tensor:
    """Sorted rows (P, m) read at ``count`` even ranks, between neighbours where they fall between: (P, count)."""
    length = ordered.shape[1]
    if length == count:
        return ordered
    ranks = ((torch.arange(count) + 0.5) * (length / count) - 0.5).clamp(0, length - 1)
    below = ranks.floor().long()
    share = (ranks - below).to(ordered)
    return torch.lerp(ordered[:, below], ordered[:, (below + 1).clamp(max=length - 1)], share)


def optimise(
    first: Tensor,
    references: Tensor | Sequence[Tensor],
    random: Random,
    *,
    steps: int = 60,
    rate: float = 0.02,
    scales: Sequence[float] = (1.0,),
    on_step: Callable[[float, Tensor], None] = lambda share, made: None,
    **loss: int,
) -> Tensor:
    """Change pictures until their patches are distributed like those of the references.

    Args:
        first: (B, C, *size) in [-1, 1]: where to begin.
        references: one (C, *size) or several, at the size at which their patches are to be found in the result.
        random: from it follow the directions of every step.
        steps, rate: of descent, for each scale; the rate is how far a pixel moves in a usual step.
        scales: the sizes to work at, as shares of the full one, coarse to fine.
        on_step: told the share that is done and the pictures so far, after every tenth step.
        loss: ``patch``, ``projections``, ``stride`` for ``sliced_wasserstein``.

    Returns:
        (B, C, *size) in [-1, 1].
    """
    references = [references] if isinstance(references, Tensor) else list(references)
    made, size = first.detach().clone(), tuple(first.shape[2:])
    for level, scale in enumerate(scales):
        made = resized(made, in_proportion(size, scale))
        sources = [resized(each[None], in_proportion(each.shape[1:], scale))[0] for each in references]
        speed = torch.zeros_like(made)
        for step in range(steps):
            made.requires_grad_()
            distance = sliced_wasserstein(made, sources, random.child(level, step), **loss)
            (slope,) = torch.autograd.grad(distance, made)
            # The same scale for all pixels: a step that is scaled for each (Adam) draws a dither over calm places.
            usual = slope.double().square().flatten(1).mean(1).sqrt().clamp_min(1e-12).float()
            speed = 0.9 * speed + slope / usual.view(-1, *[1] * (slope.ndim - 1))
            pace = 0.1 * rate * (1 - step / steps)  # to rest: the last directions leave no noise
            far = float(distance.detach())
            pace *= far / (far + 1e-3)  # and what agrees already stays where it is
            made = (made.detach() - pace * speed).clamp(-1, 1)
            if step % 10 == 9:
                on_step((level + (step + 1) / steps) / len(scales), made)
    return made


def resized(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """(B, C, *size) at another size; in two dimensions without aliasing."""
    if tuple(x.shape[2:]) == size:
        return x
    dimensions = x.ndim - 2
    antialias = dimensions == 2
    return F.interpolate(x, size=size, mode=SMOOTH[dimensions], align_corners=False, antialias=antialias)

"""The yardstick for patches: a straightforward sliced-Wasserstein patch optimiser, written plainly.

As described by Elnekave and Weiss, "Generating natural images with direct patch distributions matching" (2022): at each
level of a pyramid the pixels are optimised so that random projections of all their 7 × 7 patches, sorted, agree with
those of the source. Nothing is saved anywhere: every patch, every projection, every step.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

PATCH, PROJECTIONS, STEPS = 7, 64, 300
COARSEST, FACTOR, NOISE, RATE = 21, 0.85, 1.5, 0.01


def swd_baseline(
    picture: Tensor,
    seed: int = 0,
    *,
    steps: int = STEPS,
    size: tuple[int, int] | None = None,
    on_level: Callable[[float, Tensor], None] = lambda share, level: None,
) -> Tensor:
    """A new picture with the patch distribution of one picture.

    Args:
        picture: (3, H, W) in [-1, 1].
        seed: of the noise and the projections.
        steps: for each level.
        size: (H, W) of the result; that of the picture when not given.
        on_level: told the share of the levels that is done, and the picture so far.

    Returns:
        (3, *size) in [-1, 1].
    """
    generator = torch.Generator().manual_seed(seed)
    wanted = size or (picture.shape[1], picture.shape[2])
    scales = pyramid(min(picture.shape[1:]))
    made = torch.zeros(1, 3, *scaled(wanted, scales[0]))
    made = made + NOISE * torch.randn(made.shape, generator=generator)
    for number, scale in enumerate(scales):
        source = resized(picture[None], scaled((picture.shape[1], picture.shape[2]), scale))
        made = resized(made, scaled(wanted, scale)).detach().requires_grad_()
        optimiser = torch.optim.Adam([made], lr=RATE)
        for _step in range(steps):
            optimiser.zero_grad()
            distance(made, source, generator).backward()
            optimiser.step()
        on_level((number + 1) / len(scales), made.detach()[0].clamp(-1, 1))
    return made.detach()[0].clamp(-1, 1)


def distance(made: Tensor, source: Tensor, generator: torch.Generator) -> Tensor:
    """The sliced Wasserstein distance between the patches of two pictures (1, 3, h, w)."""
    directions = torch.randn(PROJECTIONS, 3 * PATCH * PATCH, generator=generator)
    directions = F.normalize(directions, dim=1).view(PROJECTIONS, 3, PATCH, PATCH)
    ours, theirs = (F.conv2d(x, directions)[0].flatten(1) for x in (made, source))  # (P, patches)
    if ours.shape[1] != theirs.shape[1]:  # the shorter list is filled up with copies drawn at random
        length = max(ours.shape[1], theirs.shape[1])
        ours, theirs = (filled(x, length, generator) for x in (ours, theirs))
    return (ours.sort(dim=1).values - theirs.sort(dim=1).values).abs().mean()


def filled(values: Tensor, length: int, generator: torch.Generator) -> Tensor:
    """(P, n) brought to (P, length) by repeating columns at random."""
    more = torch.randint(values.shape[1], (length - values.shape[1],), generator=generator)
    return torch.cat([values, values[:, more]], dim=1)


def pyramid(shorter: int) -> list[float]:
    """The scales from the coarsest level to the full size."""
    if shorter <= COARSEST:
        return [1.0]
    scales = [COARSEST / shorter]
    while scales[-1] < FACTOR:
        scales.append(scales[-1] / FACTOR)
    return [*scales, 1.0] if scales[-1] < 1 else [*scales[:-1], 1.0]


def scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    """A size times a factor."""
    return max(PATCH, round(size[0] * scale)), max(PATCH, round(size[1] * scale))


def resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    """(1, 3, h, w) at another size, without aliasing."""
    return F.interpolate(x, size=size, mode="bicubic", antialias=True, align_corners=False)

"""A new arrangement of a picture's parts, as far from the original as was wished.

At first everything happens at a few dozen pixels, where a picture takes a fraction of a second: the parts are moved
about by a smooth random field — farther sideways than up and down, as what stands below is seldom found above — and
blurred into noise; the synthesis makes sense of it. Many such layouts are made; of those that lie as far from the
original as was wished, the one whose patches fit best is carried out.
"""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.measure import distance, strangeness
from bottega.patches.pyramid import Size, resize, small_size
from bottega.patches.synthesis import Search, synthesise
from bottega.randomness import Random

SMALL = 48  # the longer side of a layout
TRIES = 16
COPY = 0.02  # nearer than that it is the same picture, which nobody asked for
NEAR = 0.06  # layouts that miss the wished distance by less, and by less than half of it, are as good as each other
FARTHEST = 0.8  # the distance at the end of the slider
MOVE = 0.35  # of the picture's width: the usual shift at full strength
UPWARD = 0.4  # shifts up and down, next to those sideways
NOISE = 1.2
KNOTS = 4
LAYOUT = Search(coarsest=16, completeness=0.05)
FILM_PATCH = 5  # frames and pixels: with fewer frames things come and go, with more a film is only copied
FILM_LAYOUT = Search(FILM_PATCH, start=0.5, rounds=(4, 2), completeness=0.05)
FILM_SETTLE = Search(FILM_PATCH, start=1.0, rounds=(2, 2), completeness=None)
AFFORDED = 80_000  # places of all tries of a film together: four at least, eight at most
SETTLE = Search(start=1.0, rounds=(8, 8), completeness=None)


def vary(
    sources: Sequence[Tensor],
    size: Size,
    wish: float,
    random: Random,
    *,
    on_level: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """A picture or film of the sources' parts, arranged anew.

    Args:
        sources: float32 ``(C, [T,] H, W)`` in [0, 1]; the arrangement begins with the first.
        size: of the output, ``([T,] H, W)``.
        wish: 0 for a near relative, 1 for a new picture of the same parts.
        random: where chance comes from.
        on_level: see ``synthesise``.

    Returns:
        float32 ``(C, *size)``.
    """
    small = layout(sources, size, wish, random.child("layout"), lambda share, x: on_level(0.3 * share, x))
    start = min(1.0, max(small.shape[-2:]) / max(size[-2:]))
    how = (
        Search(start=start, completeness=None) if len(size) == 2 else Search(FILM_PATCH, start=start, completeness=None)
    )
    done = random.child("detail")
    return synthesise(sources, size, done, how=how, guess=small, on_level=lambda s, x: on_level(0.3 + 0.7 * s, x))


def layout(
    sources: Sequence[Tensor], size: Size, wish: float, random: Random, on_try: Callable[[float, Tensor], None]
) -> Tensor:
    """The best of many small arrangements at the wished distance: ``(C, [t,] h, w)``, at most 48 pixels long."""
    scale = min(1.0, SMALL / max(size[-2:]))
    extent = small_size(size, scale)
    small = [resize(s, small_size(tuple(s.shape[1:]), scale)) for s in sources]
    start = resize(small[0], extent)
    mildest, wildest = 0.6 * wish, min(1.0, 0.35 + 0.9 * wish)
    found = []
    first, settle = (LAYOUT, SETTLE) if len(size) == 2 else (FILM_LAYOUT, FILM_SETTLE)
    tries = TRIES if len(size) == 2 else max(4, min(8, AFFORDED // math.prod(extent)))
    for number in range(tries):
        chance, strength = random.child(number), mildest + (wildest - mildest) * (number + 0.5) / tries
        guess = warp(start.flatten(0, -3), MOVE * strength, chance.child("warp")).view_as(start)  # all frames alike
        made = synthesise(small, extent, chance, how=first, guess=guess, noise=NOISE * strength**2)
        made = synthesise(small, extent, chance, how=settle, guess=made)
        far = distance(start, made)
        missed = abs(far - FARTHEST * wish) + (wish > 0 and far < COPY)
        # Equally far, the one whose patches fit; farther off, the nearest.
        found.append((max(missed, min(NEAR, FARTHEST * wish / 2)), strangeness(small[0], made), number, made))
        on_try((number + 1) / tries, min(found, key=lambda entry: entry[:3])[3])
    return min(found, key=lambda entry: entry[:3])[3]


def warp(x: Tensor, amount: float, random: Random) -> Tensor:
    """A picture ``(C, H, W)`` whose parts moved smoothly by about ``amount`` of its size, mirrored at its edges."""
    height, width = x.shape[1:]
    knots = random.normal(1, 2, KNOTS, KNOTS + 1)
    shifts = F.interpolate(knots, (height, width), mode="bicubic", align_corners=True)[0] * (2 * amount)  # (2, H, W)
    across = torch.linspace(-1, 1, width).expand(height, width) + shifts[0]
    down = torch.linspace(-1, 1, height)[:, None].expand(height, width) + shifts[1] * UPWARD
    places = torch.stack([across, down], -1)[None]  # (1, H, W, 2)
    return F.grid_sample(x[None], places, padding_mode="reflection", align_corners=True)[0]

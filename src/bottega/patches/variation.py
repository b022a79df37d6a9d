"""A new arrangement of a picture's parts, as far from the original as was wished.

At first everything happens at a few dozen pixels, where a picture takes a fraction of a second: the parts are moved
about by a smooth random field — farther sideways than up and down, as what stands below is seldom found above — and
blurred into noise; the synthesis makes sense of it. Many such layouts are made, and the best is moved about a little
more in search of a better one. Good is what lies as far from the original as was wished, whose patches fit, and which
has as much of everything as the source has. It is then carried out at full size.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.measure import ARRANGEMENT, Balance, Match, distance, misfit
from bottega.patches.pyramid import Size, resize, small_size
from bottega.patches.synthesis import Level, Search, synthesise
from bottega.randomness import Random

SMALL, FILM_SMALL = 40, 48  # the longer side of a layout
TRIES, MENDS = 16, 32  # layouts from scratch; then the best so far, moved about a little, again and again
COPY = 0.02  # nearer than that it is the same picture, which nobody asked for
FARTHER, AGAIN = 0.12, 3  # what became one when it was carried out is wished so much farther, that often
NEAR = 0.06  # layouts that miss the wished distance by less, and by less than half of it, are as good as each other
DEAR = 0.05  # a layout that misses it by so much more must be better by e
FITS, BALANCED = 0.01, 0.005  # misfit and imbalance that nobody sees
FARTHEST = 0.8  # the distance at the end of the slider
MOVE = 0.35  # of the picture's width: the usual shift at full strength
UPWARD = 0.4  # shifts up and down, next to those sideways
NOISE = 1.2
SHIFT, STIR = 0.05, 0.15  # the same when a layout is mended
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
        wish: 0 for the nearest relative, 1 for a new picture of the same parts. Above 0, a picture that came out as a
            copy is varied again, a little farther.
        random: where chance comes from.
        on_level: see ``synthesise``.

    Returns:
        float32 ``(C, *size)``.
    """
    for number in range(AGAIN + 1):

        def told(share: float, picture: Tensor, number: int = number) -> None:
            on_level((number + share) / (number + 1), picture)

        made = _carried_out(sources, size, min(1.0, wish + FARTHER * number), random, told)
        if wish == 0 or len(size) == 3 or distance(sources[0], made) >= COPY:
            break
    return made


def _carried_out(
    sources: Sequence[Tensor], size: Size, wish: float, random: Random, on_level: Callable[[float, Tensor], None]
) -> Tensor:
    """The best layout at full size. One that is only a little off its source may be put right again there."""
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
    """The best of many small arrangements: ``(C, [t,] h, w)``, at most ``SMALL`` pixels long."""
    flat = len(size) == 2
    scale = min(1.0, (SMALL if flat else FILM_SMALL) / max(size[-2:]))
    extent = small_size(size, scale)
    small = [resize(s, small_size(tuple(s.shape[1:]), scale)) for s in sources]
    start = resize(small[0], extent)
    mildest, wildest = 0.6 * wish, min(1.0, 0.35 + 0.9 * wish)
    first, settle = (LAYOUT, SETTLE) if flat else (FILM_LAYOUT, FILM_SETTLE)
    tries, mends = (TRIES, MENDS) if flat else (max(4, min(8, AFFORDED // math.prod(extent))), 0)
    judge, learned = Judge(start, Balance.of(small, first.patch), wish), dict[float, Level]()
    best, least = start, math.inf
    for number in range(tries + mends):
        chance, stir = random.child(number), 0.0
        if number < tries:
            strength = mildest + (wildest - mildest) * (number + 0.5) / tries
            guess, noise = warp(start, MOVE * strength, chance.child("warp")), NOISE * strength**2
            guess = synthesise(small, extent, chance, how=first, guess=guess, noise=noise, learned=learned)
        else:
            guess, stir = warp(best, SHIFT * wish, chance.child("warp")), STIR * wish
        made = synthesise(small, extent, chance, how=settle, guess=guess, noise=stir, learned=learned)
        lost = judge.lost(made)
        if lost < least:
            best, least = made, lost
        on_try((number + 1) / (tries + mends), best)
    return best


@dataclass(frozen=True)
class Judge:
    """How good small arrangements are.

    Attributes:
        start: what they are arrangements of: ``(C, [t,] h, w)``.
        balance: the proportions to be kept.
        wish: see ``vary``.
        learned: of ``start``; filled the first time.
    """

    start: Tensor
    balance: Balance
    wish: float
    learned: dict[float, Level] = field(default_factory=dict)

    def lost(self, made: Tensor) -> float:
        """What an arrangement lacks: patches that fit, the proportions of the source, the distance that was wished."""
        match = Match.of(made, self.start, ARRANGEMENT, learned=self.learned)
        far, wished = distance(self.start, made, match), FARTHEST * self.wish
        missed = max(0.0, abs(far - wished) - min(NEAR, wished / 2)) + (self.wish > 0 and far < COPY)
        return (misfit(match) + FITS) ** 2 * (self.balance.lost(made) + BALANCED) * math.exp(missed / DEAR)


def warp(x: Tensor, amount: float, random: Random) -> Tensor:
    """A picture ``(C, [T,] H, W)`` whose parts moved smoothly by about ``amount`` of its size, all frames alike.

    It is mirrored at its edges.
    """
    height, width = x.shape[-2:]
    knots = random.normal(1, 2, KNOTS, KNOTS + 1)
    shifts = F.interpolate(knots, (height, width), mode="bicubic", align_corners=True)[0] * (2 * amount)  # (2, H, W)
    across = torch.linspace(-1, 1, width).expand(height, width) + shifts[0]
    down = torch.linspace(-1, 1, height)[:, None].expand(height, width) + shifts[1] * UPWARD
    places = torch.stack([across, down], -1)[None]  # (1, H, W, 2)
    flat = x.flatten(0, -3)[None]  # (1, C or C·T, H, W)
    return F.grid_sample(flat, places, padding_mode="reflection", align_corners=True).view_as(x)

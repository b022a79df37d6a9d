"""A new arrangement of a picture's parts, as far from the original as was wished.

At first everything happens at a few dozen pixels, where a picture takes a fraction of a second: the parts are moved
about by a smooth random field — farther sideways than up and down, as what stands below is seldom found above — or cut
apart and put together in another order, and blurred into noise; the synthesis makes sense of it. Many such layouts are
made. Of the best the parts are made larger or smaller until there is as much of everything as in the source, and the
best of those is moved about a little more in search of a better one. Good is what lies as far from the original as was
wished, whose patches fit, and which has as much of everything as the source has. It is then carried out at full size.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.measure import ARRANGED, Match, distance, misfit
from bottega.patches.proportions import FEWEST, Balance
from bottega.patches.pyramid import Size, resize, small_size
from bottega.patches.synthesis import Level, Search, synthesise
from bottega.randomness import Random

TRIES, MENDS = 24, 12  # layouts from scratch; then the best so far, moved about a little, again and again
PROMISING, TURNS = 8, 3  # layouts that are evened out; how often each
BEGUN = 0.3  # of the time of a layout
COPY = 0.02  # nearer than that it is the same picture, which nobody asked for
MOVED = 0.09  # a layout that lies nearer is often put right again when it is carried out
FARTHER, AGAIN = 0.12, 3  # what became one when it was carried out is wished so much farther, that often
NEAR = 0.06  # layouts that miss the wished distance by less, and by less than half of it, are as good as each other
DEAR = 0.05  # a layout that misses it by so much more must be better by e
FITS, BALANCED = 0.01, 0.005  # misfit and imbalance that nobody sees
FARTHEST = 0.8  # the distance at the end of the slider
MOVE = 0.35  # of the picture's width: the usual shift at full strength
UPWARD = 0.4  # shifts up and down, next to those sideways
NOISE = 1.2
SHIFTS, STIR = (0.01, 0.1), 3.0  # when a layout is mended: the shift, from to; the noise, by the shift
FAR, EVERY = 0.5, 3  # from that wish on, every third layout is cut
WANDER, HAZE = 0.06, 0.4  # how far a cut wanders, of the width; the noise added to what was cut
KNOTS = 4
LAYOUT = Search(coarsest=16, completeness=0.05)
FILM_PATCH = 5  # frames and pixels: with fewer frames things come and go, with more a film is only copied
FILM_LAYOUT = Search(FILM_PATCH, start=0.5, rounds=(4, 2), completeness=0.05)
FILM_SETTLE = Search(FILM_PATCH, start=1.0, rounds=(2, 2), completeness=None)
AFFORDED = 80_000  # places of all tries of a film together: four at least, eight at most
SETTLE = Search(start=1.0, rounds=(8, 8), completeness=None)
RESETTLE = Search(start=1.0, rounds=(3, 3), completeness=None)


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
    """The best of many small arrangements: ``(C, [t,] h, w)``, at most ``ARRANGED`` pixels long."""
    flat = len(size) == 2
    scale = min(1.0, ARRANGED[len(size)] / max(size[-2:]))
    extent = small_size(size, scale)
    small = [resize(s, small_size(tuple(s.shape[1:]), scale)) for s in sources]
    start = resize(small[0], extent)
    first, settle = (LAYOUT, SETTLE) if flat else (FILM_LAYOUT, FILM_SETTLE)
    tries = TRIES if flat else max(4, min(8, AFFORDED // math.prod(extent)))
    finish = flat and min(*extent, *(n for s in small for n in s.shape[1:])) >= FEWEST
    judge, learned = Judge(start, Balance.of(small, first.patch), wish), dict[float, Level]()
    made: list[tuple[float, int, Tensor]] = []
    for number in range(tries):
        chance = random.child(number)
        guess, noise = beginning(start, wish, (number + 0.5) / tries, flat and number % EVERY == EVERY - 1, chance)
        guess = synthesise(small, extent, chance, how=first, guess=guess, noise=noise, learned=learned)
        guess = synthesise(small, extent, chance, how=settle, guess=guess, learned=learned)
        made.append((judge.lost(guess), number, guess))
        on_try((number + 1) / tries * (BEGUN if finish else 1), min(made)[2])
    made.sort()  # the numbers differ: tensors are never compared
    if not finish:
        return made[0][2]
    return bettered(small, made, judge, random, learned, lambda share, x: on_try(BEGUN + (1 - BEGUN) * share, x))


def bettered(
    small: Sequence[Tensor],
    made: Sequence[tuple[float, int, Tensor]],
    judge: "Judge",
    random: Random,
    learned: dict[float, Level],
    on_try: Callable[[float, Tensor], None],
) -> Tensor:
    """The best of some layouts ``(lost, number, (C, h, w))``, the best first, in better proportions: ``(C, h, w)``."""
    least, _, best = made[0]
    guess, promising = best, made[:PROMISING]
    mends = TURNS * len(promising) + MENDS
    for number in range(mends):
        rank, turn = divmod(number, TURNS)
        chance = random.child("mend", number)
        if rank >= len(promising):
            guess = disturbed(best, judge.wish, chance)
        elif turn == 0:
            guess = promising[rank][2]
        guess = judge.balance.evened(guess)
        guess = synthesise(small, tuple(guess.shape[1:]), chance, how=RESETTLE, guess=guess, learned=learned)
        lost = judge.lost(guess)
        if lost < least:
            best, least = guess, lost
        on_try((number + 1) / mends, best)
    return best


def beginning(start: Tensor, wish: float, share: float, cut: bool, random: Random) -> tuple[Tensor, float]:
    """What a layout is made from, and how much noise: from near to far as ``share`` goes from 0 to 1."""
    if cut and wish >= FAR:
        return exchanged(start, random.child("cuts")), HAZE
    mildest, wildest = 0.6 * wish, min(1.0, 0.35 + 0.9 * wish)
    strength = mildest + (wildest - mildest) * share
    return warp(start, MOVE * strength, random.child("warp")), NOISE * strength**2


def disturbed(x: Tensor, wish: float, random: Random) -> Tensor:
    """A layout moved about a little."""
    low, high = SHIFTS
    shift = wish * low * (high / low) ** float(random.child("shift").uniform(1)[0])
    return (warp(x, shift, random.child("warp")) + STIR * shift * random.normal(*x.shape)).clamp(0, 1)


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
        match = Match.of(made, self.start, ARRANGED[made.dim() - 1], learned=self.learned)
        far, wished = distance(self.start, made, match), FARTHEST * self.wish
        least = MOVED if self.wish > 0 else 0.0
        missed = max(0.0, abs(far - max(wished, least)) - min(NEAR, wished / 2)) + (far < least)
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


def exchanged(x: Tensor, random: Random) -> Tensor:
    """A picture ``(C, H, W)`` cut from top to bottom into two or three pieces that change places: none is lost."""
    height, width = x.shape[1:]
    pieces = 2 + int(random.integers(2, 1))
    order = (torch.arange(pieces) + 1) % pieces if pieces == 2 else torch.tensor([2, 1, 0])
    shares = 0.4 + random.uniform(1, pieces)[0]
    wander = F.interpolate(random.normal(1, pieces - 1, 3), height, mode="linear", align_corners=True)[0]
    cuts = (shares.cumsum(0) / shares.sum())[:-1, None] + WANDER * wander  # (pieces - 1, H)
    across = torch.arange(width)
    piece = (across >= (cuts * width)[..., None]).sum(0)  # (H, W)
    index = (order[piece] * width + across).argsort(1)
    return x.gather(2, index.expand_as(x))

"""New pictures from the patches of old ones, coarse to fine and without training.

On each level: every patch of the picture so far is replaced by the source patch most like it, and the overlapping
patches vote; a few times. (Simakov, Caspi, Shechtman & Irani 2008, "Summarizing Visual Data Using Bidirectional
Similarity"; Granot, Feinstein, Shocher, Bagon & Irani 2022, "Drop the GAN: In Defense of Patches Nearest Neighbors as
Single Image Generative Models".)
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from bottega.patches.carrying import carry
from bottega.patches.descriptors import Basis, describe, grid_of, learn
from bottega.patches.fields import lift, nearest_field, scattered, search
from bottega.patches.pyramid import Canvas, Size, canvas_of, resize, scaled, scales
from bottega.patches.voting import vote
from bottega.randomness import Random

EXHAUSTIVE = 9_216  # patches: levels with fewer are searched exhaustively
SLOW = 200_000  # places: on larger levels a round is long enough to say in between that it goes on
SEARCHING = 0.5  # of the time, where the field is carried up afterwards
GOLDEN = 0.618  # spreads the roundings of the levels evenly
LARGEST = 2_200_000  # places: beyond that nothing is searched; the field of the last level is carried up


@dataclass(frozen=True)
class Search:
    """How a synthesis searches; the defaults suit pictures of any kind.

    Attributes:
        patch: the width of a patch, or one for each axis; sides shorter than that make it narrower.
        coarsest: the shortest side of the first level, in pixels, of whichever source or output is smallest;
            ``start`` overrides it.
        start: the first level as a share of the full size, in (0, 1].
        ratio: the size of a level as a share of the next.
        rounds: searches and votes on the first level and on the last; in between, in between.
        sweeps: of PatchMatch in each round.
        completeness: how eagerly unused parts of the sources are used on the exhaustive levels: 0.01 much, None never.
    """

    patch: int | Size = 7
    coarsest: int = 18
    start: float | None = None
    ratio: float = 0.75
    rounds: tuple[int, int] = (8, 2)
    sweeps: int = 1
    completeness: float | None = 0.02


@dataclass(frozen=True)
class Guide:
    """Channels that steer which patch goes where, and are not painted.

    Attributes:
        target: float32 ``(G, *output size)``, around [0, 1].
        sources: one ``(G, *size)`` for each source.
        weight: how much it matters next to the colours.
    """

    target: Tensor
    sources: Sequence[Tensor] = field(default_factory=list)
    weight: float = 1.0


@dataclass(frozen=True)
class Level:
    """The sources at one scale, and what was learned from their patches: see ``descriptors.learn``."""

    canvas: Canvas
    basis: Basis
    keys: Tensor


def synthesise(
    sources: Sequence[Tensor],
    size: Size,
    random: Random,
    *,
    how: Search = Search(),
    guess: Tensor | None = None,
    noise: float = 0.0,
    values: Tensor | None = None,
    known: Tensor | None = None,
    allowed: Sequence[Tensor | None] | None = None,
    wrap: Sequence[bool] | bool = False,
    guide: Guide | None = None,
    learned: dict[float, Level] | None = None,
    on_level: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """A new picture or film from the patches of the sources.

    The same arguments give the same bytes, whatever the number of threads.

    Args:
        sources: float32 ``(C, *size)`` in [0, 1], with two or three axes each.
        size: of the output.
        random: where chance comes from.
        how: the search; see ``Search``.
        guess: ``(C, *any)``: where to begin, scaled to the first level; None is the first source.
        noise: the standard deviation of the noise added to it, in colours that go from 0 to 1.
        values, known: ``(C, *size)`` and bool ``(*size)``: what must stay as it is, and where.
        allowed: for each source None or bool ``(*size)``: patches that touch a False are not used.
        wrap: whether the output goes around, all axes alike or one by one.
        guide: steers the search.
        learned: kept by a caller that tries often with the same sources, masks, guide, patch and size: filled the first
            time, spared later.
        on_level: told after each round, or oftener, the share of the work that is done and the picture ``(C, *level)``.

    Returns:
        float32 ``(C, *size)`` in [0, 1]; exactly ``values`` where ``known``.
    """
    wraps = tuple(wrap) if isinstance(wrap, Sequence) else (wrap,) * len(size)
    allowed = allowed or [None] * len(sources)
    patch = patch_of(how.patch, [size, *(tuple(s.shape[1:]) for s in sources)])
    top = min(1.0, (LARGEST / max(math.prod(size), sum(s[0].numel() for s in sources))) ** (1 / len(size)))
    start = min(top, start_of(how, [size, *(tuple(s.shape[1:]) for s in sources)]))
    levels = [top * scale for scale in scales(start / top, how.ratio)]
    work = [math.prod(scaled(size, scale, patch)) for scale in levels]
    channels = sources[0].shape[0]
    picture, places, before = (sources[0] if guess is None else guess), None, None
    for number, scale in enumerate(levels):
        extent, chance = scaled(size, scale, patch), random.child("level", number)
        level = (learned or {}).get(scale) or level_of(sources, allowed, guide, scale, patch)
        if learned is not None:
            learned[scale] = level
        canvas, basis, keys = level.canvas, level.basis, level.keys
        steering = None if guide is None else resize(guide.target, extent)
        keep = None if known is None or values is None else anchors(values, known, extent)
        grid = grid_of(extent, patch, wraps)
        if places is not None and before is not None:
            places = lift(places, before, canvas, grid, (0.5 + number * GOLDEN) % 1)
            picture = vote(places, canvas, None, wraps, channels)
        else:
            picture = resize(picture, extent)
            if noise:
                picture = picture + noise * chance.normal(*picture.shape)
        picture = anchored(picture, keep)
        rounds = rounds_at(how, number, len(levels))
        for turn in range(rounds):
            asked = picture if steering is None else torch.cat([picture, steering])
            queries = describe(asked, basis, wraps)
            share = (sum(work[:number]) + work[number] * turn / rounds) / sum(work) * (1.0 if top == 1 else SEARCHING)
            alive = partial(on_level, share, picture) if work[number] > SLOW else lambda: None
            places, far = nearest(queries, keys, places, canvas, chance.child(turn), how, alive)
            picture = anchored(vote(places, canvas, trust(far), wraps, channels), keep)
            done = sum(work[:number]) + work[number] * (turn + 1) / rounds
            on_level(done / sum(work) * (1.0 if top == 1 else SEARCHING), picture)
        before = canvas
    if top < 1 and places is not None and before is not None:
        whole = canvas_at(sources, allowed, None, 1.0, patch)
        small = picture

        def told(share: float) -> None:
            on_level(SEARCHING + (1 - SEARCHING) * share, small)

        picture = carry(places, before, whole, tuple(small.shape[1:]), size, wraps, told)
        picture = anchored(picture, None if values is None or known is None else (values, known))
    return picture


def patch_of(width: int | Size, sizes: Sequence[Size]) -> Size:
    """The size of a patch: square, or as given for each axis, but no longer than any picture along each axis."""
    widths = (width,) * len(sizes[0]) if isinstance(width, int) else width
    return tuple(min(wide, *lengths) for wide, lengths in zip(widths, zip(*sizes, strict=True), strict=True))


def start_of(how: Search, sizes: Sequence[Size]) -> float:
    """The first level as a share of the full size."""
    shortest = min(min(size) for size in sizes)
    return min(1.0, how.start if how.start is not None else how.coarsest / shortest)


def rounds_at(how: Search, number: int, levels: int) -> int:
    """How many rounds a level gets."""
    first, last = how.rounds
    return max(1, round(first + (last - first) * number / max(1, levels - 1)))


def level_of(
    sources: Sequence[Tensor], allowed: Sequence[Tensor | None], guide: Guide | None, scale: float, patch: Size
) -> Level:
    """The sources at one scale, ready to be searched."""
    canvas = canvas_at(sources, allowed, guide, scale, patch)
    weights = torch.ones(canvas.picture.shape[0])
    weights[sources[0].shape[0] :] = 0.0 if guide is None else guide.weight
    return Level(canvas, *learn(canvas, weights))


def canvas_at(
    sources: Sequence[Tensor], allowed: Sequence[Tensor | None], guide: Guide | None, scale: float, patch: Size
) -> Canvas:
    """The sources, with their guides, at one scale."""
    pictures, masks = [], []
    for number, (source, mask) in enumerate(zip(sources, allowed, strict=True)):
        whole = source if guide is None else torch.cat([source, guide.sources[number]])
        extent = scaled(tuple(source.shape[1:]), scale, patch)
        pictures.append(resize(whole, extent))
        masks.append(None if mask is None else resize(mask[None].float(), extent)[0] > 0.999)
    return canvas_of(pictures, masks, patch)


def anchors(values: Tensor, known: Tensor, extent: Size) -> tuple[Tensor, Tensor]:
    """What is known on a level, unmixed with what is not: ``(C, *extent)`` and bool ``(*extent)``."""
    share = resize(known[None].float(), extent)  # (1, *extent)
    return resize(values * known, extent) / share.clamp_min(1e-3), share[0] > 0.5


def anchored(picture: Tensor, keep: tuple[Tensor, Tensor] | None) -> Tensor:
    """The picture, with what is known put back."""
    return picture if keep is None else torch.where(keep[1], keep[0], picture)


def nearest(
    queries: Tensor,
    keys: Tensor,
    places: Tensor | None,
    canvas: Canvas,
    random: Random,
    how: Search,
    alive: Callable[[], None],
) -> tuple[Tensor, Tensor]:
    """The field of a picture, by the search that suits its size, and its distances, both ``(*grid)``."""
    grid = queries.shape[:-1]
    able = canvas.valid.nonzero()[:, 0]
    if math.prod(grid) <= EXHAUSTIVE and len(able) <= 2 * EXHAUSTIVE:
        index, far = nearest_field(queries.flatten(0, -2), keys.index_select(0, able), how.completeness)
        return able[index].view(grid).int(), far.view(grid)
    sweeps = how.sweeps
    if places is None:
        places, sweeps = scattered(canvas, grid, random.child("scatter")), max(4, how.sweeps)
    return search(queries, keys, places, canvas, random, sweeps, alive)


def trust(far: Tensor) -> Tensor:
    """How much each patch's vote counts: one over its distance, softened by the usual one."""
    usual = int(far.long().sum()) / far.numel()  # whole numbers: the same sum in whatever order
    return 1 / (far + (0.25 * usual + 1))

"""A picture at another shape, without a seam, from several works, or in the shape of another.

Each is the same synthesis with another beginning.
"""

import math
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.patches.pyramid import Size, in_proportion, resize, small_size
from bottega.patches.synthesis import Guide, Search, synthesise
from bottega.randomness import Random

Listener = Callable[[float, Tensor], None]
SMALL, FILM_SMALL = 64, 48  # the longer side of what is reshaped step by step
BALANCING = 40  # steps until each work has its share of a patchwork
STEP = 1.07  # how much a side grows or shrinks in one step
RESHAPE = Search(coarsest=20, rounds=(4, 2), completeness=0.02)
FILM_RESHAPE = Search(patch=5, start=0.6, rounds=(3, 2), completeness=0.02)


def reshape(source: Tensor, size: Size, random: Random, on_level: Listener) -> Tensor:
    """A picture or film ``(C, *old)`` at another shape ``size``, its parts neither stretched nor squashed.

    At a few dozen pixels it is resized a little and made whole again from its own patches, until it has the new shape
    (Simakov and others 2008, "Summarizing Visual Data Using Bidirectional Similarity").
    """
    flat = len(size) == 2
    scale = min(1.0, (SMALL if flat else FILM_SMALL) / max(*size[-2:], *source.shape[-2:]))
    small = resize(source, small_size(tuple(source.shape[1:]), scale))
    begin, end = small.shape[1:], small_size(size, scale)
    steps = max(1, *(math.ceil(abs(math.log(b / a)) / math.log(STEP)) for a, b in zip(begin, end, strict=True)))
    made = small
    for step in range(1, steps + 1):
        extent = tuple(round(a * (b / a) ** (step / steps)) for a, b in zip(begin, end, strict=True))
        chance = random.child("step", step)
        made = synthesise([small], extent, chance, how=RESHAPE if flat else FILM_RESHAPE, guess=resize(made, extent))
        on_level(0.3 * step / steps, made)
    start = min(1.0, max(made.shape[-2:]) / max(size[-2:]))
    how = Search(RESHAPE.patch if flat else FILM_RESHAPE.patch, start=start, completeness=None)
    detail = random.child("detail")
    return synthesise([source], size, detail, how=how, guess=made, on_level=lambda s, x: on_level(0.3 + 0.7 * s, x))


def seamless(source: Tensor, around: tuple[bool, ...], random: Random, on_level: Listener) -> Tensor:
    """A picture ``(C, *size)`` that goes on where it began, along the axes that go ``around``."""
    how = Search(coarsest=24, rounds=(12, 2), completeness=None)
    return synthesise([source], tuple(source.shape[1:]), random, how=how, guess=source, wrap=around, on_level=on_level)


def seam(picture: Tensor, axis: int) -> float:
    """The step from the last row to the first, next to the usual step between rows: 1 is seamless."""
    ends = picture.narrow(axis, 0, 1) - picture.narrow(axis, -1, 1)
    usual = (
        picture.diff(dim=axis).double().square().mean().sqrt()
        if picture.shape[axis] > 1
        else ends.double().new_ones(())
    )
    return float(ends.double().square().mean().sqrt() / usual.clamp_min(1e-3))


def patchwork(sources: Sequence[Tensor], size: Size, weights: Sequence[float], knots: int, random: Random) -> Tensor:
    """Regions of several pictures side by side: ``(C, *size)``.

    Each place shows the source with the largest random number; what is added to the numbers of each is found step by
    step, so that all get their share.

    Args:
        sources: ``(C, H, W)`` each.
        size: ``(H, W)``.
        weights: the share of each source, in proportion.
        knots: how many regions there are, about, along each side.
        random: where chance comes from.
    """
    fields = random.normal(len(sources), 1, knots + 1, knots + 1)
    fields = F.interpolate(fields, size, mode="bicubic", align_corners=True)[:, 0]  # (S, H, W)
    shares, more = torch.tensor(list(weights)).double() / sum(weights), torch.zeros(len(sources)).double()
    for step in range(BALANCING):
        chosen = (fields + more.view(-1, 1, 1)).argmax(0)  # (H, W)
        seen = torch.bincount(chosen.flatten(), minlength=len(sources)).double() / chosen.numel()
        more += (shares - seen) * (2 / (1 + step / 10))
    whole = torch.stack([covering(source, size) for source in sources])  # (S, C, H, W)
    return whole.gather(0, chosen.expand(1, whole.shape[1], -1, -1))[0]


def covering(source: Tensor, size: Size) -> Tensor:
    """A picture scaled until it covers ``size``, and cut in the middle."""
    height, width = source.shape[1:]
    scale = max(size[0] / height, size[1] / width)
    x = resize(source, (max(size[0], round(height * scale)), max(size[1], round(width * scale))))
    top, left = (x.shape[1] - size[0]) // 2, (x.shape[2] - size[1]) // 2
    return x[:, top : top + size[0], left : left + size[1]]


def collage(
    sources: Sequence[Tensor],
    size: Size,
    weights: Sequence[float],
    mingle: float,
    random: Random,
    on_level: Listener,
) -> Tensor:
    """One picture ``(C, *size)`` of the patches of several; ``mingle`` 0 is large regions, 1 small ones."""
    scale = min(1.0, SMALL / max(size))
    extent = in_proportion(size, scale)
    guess = patchwork(sources, extent, weights, 2 + round(5 * mingle), random.child("patchwork"))
    how = Search(coarsest=round(18 + 14 * mingle), rounds=(10, 2), completeness=0.05)
    return synthesise(sources, size, random, how=how, guess=guess, on_level=on_level)


def analogy(
    structure: Tensor, sources: Sequence[Tensor], likeness: float, random: Random, on_level: Listener
) -> Tensor:
    """What is light and dark in one picture, in the patches of others: ``(C, *size of structure)``.

    Lightness is compared by rank, so that a dark picture can be made of light ones (after Hertzmann, Jacobs, Oliver,
    Curless & Salesin 2001, "Image Analogies").

    Args:
        structure: ``(C, H, W)``.
        sources: what to take patches from.
        likeness: 0 follows the structure loosely, 1 closely.
        random: where chance comes from.
        on_level: see ``synthesise``.
    """
    palette = torch.cat([source.flatten(1) for source in sources], 1)  # (C, N)
    light = lightness(palette)
    order = light.argsort(stable=True)
    edges = light[order]  # (N,) ascending
    target = ranks(lightness(structure))
    guess = palette[:, order[(target.double() * (len(edges) - 1)).round().long()]]
    size = tuple(structure.shape[1:])
    guides, first = [], 0
    every = rank_numbers(light, order)
    for source in sources:
        count = source[0].numel()
        guides.append(every[first : first + count].view(1, *source.shape[1:]))
        first += count
    guide = Guide(target[None], guides, weight=0.4 * 10**likeness)
    how = Search(coarsest=40, rounds=(6, 2), completeness=0.2)
    return synthesise(sources, size, random, how=how, guess=guess, guide=guide, on_level=on_level)


def lightness(x: Tensor) -> Tensor:
    """Luminance of ``(C, …)``; transparent is light, as on paper."""
    light = 0.299 * x[0] + 0.587 * x[1] + 0.114 * x[2]
    return light + (1 - x[3]) if len(x) == 4 else light


def ranks(x: Tensor) -> Tensor:
    """Each number's place among all of them, in [0, 1], same shape; equal numbers share one place."""
    return rank_numbers(x.flatten(), x.flatten().argsort(stable=True)).view(x.shape)


def rank_numbers(x: Tensor, order: Tensor) -> Tensor:
    """The same for a flat tensor whose order is known: the middle of the places that equal numbers take."""
    ordered = x[order]
    low = torch.searchsorted(ordered, x, right=False)
    high = torch.searchsorted(ordered, x, right=True)
    return ((low + high - 1).double() / 2 / max(1, len(x) - 1)).float()

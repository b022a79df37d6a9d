"""What a synthesis reached, in numbers: how far it went, how much of the source it uses, how well its parts fit."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from bottega.patches.descriptors import describe
from bottega.patches.fields import distances, nearest_field, shifts_of
from bottega.patches.pyramid import Canvas, Size, in_proportion, resize, small_size
from bottega.patches.synthesis import Level, level_of, patch_of

GLANCE = 16  # the longer side of a picture seen at a glance
ARRANGED = {2: 40, 3: 48}  # of a picture and a film whose parts are followed; layouts are as large
LOOK = 256  # and of one that is looked at patch by patch
SAMPLES = 2_000  # patches that are looked at
SHIFTS = 6
MOMENTS = 12  # frames of a film that are looked at
NEAR = 0.05  # a patch is found again where this share, or less, of the patches' variance is missing


def within(size: Size, longest: int) -> Size:
    """The size in proportion whose longest side is at most ``longest``."""
    scale = min(1.0, longest / max(size))
    return in_proportion(size, scale)


def distance(source: Tensor, picture: Tensor, match: "Match | None" = None) -> float:
    """How far a picture is from its source: 0 is the same, towards 1 a new arrangement of its parts.

    The mean of ``difference`` (at most 1) and of the share that is not ``one_piece``: a picture that was only moved
    aside looks different pixel by pixel, and is not. ``match``: of the picture with the source at ``ARRANGED``
    pixels, if it is known.
    """
    match = match or Match.of(picture, source, ARRANGED[source.dim() - 1])
    return (min(1.0, difference(source, picture)) + 1 - one_piece(match)) / 2


def difference(source: Tensor, picture: Tensor) -> float:
    """How different two pictures look at a glance: 0 is the same, about 1 two that share nothing but their colours.

    The root of the mean squared difference of both at 16 pixels, divided by what it is for an unrelated arrangement.
    Both ``(C, *size)``; a source of another size is stretched.
    """
    size = tuple(picture.shape[1:])
    size = small_size(size, min(1.0, GLANCE / max(size[-2:])), MOMENTS)
    a, b = resize(source, size).double().flatten(1), resize(picture, size).double().flatten(1)
    unrelated = 2 * (a - a.mean(1, keepdim=True)).square().mean()
    return min(2.0, math.sqrt(float((a - b).square().mean() / unrelated.clamp_min(1e-6))))


def one_piece(match: "Match") -> float:
    """The share of a picture that was taken over from the source in one piece, moved or not: in [0, 1].

    Of the few shifts that explain most patches, the one that explains, on its own, the largest share of the picture.
    """
    owner, shifts = shifts_of(match.field, match.canvas)
    moves, counts = np.unique(torch.stack([owner, *shifts]).flatten(1).numpy(), axis=1, return_counts=True)
    moves, counts = torch.from_numpy(moves), torch.from_numpy(counts)
    best = 0.0
    for number in counts.argsort(descending=True, stable=True)[:SHIFTS].tolist():
        place, inside = match.canvas.origin[moves[0, number]] * match.canvas.strides[0], torch.ones(1, dtype=torch.bool)
        for axis, stride in enumerate(match.canvas.strides):
            there = torch.arange(match.field.shape[axis]) + moves[axis + 1, number]
            shape = [-1 if other == axis else 1 for other in range(match.field.dim())]
            limit = int(match.canvas.limits[0, axis])
            place = place + there.clamp(0, limit).view(shape) * stride
            inside = inside & ((there >= 0) & (there <= limit)).view(shape)
        far = distances(match.queries, match.keys, place.flatten())
        best = max(best, float(((far <= NEAR * match.variance) & inside.flatten()).double().mean()))
    return best


def coverage(source: Tensor, picture: Tensor) -> float:
    """The share of the source's patches that are found again in the picture, both at 256 pixels: in [0, 1].

    2,000 patches are looked for. Found again is one that differs from one of the picture's by at most 5 % of the
    variance among the patches.
    """
    match = Match.of(source, picture, LOOK, SAMPLES)
    return float((match.far <= NEAR * match.variance).double().mean())


def strangeness(source: Tensor, picture: Tensor) -> float:
    """How unlike the source's patches the picture's are: their mean squared distance by the variance of the patches."""
    return misfit(Match.of(picture, source, LOOK, SAMPLES))


def misfit(match: "Match") -> float:
    """The mean squared distance of patches to what they are most like, by the variance of the patches."""
    return float(match.far.long().sum()) / len(match.far) / match.variance


@dataclass(frozen=True)
class Match:
    """Every patch of one picture, and the one most like it in another.

    Attributes:
        queries: ``(Q, K)``: descriptors of the one picture's patches.
        canvas, keys: the other picture and its descriptors.
        field: int64 ``(*grid)``: where each patch is found.
        far: ``(Q,)``: squared distances.
        variance: of the patches of both.
    """

    queries: Tensor
    canvas: Canvas
    keys: Tensor
    field: Tensor
    far: Tensor
    variance: float

    @classmethod
    def of(
        cls,
        one: Tensor,
        other: Tensor,
        longest: int,
        most: int | None = None,
        learned: dict[float, Level] | None = None,
    ) -> "Match":
        """Compare two pictures ``(C, *size)`` at ``longest`` pixels of the larger one's longer side.

        With ``most``, about as many patches, evenly spread, stand for all; the field is then ``(Q,)``. ``learned`` is
        kept by a caller that compares many pictures of one size with the same other.
        """
        scale = min(1.0, longest / max(*one.shape[-2:], *other.shape[-2:]))
        one, other = (resize(x, small_size(tuple(x.shape[1:]), scale, MOMENTS)) for x in (one, other))
        patch = patch_of(7, [tuple(one.shape[1:]), tuple(other.shape[1:])])
        level = (learned or {}).get(scale) or level_of([other], [None], None, 1.0, patch)
        if learned is not None:
            learned[scale] = level
        canvas, keys = level.canvas, level.keys
        queries = describe(one, level.basis, (False,) * len(patch))
        rows, places = queries.flatten(0, -2), canvas.valid.nonzero()[:, 0]
        able = keys.index_select(0, places)
        grid = queries.shape[:-1]
        if most is not None and len(rows) > most:
            rows = rows[:: -(-len(rows) // most)].contiguous()
            grid = rows.shape[:1]
        index, far = nearest_field(rows, able)
        both = torch.cat([rows, able]).double()
        variance = max(float((both - both.mean(0)).square().sum(1).mean()), 1.0)
        return cls(rows, canvas, keys, places[index].view(grid), far, variance)

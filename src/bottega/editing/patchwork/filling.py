"""Fill holes in a picture from its own patches, so that neither seam nor blur shows.

For each group of holes:

1. The hole is closed smoothly from its border (a membrane): the first guess.
2. The hole is synthesised from the patches around it, coarse to fine, from a level at which it is a few pixels wide
   (Wexler, Shechtman & Irani 2007, "Space-Time Completion of Video"; Newson et al. 2014, "Video Inpainting of Complex
   Scenes").
3. On the full size the patches vote once more, on a ring of known pixels too. By how much they miss the ring, the fill
   is corrected, and the correction fades smoothly into the hole: Poisson blending (Pérez, Gangnet & Blake 2003).
4. That is done twice: from far above, which finds structure, and from near the membrane, which errs less. They are
   mixed; where they agree the fill is crisp, and where they do not, it is doubtful and grows calmer.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.pixels import to_picture, to_tensor
from bottega.patches import Search, in_proportion, resize, synthesise
from bottega.randomness import Random

MARGIN = 12  # known pixels around a hole that are synthesised too, at least
RING = 2  # known pixels around a hole on which the fit is measured
DEEP, SHALLOW = 12, 24  # how wide a hole is on the first level
BEYOND = 24  # the shortest side on the first level when a picture is extended
CONTEXT = 48  # pixels around a hole from which patches come, at least
ONCE, LARGEST = 300_000, 1_200_000  # pixels: above the first one way must do, above the second it is worked smaller

Progress = Callable[[float, np.ndarray], None]


@dataclass(frozen=True)
class Window:
    """A part of a picture: rows and columns from … to."""

    top: int
    bottom: int
    left: int
    right: int

    def of(self, x: np.ndarray) -> np.ndarray:
        """A view of that part of ``(H, W, …)``."""
        return x[self.top : self.bottom, self.left : self.right]

    def cut(self, x: Tensor) -> Tensor:
        """A view of that part of ``(…, H, W)``."""
        return x[..., self.top : self.bottom, self.left : self.right]

    def inside(self, outer: "Window") -> "Window":
        """The same part, as seen from the corner of a larger one."""
        return Window(self.top - outer.top, self.bottom - outer.top, self.left - outer.left, self.right - outer.left)

    def grown(self, by: int, height: int, width: int) -> "Window":
        return Window(
            max(0, self.top - by), min(height, self.bottom + by), max(0, self.left - by), min(width, self.right + by)
        )

    @property
    def pixels(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)


def fill(
    picture: np.ndarray,
    hole: np.ndarray,
    random: Random,
    *,
    detail: float = 0.65,
    context: int | None = None,
    guess: np.ndarray | None = None,
    on_step: Progress = lambda share, picture: None,
) -> np.ndarray:
    """A picture with its hole filled.

    Args:
        picture: uint8 ``(H, W, C)``; what lies in the hole does not matter.
        hole: bool ``(H, W)``, neither empty nor everything.
        random: where chance comes from.
        detail: the share of the fill that began far above; 1 is crisp and bold, 0 calm and cautious.
        context: how many pixels around a hole patches come from; about the hole's own size when not given.
        guess: ``(H, W, C)``: where to begin; a membrane when not given.
        on_step: told the share that is done, and the picture so far.

    Returns:
        uint8 ``(H, W, C)``; outside the hole exactly ``picture``.
    """
    made = picture.copy()
    groups = windows(torch.from_numpy(hole))
    total, done = sum(group.pixels for group in groups), 0
    for number, group in enumerate(groups):
        outer = group.grown(context_of(group, hole, context), *hole.shape)
        target, holes = outer.of(made), outer.of(hole)

        def told(
            share: float,
            part: Tensor,
            target: np.ndarray = target,
            holes: np.ndarray = holes,
            start: int = done,
            pixels: int = group.pixels,
        ) -> None:
            np.copyto(target, to_picture(part), where=holes[..., None])
            on_step((start + share * pixels) / total, made)

        filled = fill_one(
            to_tensor(outer.of(picture)),
            torch.from_numpy(holes.copy()),
            group.inside(outer),
            random.child(number),
            detail if outer.pixels <= ONCE else 1.0,
            None if guess is None else to_tensor(outer.of(guess)),
            told,
        )
        told(1.0, filled)
        done += group.pixels
    return made


def fill_one(
    picture: Tensor,
    hole: Tensor,
    around: Window,
    random: Random,
    detail: float,
    guess: Tensor | None,
    told: Callable[[float, Tensor], None],
) -> Tensor:
    """One group of holes: ``(C, h, w)`` filled, from the patches of all of it; smaller first where it is very large."""
    if hole.numel() > LARGEST:
        size = in_proportion(hole.shape, math.sqrt(LARGEST / hole.numel()))
        scale = size[0] / hole.shape[0]
        inner = Window(*(round(edge * scale) for edge in (around.top, around.bottom, around.left, around.right)))
        narrow = resize(hole[None].float(), size)[0] > 0.01
        first = None if guess is None else resize(guess, size)
        full = tuple(hole.shape)
        small = resize(membrane(picture, hole), size)
        made = fill_one(small, narrow, inner, random, 1.0, first, lambda share, part: told(share, resize(part, full)))
        return blended(resize(made, full), picture, hole).clamp(0, 1)
    start = membrane(picture, hole)
    # on the first level too, a patch's width of what is known lies around the hole
    part = around.grown(max(MARGIN, 7 * width_of(hole) // DEEP), *hole.shape)
    ways = [(width, share) for width, share in ((DEEP, detail), (SHALLOW, 1 - detail)) if share > 0]
    total = torch.zeros_like(picture)
    for number, (width, weight) in enumerate(ways):

        def shown(share: float, level: Tensor, number: int = number) -> None:
            whole = start.clone()
            part.cut(whole).copy_(resize(level, tuple(part.cut(hole).shape)))
            told((number + share) / len(ways), whole)

        total += weight * one_try(start, hole, part, width, random.child(number), guess, shown)
    return total.clamp(0, 1)


def one_try(
    start: Tensor,
    hole: Tensor,
    part: Window,
    width: int,
    random: Random,
    guess: Tensor | None,
    told: Callable[[float, Tensor], None],
) -> Tensor:
    """Synthesise the hole in the window ``part`` of ``start`` ``(C, h, w)`` from where it is ``width`` pixels wide."""
    size, holes = tuple(part.cut(hole).shape), part.cut(hole)
    how = Search(start=min(1.0, width / width_of(hole)), completeness=None, sweeps=4)
    made = synthesise(
        [start],
        size,
        random.child("fill"),
        how=how,
        guess=part.cut(start if guess is None else guess),
        values=part.cut(start),
        known=~holes,
        allowed=[~hole],
        on_level=lambda share, level: told(0.8 * share, level),
    )
    wider = dilated(holes, RING)
    made = synthesise(
        [start],
        size,
        random.child("fit"),
        how=Search(start=1.0, completeness=None, sweeps=6, rounds=(1, 1)),
        guess=made,
        values=part.cut(start),
        known=~wider,
        allowed=[~dilated(hole, RING)],  # else the ring is its own best match, and never missed
        on_level=lambda share, level: told(0.8 + 0.2 * share, level),
    )
    result = start.clone()
    part.cut(result).copy_(blended(made, part.cut(start), holes))
    return result


def beyond(
    picture: np.ndarray, around: tuple[tuple[int, int], tuple[int, int]], random: Random, on_step: Progress
) -> np.ndarray:
    """A picture painted on beyond its edges.

    Outside, only one side is known, so the whole of the picture has its say and not only what lies near: it begins as
    the picture's own mirror image, from a level at which that is a few dozen pixels.

    Args:
        picture: uint8 ``(H, W, C)``.
        around: pixels to add: (top, bottom), (left, right).
        random: where chance comes from.
        on_step: told the share that is done, and the picture so far.

    Returns:
        uint8 of the larger size; inside exactly ``picture``.
    """
    mirrored = np.pad(picture, (*around, (0, 0)), mode="symmetric")
    outside = np.pad(np.zeros(picture.shape[:2], bool), around, constant_values=True)
    hole, start = torch.from_numpy(outside), to_tensor(mirrored)
    size = tuple(hole.shape)
    made = synthesise(
        [to_tensor(picture)],
        size,
        random,
        how=Search(coarsest=BEYOND, completeness=None, sweeps=4),
        guess=start,
        values=start,
        known=~hole,
        on_level=lambda share, level: on_step(share, to_picture(resize(level, size))),
    )
    return np.where(outside[..., None], to_picture(blended(made, start, hole).clamp(0, 1)), mirrored)


def blended(made: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """A fill ``(C, h, w)`` corrected by what it misses just outside the hole; outside it is the truth."""
    return torch.where(hole, made + membrane(truth - made, hole), truth)


def membrane(x: Tensor, hole: Tensor) -> Tensor:
    """Close a hole smoothly: inside, every pixel becomes the mean of its four neighbours, nearly.

    Solved coarse to fine, so that wide holes are closed as well as narrow ones.

    Args:
        x: float32 ``(C, H, W)``; what lies in the hole does not matter.
        hole: bool ``(H, W)``.

    Returns:
        float32 ``(C, H, W)``, unchanged outside the hole.
    """
    known = (~hole)[None].float()  # (1, H, W)
    if not bool(hole.any()) or not bool(known.any()):
        return torch.where(hole, torch.full_like(x, 0.5), x)
    coarse = torch.zeros(())
    if min(hole.shape) > 1 and max(hole.shape) > 2:
        half = [(n + 1) // 2 for n in hole.shape]
        weight = F.adaptive_avg_pool2d(known[None], half)[0]
        value = F.adaptive_avg_pool2d((x * known)[None], half)[0] / weight.clamp_min(1e-6)
        coarse = F.interpolate(membrane(value, weight[0] == 0)[None], hole.shape, mode="bilinear")[0]
    else:
        coarse = ((x * known).sum((1, 2), keepdim=True) / known.sum()).expand_as(x)
    result = torch.where(hole, coarse, x)
    for _sweep in range(24):
        edge = F.pad(result[None], (1, 1, 1, 1), mode="replicate")[0]
        mean = (edge[:, :-2, 1:-1] + edge[:, 2:, 1:-1] + edge[:, 1:-1, :-2] + edge[:, 1:-1, 2:]) / 4
        result = torch.where(hole, mean, x)
    return result


def windows(hole: Tensor, cell: int = 32) -> list[Window]:
    """The smallest windows around groups of holes that lie near each other."""
    cell = max(cell, max(hole.shape) // 64)
    taken = F.max_pool2d(hole[None, None].float(), cell, ceil_mode=True)[0, 0] > 0
    left = {(int(row), int(column)) for row, column in taken.nonzero()}
    found = []
    while left:
        ready, group = [min(left)], set()
        while ready:
            here = ready.pop()
            if here in left:
                left.discard(here)
                group.add(here)
                ready += [(here[0] + down, here[1] + along) for down in (-1, 0, 1) for along in (-1, 0, 1)]
        only = torch.zeros_like(hole)
        for row, column in group:
            block = slice(row * cell, (row + 1) * cell), slice(column * cell, (column + 1) * cell)
            only[block] = hole[block]
        rows, columns = only.any(1).nonzero()[:, 0], only.any(0).nonzero()[:, 0]
        found.append(Window(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1))
    return found


def context_of(group: Window, hole: np.ndarray, wanted: int | None) -> int:
    """How far around a group patches come from: until there is at least as much known as unknown."""
    by = wanted or max(CONTEXT, group.bottom - group.top, group.right - group.left)
    while by < max(hole.shape):
        outer = group.grown(by, *hole.shape)
        if 2 * int(outer.of(hole).sum()) <= outer.pixels:
            break
        by *= 2
    return by


def is_large(hole: np.ndarray) -> bool:
    """Whether some of it is so large that it is filled smaller and enlarged."""
    groups = windows(torch.from_numpy(hole))
    return any(group.grown(context_of(group, hole, None), *hole.shape).pixels > LARGEST for group in groups)


def width_of(hole: Tensor) -> int:
    """How wide a hole is where it is widest: how often one pixel can be taken off all around, twice."""
    wide, step = 0, 1
    left = F.pad(hole[None, None].float(), (1, 1, 1, 1), value=0.0)
    while bool(left.any()):
        left = -F.max_pool2d(-left, 3, 1, 1)
        wide += 2 * step
    return max(1, wide)


def dilated(hole: Tensor, by: int) -> Tensor:
    """The hole and everything within ``by`` pixels."""
    return F.max_pool2d(hole[None, None].float(), 2 * by + 1, 1, by)[0, 0] > 0

"""Fill holes in a film from its own patches of space and time, so that what fills them moves as the rest does.

The hole is closed smoothly in each frame, and then synthesised from patches that are a few frames long (Wexler,
Shechtman & Irani 2007, "Space-Time Completion of Video"; Newson, Almansa, Fradet, Gousseau & Pérez 2014, "Video
Inpainting of Complex Scenes"). By how much it misses the border in the end is taken off, fading into the hole.
"""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.patchwork.filling import Window, context_of, membrane, width_of
from bottega.editing.weaving import clips
from bottega.patches import Search, synthesise
from bottega.randomness import Random

WIDTH = 4  # pixels of the hole's width on the first level: every patch there knows something of the border
MARGIN = 8  # known pixels around the hole that are synthesised too
RING = 2  # of them, those that are drawn anew, to see by how much the fill misses them
PATCH = (5, 7, 7)


def fill(frames: np.ndarray, hole: np.ndarray, random: Random, told: Callable[[float, Tensor], None]) -> np.ndarray:
    """A film with its hole filled.

    Args:
        frames: uint8 ``(T, H, W, C)``; what lies in the hole does not matter.
        hole: bool ``(T, H, W)``, neither empty nor everything.
        random: where chance comes from.
        told: the share that is done, and the part that is worked on, float32 ``(C, t, h, w)``.

    Returns:
        uint8 ``(T, H, W, C)``; outside the hole exactly ``frames``.
    """
    ever = hole.any(0)
    rows, columns = (np.flatnonzero(ever.any(axis)) for axis in (1, 0))
    inner = Window(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
    outer = inner.grown(context_of(inner, ever, None), *ever.shape)
    place = slice(None), slice(outer.top, outer.bottom), slice(outer.left, outer.right)
    holes = torch.from_numpy(hole[place].copy())  # (T, h, w)
    start = closed(clips.to_tensor(frames[place]), holes)  # (C, T, h, w)
    near = inner.grown(MARGIN, *ever.shape).inside(outer)
    wider = F.max_pool2d(holes[:, None].float(), 2 * RING + 1, 1, RING)[:, 0] > 0
    target, gap = near.cut(start), near.cut(wider)
    made = synthesise(
        [start],
        tuple(gap.shape),
        random,
        how=Search(PATCH, start=min(1.0, WIDTH / width_of(holes.any(0))), completeness=None, sweeps=3),
        guess=target,
        values=target,
        known=~gap,
        allowed=[~wider],
        on_level=told,
    )
    missed = closed(target - made, near.cut(holes))  # by how much the fill misses what is known around it
    result = frames.copy()
    part = result[place][:, near.top : near.bottom, near.left : near.right]
    np.copyto(part, clips.to_frames(made + missed), where=near.cut(holes).numpy()[..., None])
    return result


def closed(x: Tensor, holes: Tensor) -> Tensor:
    """Frames ``(C, T, H, W)`` with their holes ``(T, H, W)`` closed smoothly, each on its own."""
    if bool((holes == holes[:1]).all()):
        return membrane(x.flatten(0, 1), holes[0]).view_as(x)  # as if all frames were channels of one picture
    return torch.stack([membrane(x[:, number], hole) for number, hole in enumerate(holes)], 1)

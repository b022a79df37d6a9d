"""DeepDream on tensors: climb what a network sees in a picture, from a small copy of the picture up to its full size.

Mordvintsev, Olah & Tyka 2015, "Inceptionism"; the gradient is made even over all scales with a Laplacian pyramid as in
their notebook, and its colours are decorrelated as in Olah et al. 2017, "Feature Visualization".
"""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.pixels import with_channels
from bottega.editing.trained import eyes
from bottega.editing.trained.fitting import extended
from bottega.language import _
from bottega.media import image
from bottega.models import Model
from bottega.patches import in_proportion
from bottega.randomness import Random

if TYPE_CHECKING:
    from bottega.editing.operation import Job
    from bottega.editing.trained.dream import DreamSettings

Score = Callable[[Tensor], Tensor]
"""``(B, 3, h, w)`` in [-1, 1] to one number, which is climbed."""

TILE = 384
"""Larger pictures are looked at in tiles of this side; their seams move at every step."""
COLOURS = torch.tensor([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
"""A square root of the covariance of colours in photographs (Olah et al. 2017)."""

GREYER = 0.5
"""How far colours move together, as they do in photographs: 1 makes pale dreams, 0 gaudy ones."""

LARGEST = 1_500_000
"""Pixels that are dreamt; larger pictures are dreamt smaller, and what changed is enlarged."""
FLIGHT = 1.04
"""How much a film's picture grows from one frame to the next."""


class Dreamer:
    """A model, and what it looks for.

    Args:
        model: any with a network that looks at works, or a flow.
        layer, label: of it; the deepest layer when both are empty.

    Raises:
        UsageError: the model sees no such layer or class.
    """

    def __init__(self, model: Model, layer: str, label: str) -> None:
        model.objective.eval().requires_grad_(False)
        self.model, self.channels = model, model.shape[0]
        self.score, self.least, self.what = eyes.of(model, layer, label)

    def frames(self, picture: np.ndarray, settings: "DreamSettings", job: "Job") -> list[np.ndarray]:
        """One dream, or the frames of a flight into it; pictures uint8 ``(H, W, 3|4)``, alpha as it was."""
        count = max(1, settings.zoom)
        small = picture
        scale = math.sqrt(LARGEST / (picture.shape[0] * picture.shape[1]))
        if scale < 1:
            job.say(_("The picture is large: it is dreamt smaller, and the dream is enlarged."))
            small = image.fit(picture, in_proportion(picture.shape[:2], scale), "stretch")
        frames: list[np.ndarray] = []
        for number in range(count):
            strength = settings.strength if number == 0 else settings.strength * 0.3
            small = self._once(small, settings, strength, job, number, count)
            frames.append(small if scale >= 1 or count > 1 else enlarged(small, picture))
            small = nearer(small)
        return frames

    def _once(self, picture, settings: "DreamSettings", strength: float, job: "Job", number: int, count: int):
        x = torch.from_numpy(with_channels(picture, 3).copy()).permute(2, 0, 1)[None].float() / 127.5 - 1
        every = max(1, max(picture.shape[:2]) // 512)
        height, width = picture.shape[:2]  # what is too small to be seen is mirrored beyond its edges
        x = extended(x[0], (0, max(0, self.least - width), 0, max(0, self.least - height)))[None]

        def show(share: float, seen: Tensor) -> None:
            job.show((number + share) / count, pixels(seen[:, :, ::every, ::every]))

        made = dream(
            x,
            lambda part: self.score(part if self.channels == 3 else F.pad(part, (0, 0, 0, 0, 0, 1), value=1.0)),
            job.random("dream", number),
            smallest=max(self.least, 24),
            octaves=settings.octaves if number == 0 else min(settings.octaves, 3),
            steps=settings.steps if number == 0 else max(1, settings.steps // 3),
            strength=strength,
            smooth=settings.smooth,
            least=self.least,
            show=show,
        )
        return with_alpha_of(pixels(made[:, :, :height, :width]), picture)


def pixels(x: Tensor) -> np.ndarray:
    """``(1, 3, H, W)`` in [-1, 1] to uint8 ``(H, W, 3)``."""
    return ((x[0].permute(1, 2, 0) + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).cpu().numpy()


def with_alpha_of(made: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """A picture on white ``(H, W, 3)`` with the transparency of another of its size, if that has any."""
    if picture.shape[2] == 3:
        return made
    opacity = picture[..., 3:]
    colour = made.astype(np.int32) - (255 - opacity.astype(np.int32))
    return np.concatenate([np.clip(colour, 0, opacity).astype(np.uint8), opacity], 2)


def enlarged(dreamt: np.ndarray, picture: np.ndarray) -> np.ndarray:
    """The large picture with what a small dream changed, enlarged, a strip at a time."""
    size = picture.shape[:2]
    before = image.fit(picture, dreamt.shape[:2], "stretch").astype(np.int16)
    change = dreamt.astype(np.int16) - before  # (h, w, C), in [-255, 255]
    halves = [image.fit(np.clip(sign * change, 0, 255).astype(np.uint8), size, "stretch") for sign in (1, -1)]
    made = np.clip(picture.astype(np.int16) + halves[0] - halves[1], 0, 255).astype(np.uint8)
    if picture.shape[2] == 4:
        made = np.concatenate([np.minimum(made[..., :3], picture[..., 3:]), picture[..., 3:]], 2)
    return made


def nearer(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture at its full size."""
    height, width = picture.shape[:2]
    high, wide = height / FLIGHT, width / FLIGHT
    left, top = (width - wide) / 2, (height - high) / 2
    return image.resize(picture, (height, width), (left, top, left + wide, top + high))


def sizes(height: int, width: int, smallest: int, octaves: int, ratio: float) -> list[tuple[int, int]]:
    """The sizes dreamt at, smallest first: each ``ratio`` times the one before, none shorter than ``smallest``."""
    found = [(height, width)]
    for octave in range(1, octaves):
        side = in_proportion((height, width), ratio**-octave)
        if min(side) < smallest:
            break
        found.append(side)
    return found[::-1]


def dream(
    picture: Tensor,
    score: Score,
    random: Random,
    *,
    smallest: int,
    octaves: int = 6,
    ratio: float = 1.4,
    steps: int = 10,
    strength: float = 0.5,
    smooth: float = 0.35,
    least: int = 1,
    show: Callable[[float, Tensor], None] = lambda share, picture: None,
) -> Tensor:
    """The picture, changed so that ``score`` sees more of what it knows.

    Args:
        picture: float32 ``(1, 3, H, W)`` in [-1, 1].
        score: what is climbed; seen by it are pictures and tiles of at least ``least`` pixels a side.
        smallest: shortest side dreamt at; octaves, ratio: how many sizes, and how much each grows.
        steps: at the full size, and more at smaller ones; strength: how far pixels may move, in [0, 1].
        smooth: 0 gives every scale of the gradient the same weight, 1 leaves only broad shapes.
        show: told how far the work is, with the picture at its present size.
    """
    levels = sizes(*picture.shape[2:], max(smallest, least), octaves, ratio)
    # small copies cost little and decide most: they get more steps
    counts = [round(steps * (1 + 2 * (len(levels) - 1 - number) / len(levels))) for number in range(len(levels))]
    work = [a * b * count for (a, b), count in zip(levels, counts, strict=True)]
    change = torch.zeros_like(resized(picture, levels[0]))
    for number, (size, count) in enumerate(zip(levels, counts, strict=True)):
        own = resized(picture, size)
        change = resized(change, size)
        for step in range(count):
            seen = (own + change).clamp(-1, 1)
            gradient = even(slope(seen, score, random.child(number, step), least), smooth)
            room = 1 - seen.abs() * (seen * gradient > 0)  # slower towards black and white: no hard clipping
            change = calm(change + 0.6 * strength / count * gradient * room)
            show((sum(work[:number]) + work[number] * (step + 1) / count) / sum(work), own + change)
    return (picture + change).clamp(-1, 1)


def calm(change: Tensor) -> Tensor:
    """The change without most of its broadest shades, so that light and dark stay where the picture has them."""
    height, width = change.shape[2:]
    broad = F.adaptive_avg_pool2d(change, (max(1, min(6, height // 8)), max(1, min(6, width // 8))))
    return change - 0.3 * resized(broad, (height, width))


def slope(picture: Tensor, score: Score, random: Random, least: int) -> Tensor:
    """The gradient of the score ``(1, C, H, W)``, taken on the picture rolled by a random way, tile by tile."""
    height, width = picture.shape[2:]
    down, right = int(random.integers(height, 1)), int(random.integers(width, 1))
    rolled = picture.roll((down, right), (2, 3))
    gradient = torch.zeros_like(rolled)
    for rows in cuts(height, least):
        for columns in cuts(width, least):
            tile = rolled[:, :, rows, columns].clone().requires_grad_()
            gradient[:, :, rows, columns] = torch.autograd.grad(score(tile), tile)[0]
    return gradient.roll((-down, -right), (2, 3))


def cuts(length: int, least: int) -> list[slice]:
    """A side in equal parts of at most ``TILE`` pixels, and not fewer than ``least`` where there are two or more."""
    count = min(max(1, math.ceil(length / TILE)), max(1, length // least))
    edges = [round(length * number / count) for number in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(edges)]


def even(gradient: Tensor, smooth: float) -> Tensor:
    """The gradient with natural colours, each of its scales brought to the same size, and about 1 in all.

    ``smooth`` weighs the scales: from one to the next finer it falls by ``1 - smooth``.
    """
    natural = COLOURS @ COLOURS.T
    mixing = (GREYER * natural / natural.trace() + (1 - GREYER) / 3 * torch.eye(3)).to(gradient)
    gradient = torch.einsum("ij,bjhw->bihw", mixing, gradient)
    bands, rest = [], gradient
    while min(rest.shape[2:]) > 8 and len(bands) < 6:
        small = F.avg_pool2d(rest, 2)
        bands.append(rest - resized(small, rest.shape[2:]))
        rest = small
    total = rest / (rest.std() + 1e-12)
    for band in reversed(bands):
        total = (1 - smooth) * band / (band.std() + 1e-12) + resized(total, band.shape[2:])
    return total / (total.abs().mean() + 1e-12)


def resized(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """``(B, C, H, W)`` at another size, without aliasing."""
    if tuple(x.shape[2:]) == tuple(size):
        return x
    smaller = size[0] < x.shape[2] or size[1] < x.shape[3]
    return F.interpolate(x, tuple(size), mode="bicubic" if smaller else "bilinear", antialias=smaller)

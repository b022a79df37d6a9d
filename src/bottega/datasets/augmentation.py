"""Augmentation: more pictures out of few, for two kinds of learning.

``differentiable`` changes real and generated pictures alike before a discriminator sees them, so that what it teaches
does not leak into the works (Zhao et al. 2020, DiffAugment, arXiv:2006.10738). ``conditional`` changes the training
pictures and tells the network how, so that it can be asked for unchanged ones (Karras et al. 2022, EDM,
arXiv:2206.00364, appendix F.2).
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.randomness import Random

REACH = 0.125
"""The farthest that ``differentiable`` moves a picture, as a share of its sides."""
CONDITIONAL = 6
"""Numbers that describe a conditional augmentation: mirror, shift y, shift x, log zoom, the turn's cos - 1, sin."""


def mirror(pictures: Tensor, random: Random, share: float = 0.5) -> Tensor:
    """Mirrors a share of the pictures ``(B, C, H, W)``, or of the films ``(B, C, T, H, W)``, left to right."""
    chosen = random.uniform(len(pictures)) < share
    chosen = chosen.view(-1, *[1] * (pictures.ndim - 1)).to(pictures.device)
    return torch.where(chosen, pictures.flip(-1), pictures)


def differentiable(pictures: Tensor, random: Random, probability: float) -> Tensor:
    """Shift, cutout and colour, each applied to a share ``probability`` of the pictures ``(B, C, H, W)`` in [-1, 1].

    Gradients flow through. Alpha, where there is one, moves with its picture and keeps its value. Of films
    ``(B, C, T, H, W)`` all frames are changed alike.
    """
    if probability <= 0:
        return pictures
    if pictures.ndim == 5:
        times = pictures.shape[2]
        pictures = _colour_of_film(pictures, random.child("colour"), probability)
        pictures = pictures.flatten(1, 2)  # frames as channels: they move together
        pictures = _shift(pictures, random.child("shift"), probability, planes=True)
        return _cutout(pictures, random.child("cutout"), probability).unflatten(1, (-1, times))
    pictures = _colour(pictures, random.child("colour"), probability)
    pictures = _shift(pictures, random.child("shift"), probability)
    return _cutout(pictures, random.child("cutout"), probability)


def _colour(x: Tensor, random: Random, probability: float) -> Tensor:
    """Brightness ±0.5, saturation ×0…2, contrast ×0.5…1.5, as DiffAugment has them."""
    n = len(x)
    u = random.uniform(n, 3, 1, 1, 1).to(x.device)
    on = (random.uniform(n, 3, 1, 1, 1) < probability).to(x)
    brightness = on[:, 0] * (u[:, 0] - 0.5)
    saturation = 1 + on[:, 1] * (2 * u[:, 1] - 1)
    contrast = 1 + on[:, 2] * (u[:, 2] - 0.5)
    rgb, alpha = x[:, :3], x[:, 3:]
    grey = rgb.mean(1, keepdim=True)
    rgb = grey + (rgb - grey) * saturation
    mean = rgb.mean((1, 2, 3), keepdim=True)
    rgb = mean + (rgb - mean) * contrast + brightness
    return torch.cat([rgb, alpha], 1) if alpha.shape[1] else rgb


def _colour_of_film(x: Tensor, random: Random, probability: float) -> Tensor:
    """The same for films ``(B, C, T, H, W)`` without alpha, in one pass: what happens to a pixel is a matrix and an
    offset."""
    n, channels = x.shape[:2]
    u = random.uniform(n, 3, 1).to(x.device)
    on = (random.uniform(n, 3, 1) < probability).to(x)
    brightness = on[:, 0] * (u[:, 0] - 0.5)
    saturation = 1 + on[:, 1] * (2 * u[:, 1] - 1)
    contrast = 1 + on[:, 2] * (u[:, 2] - 0.5)
    own = torch.eye(channels, device=x.device)
    matrix = contrast[:, None] * (saturation[:, None] * own + (1 - saturation[:, None]) / channels)  # (B, C, C)
    offset = brightness + (1 - contrast) * x.mean((1, 2, 3, 4))[:, None]  # (B, 1)
    return torch.baddbmm(offset[:, :, None], matrix, x.flatten(2)).unflatten(2, x.shape[2:])


def _shift(x: Tensor, random: Random, probability: float, *, planes: bool = False) -> Tensor:
    """Moves pictures by up to an eighth of their sides; what comes into view is black (-1).

    Channels are last in memory afterwards, or with ``planes`` first.
    """
    n, _, height, width = x.shape
    on = random.uniform(n) < probability
    far = [max(1, round(side * REACH)) for side in (height, width)]
    dy = (random.integers(2 * far[0] + 1, n) - far[0]) * on
    dx = (random.integers(2 * far[1] + 1, n) - far[1]) * on
    padded = F.pad(x, (far[1], far[1], far[0], far[0]), value=-1.0)
    corners = zip((dy + far[0]).tolist(), (dx + far[1]).tolist(), strict=True)
    if planes:
        rows = zip(padded.unbind(), corners, strict=True)
        return torch.stack([row[:, y : y + height, x : x + width] for row, (y, x) in rows])
    rows = zip(padded.movedim(1, -1).unbind(), corners, strict=True)
    return torch.stack([row[y : y + height, x : x + width] for row, (y, x) in rows]).movedim(-1, 1)


def _cutout(x: Tensor, random: Random, probability: float) -> Tensor:
    """Greys out a rectangle of half the sides."""
    n, _, height, width = x.shape
    on = random.uniform(n, 1, 1) < probability
    centre = random.uniform(n, 2, 1, 1)
    rows = (torch.arange(height)[None, :, None] - centre[:, 0] * height).abs() < height / 4
    columns = (torch.arange(width)[None, None, :] - centre[:, 1] * width).abs() < width / 4
    keep = ~(rows & columns & on)
    return x * keep[:, None].to(x)


def conditional(pictures: Tensor, random: Random, probability: float) -> tuple[Tensor, Tensor]:
    """Mirrored, shifted, zoomed and turned pictures with the numbers that say how.

    Args:
        pictures: ``(B, C, H, W)`` in [-1, 1].
        random: what happens to which.
        probability: of each of the four changes.

    Returns:
        The pictures, and ``(B, 6)`` descriptions that are zero for an unchanged picture.
    """
    n, _, height, width = pictures.shape
    on = (random.uniform(n, 4) < probability).float()
    amount = random.normal(n, 4)
    flip = on[:, 0]
    dy, dx = on[:, 1] * amount[:, 0].clamp(-2, 2) * 0.125, on[:, 1] * amount[:, 1].clamp(-2, 2) * 0.125
    zoom = on[:, 2] * amount[:, 2].clamp(-2, 2) * 0.2
    turn = on[:, 3] * (2 * torch.pi) * random.uniform(n)
    description = torch.stack([flip, dy, dx, zoom, turn.cos() - 1, turn.sin()], 1)
    changed = description.abs().sum(1).nonzero()[:, 0]
    if len(changed) == 0:
        return pictures, description.to(pictures.device)
    scale, aspect = (-zoom).exp(), width / height
    mirrored = 1 - 2 * flip
    theta = torch.stack(  # output coordinates to input coordinates, in units where each side spans [-1, 1]
        [
            torch.stack([scale * turn.cos() * mirrored, -scale * turn.sin() / aspect, 2 * dx], 1),
            torch.stack([scale * turn.sin() * mirrored * aspect, scale * turn.cos(), 2 * dy], 1),
        ],
        1,
    )[changed].to(pictures.device)
    grid = F.affine_grid(theta, [len(changed), *pictures.shape[1:]], align_corners=False)
    moved = F.grid_sample(pictures[changed], grid, padding_mode="reflection", align_corners=False)
    return pictures.index_copy(0, changed.to(pictures.device), moved), description.to(pictures.device)

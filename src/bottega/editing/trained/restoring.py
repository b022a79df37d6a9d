"""Colours and calm from a trained model, for pictures of any size.

Colours are found at the model's size and laid under the full light of the picture along its edges (He, Sun & Tang
2013, "Guided Image Filtering"). Noise is taken away window by window: a flow foretells the mean of all works that the
noise may have hidden; a GAN or VAE gives its nearest work, and what that lacks comes back from the picture where it
stands out from the noise (Donoho & Johnstone 1994, on cosines as in Yaroslavsky 1996).
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.editing.operation import Job
from bottega.editing.pixels import with_channels
from bottega.editing.trained.fitting import class_of, extended, from_model, maker, shaped_like, to_model
from bottega.language import _
from bottega.media import image
from bottega.objectives import latent
from bottega.objectives.base import Objective
from bottega.objectives.flow import Flow

LUMA = np.array(latent.LUMINANCE, np.float32)
STRIP = 512
"""Rows that are coloured at once."""
STRIP_NUMBERS = 40_000_000
"""Cosines of one channel that are held at once."""
CLEARLY = 2.8
"""How many times the noise a cosine must be to count as more than noise."""


def colorize(picture: np.ndarray, strength: float, label: str, job: Job) -> np.ndarray:
    """A picture ``(H, W, 3|4)`` in colour; its light is kept to within a step or two of 255."""
    model = maker(job)
    grey = np.rint(picture[..., :3] @ LUMA).astype(np.uint8)  # (H, W)
    plain = np.concatenate([np.repeat(grey[..., None], 3, 2), picture[..., 3:]], 2)
    x = to_model([plain], job, "stretch")
    known = latent.luminance(x)
    made = model.objective.complete(
        known,
        class_of(model, label),
        job.random("colours"),
        tell=lambda share: job.show(0.9 * share, plain[:: max(1, len(plain) // 512), :: max(1, len(plain[0]) // 512)]),
    )
    colour = from_model(known.kept_in(made))[0]  # at the model's size
    colour = shaped_like([colour], image.fit(plain, colour.shape[:2], "stretch"))[0][..., :3].astype(np.float32)
    chroma = (colour - (colour @ LUMA)[..., None]) * strength  # (h, w, 3)
    small = image.fit(plain, chroma.shape[:2], "stretch")[..., :3] @ LUMA
    full = along_edges(torch.from_numpy(chroma), torch.from_numpy(small), torch.from_numpy(grey))
    return lit(full, picture, grey)


def along_edges(chroma: Tensor, small: Tensor, grey: Tensor) -> np.ndarray:
    """Colour differences ``(h, w, 3)`` at the size of ``grey`` (H, W), bent along its edges: ``(H, W, 3)``.

    Near every place of the small picture, colour is a straight line in its light ``small`` (h, w); the lines are
    enlarged, and read at the full light.
    """
    size = tuple(grey.shape)
    if tuple(small.shape) == size:
        return chroma.numpy()
    light = small.float()[None, None] / 255
    colours = chroma.permute(2, 0, 1)[:, None]  # (3, 1, h, w)

    def mean(x: Tensor) -> Tensor:
        return F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)

    middle = mean(light)
    slope = (mean(light * colours) - middle * mean(colours)) / (mean(light * light) - middle.square() + 4e-3)
    offset = mean(colours) - slope * middle
    lines = F.interpolate(torch.cat([slope, offset], 1), size, mode="bilinear")  # (3, 2, H, W)
    return (lines[:, 0] * (grey.float() / 255) + lines[:, 1]).permute(1, 2, 0).numpy()


def lit(chroma: np.ndarray, picture: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """The light of a picture with colours ``(H, W, 3)``, which fade where no colour of that light is so strong."""
    made = picture.copy()
    for top in range(0, len(grey), STRIP):
        rows = slice(top, top + STRIP)
        light, colour = grey[rows, :, None].astype(np.float32), chroma[rows]
        most = picture[rows, :, 3:].astype(np.float32) if picture.shape[2] == 4 else np.float32(255)
        room = np.where(colour > 0, (most - light) / np.maximum(colour, 1e-3), light / np.maximum(-colour, 1e-3))
        colour = colour * np.clip(room.min(2, keepdims=True), 0, 1)
        made[rows, :, :3] = np.rint(np.clip(light + colour, 0, most)).astype(np.uint8)
    return made


def colourfulness(picture: np.ndarray) -> float:
    """How far colours are from grey, on average, in [0, 1]."""
    colours = picture[..., :3].astype(np.float32)
    return round(float((colours.max(2) - colours.min(2)).mean()) / 255, 4)


def noise_in(picture: np.ndarray) -> float:
    """The standard deviation of the noise, in steps of 255, from the median of the finest diagonal differences."""
    tall, wide = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    if tall < 2 or wide < 2:
        return 0.0
    x = picture[:tall, :wide, :3].astype(np.float32)
    diagonal = (x[::2, ::2] - x[1::2, ::2] - x[::2, 1::2] + x[1::2, 1::2]) / 2
    shown = np.ones(diagonal.shape[:2], bool) if picture.shape[2] == 3 else picture[:tall:2, :wide:2, 3] > 0
    return float(np.median(np.abs(diagonal[shown]))) / 0.6745 if shown.any() else 0.0


def denoise(picture: np.ndarray, noise: float, job: Job) -> np.ndarray:
    """A picture ``(H, W, 3|4)`` without noise of that standard deviation, in steps of 255."""
    model = maker(job)
    if noise <= 0.5:
        job.say(_("There is no noise to speak of: the picture stays as it is."))
        return picture.copy()
    x = torch.from_numpy(with_channels(picture, model.shape[0]).copy()).permute(2, 0, 1).float() / 127.5 - 1
    foretell = (
        (lambda part: model.objective.denoise(part, noise / 127.5)) if isinstance(model.objective, Flow) else None
    )
    if foretell is None:
        made = from_nearest(model.objective, x, tuple(model.shape[1:]), noise / 127.5, job)
    else:
        made = windowed(x, tuple(model.shape[1:]), foretell, job)
    pixels = from_model(made[None])[0]
    clean = shaped_like([pixels], picture)[0]
    if picture.shape[2] == 4:
        clean = np.concatenate([np.minimum(clean[..., :3], picture[..., 3:]), picture[..., 3:]], 2)
    return clean


def windowed(x: Tensor, size: tuple[int, int], change, job: Job, batch: int = 32) -> Tensor:
    """A picture ``(C, H, W)`` changed in windows of one size that overlap by half, the middle of each counting most."""
    (height, width), (high, wide) = x.shape[1:], size
    margin = (wide // 2, wide // 2 + (-width) % (wide // 2), high // 2, high // 2 + (-height) % (high // 2))
    spread = extended(x, margin)
    total, weights = torch.zeros_like(spread), torch.zeros_like(spread[:1])
    weight = torch.hann_window(high + 2, periodic=False)[1:-1, None] * torch.hann_window(wide + 2, periodic=False)[1:-1]
    tops = range(0, spread.shape[1] - high + 1, high // 2)
    places = [(top, left) for top in tops for left in range(0, spread.shape[2] - wide + 1, wide // 2)]
    for first in range(0, len(places), batch):
        some = places[first : first + batch]
        made = change(torch.stack([spread[:, top : top + high, left : left + wide] for top, left in some]))
        for (top, left), one in zip(some, made, strict=True):
            total[:, top : top + high, left : left + wide] += one * weight
            weights[:, top : top + high, left : left + wide] += weight
        job.show((first + len(some)) / len(places))
    made = total / weights.clamp(min=1e-6)
    return made[:, margin[2] : margin[2] + height, margin[0] : margin[0] + width]


def from_nearest(objective: Objective, x: Tensor, size: tuple[int, int], noise: float, job: Job) -> Tensor:
    """A picture ``(C, H, W)`` cleaned with the nearest work of a GAN or VAE, and what stands out from the rest."""
    small = F.interpolate(x[None], size, mode="bilinear", antialias=True)
    place = objective.to_latent(small, None, job.random("nearest"), lambda share: job.show(0.8 * share))
    nearest = F.interpolate(objective.from_latent(place).clamp(-1, 1), x.shape[1:], mode="bicubic")[0]
    return nearest + standing_out(x - nearest, noise)


def standing_out(x: Tensor, noise: float, side: int = 8) -> Tensor:
    """What of ``x`` (C, H, W) is more than noise: the cosines of every ``side``-wide square that exceed it clearly."""
    steps = torch.arange(side)
    basis = torch.cos(math.pi * (2 * steps[None] + 1) * steps[:, None] / (2 * side)) * math.sqrt(2 / side)
    basis[0] /= math.sqrt(2)
    kernels = torch.einsum("ay,bx->abyx", basis, basis).reshape(side * side, 1, side, side).to(x)
    height, width = x.shape[1:]
    wide = extended(x, (side, side, side, side))[:, None]  # (C, 1, H + 2·side, W + 2·side)
    rows = max(side, STRIP_NUMBERS // (wide.shape[-1] * side**2))
    strips = []
    for top in range(0, height, rows):
        cosines = F.conv2d(wide[:, :, top : top + rows + 2 * side], kernels)
        kept = cosines * (cosines.abs() > CLEARLY * noise)
        strips.append(F.conv_transpose2d(kept, kernels)[:, 0, side : side + min(rows, height - top)])
    return torch.cat(strips, 1)[:, :, side : side + width] / side**2

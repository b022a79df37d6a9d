"""Feature spaces: pictures become vectors whose distances mean something.

The first space needs no download and no training: a wavelet scattering transform (Bruna & Mallat 2013, "Invariant
Scattering Convolution Networks") of luminance and two opponent colours, whitened on "dead leaves" — discs of many sizes
that hide each other, the simplest picture model with the statistics of natural pictures (Lee, Mumford & Huang 2001).
Both are drawn by formula, so the space is the same everywhere and knows nothing of the works it judges.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.language import _
from bottega.randomness import Random

CHUNK_PIXELS = 1 << 18  # pictures go through in chunks of about this many pixels, so memory stays small
ANGLES = 8
RADIUS = 4
DIMENSIONS = 128
REFERENCE_PICTURES = 1_500
SOFTEN = {1: 0.02, 2: 0.002}  # log(1 + response / soften), by order: below it, noise; above it, contrast
SHRINK = 0.1  # whitening does not lift directions that vary less than this share of the first one


@dataclass(frozen=True)
class FeatureSpace:
    """A stated way to turn pictures into vectors.

    Attributes:
        name: stable, for machines; figures of two spaces with different names cannot be compared.
        description: what it measures, in a sentence for people.
        extract: float pictures ``(B, 3, H, W)`` in [0, 1] -> ``(B, D)``.
    """

    name: str
    description: str
    extract: Callable[[Tensor], Tensor] = field(repr=False)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Features of uint8 pictures ``(N, H, W, 1|3|4)``, N at least 1: float32 ``(N, D)``.

        Premultiplied alpha is laid over grey.
        """
        chunk = max(1, CHUNK_PIXELS // (pictures.shape[1] * pictures.shape[2]))
        with torch.inference_mode():
            parts = [self.extract(to_rgb(pictures[i : i + chunk])) for i in range(0, len(pictures), chunk)]
        return torch.cat(parts).float().cpu().numpy()


class Classifier(Protocol):
    """A trained model that has ``features``: pictures in [-1, 1] ``(B, 3, H, W)`` -> ``(B, D)``."""

    def features(self, x: Tensor, /) -> Tensor: ...


def to_rgb(pictures: np.ndarray) -> Tensor:
    """uint8 ``(B, H, W, 1|3|4)`` -> float ``(B, 3, H, W)`` in [0, 1]."""
    x = torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 255
    if x.shape[1] == 4:
        x = x[:, :3] + (1 - x[:, 3:]) * 0.5
    return x.expand(-1, 3, -1, -1).contiguous()


def resized(x: Tensor, size: int) -> Tensor:
    """Pictures scaled to ``size`` x ``size`` without aliasing: ``(B, C, size, size)``."""
    if x.shape[-2:] == (size, size):
        return x
    return F.interpolate(x, (size, size), mode="bicubic", antialias=True).clamp(0, 1)


def fixed_features(size: int = 32) -> FeatureSpace:
    """The space that is always there: deterministic, no download, no training.

    Args:
        size: pictures are scaled to size x size first. 32 sees wavelengths from 2.7 to 11 pixels of a 32-pixel picture;
            64 sees one octave more, for pictures of 64 pixels and larger. Other powers of two work too.
    """
    mean, project = whitening(size)
    return FeatureSpace(
        name=f"scattering-{size}",
        description=_(
            "{count} numbers from a wavelet scattering of luminance and opponent colours at {size}x{size} pixels, "
            "whitened on drawn leaves"
        ).format(count=DIMENSIONS, size=size),
        extract=lambda x: (scattering(resized(x, size)) - mean) @ project,
    )


def classifier_features(objective: Classifier, shape: tuple[int, int, int], name: str = "classifier") -> FeatureSpace:
    """The last layer but one of a trained ``classifier`` model: what it saw when it told classes apart.

    Args:
        objective: of the ``classifier`` recipe.
        shape: (C, H, W) of the pictures it was trained with, C 3.
        name: says which classifier it is.
    """

    def extract(x: Tensor) -> Tensor:
        if x.shape[-2:] != shape[1:]:
            x = F.interpolate(x, shape[1:], mode="bicubic", antialias=True).clamp(0, 1)
        return objective.features(x * 2 - 1)

    return FeatureSpace(name, _("the last layer but one of the classifier {name}").format(name=name), extract)


# --- the scattering transform -------------------------------------------------------------------------------------


def scattering(x: Tensor) -> Tensor:
    """Scattering coefficients of pictures ``(B, 3, S, S)`` in [0, 1], compressed by a logarithm: ``(B, D)``.

    Each octave is half the size of the one before it, so one small set of wavelets serves all scales:
    order 0 is local means of the colours, order 1 local energies by scale and direction (edges, grain, texture),
    order 2 how the energies of one scale and direction themselves vary at a larger scale (how texture is arranged).
    """
    r, g, b = x.unbind(1)
    level = torch.stack([0.299 * r + 0.587 * g + 0.114 * b, r - g, (r + g) / 2 - b], 1)  # (B, 3, S, S)
    parts = [F.adaptive_avg_pool2d(level, 4)]
    finer: Tensor | None = None  # moduli of all finer scales, halved to this one: (B, 8 j, S, S)
    for _scale in range(int(math.log2(x.shape[-1])) - 2):  # down to 8x8
        energy = modulus(level)  # (B, 3, 8, S, S)
        parts += [
            compressed(F.adaptive_avg_pool2d(energy[:, 0], 4), 1),
            compressed(F.adaptive_avg_pool2d(energy[:, 1:].flatten(1, 2), 2), 1),
        ]
        if finer is not None:
            parts.append(compressed(modulus(finer).mean((-2, -1)), 2))
        finer = halved(energy[:, 0] if finer is None else torch.cat([finer, energy[:, 0]], 1))
        level = halved(level)
    return torch.cat([part.flatten(1) for part in parts], 1)


def compressed(energy: Tensor, order: int) -> Tensor:
    return torch.log1p(energy / SOFTEN[order])


def modulus(x: Tensor) -> Tensor:
    """``|x * wavelet|`` for every direction: ``(B, C, S, S) -> (B, C, 8, S, S)``."""
    planes = F.pad(x.reshape(-1, 1, *x.shape[-2:]), (RADIUS,) * 4, mode="reflect")
    waves = F.conv2d(planes, wavelets())  # even and odd parts alternate
    return waves.reshape(*x.shape[:2], ANGLES, 2, *x.shape[-2:]).square().sum(3).sqrt()


def halved(x: Tensor) -> Tensor:
    """Half the size, after a binomial blur: ``(B, C, S, S) -> (B, C, S/2, S/2)``."""
    row = torch.tensor([1.0, 4, 6, 4, 1]) / 16
    planes = F.pad(x.reshape(-1, 1, *x.shape[-2:]), (2,) * 4, mode="reflect")
    small = F.conv2d(planes, torch.outer(row, row)[None, None], stride=2)
    return small.reshape(*x.shape[:2], *small.shape[-2:])


@cache
def wavelets(sigma: float = 0.8, frequency: float = 0.75 * math.pi, slant: float = 0.5) -> Tensor:
    """Morlet wavelets in eight directions, even and odd part of each: ``(16, 1, 9, 9)``; each sums to zero."""
    axis = torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    kernels = []
    for angle in (math.pi * k / ANGLES for k in range(ANGLES)):
        along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        window = torch.exp(-(along**2 + (slant * across) ** 2) / (2 * sigma**2))
        even, odd = window * torch.cos(frequency * along), window * torch.sin(frequency * along)
        even = even - window * (even.sum() / window.sum())
        size = (even**2 + odd**2).sqrt().sum()
        kernels += [even / size, odd / size]
    return torch.stack(kernels)[:, None].float()


# --- what it is whitened on ---------------------------------------------------------------------------------------


@cache
def whitening(size: int) -> tuple[Tensor, Tensor]:
    """Mean ``(D,)`` and projection ``(D, 128)`` that give dead leaves about unit variance in every direction kept."""
    pictures = dead_leaves(REFERENCE_PICTURES, size)
    with torch.inference_mode():
        raw = torch.cat([scattering(chunk) for chunk in pictures.split(max(1, CHUNK_PIXELS // size**2))]).double()
    mean = raw.mean(0)
    spread = raw.std(0) + 0.05  # numbers that hardly ever vary are not blown up
    variance, directions = torch.linalg.eigh(torch.cov(((raw - mean) / spread).T))
    variance, directions = variance.flip(0)[:DIMENSIONS], directions.flip(1)[:, :DIMENSIONS]
    lift = 1 / (variance + SHRINK * variance[0]).sqrt()
    lift /= (lift * variance.sqrt()).square().mean().sqrt()  # unit variance on average: the scale kernels expect
    project = directions * lift / spread[:, None]
    return mean.float(), project.float()


def dead_leaves(count: int, size: int, leaves: int = 80) -> Tensor:
    """Pictures of elliptic leaves that hide each other: ``(count, 3, size, size)`` in [0, 1], always the same."""
    random = Random("dead leaves", size)
    axis = torch.arange(size) + 0.5
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    finest, largest = (0.05 * size) ** -2, (1.0 * size) ** -2
    picture = random.uniform(count, 3, 1, 1).expand(-1, -1, size, size).contiguous()
    for _leaf in range(leaves):
        # radii with a density of r^-3 look the same at every scale
        u = random.uniform(count, 10)[:, :, None, None]  # (B, 10, 1, 1)
        radius = (finest + u[:, 0] * (largest - finest)) ** -0.5
        dx, dy = x - (1.4 * u[:, 1] - 0.2) * size, y - (1.4 * u[:, 2] - 0.2) * size
        angle, narrow = u[:, 3] * math.pi, 0.4 + 0.6 * u[:, 4]
        along, across = dx * angle.cos() + dy * angle.sin(), (dy * angle.cos() - dx * angle.sin()) / narrow
        inside = (radius - (along**2 + across**2).sqrt() + 0.5).clamp(0, 1)[:, None]  # (B, 1, S, S)
        tint = (u[:, 5:6] * 0.9 + 0.05) + 0.4 * (u[:, 6:9] - 0.5)  # mostly light and dark, some colour
        shade = 0.15 * (u[:, 9:10] - 0.5) * (along / radius).clamp(-1, 1)[:, None]
        picture += inside * (tint + shade - picture)
    grain = random.normal(count, 3, size, size) * 0.02 * random.uniform(count, 1, 1, 1)
    return (picture + grain).clamp(0, 1)

"""Filters learned from a few pictures' own patches: eyes for style transfer that need no training and no download.

A first layer of whitened k-means filters on 7×7 patches (Coates, Lee & Ng 2011, "An Analysis of Single-Layer Networks
in Unsupervised Feature Learning"), a second on 3×3 neighbourhoods of the first's pooled answers (Coates & Ng 2012,
"Learning Feature Representations with K-means"). The same is learned again on each octave of the pictures, so strokes,
figures and composition are seen alike. It takes about a second.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.randomness import Random

PATCH = 7
SMALLEST = 20  # pixels: octaves with a shorter side tell nothing of style
FIRST, SECOND = 48, 96
SAMPLES = 12_000
FLAT = 1e-4  # the variance under which a direction of patches is noise


class LearnedEyes:
    """Answers of the learned filters, two layers for each octave, at unit power on the pictures learned from.

    Args:
        pictures: float32 ``(1, 3, H, W)`` in [0, 1], shortest side at least ``SMALLEST``.
        random: from where patches and first filters are drawn.
        octaves: at most so many.
    """

    def __init__(self, pictures: Sequence[Tensor], random: Random, octaves: int = 3) -> None:
        self.eyes = []
        for octave in range(octaves):
            if min(min(picture.shape[2:]) for picture in pictures) < SMALLEST:
                break
            self.eyes.append(Octave(pictures, random.child("octave", octave)))
            pictures = [halved(picture) for picture in pictures]
        self.octaves = len(self.eyes)
        self.content = tuple(range(1, 2 * self.octaves, 2))  # the second layers

    def __call__(self, picture: Tensor) -> list[Tensor]:
        """``(1, 3, H, W)`` to ``(1, C, h, w)`` for each layer of each octave."""
        found = []
        for octave in self.eyes:
            if found:
                picture = halved(picture)
            found += octave(picture)
        return found


class Octave:
    """Two layers of filters, learned from pictures ``(1, 3, H, W)`` of one scale."""

    def __init__(self, pictures: Sequence[Tensor], random: Random) -> None:
        share = SAMPLES // len(pictures)
        rows = [sample(padded(p, PATCH // 2), PATCH, share, random.child("patch", i)) for i, p in enumerate(pictures)]
        patches = torch.cat(rows).unflatten(1, (3, -1))  # (N, 3, 49)
        patches = (patches - patches.mean(2, keepdim=True)).flatten(1)  # light and colour are not form
        first = dictionary(patches, FIRST, random.child("first")).view(FIRST, 3, PATCH, PATCH)
        self.first = (first - first.mean((2, 3), keepdim=True)).contiguous(memory_format=torch.channels_last)
        power = torch.stack([F.conv2d(p, self.first).square().mean((0, 2, 3)) for p in pictures]).mean(0)  # (FIRST,)
        self.first /= power.sqrt().clamp_min(1e-6).view(-1, 1, 1, 1)
        pooled = [F.avg_pool2d(self.near(p), 2) for p in pictures]
        rows = [sample(p, 3, share, random.child("pool", i)) for i, p in enumerate(pooled)]
        second = dictionary(torch.cat(rows), SECOND, random.child("second")).view(SECOND, -1, 3, 3)
        self.second, self.bias = second.contiguous(memory_format=torch.channels_last), None
        answers = torch.cat([F.conv2d(padded(p, 1), self.second).flatten(2)[0] for p in pooled], 1)  # (SECOND, N)
        scale = 1 / answers.std(1).clamp_min(1e-6)
        self.second *= scale.view(-1, 1, 1, 1)
        self.bias = -answers.mean(1) * scale

    def near(self, picture: Tensor) -> Tensor:
        """The first layer: ``(1, 3, H, W)`` to ``(1, 2·FIRST, H, W)``; what is bright and what is dark apart."""
        return rectified(F.conv2d(padded(picture, PATCH // 2), self.first))

    def __call__(self, picture: Tensor) -> list[Tensor]:
        near = self.near(picture)
        return [near, rectified(F.conv2d(padded(F.avg_pool2d(near, 2), 1), self.second, self.bias))]


def rectified(x: Tensor) -> Tensor:
    """Both halves of each answer: ``(1, C, h, w)`` to ``(1, 2C, h, w)``."""
    return torch.cat([F.relu(x), F.relu(-x)], 1)


def halved(picture: Tensor) -> Tensor:
    """The next octave."""
    return F.avg_pool2d(picture, 2)


def padded(x: Tensor, margin: int) -> Tensor:
    """Mirrored at the borders, so that they are seen as well as the middle."""
    return F.pad(x, (margin,) * 4, mode="reflect")


def sample(x: Tensor, width: int, count: int, random: Random) -> Tensor:
    """At most ``count`` patches of ``(1, C, H, W)``, in random order: ``(N, C·width²)``."""
    high, wide = x.shape[2] - width + 1, x.shape[3] - width + 1
    chosen = random.permutation(high * wide)[:count]
    top, left = chosen // wide, chosen % wide
    step = torch.arange(width)
    patches = x[0][:, (top[:, None] + step)[:, :, None], (left[:, None] + step)[:, None, :]]  # (C, N, width, width)
    return patches.movedim(0, 1).flatten(1)


def dictionary(rows: Tensor, count: int, random: Random, rounds: int = 12, parts: int = 128) -> Tensor:
    """Filters ``(count, D)`` that tell rows ``(N, D)`` apart: k-means on the sphere, after whitening.

    Whitening is softened so that the weakest directions, which are noise, stay weak.
    """
    centred = rows - rows.mean(0)
    power, axes = torch.linalg.eigh(centred.T @ centred / len(rows))
    power, axes = power[-parts:], axes[:, -parts:]
    whitening = axes / (power + 0.5 * power[-8:].mean() + FLAT).sqrt()  # (D, parts)
    white = F.normalize(centred @ whitening)  # (N, parts)
    filters = F.normalize(random.normal(count, white.shape[1]))
    for _round in range(rounds):
        answers = white @ filters.T  # (N, count)
        best = answers.abs().argmax(1, keepdim=True)
        chosen = torch.zeros_like(answers).scatter_(1, best, answers.gather(1, best))
        filters = F.normalize(chosen.T @ white + 1e-3 * filters)
    return filters @ whitening.T

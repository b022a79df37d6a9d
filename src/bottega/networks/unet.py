"""A small U-Net that predicts a velocity, for flow matching and diffusion.

Ronneberger et al. 2015, arXiv:1505.04597; blocks as in Dhariwal & Nichol 2021, arXiv:2105.05233. It works on patches
of pixels rather than on pixels, so that even its finest level is wide enough for the processor's matrix units: a 3×3
convolution of 64 channels at half the size does four times the arithmetic of one of 16 at full size in less time.
"""

import math
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.datasets.augmentation import CONDITIONAL
from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Dropout, Label

WIDTH_OF_HEAD = 32
Layer = TypeVar("Layer", nn.Conv2d, nn.Linear)


class UNet(nn.Module):
    """Velocity network ``v(x, t, label, augmentation)``.

    Args:
        shape: of a work, ``(C, H, W)``; H and W are multiples of the patch.
        classes: number of classes, 0 for none.
        channels: width of each level, finest first; each level has half the size of the one before.
        encoder, decoder: blocks at each level on the way down (all levels) and up (all but the coarsest).
        embedding: width of what tells time, class and augmentation.
        attention: self-attention at the coarsest level, which lets far parts of a picture agree.
        dropout: inside blocks.
        patch: side of a patch in pixels; 0 chooses it so that the finest level has at most 24 × 24 places.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int],
        classes: int,
        channels: tuple[int, ...] = (64, 128, 192),
        encoder: tuple[int, ...] = (1, 1, 1),
        decoder: tuple[int, ...] = (1, 1),
        embedding: int = 128,
        attention: bool = False,
        dropout: float = 0.0,
        patch: int = 0,
    ) -> None:
        super().__init__()
        if len(encoder) != len(channels) or len(decoder) != len(channels) - 1 or any(c % 16 for c in channels):
            raise UsageError(
                _("A U-Net needs channels in multiples of 16, as many numbers in encoder and one fewer in decoder.")
            )
        self.shape, self.classes = shape, classes
        self.patch = patch or _patch_for(shape[1:])
        pixels = shape[0] * self.patch**2
        self.time = TimeEmbedding(embedding)
        self.label = Label(classes + 1, embedding) if classes else None
        self.augmentation = nn.Linear(CONDITIONAL, embedding, bias=False)
        self.enter = nn.Conv2d(pixels, channels[0], 3, padding=1)
        self.down, self.up, self.encoder, self.decoder = (nn.ModuleList() for _i in range(4))
        width = channels[0]
        for level, blocks in enumerate(encoder):
            if level:
                self.down.append(nn.Conv2d(width, width, 2, stride=2))
            parts: list[nn.Module] = []
            for _block in range(blocks):
                parts.append(Block(width, channels[level], embedding, dropout))
                width = channels[level]
            self.encoder.append(nn.ModuleList(parts))
        self.attention = Attention(width) if attention else None
        for level in reversed(range(len(decoder))):
            self.up.append(nn.Conv2d(width, 4 * channels[level], 1))
            width = channels[level]
            self.decoder.append(
                nn.ModuleList(Block(width, width, embedding, dropout) for _block in range(decoder[level]))
            )
        self.norm = _norm(width)
        self.leave = _zero(nn.Conv2d(width, pixels, 3, padding=1))
        nn.init.zeros_(self.augmentation.weight)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None, augmentation: Tensor | None = None) -> Tensor:
        """Velocity at ``x`` (B, C, H, W) and time ``t`` (B,) in [0, 1], 1 being a work; the shape of x."""
        e = self.time(t)
        if self.label is not None and label is not None:
            e = e + self.label(label)
        if augmentation is not None:
            e = e + self.augmentation(augmentation)
        e = F.silu(e)
        # noise has variance 1 and pictures about 1/4: give the network inputs of one size at all times
        size = ((1 - t).square() + 0.25 * t.square()).sqrt()[:, None, None, None]
        h = self.enter(F.pixel_unshuffle(x / size, self.patch))
        kept: list[Tensor] = []
        for level, blocks in enumerate(self.encoder):
            if level:
                kept.append(h)
                h = self.down[level - 1](even(h))
            for block in blocks:
                h = block(h, e)
        if self.attention is not None:
            h = self.attention(h)
        for up, blocks in zip(self.up, self.decoder, strict=True):
            skip = kept.pop()
            h = F.pixel_shuffle(up(h), 2)[:, :, : skip.shape[2], : skip.shape[3]]
            # added, not concatenated: the first block up is half as wide, and more works are seen in the same time
            h = (h + skip) * math.sqrt(0.5)
            for block in blocks:
                h = block(h, e)
        return F.pixel_shuffle(self.leave(F.silu(self.norm(h))), self.patch)


class Block(nn.Module):
    """Two convolutions beside the identity; the embedding scales and shifts what is between them."""

    def __init__(self, entering: int, leaving: int, embedding: int, dropout: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = _norm(entering), _norm(leaving, affine=False)
        self.conv1 = nn.Conv2d(entering, leaving, 3, padding=1)
        self.conv2 = _zero(nn.Conv2d(leaving, leaving, 3, padding=1))
        self.modulation = _zero(nn.Linear(embedding, 2 * leaving))
        self.skip = nn.Conv2d(entering, leaving, 1) if entering != leaving else nn.Identity()
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, e: Tensor) -> Tensor:
        """``x`` (B, entering, h, w), ``e`` (B, embedding) to (B, leaving, h, w)."""
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.modulation(e)[:, :, None, None].chunk(2, 1)
        h = F.silu(torch.addcmul(shift, self.norm2(h), 1 + scale))
        return self.skip(x) + self.conv2(self.dropout(h))


class Attention(nn.Module):
    """Self-attention over all places, beside the identity (Vaswani et al. 2017, arXiv:1706.03762)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.heads = max(1, width // WIDTH_OF_HEAD)
        self.norm = _norm(width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = _zero(nn.Conv2d(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, h, w) to the same."""
        b, c, h, w = x.shape
        parts = self.qkv(self.norm(x)).reshape(b, 3, self.heads, c // self.heads, h * w).transpose(-1, -2)
        mixed = F.scaled_dot_product_attention(parts[:, 0], parts[:, 1], parts[:, 2])  # (B, heads, h·w, c / heads)
        return x + self.out(mixed.transpose(-1, -2).reshape(b, c, h, w))


class TimeEmbedding(nn.Module):
    """A time in [0, 1] as waves of fixed frequencies, then two dense layers."""

    def __init__(self, width: int, waves: int = 32) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.linspace(0, math.log(32), waves).exp() * math.pi / 2)
        self.first, self.second = nn.Linear(2 * waves, width), nn.Linear(width, width)

    def forward(self, t: Tensor) -> Tensor:
        """(B,) to (B, width)."""
        angle = t[:, None] * self.frequencies
        return self.second(F.silu(self.first(torch.cat([angle.cos(), angle.sin()], 1))))


def _patch_for(sides: tuple[int, int]) -> int:
    patch = 2
    while patch < 8 and sides[0] * sides[1] > 24 * 24 * patch**2:
        patch *= 2
    return patch


def even(x: Tensor) -> Tensor:
    """Repeats the last row or column where a side is odd, so that halving loses nothing."""
    down, right = x.shape[2] % 2, x.shape[3] % 2
    return F.pad(x, (0, right, 0, down), mode="replicate") if down or right else x


def _norm(channels: int, affine: bool = True) -> nn.GroupNorm:
    return nn.GroupNorm(channels // 16, channels, affine=affine)


def _zero(layer: Layer) -> Layer:
    """Starts a layer at zero, so that what it ends starts as the identity."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer

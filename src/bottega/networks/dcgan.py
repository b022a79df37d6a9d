"""DCGAN: strided convolutions down, transposed ones up (Radford, Metz, Chintala 2016, arXiv:1511.06434).

At 32 pixels the generator is 4x4x256 -> 8x8x128 -> 16x16x64 -> the picture; each doubling of the size adds one stage
with twice the channels, up to 512. Classes enter as in Mirza & Osindero 2014: a one-hot vector beside z in the first
layer of the generator and beside the features in the last layer of the discriminator.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

from bottega.networks.layers import BatchNorm, Label, conv, conv_transpose, flat, normal_, stages, unflat


def widths(count: int, narrowest: int, widest: int) -> list[int]:
    """Channels of each stage, from the coarsest grid on: doubled at each halving of the size, at most ``widest``."""
    return [min(narrowest * 2**level, widest) for level in reversed(range(count))]


class Generator(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, H, W)`` in [-1, 1]; as many dimensions as ``shape`` has after C.

    Args:
        shape: (C, H, W) for pictures.
        classes: 0 for none; label ``classes`` means "no class".
        latent: length of z.
        width: channels of the finest stage; widest: of the coarsest, at most.
        kernel: side of the transposed convolutions.
    """

    def __init__(self, *, shape, classes=0, latent=100, width=64, widest=512, kernel=4) -> None:
        super().__init__()
        channels, *size = shape
        count = stages(tuple(size))
        levels = widths(count, width, widest)
        self.latent = latent
        self.grid = (levels[0], *(side >> count for side in size))
        places = torch.Size(self.grid).numel()
        # A transposed convolution of a 1x1 map is one product of matrices, and much faster as such.
        self.project = nn.Linear(latent, places, bias=False)
        self.label = Label(classes + 1, places) if classes else None
        layers: list[nn.Module] = [BatchNorm(levels[0]), nn.ReLU(inplace=True)]
        for before, after in pairwise(levels):
            layers += [conv_transpose(len(size), before, after, kernel, bias=False)]
            layers += [BatchNorm(after), nn.ReLU(inplace=True)]
        layers += [conv_transpose(len(size), levels[-1], channels, kernel), nn.Tanh()]
        self.body = nn.Sequential(*layers)
        normal_(self)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        x = self.project(z)
        if self.label is not None and label is not None:
            x = x + self.label(label)
        return self.body(unflat(x, self.grid))  # (B, 256, 4, 4) -> (B, C, H, W)


class Discriminator(nn.Module):
    """``x (B, C, H, W), label (B,) -> (B,)`` logits: real above 0.

    Args:
        shape, classes, width, widest, kernel: as for the generator, mirrored.
        slope: of the leaky ReLU.
    """

    def __init__(self, *, shape, classes=0, width=64, widest=512, kernel=4, slope=0.2) -> None:
        super().__init__()
        channels, *size = shape
        count = stages(tuple(size))
        levels = widths(count, width, widest)[::-1]
        layers = [conv(len(size), channels, levels[0], kernel, 2), nn.LeakyReLU(slope, inplace=True)]
        for before, after in pairwise(levels):
            layers += [conv(len(size), before, after, kernel, 2, bias=False)]
            layers += [BatchNorm(after), nn.LeakyReLU(slope, inplace=True)]
        self.body = nn.Sequential(*layers)
        places = levels[-1] * torch.Size(side >> count for side in size).numel()
        self.judge = nn.Linear(places, 1)
        self.label = Label(classes + 1, places) if classes else None
        normal_(self)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        features = flat(self.body(x))  # (B, 4·4·256)
        logits = self.judge(features).squeeze(1)
        if self.label is not None and label is not None:
            logits = logits + (features * self.label(label)).sum(1)
        return logits

"""Generator and discriminator of residual blocks without normalisation, each the mirror of the other.

The shape of R3GAN (Huang et al. 2024, "The GAN is dead; long live the GAN!", arXiv:2501.05441) made small: no style
mapping, no noise, no attention. Where R3GAN groups its convolutions, these are dense and narrow: on a CPU a dense 3×3
convolution runs at several times the speed of a grouped one. The discriminator looks at patches of 2×2 pixels; the
generator ends with a convolution at full size, since pixels drawn four at a time show as a grid (docs/lab/gan.md).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.networks.layers import Label, conv

SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))


class Block(nn.Module):
    """1×1 to the inner width, 3×3, 1×1 back, beside the identity; the last layer starts at zero.

    In as many dimensions as ``dims`` says, and with ``kernel`` instead of 3.
    """

    def __init__(self, width: int, inner: int, gain: float, *, dims: int = 2, kernel: int = 3) -> None:
        super().__init__()
        self.enter = convolution(dims, width, inner, 1, gain)
        self.middle = convolution(dims, inner, inner, kernel, gain)
        self.leave = convolution(dims, inner, width, 1, 0.0)

    def forward(self, x: Tensor) -> Tensor:
        """(B, width, …) to the same."""
        h = F.leaky_relu(self.enter(x), SLOPE)
        return x + self.leave(F.leaky_relu(self.middle(h), SLOPE))


class Generator(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, H, W)``.

    Args:
        shape: (C, H, W), sides multiples of 8.
        classes: 0 for none.
        latent: length of z.
        channels: width of each level from the coarsest (4 × 4 or so) to half the full size; the first numbers are
            used when the pictures are smaller, the last is repeated when they are larger.
        blocks: residual blocks at each level.
        inner: width inside a block, as a multiple of its level's.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int],
        classes: int = 0,
        latent: int = 64,
        channels: tuple[int, ...] = (192, 128, 64),
        blocks: int = 1,
        inner: float = 1.0,
    ) -> None:
        super().__init__()
        widths, grid = _levels(shape, channels)
        gain = gain_of(len(widths) * blocks)
        self.latent, self.grid = latent, (widths[0], *grid)
        self.label = Label(classes + 1, latent) if classes else None
        self.project = nn.Linear(latent * (2 if classes else 1), math.prod(self.grid))
        layers: list[nn.Module] = []
        for level, width in enumerate(widths):
            if level:
                layers += [
                    convolution(2, widths[level - 1], width, 1, 1.0),
                    nn.Upsample(scale_factor=2, mode="bilinear"),
                ]
            layers += [Block(width, round(width * inner), gain) for _block in range(blocks)]
        self.body = nn.Sequential(*layers)
        self.leave = convolution(2, widths[-1], shape[0], 3, 1.0)
        nn.init.normal_(self.project.weight, std=1 / math.sqrt(self.project.in_features))
        nn.init.zeros_(self.project.bias)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """New pictures; not clipped to [-1, 1]."""
        if self.label is not None:
            z = torch.cat([z, self.label(label)], 1)
        x = self.project(z).view(-1, *self.grid).contiguous(memory_format=torch.channels_last)
        return self.leave(F.interpolate(F.leaky_relu(self.body(x), SLOPE), scale_factor=2.0, mode="bilinear"))


class Discriminator(nn.Module):
    """``x (B, C, H, W), label (B,) -> (B,)`` logits; the generator's mirror.

    With classes the logit is a projection onto the class (Miyato & Koyama 2018, arXiv:1802.05637).
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int],
        classes: int = 0,
        channels: tuple[int, ...] = (192, 128, 64),
        blocks: int = 1,
        inner: float = 1.0,
    ) -> None:
        super().__init__()
        widths, grid = _levels(shape, channels)
        gain = gain_of(len(widths) * blocks)
        layers: list[nn.Module] = [convolution(2, shape[0] * 4, widths[-1], 3, 1.0)]
        for level in reversed(range(len(widths))):
            layers += [Block(widths[level], round(widths[level] * inner), gain) for _block in range(blocks)]
            if level:
                layers += [nn.AvgPool2d(2), convolution(2, widths[level], widths[level - 1], 1, 1.0)]
        self.body = nn.Sequential(*layers)
        places = widths[0] * math.prod(grid)
        self.features = nn.Linear(places, widths[0])
        self.judge = nn.Linear(widths[0], 1)
        self.label = Label(classes + 1, widths[0]) if classes else None
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=1 / math.sqrt(widths[0]))

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """Real is high, generated is low."""
        h = F.leaky_relu(self.body(F.pixel_unshuffle(x, 2)), SLOPE)
        h = F.leaky_relu(self.features(h.flatten(1)), SLOPE)
        logit = self.judge(h)[:, 0]
        if self.label is not None and label is not None:
            logit = logit + (h * self.label(label)).sum(1)
        return logit


def _levels(shape: tuple[int, int, int], channels: tuple[int, ...]) -> tuple[list[int], tuple[int, int]]:
    """Widths from the coarsest level to half the full size, and the coarsest grid (shortest side 4 to 7, or odd)."""
    sides, count = [shape[1] // 2, shape[2] // 2], 1
    while all(side % 2 == 0 for side in sides) and min(sides) >= 8:
        sides, count = [side // 2 for side in sides], count + 1
    widths = [channels[min(level, len(channels) - 1)] for level in range(count)]
    return widths, (sides[0], sides[1])


def gain_of(blocks: int) -> float:
    """Fix-up of the first weights so that depth does not make activations grow (R3GAN, §3.3)."""
    return GAIN * blocks**-0.25


def convolution(dims: int, entering: int, leaving: int, kernel: int, gain: float) -> nn.Module:
    """A convolution that keeps size and, with gain 1, variance; its biases start at zero."""
    layer = conv(dims, entering, leaving, kernel)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(entering * kernel**dims))
    nn.init.zeros_(layer.bias)
    return layer

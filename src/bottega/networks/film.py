"""Autoencoder of films: every frame a small grid of numbers, a decoder that looks at the frames beside it, and a critic
of what it draws.

The encoder sees one frame at a time, so that the numbers of a frame stay the same whatever comes before and after it;
the decoder mixes neighbours in time at every level, so that what moves is drawn in one stroke. All convolutions are
two-dimensional, with the frames in the batch and the channels last: on a processor they run several times faster than
three-dimensional ones. Nothing is computed at full size: the encoder begins with patches of 4 × 4 pixels, the decoder
ends with 2 × 2 (Shi et al. 2016, arXiv:1609.05158).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import stages
from bottega.networks.residual import GAIN, SLOPE, Block, convolution, gain_of

PATCH = 4
"""Pixels of a side that the encoder and the critic begin with."""
BROAD = 8
"""Pixels of a side over whose means the critic looks away."""


class Encoder(nn.Module):
    """Films to clouds in latent space, frame by frame: ``(B, C, T, H, W) -> mean, logvar (B, T, latent · places)``.

    Args:
        shape: (C, T, H, W); any T will do.
        classes: not looked at, since a film says itself what it is.
        latent: numbers of each place of the grid.
        grid: places along the shorter side: as long as twice as many are left, sides are halved, at least twice.
        channels: width of each level from the grid up to a quarter of the full size; the first numbers are used when
            films are smaller, the last is repeated when they are larger.
        blocks: residual blocks at each level.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        latent: int = 4,
        grid: int = 8,
        channels: tuple[int, ...] = (96, 48),
        blocks: int = 1,
    ) -> None:
        super().__init__()
        widths, places = _levels(shape, channels, grid)
        gain = gain_of(len(widths) * blocks)
        self.latent = latent * places[0] * places[1]
        layers: list[nn.Module] = [nn.PixelUnshuffle(PATCH), convolution(2, shape[0] * PATCH**2, widths[-1], 3, 1.0)]
        for level in reversed(range(len(widths))):
            layers += [Block(widths[level], widths[level], gain) for _block in range(blocks)]
            if level:
                layers += [convolution(2, widths[level], widths[level - 1], 1, 1.0), nn.AvgPool2d(2)]
        self.body = nn.Sequential(*layers)
        self.leave: Any = convolution(2, widths[0], 2 * latent, 1, 1.0)
        with torch.no_grad():
            self.leave.weight[latent:].mul_(0.1)
            self.leave.bias[latent:] = -4.0

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        frames = x.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)  # (B·T, C, H, W)
        mean, logvar = self.leave(F.leaky_relu(self.body(frames), SLOPE)).chunk(2, 1)
        mean, logvar = (part.flatten(1).view(len(x), x.shape[2], -1) for part in (mean, logvar))
        return mean, logvar.clamp(-12, 4)


class Decoder(nn.Module):
    """Latent frames to films, ``(B, T, latent · places) -> (B, C, T, H, W)``. Arguments as the encoder's.

    Attributes:
        reach: frames on each side that a frame depends on.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        latent: int = 4,
        grid: int = 8,
        channels: tuple[int, ...] = (96, 48),
        blocks: int = 1,
    ) -> None:
        super().__init__()
        widths, self.places = _levels(shape, channels, grid)
        gain = gain_of(2 * len(widths) * blocks)
        self.enter = convolution(2, latent, widths[0], 1, 1.0)
        self.reach, parts = len(widths) * blocks, list[nn.Module]()
        for level, width in enumerate(widths):
            if level:
                parts += [
                    convolution(2, widths[level - 1], width, 1, 1.0),
                    nn.Upsample(scale_factor=2, mode="bilinear"),
                ]
            for _block in range(blocks):
                parts += [Beside(width, gain), Block(width, width, gain)]
        self.body = nn.ModuleList(parts)
        self.spread: Any = convolution(2, widths[-1], 4 * (widths[-1] // 2), 3, 1.0)
        self.leave: Any = convolution(2, widths[-1] // 2, 4 * shape[0], 3, 1.0)
        for layer in (self.spread, self.leave):  # the four pixels of a place begin alike: no grid (arXiv:1707.02937)
            with torch.no_grad():
                layer.weight.copy_(layer.weight[::4].repeat_interleave(4, 0))

    def forward(self, z: Tensor) -> Tensor:
        n, count = z.shape[:2]
        h = z.reshape(n * count, -1, *self.places).contiguous(memory_format=torch.channels_last)
        h = self.enter(h)
        for part in self.body:
            h = part(h, count) if isinstance(part, Beside) else part(h)
        h = F.leaky_relu(F.pixel_shuffle(self.spread(F.leaky_relu(h, SLOPE)), 2), SLOPE)
        x = F.pixel_shuffle(self.leave(h), 2)  # (B·T, C, H, W)
        return x.view(n, count, *x.shape[1:]).transpose(1, 2)


class Critic(nn.Module):
    """Which detail of films is real: ``(B, C, T, H, W) -> (B·T, 1, H/4, W/4)`` logits, place by place (PatchGAN: Isola
    et al. 2017, arXiv:1611.07004).

    It sees what remains of frames without their broad colours, and how they change. What is broad is not its business:
    with it, a decoder that learned from its verdict soon drew everything in other colours.

    Args:
        shape: (C, T, H, W); any T, H and W that are multiples of 4 will do.
        classes: not looked at.
        width: of its layers.
    """

    def __init__(self, *, shape: tuple[int, int, int, int], classes: int = 0, width: int = 64) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(PATCH),
            convolution(2, 2 * shape[0] * PATCH**2, width, 3, 1.0),
            nn.LeakyReLU(SLOPE),
            convolution(2, width, width, 3, GAIN),
            nn.LeakyReLU(SLOPE),
            convolution(2, width, width, 1, GAIN),
            nn.LeakyReLU(SLOPE),
            convolution(2, width, 1, 1, 1.0),
        )

    def look(self, films: Tensor) -> Tensor:
        """What it sees of films ``(B, C, T, H, W)``: ``(B·T, 2 C, H, W)``."""
        change = torch.diff(films, dim=2, append=films[:, :, -1:]).transpose(1, 2).flatten(0, 1)
        frames = films.transpose(1, 2).flatten(0, 1)
        side = min(BROAD, *frames.shape[2:])
        broad = F.interpolate(F.avg_pool2d(frames, side), frames.shape[2:], mode="bilinear")
        return 2 * torch.cat([frames - broad, change], 1).contiguous(memory_format=torch.channels_last)

    def judge(self, seen: Tensor) -> Tensor:
        """Real is high, drawn is low, for each place of what it sees."""
        return self.body(seen)

    def forward(self, films: Tensor) -> Tensor:
        return self.judge(self.look(films))


class Beside(nn.Module):
    """A frame and the two beside it, place by place, added to what it knows: ``(B·T, width, …)`` to the same."""

    def __init__(self, width: int, gain: float) -> None:
        super().__init__()
        self.enter = convolution(2, width, width // 2, 1, gain)
        self.leave = convolution(2, 3 * (width // 2), width, 1, 0.0)

    def forward(self, x: Tensor, count: int) -> Tensor:
        h = F.leaky_relu(self.enter(x), SLOPE)
        h = h.unflatten(0, (-1, count))  # (B, T, width / 2, …)
        before = torch.cat([h[:, :1], h[:, :-1]], 1).flatten(0, 1)
        after = torch.cat([h[:, 1:], h[:, -1:]], 1).flatten(0, 1)
        return x + self.leave(torch.cat([before, h.flatten(0, 1), after], 1))


def _levels(
    shape: tuple[int, int, int, int], channels: tuple[int, ...], grid: int
) -> tuple[list[int], tuple[int, int]]:
    """Widths from the coarsest level to a quarter of the full size, and the grid of the coarsest. Raises UsageError."""
    height, width = shape[2:]
    count = max(stages((height, width), grid) - 1, 1)
    if stages((height, width), 1) < 2:
        message = _("Films for this network have sides that can be halved twice and more, not {width} × {height}.")
        raise UsageError(message.format(width=width, height=height))
    widths = [*channels, *[channels[-1]] * count][:count]
    return widths, (height >> count + 1, width >> count + 1)

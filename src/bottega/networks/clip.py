"""Generator and discriminator of short films: residual blocks over space and time.

What is in front is made in three dimensions and what is behind it in two, as in Vondrick, Pirsiavash & Torralba 2016
("Generating Videos with Scene Dynamics", arXiv:1609.02612): a mask says, pixel by pixel, which of the two is seen, so
that what stands still need not be made for every frame. Where VGAN has 3-D convolutions of 4×4×4, transposed ones in
its generator, these have one over space and one over time (Tran et al. 2018, "(2+1)D", arXiv:1711.11248) at the size
from which they are enlarged, in the residual blocks of ``networks.residual``. Inside, films are ``(B, T, H, W, C)``: so
each frame, and each pixel's course through time, is a picture with its channels last, which convolutions of a CPU take
as it is; see docs/lab/gan3d.md.
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label
from bottega.networks.residual import SLOPE, convolution, gain_of

BEHIND = -1.0
"""The logit of the mask before the generator has learned: mostly what is behind is seen."""
COURSE = 4
"""Moments of the generator's coarsest level, where there are so many: from one alone every motion would have to grow
out of the edges of time."""


class Generator(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, T, H, W)``.

    Args:
        shape: (C, T, H, W); H and W multiples of 8.
        classes: 0 for none; label ``classes`` means "no class".
        latent: length of z.
        channels: width of each level of what is in front, from the coarsest (4 × 4 or so) to half the full size; the
            first numbers are used when films are smaller, the last is repeated when they are larger. Time is halved
            with every level as long as it is even and long enough.
        behind: widths of what is behind, likewise; empty for none.
        inner: width inside a block, as a multiple of its level's.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        latent: int = 64,
        channels: tuple[int, ...] = (256, 128, 64, 32),
        behind: tuple[int, ...] = (256, 128, 64, 32),
        inner: float = 0.5,
    ) -> None:
        super().__init__()
        count, frames, *sides = shape
        self.latent, self.longest = latent, frames
        self.label = Label(classes + 1, latent) if classes else None
        known = latent * (2 if classes else 1)
        self.front = Stream(known, (count + bool(behind), frames, *sides), channels, inner)
        self.behind = Stream(known, (count, 1, *sides), behind, inner) if behind else None

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """New films; not clipped to [-1, 1]."""
        return self.layers(z, label)[0]

    def layers(self, z: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """New films ``(B, C, T, H, W)``, and how much of each pixel is in front ``(B, 1, T, H, W)`` in [0, 1]."""
        known = z if self.label is None else torch.cat([z, self.label(label)], 1)
        front = self.front(known)
        if self.behind is None:
            return front, None
        mask = torch.sigmoid(front[:, -1:] + BEHIND)
        return torch.lerp(self.behind(known), front[:, :-1], mask), mask


class Stream(nn.Module):
    """``known (B, latent) -> (B, C, T, H, W)`` for ``shape = (C, T, H, W)``; of one frame for what stands still."""

    def __init__(self, latent: int, shape: tuple[int, ...], channels: tuple[int, ...], inner: float) -> None:
        super().__init__()
        self.shape, self.pair = shape, 2 - shape[1] % 2  # frames that are drawn together
        widths, grids = levels_of(shape, self.pair, channels, COURSE)
        gain = gain_of(len(widths))
        self.grid = (*grids[0], widths[0])
        self.project = nn.Linear(latent, math.prod(self.grid))
        self.blocks = nn.ModuleList(Block(width, round(width * inner), gain) for width in widths[:-1])
        self.narrow = nn.ModuleList(point(a, b, 1.0) for a, b in pairwise(widths))
        self.times = [after[0] // before[0] for before, after in pairwise(grids)]
        self.leave = Enlarging(widths[-1], self.pair * shape[0])
        with torch.no_grad():  # frames drawn together begin alike: else every film begins as a flicker, and stays one
            kernel = self.leave.kernel.weight.unflatten(0, (self.pair, -1))
            kernel.copy_(kernel[:1].expand_as(kernel).clone())
        nn.init.normal_(self.project.weight, std=1 / math.sqrt(latent))
        nn.init.zeros_(self.project.bias)

    def forward(self, known: Tensor) -> Tensor:
        x = self.project(known).view(-1, *self.grid)  # (B, T, H, W, C)
        for block, narrow, times in zip(self.blocks, self.narrow, self.times, strict=True):
            x = over_frames(_larger, slower(narrow(block(x)), times))
        made = over_frames(self.leave, F.leaky_relu(x, SLOPE)).unflatten(-1, (2, 2, self.pair, -1))
        return made.permute(0, 7, 1, 6, 2, 4, 3, 5).reshape(-1, *self.shape)  # of (B, C, T/pair, pair, H/2, 2, W/2, 2)


class Discriminator(nn.Module):
    """``x (B, C, T, H, W), label (B,) -> (B,)`` logits.

    It looks at blocks of 2×2 pixels in two frames, and at blocks of what it sees there. With classes the logit is a
    projection onto the class (Miyato & Koyama 2018, arXiv:1802.05637).

    Args:
        shape, classes, inner: as for the generator.
        channels: width of each level, the coarsest first; the last is that of its first look, at half the full size.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int = 0,
        channels: tuple[int, ...] = (256, 128, 64, 16),
        inner: float = 0.5,
    ) -> None:
        super().__init__()
        self.pair = 2 - shape[1] % 2  # frames that are looked at together
        widths, grids = levels_of(shape, self.pair, channels)
        gain = gain_of(len(widths))
        self.times = [after[0] // before[0] for before, after in pairwise(grids)][::-1]
        self.enter = bending(convolution(2, 4 * self.pair * shape[0], widths[-1], 3, 1.0))
        self.gather = point(4 * self.times[0] * widths[-1], widths[-2], 1.0)
        self.blocks = nn.ModuleList(Block(width, round(width * inner), gain) for width in reversed(widths[:-1]))
        self.widen = nn.ModuleList(point(a, b, 1.0) for a, b in pairwise(widths[-2::-1]))
        self.features = bending(nn.Linear(widths[0] * math.prod(grids[0]), widths[0]))
        self.judge = nn.Linear(widths[0], 1)
        self.label = Label(classes + 1, widths[0]) if classes else None
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=1 / math.sqrt(widths[0]))

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """Real is high, generated is low."""
        x = over_frames(self.enter, blocked(x.movedim(1, -1), self.pair))
        x = self.blocks[0](self.gather(blocked(x, self.times[0])))
        for widen, block, times in zip(self.widen, self.blocks[1:], self.times[1:], strict=True):
            x = block(faster(over_frames(_smaller, widen(x)), times))
        h = self.features(F.leaky_relu(x, SLOPE).flatten(1))
        logit = self.judge(h)[:, 0]
        if self.label is not None and label is not None:
            logit = logit + (h * self.label(label)).sum(1)
        return logit


class Block(nn.Module):
    """1×1 to the inner width, 3×3 over space, 3 over time, 1×1 back, beside the identity; the last starts at zero."""

    def __init__(self, width: int, inner: int, gain: float) -> None:
        super().__init__()
        self.enter, self.leave = bending(point(width, inner, gain)), point(inner, width, 0.0)
        self.space = bending(convolution(2, inner, inner, 3, gain))
        time = nn.Conv2d(inner, inner, (3, 1), padding=(1, 0))
        nn.init.normal_(time.weight, std=gain / math.sqrt(3 * inner))
        nn.init.zeros_(time.bias)
        self.time = bending(time)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, H, W, width) to the same."""
        return x + self.leave(over_time(self.time, over_frames(self.space, self.enter(x))))


def bending(layer: nn.Module) -> nn.Sequential:
    """A layer and a leaky ReLU in the place of what it gives."""
    return nn.Sequential(layer, nn.LeakyReLU(SLOPE, inplace=True))


class Enlarging(nn.Module):
    """Pictures ``(B, entering, H, W)`` twice as large and seen through a 3×3 kernel: ``(B, 4·leaving, H, W)``.

    Bilinear enlargement and convolution are both linear, so they are one convolution before enlargement, of each
    picture into four: of the places (upper, lower) × (left, right) in each pixel. It costs less than one after the
    other, since nothing wide is ever held at full size, and like that it leaves no grid. Beyond its edges a picture
    goes on as it ends: zeros there would draw a line around every frame.
    """

    enlarged: Tensor

    def __init__(self, entering: int, leaving: int) -> None:
        super().__init__()
        of_one = torch.zeros(2, 3, 3)  # (place, kernel of the large picture, kernel of the small one)
        for place in range(2):
            for tap in range(3):
                at = (place + tap - 1 + 0.5) / 2 - 0.5  # where it falls among the small picture's pixels
                low = math.floor(at)
                of_one[place, tap, low + 1] += 1 - (at - low)
                of_one[place, tap, low + 2 if at > low else low + 1] += at - low
        self.register_buffer("enlarged", torch.einsum("pik,qjl->pqijkl", of_one, of_one), persistent=False)
        self.kernel = convolution(2, entering, leaving, 3, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        weight = torch.einsum("pqijkl,ocij->pqockl", self.enlarged, self.kernel.weight).flatten(0, 2)
        weight = weight.contiguous(memory_format=torch.channels_last)
        return F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), weight, self.kernel.bias.repeat(4))


def over_frames(layer, x: Tensor) -> Tensor:
    """A layer for pictures on every frame of ``(B, T, H, W, C)``."""
    return layer(x.flatten(0, 1).movedim(-1, 1)).movedim(1, -1).unflatten(0, x.shape[:2])


def over_time(layer, x: Tensor) -> Tensor:
    """A layer for pictures on the course of all pixels through time, ``(B, C, T, H·W)``, of ``(B, T, H, W, C)``."""
    return layer(x.flatten(2, 3).movedim(-1, 1)).movedim(1, -1).unflatten(2, x.shape[2:4])


def slower(x: Tensor, times: int) -> Tensor:
    """``(B, T, H, W, C) -> (B, T·times, H, W, C)`` for once or twice, in between as it is on the way."""
    if times == 1:
        return x
    before, after = torch.cat([x[:, :1], x[:, :-1]], 1), torch.cat([x[:, 1:], x[:, -1:]], 1)
    return torch.stack([torch.lerp(x, before, 0.25), torch.lerp(x, after, 0.25)], 2).flatten(1, 2)


def faster(x: Tensor, times: int) -> Tensor:
    """``(B, T, H, W, C) -> (B, T/times, H, W, C)``: the means of so many frames."""
    return x if times == 1 else x.unflatten(1, (-1, times)).mean(2)


def blocked(x: Tensor, times: int) -> Tensor:
    """``(B, T, H, W, C) -> (B, T/times, H/2, W/2, 4·times·C)``."""
    n, t, h, w, c = x.shape
    x = x.reshape(n, t // times, times, h // 2, 2, w // 2, 2, c)
    return x.permute(0, 1, 3, 5, 2, 4, 6, 7).flatten(4)


def point(entering: int, leaving: int, gain: float) -> nn.Linear:
    """A 1×1 convolution of channels that come last."""
    layer = nn.Linear(entering, leaving)
    nn.init.normal_(layer.weight, std=gain / math.sqrt(entering))
    nn.init.zeros_(layer.bias)
    return layer


def levels_of(
    shape: tuple[int, ...], pair: int, channels: tuple[int, ...], course: int = 1
) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Widths and grids ``(T, H, W)`` of all levels, from the coarsest (shortest side 4 to 7, or odd) to half the size.

    Time is divided by ``pair`` at the finest level and halved with every other one as long as it is even and
    ``course`` moments are left.

    Raises:
        UsageError: frames whose sides cannot be halved.
    """
    _channels, frames, height, width = shape
    if height % 8 or width % 8:
        message = _("gan3d needs frames whose sides are multiples of 8, not {width}×{height}.")
        raise UsageError(message.format(width=width, height=height))
    grids = [(frames // pair, height // 2, width // 2)]
    while len(grids) < 2 or (all(side % 2 == 0 for side in grids[0][1:]) and min(grids[0][1:]) >= 8):
        frames, height, width = grids[0]
        halved = frames % 2 == 0 and frames >= 2 * course
        grids.insert(0, (frames // 2 if halved else frames, height // 2, width // 2))
    return [channels[min(level, len(channels) - 1)] for level in range(len(grids))], grids


def _larger(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear")


def _smaller(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 2)

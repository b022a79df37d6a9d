"""Generator and critic of short sounds: residual blocks over frames, waveforms on both sides.

The game is WaveGAN's (Donahue et al. 2019, arXiv:1802.04208): the generator makes waveforms, whole and at once, and the
critic judges waveforms. What differs is where the work is done. WaveGAN convolves samples; here the generator thinks in
frames and leaves through an inverse short-time Fourier transform (Kaneko et al. 2022, arXiv:2203.02395; Siuzdak 2023,
arXiv:2306.00814), which costs a hundredth of it and has no grid of strided convolutions to leave traces of. The critic
looks through windows of two lengths and at the samples themselves.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.errors import UsageError
from bottega.language import _
from bottega.networks.layers import Label
from bottega.networks.residual import SLOPE, Block, convolution, gain_of

COARSEST = 8
"""Frames of the generator's coarsest level."""
LOUDEST = 4.0
"""The logarithm of the largest magnitude that the generator can give a frequency."""
SOFT = -3.0
"""What it gives them before it has learned."""
FAINT = 1e-3
"""Of the critic's eyes: a partial of this amplitude or less counts as silence."""


class Generator(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, N)``, about in [-1, 1].

    Of each frequency of a frame it says how loud it is, as a logarithm, and where on the circle it stands, as a
    direction: how far it is ahead of an even oscillation at the middle of the frequency's band. That turns slowly,
    where the phase itself races.

    Args:
        shape: (C, N); N a multiple of 4 ``frames``.
        classes: 0 for none; label ``classes`` means "no class".
        latent: length of z.
        channels: width of each level, from 8 frames on; the last is repeated.
        blocks: residual blocks at each level.
        kernel: frames that a block looks at.
        frames: in all: 8, 16, 32 …; a frame's window is four times as long as its share of the samples.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        latent: int = 64,
        channels: tuple[int, ...] = (256, 192, 128, 96),
        blocks: int = 1,
        kernel: int = 3,
        frames: int = 64,
    ) -> None:
        super().__init__()
        sides, samples = shape
        levels = levels_of(samples, frames)
        self.latent, self.hop, self.window = latent, samples // frames, 4 * samples // frames
        self.parts = (sides, 3, self.window // 2 + 1)
        widths = [channels[min(level, len(channels) - 1)] for level in range(levels)]
        gain = gain_of(levels * blocks)
        self.grid = (widths[0], COARSEST)
        self.label = Label(classes + 1, latent) if classes else None
        self.project = nn.Linear(latent * (2 if classes else 1), math.prod(self.grid))
        layers: list[nn.Module] = []
        for level, width in enumerate(widths):
            if level:
                layers += [convolution(1, widths[level - 1], width, 1, 1.0), nn.Upsample(scale_factor=2, mode="linear")]
            layers += [Block(width, width, gain, dims=1, kernel=kernel) for _block in range(blocks)]
        self.body = nn.Sequential(*layers)
        self.leave = convolution(1, widths[-1], math.prod(self.parts), 3, 0.5)
        nn.init.normal_(self.project.weight, std=1 / math.sqrt(self.project.in_features))
        nn.init.zeros_(self.project.bias)
        nn.init.constant_(self.leave.bias.view(self.parts)[:, 0], SOFT)
        quarters = torch.arange(self.parts[2])[:, None] * torch.arange(frames) % 4  # of a turn, as windows are 4 hops
        self.register_buffer("even", quarters * (math.pi / 2), persistent=False)
        self.register_buffer("weights", torch.hann_window(self.window), persistent=False)

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        """New sounds; not clipped to [-1, 1]."""
        if self.label is not None:
            z = torch.cat([z, self.label(label)], 1)
        x = self.project(z).view(-1, *self.grid)
        x = self.leave(F.leaky_relu(self.body(x), SLOPE)).unflatten(1, self.parts)
        level, across, along = x.unbind(2)  # (B, C, bins, frames)
        size = (LOUDEST - F.softplus(LOUDEST - level)).exp() * (across.square() + along.square() + 0.01).rsqrt()
        spectrum = torch.complex(size * across, size * along) * torch.polar(torch.ones_like(self.even), self.even)
        spectrum = F.pad(spectrum, (0, 1)).flatten(0, 1)  # at the very end it is silent
        made = torch.istft(spectrum, self.window, self.hop, window=self.weights)
        return made.view(len(z), self.parts[0], -1)


class Critic(nn.Module):
    """``x (B, C, N), label (B,) -> (B,)`` logits: real is high.

    What it sees and what it thinks of it are two methods, since the slope of a verdict (for penalties on it) means
    something where loudness is counted in decibels, and little at samples.

    With classes the logit is a projection onto the class (Miyato & Koyama 2018, arXiv:1802.05637).

    Args:
        shape, classes: as for the generator.
        windows: of its eyes, as multiples of a step; each sees four frames in a window. 0 sees the samples themselves.
        channels: width of each level from the coarsest on; the last is repeated.
        blocks: residual blocks at each level.
        kernel: steps that a block looks at.
        steps: of the finest level, in all.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        windows: tuple[int, ...] = (4, 1, 0),
        channels: tuple[int, ...] = (192, 160, 128, 96),
        blocks: int = 1,
        kernel: int = 3,
        steps: int = 64,
    ) -> None:
        super().__init__()
        sides, samples = shape
        levels, step = levels_of(samples, steps), samples // steps
        self.eyes = nn.ModuleList(Eye(window * step, step) for window in windows)
        widths = [channels[min(level, len(channels) - 1)] for level in range(levels)]
        gain = gain_of(levels * blocks)
        layers: list[nn.Module] = [convolution(1, sides * sum(eye.numbers for eye in self.eyes), widths[-1], 1, 1.0)]
        for level in reversed(range(levels)):
            layers += [Block(widths[level], widths[level], gain, dims=1, kernel=kernel) for _block in range(blocks)]
            if level:
                layers += [nn.AvgPool1d(2), convolution(1, widths[level], widths[level - 1], 1, 1.0)]
        self.body = nn.Sequential(*layers)
        self.features = nn.Linear(widths[0] * (steps >> (levels - 1)), widths[0])
        self.opinion = nn.Linear(widths[0], 1)
        self.label = Label(classes + 1, widths[0]) if classes else None
        if self.label is not None:
            nn.init.normal_(self.label.weight, std=1 / math.sqrt(widths[0]))

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        """Real is high, generated is low."""
        return self.judge(self.look(x), label)

    def look(self, x: Tensor) -> Tensor:
        """Samples ``(B, C, N)`` as what all eyes see, ``(B, numbers, steps)``."""
        return torch.cat([eye(x) for eye in self.eyes], 1)

    def judge(self, seen: Tensor, label: Tensor | None = None) -> Tensor:
        """Logits ``(B,)`` of what is seen."""
        h = F.leaky_relu(self.body(seen), SLOPE)
        h = F.leaky_relu(self.features(h.flatten(1)), SLOPE)
        logit = self.opinion(h)[:, 0]
        if self.label is not None and label is not None:
            logit = logit + (h * self.label(label)).sum(1)
        return logit


class Eye(nn.Module):
    """How a critic sees sounds: as loudness in frames of one window, several to a step, or (window 0) as samples."""

    def __init__(self, window: int, step: int) -> None:
        super().__init__()
        self.window, self.step, self.hop = window, step, max(window // 4, 1)
        self.numbers = step if not window else (window // 2 + 1) * (step // self.hop)
        if window:
            self.register_buffer("weights", torch.hann_window(window), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Samples ``(B, C, N)`` as ``(B, C · numbers, N / step)``, about of size 1."""
        if not self.window:
            return 4 * x.unflatten(2, (-1, self.step)).transpose(2, 3).flatten(1, 2)
        half = (self.window - self.hop) // 2
        frames = F.pad(x, (half, half + self.hop)).unfold(2, self.window, self.hop)[:, :, : x.shape[2] // self.hop]
        power = torch.view_as_real(torch.fft.rfft(frames * self.weights)).square().sum(-1)  # (B, C, T, bins)
        level = 0.25 * (power * (4 / self.window / FAINT) ** 2 + 1).log() - 1  # -1 where silent, 2.5 where loudest
        together = level.unflatten(2, (-1, self.step // self.hop))  # (B, C, steps, frames, bins)
        return together.permute(0, 1, 3, 4, 2).flatten(1, 3)


def levels_of(samples: int, frames: int) -> int:
    """How many levels lead from ``COARSEST`` frames to all. Raises UsageError when they do not fit the samples."""
    levels = int(math.log2(max(frames // COARSEST, 1))) + 1
    if frames != COARSEST << (levels - 1) or samples % (4 * frames):
        message = _(
            "{samples:,} samples do not make {frames} frames: frames are 8, 16, 32 …, each of 4, 8, 12 … samples."
        )
        raise UsageError(message.format(samples=samples, frames=frames))
    return levels

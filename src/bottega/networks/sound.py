"""Autoencoder of sounds on lapped blocks: every layer works on frames, none on samples, so that a CPU keeps up.

As in Vocos (Siuzdak 2024, arXiv:2306.00814) the last layer says frequencies and a fixed transform makes the sound. Here
that is the modified cosine transform, which has as many numbers as the sound has samples, a quarter of what a Fourier
head says for the same. Beside the network runs a straight line of one matrix at each end. It begins as a low-pass
filter: the lowest frequencies go through the latent frames as they are, from the first step, and training goes on from
there. Without it the first thousands of steps went into finding phases.

A latent frame covers ``stride`` blocks of ``hop`` samples.
"""

import torch
from torch import Tensor, nn

from bottega.networks.convnext import blocks
from bottega.networks.spectral import lapped, unlapped

SOFT = 0.02
"""Amplitude at which the lowest frequencies begin to be compressed."""
TILT, SLOPE = 8, 1.5
"""Number of the frequency after which it sinks as most sounds do, and how: by 9 dB an octave."""
BAND = 8
"""Neighbouring frequencies whose loudness is seen and said as one number."""
SIZE = 3.0
"""About how large compressed frequencies become: a latent number is a third of one."""


def _soft(hop: int, device: torch.device) -> Tensor:
    """For each frequency of a block the amplitude at which compression sets in, ``(hop,)``."""
    return SOFT / (1 + torch.arange(hop, device=device) / TILT) ** SLOPE


def compressed(x: Tensor, hop: int) -> Tensor:
    """Sounds ``(B, C, N)`` to the roots of their frequencies ``(B, N / hop, C · hop)``, straight near 0."""
    frequencies = lapped(x.flatten(0, 1), hop) / _soft(hop, x.device)
    roots = frequencies.sign() * ((1 + frequencies.abs()).sqrt() - 1)
    return roots.view(*x.shape[:2], -1, hop).transpose(1, 2).flatten(2)


def expanded(u: Tensor, hop: int) -> Tensor:
    """The inverse of ``compressed``: ``(B, T, C · hop) -> (B, C, T · hop)``."""
    frequencies = u * (2 + u.abs())
    frequencies = frequencies.view(*u.shape[:2], -1, hop).transpose(1, 2) * _soft(hop, u.device)
    return unlapped(frequencies.flatten(0, 1)).view(len(u), frequencies.shape[1], -1)


def _loudness(u: Tensor) -> Tensor:
    """``(B, T, C · hop) -> (B, T, C · hop / BAND)``: logarithm of each band's mean square."""
    return (u.unflatten(2, (-1, BAND)).square().mean(3) + 1e-4).log() / 3


def _lowest(latent: int, hop: int, stride: int, channels: int) -> Tensor:
    """Which frequencies of a latent frame ``(latent, stride · channels · hop)`` the straight line begins with."""
    chosen = torch.zeros(latent, stride, channels, hop)
    each = latent // (stride * channels)
    for row in range(each * stride * channels):
        chosen[row, row // channels % stride, row % channels, row // (stride * channels)] = 1
    return chosen.flatten(1)


class Encoder(nn.Module):
    """Sounds to clouds in latent space: ``(B, C, N) -> mean, logvar (B, T, latent)``, N a multiple of ``span``.

    Args:
        shape: ``(C, N)`` of a training row; any other N will do.
        classes: not looked at, since a sound says itself what it is.
        latent: numbers of a latent frame.
        hop, stride: samples of a block, and blocks of a latent frame.
        fine, coarse: channels for blocks and for latent frames.
        fine_blocks, coarse_blocks: how many ConvNeXt blocks work there.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        latent: int = 128,
        hop: int = 256,
        stride: int = 4,
        fine: int = 256,
        coarse: int = 384,
        fine_blocks: int = 2,
        coarse_blocks: int = 3,
    ) -> None:
        super().__init__()
        self.latent, self.hop, self.stride, self.span = latent, hop, stride, hop * stride
        numbers = shape[0] * hop
        self.enter = nn.Linear(numbers + numbers // BAND, fine)
        self.fine = blocks(fine_blocks, fine)
        self.gather = nn.Linear(stride * fine, coarse)
        self.coarse = blocks(coarse_blocks, coarse)
        self.norm = nn.LayerNorm(coarse)
        self.leave = nn.Linear(coarse, 2 * latent)
        self.straight = nn.Linear(stride * numbers, latent, bias=False)
        with torch.no_grad():
            self.leave.weight.mul_(0.1)
            self.leave.bias[latent:] = -6.0
            self.straight.weight.copy_(_lowest(latent, hop, stride, shape[0]) / SIZE)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u = compressed(x, self.hop)  # (B, T·stride, C·hop)
        h = self.fine(self.enter(torch.cat([u, _loudness(u)], 2)))
        h = self.coarse(self.gather(h.view(len(h), -1, self.stride * h.shape[2])))
        mean, logvar = self.leave(self.norm(h)).chunk(2, -1)
        return mean + self.straight(u.view(len(u), mean.shape[1], -1)), logvar.clamp(-12, 2)


class Decoder(nn.Module):
    """Latent frames to sounds, ``(B, T, latent) -> (B, C, T · span)``. Arguments as the encoder's."""

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        classes: int = 0,
        latent: int = 128,
        hop: int = 256,
        stride: int = 4,
        fine: int = 256,
        coarse: int = 384,
        fine_blocks: int = 3,
        coarse_blocks: int = 3,
    ) -> None:
        super().__init__()
        self.latent, self.hop, self.stride, self.span = latent, hop, stride, hop * stride
        numbers = shape[0] * hop
        self.enter = nn.Linear(latent, coarse)
        self.coarse = blocks(coarse_blocks, coarse)
        self.spread = nn.Linear(coarse, stride * fine)
        self.fine = blocks(fine_blocks, fine)
        self.norm = nn.LayerNorm(fine)
        self.leave = nn.Linear(fine, numbers + numbers // BAND)
        self.straight = nn.Linear(latent, stride * numbers, bias=False)
        with torch.no_grad():
            self.leave.weight[numbers:].mul_(0.1)
            self.leave.bias[numbers:] = -1.5
            self.straight.weight.copy_(_lowest(latent, hop, stride, shape[0]).T * SIZE)

    def forward(self, z: Tensor) -> Tensor:
        h = self.coarse(self.enter(z))
        h = self.fine(self.spread(h).view(len(h), h.shape[1] * self.stride, -1))
        u, loudness = self.leave(self.norm(h)).tensor_split([self.straight.out_features // self.stride], 2)
        u = u * loudness.clamp(-8, 3).exp().repeat_interleave(BAND, 2)  # (B, T·stride, C·hop)
        return expanded(u + self.straight(z).view(u.shape), self.hop)

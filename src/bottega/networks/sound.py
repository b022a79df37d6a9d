"""Autoencoder of sounds on lapped blocks: every layer works on frames, none on samples, so that a CPU keeps up.

As in Vocos (Siuzdak 2024, arXiv:2306.00814) the last layer says frequencies and a fixed transform makes the sound. Here
that is the modified cosine transform, which has as many numbers as the sound has samples, a quarter of what a Fourier
head says for the same. Beside the network runs a straight line, one matrix at each end. It begins as the simplest codec
there is: the lowest frequencies go through the latent frames as they are, of the others the loudness of each band, and
the network fills the bands with whatever its random weights make. Training goes on from there; without it the first
thousands of steps went into finding phases and loudness.

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
"""About how large compressed frequencies and logarithms of power are: a latent number is a third of one."""
GENTLE = 0.1
"""How much more slowly the straight line learns than the network: what is right from the start is soon destroyed."""
LOW = 0.875
"""The share of the latent numbers that the straight line begins to spend on the lowest frequencies."""


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
    """``(…, C · hop) -> (…, C · hop / BAND)``: logarithm of each band's mean square."""
    return (u.unflatten(-1, (-1, BAND)).square().mean(-1) + 1e-4).log()


def _straight(latent: int, hop: int, stride: int, channels: int) -> Tensor:
    """What each latent number begins as, ``(latent, stride · channels · hop + channels · hop / BAND)``, entries 0 or 1.

    First frequencies from the lowest up, then bands above those, neighbours together where there are too few numbers.
    """
    frequencies = torch.zeros(latent, stride, channels, hop)
    each = min(int(latent * LOW) // (stride * channels), hop)
    used = each * stride * channels
    for row in range(used):
        frequencies[row, row // channels % stride, row % channels, row // (stride * channels)] = 1
    bands = torch.zeros(latent, channels, hop // BAND)
    covered = -(-each // BAND)
    high, left = hop // BAND - covered, (latent - used) // channels
    for band in range(high):
        for channel in range(channels):
            bands[used + band * min(left, high) // high * channels + channel, channel, covered + band] = 1
    return torch.cat([frequencies.flatten(1), bands.flatten(1)], 1)


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
        self.straight = nn.Linear(stride * numbers + numbers // BAND, latent, bias=False)
        with torch.no_grad():
            self.leave.weight.mul_(0.1)
            self.leave.bias[latent:] = -6.0
            begin = _straight(latent, hop, stride, shape[0])
            self.straight.weight.copy_(begin / begin.sum(1, keepdim=True).clamp(min=1) / SIZE / GENTLE)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        u = compressed(x, self.hop)  # (B, T·stride, C·hop)
        h = self.fine(self.enter(torch.cat([u, _loudness(u) / SIZE], 2)))
        h = self.coarse(self.gather(h.view(len(h), -1, self.stride * h.shape[2])))
        mean, logvar = self.leave(self.norm(h)).chunk(2, -1)
        u = u.view(*mean.shape[:2], self.stride, -1)
        power = _loudness(u).exp().mean(2).log()  # (B, T, C·hop/BAND)
        straight = self.straight(torch.cat([u.flatten(2), power], 2))
        return mean + GENTLE * straight, logvar.clamp(-12, 2)


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
        self.straight = nn.Linear(latent, stride * numbers + numbers // BAND, bias=False)
        with torch.no_grad():
            begin = _straight(latent, hop, stride, shape[0]).T * SIZE
            begin[stride * numbers :] /= 2  # power to amplitude
            self.straight.weight.copy_(begin / GENTLE)
            self.leave.weight[:numbers].mul_(3**0.5)  # to a mean square of 1
            self.leave.weight[numbers:].mul_(0.1)
            self.leave.bias[numbers:] = torch.where(begin[stride * numbers :].sum(1) > 0, -0.25, -4.0)

    def forward(self, z: Tensor) -> Tensor:
        h = self.coarse(self.enter(z))
        h = self.fine(self.spread(h).view(len(h), h.shape[1] * self.stride, -1))
        numbers = self.straight.out_features * BAND // (self.stride * BAND + 1)
        low, loudness = (GENTLE * self.straight(z)).tensor_split([self.stride * numbers], 2)
        shape, more = self.leave(self.norm(h)).tensor_split([numbers], 2)
        loudness = (loudness.repeat_interleave(self.stride, 1) + more).clamp(-8, 4)
        u = low.reshape(shape.shape) + shape * loudness.exp().repeat_interleave(BAND, 2)  # (B, T·stride, C·hop)
        return expanded(u, self.hop)

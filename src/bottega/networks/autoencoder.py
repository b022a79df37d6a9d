"""Convolutional encoder and decoder of a VAE: strided stages, each with one residual block."""

import torch
from torch import Tensor, nn

from bottega.networks.dcgan import widths
from bottega.networks.dense import beside
from bottega.networks.layers import BatchNorm, Label, conv, conv_transpose, flat, stages, unflat


class Block(nn.Module):
    """``x + f(x)``: two 3-wide convolutions with batch norm."""

    def __init__(self, dims: int, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            BatchNorm(width),
            nn.SiLU(),
            conv(dims, width, width, bias=False),
            BatchNorm(width),
            nn.SiLU(),
            conv(dims, width, width),
        )
        nn.init.zeros_(self.body[-1].weight)  # begins as the identity
        nn.init.zeros_(self.body[-1].bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Encoder(nn.Module):
    """``x (B, C, H, W), label (B,) -> mean, logvar``, each ``(B, latent)``: where in latent space the work may lie.

    Args:
        shape: (C, H, W) for pictures.
        classes: 0 for none; label ``classes`` means "no class".
        latent: length of z; width: channels of the first stage, doubled at each, at most ``widest``.
    """

    def __init__(self, *, shape, classes=0, latent=128, width=32, widest=256, label_width=32) -> None:
        super().__init__()
        channels, *size = shape
        count = stages(tuple(size))
        layers: list[nn.Module] = []
        for outputs in widths(count, width, widest)[::-1]:
            layers += [conv(len(size), channels, outputs, 4, 2), Block(len(size), outputs)]
            channels = outputs
        self.body = nn.Sequential(*layers, BatchNorm(channels), nn.SiLU())
        self.label = Label(classes + 1, label_width) if classes else None
        places = channels * torch.Size(side >> count for side in size).numel()
        self.place = nn.Linear(places + (label_width if classes else 0), 2 * latent)

    def forward(self, x: Tensor, label: Tensor | None = None) -> tuple[Tensor, Tensor]:
        features = beside(flat(self.body(x)), label, self.label)
        mean, logvar = self.place(features).chunk(2, 1)
        return mean, logvar.clamp(-12, 8)


class Decoder(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, H, W)``: the mean picture for z, in about [-1, 1].

    Args:
        shape, classes, latent, width, widest: as for the encoder, mirrored.
    """

    def __init__(self, *, shape, classes=0, latent=128, width=32, widest=256, label_width=32) -> None:
        super().__init__()
        channels, *size = shape
        dims, count = len(size), stages(tuple(size))
        levels = widths(count, width, widest)
        self.latent = latent
        self.grid = (levels[0], *(side >> count for side in size))
        self.label = Label(classes + 1, label_width) if classes else None
        inputs = latent + (label_width if classes else 0)
        self.project = nn.Linear(inputs, torch.Size(self.grid).numel())
        layers: list[nn.Module] = []
        for before, after in zip(levels, [*levels[1:], width], strict=True):
            layers += [Block(dims, before), BatchNorm(before), nn.SiLU(), conv_transpose(dims, before, after)]
        self.body = nn.Sequential(*layers, BatchNorm(width), nn.SiLU(), conv(dims, width, channels))

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        return self.body(unflat(self.project(beside(z, label, self.label)), self.grid))

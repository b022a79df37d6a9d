"""Fully connected networks: every pixel sees every other, and nothing is known of neighbours.

The generator and the discriminator of the first GAN (Goodfellow et al. 2014), on flattened pictures: 784 numbers for
28x28 grey ones. They learn the layout of small, centred works quickly, and texture hardly at all.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from bottega.networks.layers import BatchNorm, Dropout, Label, normal_


def mlp(widths: Sequence[int], *, normal: bool = False, slope: float = 0.2, dropout: float = 0.0) -> nn.Sequential:
    """Linear layers ``widths[0] -> … -> widths[-1]``, each followed by leaky ReLU, batch norm and dropout as wished."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after, bias=not normal)]
        layers += [BatchNorm(after)] if normal else []
        layers += [nn.LeakyReLU(slope, inplace=True)]
        layers += [Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers)


class Generator(nn.Module):
    """``z (B, latent), label (B,) -> (B, C, H, W)`` in [-1, 1].

    Args:
        shape: of one work, channels first.
        classes: 0 for none; label ``classes`` means "no class".
        latent: length of z; widths: of the hidden layers.
    """

    def __init__(self, *, shape, classes=0, latent=100, widths=(256, 512, 1024)) -> None:
        super().__init__()
        self.shape, self.latent = tuple(shape), latent
        self.label = Label(classes + 1, latent) if classes else None
        self.body = mlp([latent * (2 if classes else 1), *widths], normal=True)
        self.picture = nn.Linear(widths[-1], torch.Size(shape).numel())
        normal_(self)  # a label that begins small lets z decide; otherwise each class becomes one picture

    def forward(self, z: Tensor, label: Tensor | None = None) -> Tensor:
        x = beside(z, label, self.label)
        return self.picture(self.body(x)).tanh().view(-1, *self.shape)


class Discriminator(nn.Module):
    """``x (B, C, H, W), label (B,) -> (B,)`` logits: real above 0.

    Args:
        shape: of one work, channels first.
        classes: 0 for none; label ``classes`` means "no class".
        widths: of the hidden layers; dropout: share of their features put out.
    """

    def __init__(self, *, shape, classes=0, widths=(1024, 512, 256), dropout=0.3, label_width=50) -> None:
        super().__init__()
        self.label = Label(classes + 1, label_width) if classes else None
        pixels = torch.Size(shape).numel()
        self.body = mlp([pixels + (label_width if classes else 0), *widths], dropout=dropout)
        self.judge = nn.Linear(widths[-1], 1)
        normal_(self)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        x = beside(x.flatten(1), label, self.label)
        return self.judge(self.body(x)).squeeze(1)


def beside(x: Tensor, label: Tensor | None, embedding: Label | None) -> Tensor:
    """``x (B, D)`` with the label's features next to it; no label reads as "no class", the embedding's last row."""
    if embedding is None:
        return x
    if label is None:
        label = torch.full((len(x),), embedding.num_embeddings - 1, device=x.device)
    return torch.cat([x, embedding(label)], 1)

"""The discriminator of the conditional GAN (Mirza & Osindero 2014, arXiv:1411.1784), as the tutorials know it.

Its generator is DCGAN's with 5x5 kernels and widths 512-256-128. The discriminator sees the label as one more channel:
a learned picture of each class laid beside the work. Dropout keeps it from knowing all by heart, batch norm lets it
see when all works of a batch are alike; without that the generator soon makes one and the same (docs/lab/classics.md).
"""

import torch
from torch import Tensor, nn

from bottega.networks.dcgan import widths
from bottega.networks.layers import BatchNorm, Dropout, conv, flat, normal_, stages


class Discriminator(nn.Module):
    """``x (B, C, H, W), label (B,) -> (B,)`` logits: real above 0.

    At 32 pixels two stages, 64 and 128 channels; the grid at the end is then 8x8, as it is for larger pictures.

    Args:
        shape: (C, H, W) for pictures.
        classes: 0 for none; label ``classes`` means "no class".
        width, widest: channels of the first stage and at most; kernel: side of the convolutions; slope: leaky ReLU's.
        dropout: share of features put out after each stage.
    """

    def __init__(self, *, shape, classes=0, width=64, widest=512, kernel=5, slope=0.2, dropout=0.3) -> None:
        super().__init__()
        channels, *size = shape
        count = max(stages(tuple(size)) - 1, 1)
        inputs = channels + (classes > 0)
        layers, first = list[nn.Module](), True
        for outputs in widths(count, width, widest)[::-1]:
            layers += [conv(len(size), inputs, outputs, kernel, 2, bias=first)]
            layers += [] if first else [BatchNorm(outputs)]
            layers += [nn.LeakyReLU(slope, inplace=True), Dropout(dropout)]
            inputs, first = outputs, False
        self.body = nn.Sequential(*layers)
        self.judge = nn.Linear(inputs * torch.Size(side >> count for side in size).numel(), 1)
        self.label = nn.Embedding(classes + 1, torch.Size(size).numel()) if classes else None
        normal_(self)

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        if self.label is not None:
            if label is None:
                label = torch.full((len(x),), self.label.num_embeddings - 1, device=x.device)
            x = torch.cat([x, self.label(label).view(-1, 1, *x.shape[2:])], 1)  # (B, C + 1, H, W)
        if x.ndim == 4:
            x = x.contiguous(memory_format=torch.channels_last)
        return self.judge(flat(self.body(x))).squeeze(1)

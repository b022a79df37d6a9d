"""The ConvNeXt block (Liu et al. 2022, arXiv:2201.03545): a wide look at each channel, then a small network at each
place. Everything stands channels last, where both run fastest on a CPU.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu


class Block(nn.Module):
    """``x + scale · mlp(norm(depthwise convolution(x)))`` on ``(B, T, width)`` or ``(B, H, W, width)``.

    Args:
        width: channels.
        dims: 1 for sound, 2 for pictures.
        kernel: places that the convolution sees, along each dimension.
        widening: how many times wider the small network is inside.
        scale: how much a block adds at first.
    """

    def __init__(self, width: int, *, dims: int = 1, kernel: int = 7, widening: int = 3, scale: float = 0.2) -> None:
        super().__init__()
        high = 1 if dims == 1 else kernel  # a CPU convolves a picture of one row faster than a line
        self.dims = dims
        self.around = nn.Conv2d(width, width, (high, kernel), padding=(high // 2, kernel // 2), groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, widening * width)
        self.narrow = nn.Linear(widening * width, width)
        self.scale = nn.Parameter(torch.full((width,), scale))

    def forward(self, x: Tensor) -> Tensor:
        picture = x.unsqueeze(1) if self.dims == 1 else x
        seen = self.around(picture.movedim(-1, 1)).movedim(1, -1).view(x.shape)
        return x + self.scale * self.narrow(gelu(self.wide(self.norm(seen))))


def blocks(count: int, width: int) -> nn.Sequential:
    """Several blocks of sound in a row, each adding less the more there are."""
    return nn.Sequential(*(Block(width, scale=1 / max(count, 1) ** 0.5) for _ in range(count)))

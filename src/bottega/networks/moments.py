"""A few frames in a row, made small, as one picture with as many more channels: what a small U-Net can make at once.

The network says what is behind the noise, from which the velocity follows (Li & He 2025, "Back to Basics: Let Denoising
Generative Models Denoise", arXiv:2511.13720): what it has not learned yet is then soft, where it would be grain.
"""

import torch.nn.functional as F
from torch import Tensor

from bottega.networks.unet import UNet

LATEST = 0.05
"""What is left of the way at which the velocity grows no further."""


class Moments(UNet):
    """Velocity network ``v(x, t, label, augmentation)`` of ``x (B, C·frames, H/shrink, W/shrink)``: all frames of the
    first channel, then of the second …

    Args:
        shape: of a film, ``(C, T, H, W)``.
        classes: number of classes, 0 for none.
        frames: how many; not more than T.
        shrink: how many times smaller its frames are than the film's.
        channels, encoder, decoder, embedding: see ``UNet``.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int,
        frames: int = 8,
        shrink: int = 2,
        channels: tuple[int, ...] = (64, 128, 192),
        encoder: tuple[int, ...] = (1, 1, 1),
        decoder: tuple[int, ...] = (1, 1),
        embedding: int = 128,
    ) -> None:
        colours, longest, height, width = shape
        frames = min(frames, longest)
        super().__init__(
            shape=(colours * frames, -(-height // shrink), -(-width // shrink)), classes=classes,
            channels=channels, encoder=encoder, decoder=decoder, embedding=embedding,
        )  # fmt: skip
        self.frames, self.size = frames, (height, width)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None, augmentation: Tensor | None = None) -> Tensor:
        """Velocity at ``x`` and time ``t`` (B,) in [0, 1], 1 being works; the shape of x."""
        behind = super().forward(x, t, label, augmentation)
        return (behind - x) / (1 - t).clamp_min(LATEST)[:, None, None, None]

    def small(self, films: Tensor) -> Tensor:
        """Films ``(B, C, T, H, W)`` of any length at the size at which it makes them."""
        return F.interpolate(films.flatten(1, 2), self.shape[1:], mode="area").unflatten(1, films.shape[1:3])

    def whole(self, x: Tensor) -> Tensor:
        """The films ``(B, C, frames, H, W)``, in [-1, 1], that it has made small."""
        return F.interpolate(x, self.size, mode="bicubic").clamp(-1, 1).unflatten(1, (-1, self.frames))

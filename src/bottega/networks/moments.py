"""A few frames in a row as one picture with as many more channels: what a small U-Net can make at once.

So many channels in each patch are more than the network is wide, and noise, unlike pictures, fits through nothing
narrower than itself. So the network says what is behind the noise, from which the velocity follows (Li & He 2025,
"Back to Basics: Let Denoising Generative Models Denoise", arXiv:2511.13720).
"""

from torch import Tensor

from bottega.networks.unet import UNet

LATEST = 0.05
"""What is left of the way at which the velocity grows no further."""


class Moments(UNet):
    """Velocity network ``v(x, t, label, augmentation)`` of ``x (B, C·frames, H, W)``: all frames of the first channel,
    then of the second …

    Args:
        shape: of a film, ``(C, T, H, W)``.
        classes: number of classes, 0 for none.
        frames: how many; not more than T.
        channels, encoder, decoder, embedding: see ``UNet``.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int, int, int],
        classes: int,
        frames: int = 4,
        channels: tuple[int, ...] = (96, 160, 224),
        encoder: tuple[int, ...] = (1, 1, 1),
        decoder: tuple[int, ...] = (1, 1),
        embedding: int = 128,
    ) -> None:
        colours, longest, height, width = shape
        frames = min(frames, longest)
        super().__init__(
            shape=(colours * frames, height, width), classes=classes,
            channels=channels, encoder=encoder, decoder=decoder, embedding=embedding,
        )  # fmt: skip
        self.frames = frames

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None, augmentation: Tensor | None = None) -> Tensor:
        """Velocity at ``x`` and time ``t`` (B,) in [0, 1], 1 being works; the shape of x."""
        behind = super().forward(x, t, label, augmentation)
        return (behind - x) / (1 - t).clamp_min(LATEST)[:, None, None, None]

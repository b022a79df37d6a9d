"""The plainest autoencoder: a straight line to few numbers, and one back. Trained, it finds the directions along which
frames differ most (Baldi & Hornik 1989)."""

import torch
from torch import Tensor, nn


class LinearCoder(nn.Module):
    """``(B, T, numbers) -> (B, T, latent)`` and back, for the frames of a spectrogram.

    Args:
        shape: ``(C, N)`` of a training row.
        classes: not looked at.
        latent: numbers of a latent frame.
        bands: of each channel in each column of the spectrogram.
        stride: columns in a latent frame.
    """

    def __init__(
        self, *, shape: tuple[int, int], classes: int = 0, latent: int = 64, bands: int = 128, stride: int = 4
    ) -> None:
        super().__init__()
        self.channels, self.latent, self.bands, self.stride = shape[0], latent, bands, stride
        numbers = shape[0] * bands * stride
        self.down, self.up = nn.Linear(numbers, latent), nn.Linear(latent, numbers)
        nn.init.orthogonal_(self.down.weight)
        with torch.no_grad():
            self.up.weight.copy_(self.down.weight.T)
        nn.init.zeros_(self.down.bias)
        nn.init.zeros_(self.up.bias)

    def forward(self, x: Tensor) -> Tensor:
        """What is left of frames ``(B, T, numbers)``."""
        return self.up(self.down(x))

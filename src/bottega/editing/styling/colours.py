"""Colours of one picture given to another, and kept.

Pictures are float32 ``(3, H, W)`` in [0, 1].
"""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)


def moments(picture: Tensor, where: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Mean ``(3, 1)`` and covariance ``(3, 3)`` of the colours, of those pixels where ``where (H, W)`` is True."""
    rows = picture.flatten(1) if where is None or not where.any() else picture[:, where]
    rows = rows.double()
    mean = rows.mean(1, keepdim=True)
    return mean, (rows - mean) @ (rows - mean).T / rows.shape[1]


def matched(picture: Tensor, own: tuple[Tensor, Tensor], wanted: tuple[Tensor, Tensor]) -> Tensor:
    """The picture with other colours, by the linear map that moves them least (Pitié & Kokaram 2007, "The linear
    Monge-Kantorovitch linear colour mapping for example-based colour transfer").

    Args:
        picture: ``(3, H, W)``.
        own, wanted: mean and covariance, from ``moments``.

    Returns:
        ``(3, H, W)``, clipped to [0, 1].
    """
    softly = 1e-4 * torch.eye(3, dtype=torch.float64)  # a picture of one colour has no covariance to divide by
    root = power(own[1] + softly, 0.5)
    back = power(own[1] + softly, -0.5)
    turn = back @ power(root @ (wanted[1] + softly) @ root, 0.5) @ back
    rows = turn @ (picture.flatten(1).double() - own[0]) + wanted[0]
    return rows.float().view_as(picture).clamp(0, 1)


def power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric positive matrix."""
    values, axes = torch.linalg.eigh(matrix)
    return axes @ torch.diag(values.clamp_min(1e-12) ** exponent) @ axes.T


def luma(picture: Tensor) -> Tensor:
    """Lightness ``(1, H, W)``."""
    return (picture * torch.tensor(LUMA).view(3, 1, 1)).sum(0, keepdim=True)


def relit(colours: Tensor, light: Tensor) -> Tensor:
    """The colours of one picture in the lightness of another: ``(3, H, W)``.

    What leaves the gamut loses colour rather than lightness.
    """
    wanted = luma(light).clamp(0, 1)
    shade = colours - luma(colours)
    room = torch.where(shade > 0, (1 - wanted) / shade.clamp_min(1e-6), wanted / (-shade).clamp_min(1e-6))
    return wanted + shade * room.amin(0, keepdim=True).clamp(0, 1)

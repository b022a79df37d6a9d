"""Clips as tensors: uint8 frames to floats in [-1, 1] and back."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


class Clip:
    """Films of one shape ``(C, T, H, W)`` and ``rate``, in frames a second; C is 3 (RGB), or 1 for films in grey."""

    def __init__(self, shape: tuple[int, int, int, int], rate: Fraction = Fraction(12)) -> None:
        self.shape, self.rate = shape, rate

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Clip":
        """Of a model in ``folder``, by its ``config.json``."""
        return Clip(tuple(config["shape"]), Fraction(config["rate"]))

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told."""
        return {"shape": self.shape, "classes": classes}

    def for_objective(self) -> dict[str, Any]:
        """Nothing: losses of films know no shape."""
        return {}

    def config(self) -> dict[str, Any]:
        """What a model keeps of it in ``config.json``."""
        return {"shape": list(self.shape), "rate": str(self.rate)}

    def save(self, folder: Path) -> None:
        """Nothing but these numbers is worth keeping."""

    def encode(self, works: Tensor) -> Tensor:
        """uint8 ``(B, T, H, W, C)`` to float32 ``(B, C, T, H, W)`` in [-1, 1]; T need not be that of the shape."""
        return works.permute(0, 4, 1, 2, 3).float().div_(127.5).sub_(1)

    def decode(self, values: Tensor) -> Tensor:
        """Floats ``(B, C, T, H, W)`` to uint8 ``(B, T, H, W, C)``; what lies outside [-1, 1] is clipped."""
        pixels = values.float().add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8)
        return pixels.permute(0, 2, 3, 4, 1).contiguous()

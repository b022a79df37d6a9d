"""Pictures as tensors: uint8 rows of pixels to floats in [-1, 1] and back."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor


class Pixels:
    """Pictures of one shape ``(C, H, W)``; C is 3 (RGB) or 4 (RGB premultiplied by alpha, then alpha)."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.shape = shape

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Pixels":
        """Of a model in ``folder``, by its ``config.json``."""
        return Pixels(tuple(config["shape"]))

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told."""
        return {"shape": self.shape, "classes": classes}

    def for_objective(self) -> dict[str, Any]:
        """Nothing: losses of pictures know no shape."""
        return {}

    def config(self) -> dict[str, Any]:
        """What a model keeps of it in ``config.json``."""
        return {"shape": list(self.shape)}

    def save(self, folder: Path) -> None:
        """Nothing but the shape is worth keeping."""

    def encode(self, works: Tensor) -> Tensor:
        """uint8 ``(B, H, W, C)`` to float32 ``(B, C, H, W)`` in [-1, 1], laid out channels last."""
        return works.permute(0, 3, 1, 2).float().div_(127.5).sub_(1)

    def decode(self, values: Tensor) -> Tensor:
        """Floats ``(B, C, H, W)`` to uint8 ``(B, H, W, C)``; what lies outside [-1, 1] is clipped."""
        pixels = values.float().add(1).mul_(127.5).round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
        if self.shape[0] == 4:  # a premultiplied colour is never brighter than its alpha
            pixels = torch.minimum(pixels, pixels[..., 3:])
        return pixels.contiguous()

"""Frames of a codec as networks take them: numbers of mean 0 and standard deviation about 1.

Each number of a frame is scaled by itself, but those of grids all alike. There a codec has said what counts: what it
leaves unused is small beside the noise with which it learned, and so is what hardly ever happens in a place.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

FLOOR = 0.1
"""The least standard deviation of a channel, as a share of their mean one: what a codec leaves unused is noise, and
blown up to full size it would only distract."""


class Latents:
    """Between a codec's frames and the networks.

    Args:
        length: frames of a training row.
        mean, std: of each number of a frame, ``(L,)``.
        grid: places ``(h, w)`` of a frame whose channels are laid out as ``(numbers, h, w)``; () where there are none.
    """

    def __init__(self, length: int, mean: Sequence[float], std: Sequence[float], grid: tuple[int, ...] = ()) -> None:
        self.length, self.width, self.grid = length, len(mean), grid
        self.mean, self.std = torch.tensor(mean).float()[:, None], torch.tensor(std).float()[:, None]  # (L, 1)

    @staticmethod
    def of_frames(frames: Sequence[np.ndarray], length: int, grid: tuple[int, ...] = ()) -> "Latents":
        """For the frames of a collection, float32 ``(L, T_i)`` each."""
        count = sum(one.shape[1] for one in frames)
        mean = np.sum([one.sum(1, dtype=np.float64) for one in frames], axis=0) / count
        square = np.sum([np.square(one - mean[:, None]).sum(1, dtype=np.float64) for one in frames], axis=0) / count
        size = max(float(np.sqrt(square.mean())), 1e-6)
        std = np.full(len(square), size) if grid else np.maximum(np.sqrt(square), FLOOR * size)
        return Latents(length, mean.tolist(), std.tolist(), grid)

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Latents":
        """Of a model in ``folder``, by its ``config.json``."""
        kept = config["latents"]
        return Latents(kept["length"], kept["mean"], kept["std"], tuple(kept.get("grid", ())))

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told."""
        return {"shape": (self.width, self.length), "classes": classes} | ({"grid": self.grid} if self.grid else {})

    def for_objective(self) -> dict[str, Any]:
        """Nothing: the networks know the shape of their frames."""
        return {}

    def config(self) -> dict[str, Any]:
        """What a model keeps of it in ``config.json``."""
        mean, std = self.mean[:, 0].tolist(), self.std[:, 0].tolist()
        grid = {"grid": list(self.grid)} if self.grid else {}
        return {"latents": {"length": self.length, "mean": mean, "std": std} | grid}

    def save(self, folder: Path) -> None:
        """Nothing but these numbers is worth keeping."""

    def encode(self, frames: Tensor) -> Tensor:
        """A codec's frames ``(B, L, T)`` to normalised ones of the same shape."""
        return (frames - self.mean.to(frames)) / self.std.to(frames)

    def decode(self, values: Tensor) -> Tensor:
        """Normalised frames ``(B, L, T)`` to a codec's."""
        return values * self.std.to(values) + self.mean.to(values)

"""Sounds as tensors: the samples themselves."""

from pathlib import Path
from typing import Any

from torch import Tensor


class Waveform:
    """Samples in [-1, 1] at ``rate`` Hz, of which a training row has ``(channels, samples)``."""

    def __init__(self, rate: int, channels: int, samples: int) -> None:
        self.rate, self.channels, self.samples = rate, channels, samples

    @staticmethod
    def of_model(folder: Path, config: dict[str, Any]) -> "Waveform":
        """Of a model in ``folder``, by its ``config.json``."""
        return Waveform(config["rate"], config["channels"], config["samples"])

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told."""
        return {"shape": (self.channels, self.samples), "classes": classes}

    def for_objective(self) -> dict[str, Any]:
        """Nothing: samples are compared as they are."""
        return {}

    def config(self) -> dict[str, Any]:
        """What a model keeps of it in ``config.json``."""
        return {"rate": self.rate, "channels": self.channels, "samples": self.samples}

    def save(self, folder: Path) -> None:
        """Nothing but these three numbers is worth keeping."""

    def encode(self, works: Tensor) -> Tensor:
        """float32 ``(B, C, N)``, as they are."""
        return works

    def decode(self, values: Tensor) -> Tensor:
        """Floats ``(B, C, N)``; what lies outside [-1, 1] is clipped."""
        return values.float().clamp(-1, 1)

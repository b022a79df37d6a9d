"""A model of pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bottega.language import _
from bottega.media import image, montage, video
from bottega.models.model import Model, Work
from bottega.provenance.record import says
from bottega.randomness import Random
from bottega.representations.pixels import Pixels

CHUNK = 64
"""Works are sampled this many at a time; a work's numbers depend on its chunk, so it is fixed for good."""
SAMPLES = 64


class PictureModel(Model):
    """A model of pictures of one size."""

    representation: Pixels

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one work, ``(C, H, W)``."""
        return self.representation.shape

    @staticmethod
    def between(folder: Path, config: dict[str, Any]) -> Pixels:
        return Pixels.of_model(folder, config)

    def generate(self, n: int = 16, *, seed: int = 0, label: str | None = None, **controls: float) -> list[Work]:
        pixels = self.generate_pixels(n, seed=seed, label=label, on_progress=None, **controls)
        names = self.class_names(self.labels(n, seed, label), n)
        return [Work(pixels[i], self.note(i, n, seed, names[i], label, controls)) for i in range(n)]

    def generate_pixels(
        self,
        n: int,
        *,
        seed: int = 0,
        label: str | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        **controls: float,
    ) -> np.ndarray:
        """The same as ``generate``, as one array: uint8 ``(n, H, W, C)``."""
        self.check(n, controls)
        chosen = {**self.recipe.controls, **controls}
        labels = self.labels(n, seed, label)
        pixels = np.empty((n, *self.shape[1:], self.shape[0]), dtype=np.uint8)
        device = next(self.objective.parameters()).device
        self.objective.eval()
        for start in range(0, n, CHUNK):
            count = min(CHUNK, n - start)
            wanted = labels[start : start + count].to(device) if self.classes else None
            with torch.inference_mode():
                values = self.objective.sample(count, wanted, Random(seed, "works", start), **chosen)
            pixels[start : start + count] = self.representation.decode(values).cpu().numpy()
            if on_progress:
                on_progress(start + count, n)
        return pixels

    def size(self) -> str:
        _channels, height, width = self.shape
        return _("{width}×{height} pixels").format(width=width, height=height)

    def show(self, folder: Path) -> list[str]:
        if not self.makes_works:
            return []
        image.write(folder / "samples.png", image.sheet(self.generate_pixels(SAMPLES)), says())
        lines = [f"![{_('Works made by this model')}](samples.png)", ""]
        frames = [image.read(path) for path in sorted((folder / "training" / "previews").glob("*.png"))]
        if frames:
            video.write(folder / "time-lapse.webp", montage.time_lapse(frames), says())
            lines += [f"![{_('How they were learned')}](time-lapse.webp)", ""]
        return lines

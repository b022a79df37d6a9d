"""A model of films."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bottega.errors import UsageError
from bottega.language import _
from bottega.media import image, montage, strip, video
from bottega.media.video import Film
from bottega.models.model import Model, Work
from bottega.provenance.record import says
from bottega.randomness import Random
from bottega.representations.clips import Clip
from bottega.representations.latents import Latents

CHUNK = 8
"""Works are made this many at a time; a work's numbers depend on its chunk, so it is fixed for good."""
SAMPLES = 9


@dataclass
class FilmModel(Model):
    """A model of films: of their frames, or of the latent frames into which a codec turns them.

    Attributes:
        codec: the model whose latent frames it makes; None for a model of frames, such as a codec.
    """

    representation: Clip | Latents
    codec: "FilmModel | None" = None

    @staticmethod
    def between(folder: Path, config: dict[str, Any]) -> Clip | Latents:
        kind = Latents if config["recipe"]["codec"] else Clip
        return kind.of_model(folder, config)

    @property
    def clip(self) -> Clip:
        """Its size and its rate."""
        between = self.codec.clip if self.codec else self.representation
        assert isinstance(between, Clip)
        return between

    @property
    def rate(self) -> Fraction:
        """Frames a second."""
        return self.clip.rate

    @property
    def has_latents(self) -> bool:
        """Whether it turns films into latent frames and back."""
        return self.codec is not None or hasattr(self.objective, "hop")

    @property
    def device(self) -> torch.device:
        """Where its networks are."""
        return next(self.objective.parameters()).device

    # ---- making ----------------------------------------------------------------------------------------------------

    def generate(
        self,
        n: int = 16,
        *,
        seed: int = 0,
        label: str | None = None,
        seconds: float | None = None,
        loop: bool = False,
        on_progress: Callable[[int, int], None] | None = None,
        **controls: float,
    ) -> list[Work]:
        """New films.

        Args:
            seconds: how long each is; as the windows that it learned from when left out.
            loop: whether the last frame leads back to the first.
            on_progress: told how many are done.

        Raises:
            UsageError: a class or control that it does not have, a length that it cannot make, no loops.
        """
        self.check(n, controls)
        count = self.frames_for(seconds)
        if loop and "loop" not in signature(self.objective.sample).parameters:
            raise UsageError(_("A {recipe} model makes no loops.").format(recipe=self.recipe.name))
        chosen = {**self.recipe.controls, **controls}
        labels = self.labels(n, seed, label)
        names = self.class_names(labels, n)
        asked = {**({"seconds": seconds} if seconds else {}), **({"loop": True} if loop else {}), **controls}
        works = []
        for start in range(0, n, CHUNK):
            many = min(CHUNK, n - start)
            wanted = labels[start : start + many] if self.classes else None
            for i, frames in enumerate(self._made(many, wanted, Random(seed, "works", start), count, loop, chosen)):
                note = self.note(start + i, n, seed, names[start + i], label, asked)
                works.append(Work(Film(frames, self.rate), note))
            if on_progress:
                on_progress(start + many, n)
        return works

    def frames_for(self, seconds: float | None) -> int:
        """How many frames so many seconds are. Raises UsageError for more than it can make."""
        usual = self.representation.length if isinstance(self.representation, Latents) else self.clip.shape[1]
        count = usual if seconds is None else max(1, round(seconds * self.rate))
        longest = getattr(self.objective, "longest", None)
        if longest is not None and count > longest:
            message = _("A {recipe} model makes films of up to {seconds:.1f} s.")
            raise UsageError(message.format(recipe=self.recipe.name, seconds=longest / float(self.rate)))
        return count

    def _made(
        self, n: int, label: Tensor | None, random: Random, count: int, loop: bool, controls: dict[str, float]
    ) -> np.ndarray:
        """Frames uint8 ``(n, T, H, W, C)``."""
        objective = self.objective.eval()
        label = None if label is None else label.to(self.device)
        round_ = {"loop": True} if loop else {}
        with torch.inference_mode():
            made = objective.sample(n, label, random, frames=count, **round_, **controls)
            if self.codec is None:
                return self.clip.decode(made).cpu().numpy()
            return np.concatenate([self._pixels(one[None], loop) for one in made])  # long ones take room

    # ---- films as latent frames ------------------------------------------------------------------------------------

    def fitted(self, film: Film) -> Film:
        """A film brought to the model's size and rate, silent; the nearest frame of each moment is taken."""
        count = max(1, round(len(film) * self.rate / film.rate))
        at = ((np.arange(count) + 0.5) * float(film.rate / self.rate)).astype(int).clip(max=len(film) - 1)
        frames = film.frames[at]
        if frames.shape[-1] == 4:
            frames = frames[..., :3] + (image.PAPER - frames[..., 3:])
        size = self.clip.shape[2:]
        return Film(np.stack([image.fit(frame, size) for frame in frames]), self.rate)

    def tensor(self, film: Film) -> Tensor:
        """A film of its size as its networks of frames take it, float32 ``(1, C, T, H, W)`` in [-1, 1]."""
        return self.clip.encode(torch.from_numpy(np.ascontiguousarray(film.frames))[None]).to(self.device)

    def encode(self, film: Film) -> Tensor:
        """The latent frames of a film of its size, ``(1, L, T)`` as the networks take them."""
        frames = torch.from_numpy(self.latents_of(film.frames))[None].to(self.device)
        return self.representation.encode(frames) if self.codec else frames

    def decode(self, latents: Tensor, *, loop: bool = False) -> Film:
        """The film of latent frames ``(1, L, T)``."""
        with torch.inference_mode():
            return Film(self._pixels(latents, loop)[0], self.rate)

    def latents_of(self, frames: np.ndarray) -> np.ndarray:
        """What its codec makes of frames uint8 ``(T, H, W, C)`` of its size: float32 ``(L, T)``."""
        base: Any = self.codec or self
        with torch.inference_mode():
            clip = base.clip.encode(torch.from_numpy(np.ascontiguousarray(frames))[None]).to(self.device)
            return base.objective.eval().encode(clip)[0].float().cpu().numpy()

    def _pixels(self, latents: Tensor, loop: bool) -> np.ndarray:
        """Frames uint8 ``(B, T, H, W, C)`` of latent frames ``(B, L, T)`` as the networks make them."""
        latents = self.representation.decode(latents) if self.codec else latents
        values = (self.codec or self).objective.eval().decode(latents, loop=loop)  # type: ignore[operator]
        return self.clip.decode(values).cpu().numpy()

    # ---- the card --------------------------------------------------------------------------------------------------

    def size(self) -> str:
        _channels, _frames, height, width = self.clip.shape
        told = _("{width}×{height} pixels, {rate:.3g} frames a second")
        return told.format(width=width, height=height, rate=float(self.rate))

    def show(self, folder: Path) -> list[str]:
        if not self.makes_works:
            return []
        films = [work.content for work in self.generate(SAMPLES)]
        image.write(folder / "samples.png", strip.sheet(films), says())
        video.write(folder / "samples.webp", montage.mosaic(films), says())
        title = _("Works made by this model")
        return [f"![{title}](samples.webp)", "", f"[{_('Frame by frame')}](samples.png)", ""]

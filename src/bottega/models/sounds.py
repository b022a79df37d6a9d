"""A model of sounds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bottega.language import _
from bottega.media import audio, image
from bottega.media.audio import Sound
from bottega.models.model import Model, Work
from bottega.provenance.record import says
from bottega.randomness import Random
from bottega.representations.latents import Latents
from bottega.representations.waveform import Waveform

CHUNK = 8
"""Works are made this many at a time; a work's numbers depend on its chunk, so it is fixed for good."""
SECONDS = 8.0
"""Of a work, when nothing else is asked for."""
STRETCH, MARGIN = 480, 24
"""Frames of a long sound that are encoded at once, and those around them without which their ends would differ."""
SAMPLES, PAUSE = 6, 0.5
WIDE, HIGH = 480, 200


@dataclass
class SoundModel(Model):
    """A model of sounds: of their samples, or of the frames into which a codec turns them.

    Attributes:
        codec: the model whose frames it makes; None for a model of samples, such as a codec.
    """

    representation: Waveform | Latents
    codec: "SoundModel | None" = None

    @staticmethod
    def between(folder: Path, config: dict[str, Any]) -> Waveform | Latents:
        kind = Latents if config["recipe"]["codec"] else Waveform
        return kind.of_model(folder, config)

    @property
    def waveform(self) -> Waveform:
        """Its rate and its channels."""
        between = self.codec.waveform if self.codec else self.representation
        assert isinstance(between, Waveform)
        return between

    @property
    def has_frames(self) -> bool:
        """Whether it turns sounds into frames and back."""
        return self.codec is not None or hasattr(self.objective, "hop")

    # ---- making ----------------------------------------------------------------------------------------------------

    def generate(
        self,
        n: int = 16,
        *,
        seed: int = 0,
        label: str | None = None,
        seconds: float | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        **controls: float,
    ) -> list[Work]:
        """New sounds.

        Args:
            seconds: how long each is; what the model learned from when left out, or 8.
            on_progress: told how many are done.
        """
        self.check(n, controls)
        chosen = {**self.recipe.controls, **controls}
        labels = self.labels(n, seed, label)
        names = self.class_names(labels, n)
        asked = controls if seconds is None else {"seconds": seconds, **controls}
        works = []
        for start in range(0, n, CHUNK):
            count = min(CHUNK, n - start)
            wanted = labels[start : start + count] if self.classes else None
            for i, samples in enumerate(self._made(count, wanted, Random(seed, "works", start), seconds, chosen)):
                note = self.note(start + i, n, seed, names[start + i], label, asked)
                works.append(Work(Sound(samples, self.waveform.rate), note))
            if on_progress:
                on_progress(start + count, n)
        return works

    def _made(
        self, n: int, label: Tensor | None, random: Random, seconds: float | None, controls: dict[str, float]
    ) -> np.ndarray:
        """Samples float32 ``(n, C, N)``."""
        wave, objective = self.waveform, self.objective.eval()
        label = None if label is None else label.to(next(objective.parameters()).device)
        with torch.inference_mode():
            if self.codec is None:
                count = wave.samples if seconds is None else round(seconds * wave.rate)
                more = {"samples": count} if "samples" in signature(objective.sample).parameters else {}
                values = objective.sample(n, label, random, **more, **controls)[..., :count]
            else:
                count = round((seconds or SECONDS) * wave.rate)
                frames = objective.sample(n, label, random, frames=-(-count // self.hop), **controls)
                values = torch.cat([self._samples(one[None])[..., :count] for one in frames])  # long ones take room
        return wave.decode(values).cpu().numpy()

    # ---- sounds as frames ------------------------------------------------------------------------------------------

    @property
    def hop(self) -> int:
        """Samples in a frame."""
        return (self.codec or self).objective.hop  # type: ignore[return-value]

    def encode(self, sound: Sound) -> Tensor:
        """The frames of a sound of any rate and channels, ``(1, L, T)`` as the networks take them."""
        wave = self.waveform
        mixed = Sound(audio.in_channels(sound.samples, wave.channels), sound.rate)
        samples = audio.resampled(mixed, wave.rate).samples
        pieces = [torch.from_numpy(piece) for piece in self.frames_of(samples)]
        frames = torch.cat(pieces, 1)[None]
        return self.representation.encode(frames) if self.codec else frames

    def decode(self, frames: Tensor) -> Sound:
        """The sound of frames ``(1, L, T)``."""
        with torch.inference_mode():
            return Sound(self.waveform.decode(self._samples(frames))[0].cpu().numpy(), self.waveform.rate)

    def frames_of(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        """Frames float32 ``(L, T)`` of samples ``(C, N)`` in its own rate and channels, stretch by stretch."""
        objective: Any = (self.codec or self).objective.eval()
        hop, device = self.hop, next(objective.parameters()).device
        total = -(-samples.shape[1] // hop)
        for first in range(0, total, STRETCH):
            start = max(0, first - MARGIN)
            piece = samples[:, start * hop : (first + STRETCH + MARGIN) * hop]
            with torch.inference_mode():
                frames = objective.encode(torch.from_numpy(np.ascontiguousarray(piece))[None].to(device))[0]
            yield frames[:, first - start : min(first + STRETCH, total) - start].cpu().numpy()

    def _samples(self, frames: Tensor) -> Tensor:
        """Samples ``(B, C, N)`` of frames ``(B, L, T)`` as the networks make them."""
        frames = self.representation.decode(frames) if self.codec else frames
        return (self.codec or self).objective.eval().decode(frames)  # type: ignore[operator]

    # ---- the card --------------------------------------------------------------------------------------------------

    def size(self) -> str:
        wave = self.waveform
        told = _("{rate:,} Hz, mono") if wave.channels == 1 else _("{rate:,} Hz, {channels} channels")
        return told.format(rate=wave.rate, channels=wave.channels)

    def show(self, folder: Path) -> list[str]:
        if not self.makes_works:
            return []
        sounds = [work.content for work in self.generate(SAMPLES)]
        audio.write(folder / "samples.wav", joined(sounds), says())
        image.write(folder / "samples.png", picture(sounds), says())
        title = _("Works made by this model")
        return [f"![{title}](samples.png)", "", f"[{title}](samples.wav)", ""]


def joined(sounds: list[Sound]) -> Sound:
    """Several sounds one after the other, with a pause between them."""
    pause = np.zeros((sounds[0].channels, round(PAUSE * sounds[0].rate)), np.float32)
    return Sound(np.concatenate([part for sound in sounds for part in (sound.samples, pause)], 1), sounds[0].rate)


def picture(sounds: list[Sound]) -> np.ndarray:
    """Spectrograms of several sounds on one sheet, uint8 ``(H, W, 3)``."""
    from bottega.media import spectrogram

    pictures = [spectrogram.picture(sound, WIDE, HIGH) for sound in sounds]
    return image.sheet(np.stack(pictures), columns=min(2, len(pictures)), scale=1, gap=8)

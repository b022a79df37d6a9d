"""Between sounds of any rate and channels and a model of one: what is made goes back to where it belongs."""

from typing import TYPE_CHECKING

import numpy as np

from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.language import _

if TYPE_CHECKING:
    from torch import Tensor

    from bottega.media.audio import Sound
    from bottega.models.sounds import SoundModel

SEAM = 0.03
"""Seconds over which what is made takes over from what is known."""
ORDER = 64  # samples that the next one is foretold from
HEARD = 0.1  # seconds that it is learned on


def sounding(job: Job, can: str = "") -> "SoundModel":
    """The model of an operation, ready.

    Args:
        can: what its objective must be able to do, ``"complete"`` or ``"vary"``; nothing for any that has frames.

    Raises:
        UsageError: it is no model of sounds, or cannot.
    """
    from bottega.models.sounds import SoundModel

    model = job.model
    if not isinstance(model, SoundModel) or not model.has_frames:
        raise UsageError(_("This needs a model of sounds with a codec: train one with --recipe audio-flow."))
    if can and (model.codec is None or not hasattr(model.objective, can) or _plain(model, can)):
        raise UsageError(_("This model cannot do that with a sound: train one with --recipe audio-flow."))
    model.objective.eval().requires_grad_(False)
    return model


def _plain(model: "SoundModel", can: str) -> bool:
    """Whether the objective only inherits the method, which then refuses."""
    from bottega.objectives.base import Objective

    return getattr(type(model.objective), can) is getattr(Objective, can, None)


def class_of(model: "SoundModel", label: str, n: int, seed: int) -> "Tensor | None":
    """The number of a class for ``n`` works, ``(n,)``; None when none is asked for. Raises UsageError."""
    return model.labels(n, seed, label) if label else None


def controls(model: "SoundModel", **asked: float | None) -> dict[str, float]:
    """What the objective is told: the defaults of the recipe, and what was asked for."""
    return {**model.recipe.controls, **{name: value for name, value in asked.items() if value is not None}}


def back(made: "Sound", like: "Sound", count: int) -> np.ndarray:
    """What a model made, at the rate and in the channels of a sound: float32 ``(C, count)``.

    A model of one channel has heard the mean of all; each channel gets as much of what it made as it had of that mean.
    """
    from bottega.media.audio import in_channels, resampled

    samples = resampled(made, like.rate).samples
    samples = np.pad(samples, ((0, 0), (0, max(0, count - samples.shape[1]))))[:, :count]
    if samples.shape[0] != 1 or like.channels == 1:
        return in_channels(samples, like.channels)
    return shares(like.samples)[:, None] * samples


def shares(samples: np.ndarray) -> np.ndarray:
    """How much of the mean of all channels each holds, float32 ``(C,)``; 1 each for silence."""
    mean = samples.mean(0, dtype=np.float64)
    power = float(mean @ mean)
    if power < 1e-9 * max(1, samples.shape[1]):
        return np.ones(len(samples), np.float32)
    return np.clip(samples @ mean / power, -2, 2).astype(np.float32)


def onward(samples: np.ndarray, count: int, rate: int) -> np.ndarray:
    """How a sound ``(C, N)`` would ring on for ``count`` samples if nothing new happened: linear prediction (Makhoul
    1975) of each channel from its last tenth of a second. Never louder than that was."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import lfilter

    last = samples[:, -max(2 * ORDER, round(HEARD * rate)) :].astype(np.float64)
    made = np.zeros((len(samples), count))
    for channel, heard in enumerate(last):
        order = min(ORDER, len(heard) // 2)
        peak = np.abs(heard).max(initial=0.0)
        if order < 1 or peak == 0:
            continue
        windowed = heard * np.sin(np.pi * (np.arange(len(heard)) + 0.5) / len(heard))
        alike = np.correlate(windowed, windowed, "full")[len(heard) - 1 :][: order + 1]
        alike[0] *= 1 + 1e-6  # keeps the prediction from growing
        weights = solve_toeplitz(alike[:order], alike[1 : order + 1])
        ringing = np.concatenate([[1.0], -weights])
        state = _state(ringing, heard[-order:])
        made[channel] = np.clip(lfilter([1.0], ringing, np.zeros(count), zi=state)[0], -peak, peak)
    return made.astype(np.float32)


def _state(ringing: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """What a recursive filter remembers after these samples."""
    from scipy.signal import lfiltic

    return lfiltic([1.0], ringing, heard[::-1])


def joined(made: np.ndarray, before: np.ndarray, after: np.ndarray, rate: int) -> np.ndarray:
    """What was made, ``(C, n)``, with both ends led over from what stands around it; nothing outside changes.

    Args:
        before, after: the known samples on both sides ``(C, …)``; one without samples has no seam.
    """
    made, count = made.copy(), made.shape[1]
    fade = min(round(SEAM * rate), count // 2)
    if fade < 1:
        return made
    rise = np.sin(0.5 * np.pi * (np.arange(fade) + 0.5) / fade).astype(np.float32)
    if before.shape[1]:
        made[:, :fade] = rise * made[:, :fade] + rise[::-1] * onward(before, fade, rate)
    if after.shape[1]:
        back = onward(after[:, ::-1], fade, rate)[:, ::-1]
        made[:, -fade:] = rise[::-1] * made[:, -fade:] + rise * back
    return made

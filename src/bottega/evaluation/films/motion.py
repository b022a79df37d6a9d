"""What can be said of the motion of one film or of some: how fast it is, whether it closes, whether it was foreseen."""

from itertools import pairwise

import numpy as np

from bottega.evaluation.films.features import flows, frames_of
from bottega.media.video import Film

LEAST = 0.5
"""Grey levels by which two frames may differ without anybody seeing it."""


def seam(film: Film) -> float:
    """How much harder the step from the last frame to the first is than the others: 1 in an exact loop.

    The step is measured in grey levels, against the mean step of the film; a still film scores 1.
    """
    frames = film.frames[..., :3].astype(np.float32)
    steps = [float(np.sqrt(np.square(b - a).mean())) for a, b in pairwise(frames)]
    last = float(np.sqrt(np.square(frames[0] - frames[-1]).mean()))
    return (last + LEAST) / (float(np.mean(steps or [0.0])) + LEAST)


def speeds(clips: np.ndarray) -> np.ndarray:
    """How fast each clip moves, in the mean over all places and times: frame widths a frame, ``(N,)``.

    Args:
        clips: uint8 ``(N, T, H, W, C)``, T at least 2.
    """
    found = np.empty(len(clips))
    for number, clip in enumerate(clips):
        grey = (frames_of(clip[None])[0, 0] * 255).round().clamp(0, 255).byte().numpy()
        flow = flows(grey)
        found[number] = np.hypot(flow[..., 0], flow[..., 1]).mean() / grey.shape[2]
    return found


def squared_error(foreseen: np.ndarray, real: np.ndarray) -> float:
    """The squared error of predicted frames, as it is told for moving digits: pixels in [0, 1], summed over a frame and
    its channels, mean over all frames.

    Args:
        foreseen, real: uint8 of one shape ``(N, T, H, W)`` or ``(N, T, H, W, C)``.
    """
    error = np.square((foreseen.astype(np.float32) - real) / 255)
    return float(error.sum(axis=tuple(range(2, error.ndim))).mean())


def held(known: np.ndarray, count: int) -> np.ndarray:
    """The simplest prediction: the last of known frames ``(N, T, …)``, ``count`` times."""
    return np.repeat(known[:, -1:], count, axis=1)

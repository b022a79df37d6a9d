"""Films as the tensors that patches are made of, and back."""

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bottega.editing import pixels
from bottega.language import _
from bottega.patches import in_proportion
from bottega.patches.synthesis import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottega.editing.operation import Job

MOST = 60_000_000  # pixels of all frames together: several copies in float32 are held


def to_tensor(frames: np.ndarray) -> Tensor:
    """uint8 ``(T, H, W, C)`` -> float32 ``(C, T, H, W)`` in [0, 1]."""
    x = torch.empty(frames.shape[3], *frames.shape[:3])
    for number, frame in enumerate(frames):
        x[:, number] = pixels.to_tensor(frame)
    return x


def to_frames(x: Tensor) -> np.ndarray:
    """float32 ``(C, T, H, W)`` around [0, 1] -> uint8 ``(T, H, W, C)``; no colour above its opacity."""
    return np.stack([pixels.to_picture(x[:, number]) for number in range(x.shape[1])])


def shown(job: "Job") -> "Callable[[float, Tensor], None]":
    """Shows a person the frame in the middle of a film ``(C, T, H, W)``."""
    return lambda share, x: job.show(share, pixels.preview(x[:, x.shape[1] // 2]))


def affordable(frames: np.ndarray, size: tuple[int, int, int], job: "Job") -> tuple[np.ndarray, tuple[int, int, int]]:
    """Frames ``(T, H, W, C)`` and the size wished ``(T, H, W)``, both smaller where they are too large; it is said."""
    most = max(math.prod(size), frames[..., 0].size)
    scale = min(1.0, math.sqrt(MOST / most))
    if scale < 1:
        frames, (height, width) = scaled(frames, scale), in_proportion(size[1:], scale)
        size = (size[0], height, width)
        message = _("The film is too large to be made of patches at once: it was made {width}×{height} pixels.")
        job.say(message.format(width=width, height=height))
    if math.prod(size) > LARGEST:
        message = _("It was composed at {limit} million pixels, and carried out at {all} million.")
        job.say(message.format(limit=round(LARGEST / 1e6, 1), all=round(math.prod(size) / 1e6, 1)))
    return frames, size


def scaled(frames: np.ndarray, scale: float) -> np.ndarray:
    """Frames ``(T, H, W, C)`` in proportion."""
    from bottega.editing.moving.flow import opencv

    cv2 = opencv()
    height, width = in_proportion(frames.shape[1:3], scale)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame, (width, height), interpolation=how) for frame in frames])

"""uint8 pictures as the tensors that patches are made of, and back."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from bottega.errors import UsageError
from bottega.language import _
from bottega.media.image import MAX_PIXELS
from bottega.patches import in_proportion, resize
from bottega.patches.synthesis import LARGEST

if TYPE_CHECKING:
    from bottega.editing.operation import Job

PREVIEW = 512


def to_tensor(picture: np.ndarray) -> Tensor:
    """uint8 ``(H, W, C)`` -> float32 ``(C, H, W)`` in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).contiguous().float().div_(255)


def to_picture(x: Tensor) -> np.ndarray:
    """float ``(C, H, W)`` around [0, 1] -> uint8 ``(H, W, C)``; with four channels, no colour above its opacity."""
    picture = (x * 255).round_().clamp_(0, 255).to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    if picture.shape[2] == 4:
        np.minimum(picture[..., :3], picture[..., 3:], out=picture[..., :3])
    return picture


def with_channels(picture: np.ndarray, channels: int) -> np.ndarray:
    """A picture with 3 channels, transparency laid over white, or 4, of which the last is opacity."""
    if picture.shape[2] == channels:
        return picture
    if channels == 4:
        return np.concatenate([picture, np.full_like(picture[..., :1], 255)], 2)
    return np.minimum(picture[..., :3].astype(np.int32) + 255 - picture[..., 3:], 255).astype(np.uint8)


def preview(x: Tensor) -> np.ndarray:
    """The same, with about 512 pixels on its longer side."""
    every = max(1, max(x.shape[1:]) // PREVIEW)
    return to_picture(x[:, ::every, ::every])


def shown(job: "Job") -> "Callable[[float, np.ndarray], None]":
    """Shows a person pictures ``(H, W, C)``, thinned out in the same way."""

    def show(share: float, picture: np.ndarray) -> None:
        every = max(1, max(picture.shape[:2]) // PREVIEW)
        job.show(share, picture[::every, ::every].copy())

    return show


def within_limit(size: tuple[int, int]) -> tuple[int, int]:
    """A size ``(H, W)`` that can be made. Raises UsageError for one that is too large."""
    height, width = size
    if height * width > MAX_PIXELS:
        message = _("{width}×{height} pixels are too many; at most {limit} million.")
        raise UsageError(message.format(width=width, height=height, limit=MAX_PIXELS // 1_000_000))
    return size


def checked(size: tuple[int, int], job: "Job") -> tuple[int, int]:
    """The same for what patches make; how a large picture is made is said."""
    height, width = within_limit(size)
    if height * width > LARGEST:
        message = _("It was composed at {limit} million pixels, and carried out at {all} million.")
        job.say(message.format(limit=round(LARGEST / 1e6, 1), all=round(height * width / 1e6, 1)))
    return size


def no_larger(x: Tensor, size: tuple[int, int]) -> Tensor:
    """A source ``(C, H, W)``, in proportion, with no more pixels than ``size``: so its parts fit into the picture."""
    scale = math.sqrt(size[0] * size[1] / (x.shape[1] * x.shape[2]))
    if scale >= 1:
        return x
    return resize(x, in_proportion(x.shape[1:], scale))

"""Pictures between uint8 and tensors: sizes, masks, transparency, and what was made laid over what was there."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def shrunk(mask: np.ndarray, size: tuple[int, int]) -> Tensor:
    """A mask uint8 ``(h, w)`` as float32 ``size`` in [0, 1]."""
    small = Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.BOX)
    return torch.from_numpy(np.array(small)).float() / 255


def opaque(picture: np.ndarray) -> np.ndarray:
    """A picture laid over its own mean colour: uint8 ``(H, W, 3)``."""
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3]
    mean = picture[..., :3].sum((0, 1), dtype=np.float64) * 255 / max(1, alpha.sum(dtype=np.int64))
    under = ((255 - alpha)[..., None] * np.rint(mean).astype(np.uint16) + 127) // 255
    return np.minimum(picture[..., :3] + under, 255).astype(np.uint8)


def with_alpha(made: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Straight colours and the alpha ``(H, W)`` as one premultiplied picture ``(H, W, 4)``."""
    colour = (made * alpha[..., None].astype(np.uint16) + 127) // 255
    return np.concatenate([colour.astype(np.uint8), alpha[..., None]], 2)


def blended(made: np.ndarray, content: np.ndarray, covers: list[np.ndarray], share: float) -> np.ndarray:
    """What was made over the content, as far as the masks and ``share`` say, in strips."""
    if share == 1 and not covers:
        return made
    for top in range(0, len(made), 256):
        strip = slice(top, top + 256)
        cover = sum((cover[strip].astype(np.float32) / 255 for cover in covers), np.float32(0)) if covers else 1.0
        amount = np.asarray(np.minimum(cover, 1.0) * np.float32(share), np.float32)[..., None]
        mixed = made[strip] * amount + content[strip] * (1 - amount)
        made[strip] = np.rint(mixed).astype(np.uint8)
    return made

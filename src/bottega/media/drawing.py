"""What the pictures of sounds and scores share: a sheet, small words and numbers on it, marks along an axis."""

import math
from functools import lru_cache

import numpy as np

GROUND = (250, 248, 244)
INK = (70, 66, 62)
FAINT = (222, 217, 209)


def sheet(height: int, width: int) -> np.ndarray:
    """An empty sheet, uint8 (H, W, 3)."""
    return np.full((height, width, 3), GROUND, np.uint8)


@lru_cache(512)
def lettering(words: str, size: int = 10) -> np.ndarray:
    """How strongly each pixel of some words is covered: float32 (h, w, 1) in [0, 1]."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(words)
    canvas = Image.new("L", (math.ceil(right - left) + 1, math.ceil(bottom - top) + 1))
    ImageDraw.Draw(canvas).text((-left, -top), words, fill=255, font=font)
    return np.asarray(canvas, np.float32)[..., None] / 255


def write(
    pixels: np.ndarray, words: str, top: int, left: int, *, size: int = 10, colour: tuple[int, int, int] = INK
) -> int:
    """Write some words; those that do not fit are left out. Returns the column after them."""
    cover = lettering(words, size)
    height, width = cover.shape[:2]
    if top < 0 or left < 0 or top + height > pixels.shape[0] or left + width > pixels.shape[1]:
        return left
    place = pixels[top : top + height, left : left + width]
    place[:] = (place * (1 - cover) + np.array(colour, np.float32) * cover).astype(np.uint8)
    return left + width


def clock(seconds: float, step: float) -> str:
    """A time on an axis whose marks are ``step`` seconds apart: "0.5", "12", "1:30"."""
    if step < 1:
        return f"{seconds:.{max(1, -math.floor(math.log10(step)))}f}"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}" if minutes else str(rest)


def step_of(length: float, most: int) -> float:
    """A round step (1, 2, 5, 10, 15, 30, 60 … or a decimal part) that makes at most so many marks on a length."""
    steps = [base * 10.0**power for power in range(-4, 0) for base in (1, 2, 5)]
    steps += [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200]
    return next((step for step in steps if length / step <= most), 86_400)

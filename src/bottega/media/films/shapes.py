"""The shape of a film's pictures: upright, with square pixels, fitted to a size."""

import struct
from fractions import Fraction
from typing import Any

import numpy as np

from bottega.errors import UnreadableWork
from bottega.language import _

MOST_PIXELS = 36_000_000  # of a frame: 8K
PAPER = 255  # what lies under transparency


def check_pixels(width: int, height: int) -> None:
    """Refuse, before anything is decoded, pictures with no pixels or with too many."""
    if width < 1 or height < 1:
        raise UnreadableWork(_("its pictures have no pixels"))
    if width * height > MOST_PIXELS:
        message = _("its pictures of {width:,} × {height:,} pixels are larger than {limit} million")
        raise UnreadableWork(message.format(width=width, height=height, limit=MOST_PIXELS // 1_000_000))


def turn_of(frame: Any) -> tuple[int, bool]:
    """How a frame is to be turned: quarter turns counterclockwise, after it was mirrored left to right or not."""
    matrix = next((data for data in frame.side_data if getattr(data.type, "name", "") == "DISPLAYMATRIX"), None)
    if matrix is None:
        return 0, False
    a, b, _u, c, d, _v, _x, _y, _w = struct.unpack("=9i", bytes(matrix)[:36])  # (x, y) goes to (ax + cy, bx + dy)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if abs(a) >= abs(b):
        return (0 if a >= 0 else 2), mirrored
    return (3 if b > 0 else 1), mirrored


def premultiplied(pixels: np.ndarray) -> np.ndarray:
    """Straight uint8 ``(…, 4)`` as colour times opacity."""
    product = pixels[..., :3].astype(np.uint16) * pixels[..., 3:] + 127
    return np.concatenate([(product // 255).astype(np.uint8), pixels[..., 3:]], axis=-1)


class Shape:
    """What becomes of each picture of a film.

    Args:
        wished: ``(H, W)``, the longest side, or None for the film's own size.
        fit: ``"crop"``, ``"pad"`` or ``"stretch"``, where both sides are wished.
        alpha: whether transparency is kept.
    """

    def __init__(self, wished: tuple[int, int] | int | None, fit: str, alpha: bool) -> None:
        self.wished, self.fit, self.alpha = wished, fit, alpha
        self.size: tuple[int, int] | None = None  # of the result, once the first picture is known
        self.inner = self.unturned = (1, 1)
        self.turn, self.channels = (0, False), 3

    def settle(self, height: int, width: int, aspect: Fraction, turn: tuple[int, bool], alpha: bool) -> None:
        """Decide from the first picture.

        Args:
            height, width: as it is coded.
            aspect: width of a pixel by its height.
            turn: how it is to be turned, see ``turn_of``.
            alpha: whether it has transparency.
        """
        if not Fraction(1, 8) <= aspect <= 8:  # no camera's
            aspect = Fraction(1)
        high, wide = (height, round(width * aspect)) if aspect >= 1 else (round(height / aspect), width)
        if turn[0] % 2:
            high, wide = wide, high
        check_pixels(wide, high)
        self.inner = self._inner(high, wide)
        self.size = self.wished if isinstance(self.wished, tuple) else self.inner
        check_pixels(self.size[1], self.size[0])
        self.turn = turn
        self.unturned = self.inner[::-1] if turn[0] % 2 else self.inner
        self.channels = 4 if alpha and self.alpha else 3

    def _inner(self, high: int, wide: int) -> tuple[int, int]:
        """The size of the whole picture before it is cropped or padded."""
        if self.wished is None:
            return high, wide
        if isinstance(self.wished, int):
            scale = min(Fraction(1), Fraction(self.wished, max(high, wide)))
        elif self.fit == "stretch":
            return self.wished
        else:
            scales = Fraction(self.wished[0], high), Fraction(self.wished[1], wide)
            scale = max(scales) if self.fit == "crop" else min(scales)
        return max(1, round(high * scale)), max(1, round(wide * scale))

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """A picture ``(h, w, 3|4)``, the latter premultiplied, as it is seen: ``(*size, channels)``."""
        assert self.size is not None
        if pixels.shape[:2] != self.unturned:
            from bottega.media.image import resize

            pixels = resize(pixels, self.unturned, (0, 0, pixels.shape[1], pixels.shape[0]))
        if self.channels == 3 and pixels.shape[2] == 4:
            pixels = pixels[..., :3] + (PAPER - pixels[..., 3:])
        elif self.channels == 4 and pixels.shape[2] == 3:
            pixels = np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=-1)
        quarters, mirrored = self.turn
        if quarters or mirrored:
            pixels = np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters)
        return np.ascontiguousarray(self._framed(pixels))

    def _framed(self, pixels: np.ndarray) -> np.ndarray:
        """Cropped or padded to the final size."""
        if self.inner == self.size:
            return pixels
        high, wide = self.size or self.inner
        down, right = (pixels.shape[0] - high) // 2, (pixels.shape[1] - wide) // 2
        pixels = pixels[max(down, 0) :][:high, max(right, 0) :][:, :wide]
        if pixels.shape[:2] == (high, wide):
            return pixels
        page = np.full((high, wide, pixels.shape[2]), PAPER if pixels.shape[2] == 3 else 0, np.uint8)
        top, left = (high - pixels.shape[0]) // 2, (wide - pixels.shape[1]) // 2
        page[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
        return page

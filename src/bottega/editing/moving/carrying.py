"""A painted keyframe carried along a film.

Each pixel knows where in the keyframe it comes from, and that knowledge moves with the flow: the paint is taken from
the keyframe itself, however far away it is, and does not grow soft. What was hidden, what came in from outside, what is
stretched and what no longer looks as it did when it was painted is painted anew from the keyframe's patches, and from
then on carried from frame to frame.
"""

import numpy as np

from bottega.editing.moving.between import inside
from bottega.editing.moving.flow import Motion, opencv, places, warp
from bottega.editing.moving.restyling import Key

CHANGED = 9.0, 20.0  # levels between which a place becomes another
AROUND = 160  # of the longer side: the width, in pixels, in which that is looked at
STRETCHED = 1.3, 1.7  # times as long or as short, between which brushwork is no longer what it was
EDGE = 1.5  # pixels over which new paint blends into old
UNCHANGED = np.array([1, 0, 0, 1], np.float32)


class Carrier:
    """A keyframe on its way; ``painting`` is the newest frame, painted: float32 ``(H, W, 3)`` of levels.

    Args:
        content, painted: the keyframe before and after, uint8 ``(H, W, 3)``.

    Attributes:
        strange: how much was painted anew, in frames, for which the keyframe had nothing like it.
    """

    def __init__(self, content: np.ndarray, painted: np.ndarray) -> None:
        self.key = self.patches = Key(content, painted)
        self.content = content.astype(np.float32)
        height, width = content.shape[:2]
        self.places = np.dstack(np.broadcast_arrays(*places(height, width))).astype(np.float32)  # (H, W, 2), x first
        self.trust = np.ones((height, width), np.float32)
        self.painting = self.key.painted
        self.looked = self.content  # as each place looked when it was painted
        self.shape = np.tile(UNCHANGED, (height, width, 1))  # (H, W, 4): how the paint of each place is stretched
        self.blur = max(1.0, max(height, width) / AROUND)
        self.strange = 0.0

    def go_on(self, frame: np.ndarray, back: Motion) -> np.ndarray:
        """Paint the next frame.

        Args:
            frame: uint8 ``(H, W, 3)``.
            back: what moves where from this frame to the last.

        Returns:
            ``painting``.
        """
        flow = back.forward
        seen = back.seen * inside(flow, 1.0)
        self.places = warp(self.places, flow, smooth=False)
        self.trust = np.minimum(warp(self.trust, flow, smooth=False), seen)
        direct = soft(self.trust)
        painting = self.mixed(self.key.painted, warp(self.painting, flow), direct)
        looked = self.mixed(self.content, warp(self.looked, flow, smooth=False), direct)
        self.shape = multiplied(warp(self.shape, flow, smooth=False), slopes(flow))
        new = np.maximum(1 - soft(seen), np.maximum(self.changed(looked, frame), self.stretched()))
        made, strange = self.patches.paint(frame, painting, new)
        self.painting = made.clip(0, 255)
        self.looked = looked + new[..., None] * (frame - looked)
        self.shape += new[..., None] * (UNCHANGED - self.shape)
        self.trust *= 1 - new
        self.strange += strange
        return self.painting

    def learn(self, content: np.ndarray, painted: np.ndarray) -> None:
        """From now on, paint what is new from the patches of another keyframe; what is there is still carried along."""
        self.patches, self.strange = Key(content, painted), 0.0

    def mixed(self, of_key: np.ndarray, carried: np.ndarray, direct: np.ndarray) -> np.ndarray:
        """What comes from the keyframe, where it still does, over what was carried from frame to frame."""
        from_key = warp(of_key, self.places - grid_like(self.places))
        return carried + direct[..., None] * (from_key - carried)

    def changed(self, looked: np.ndarray, frame: np.ndarray) -> np.ndarray:
        """How far each place is another than the one that was painted, in [0, 1]: ``(H, W)``; light that changes
        everywhere alike is no change."""
        cv2 = opencv()
        apart = frame - looked
        apart -= np.median(apart[::4, ::4], axis=(0, 1))
        red, green, blue = np.moveaxis(np.abs(cv2.GaussianBlur(apart, (0, 0), self.blur)), 2, 0)
        apart = (red + green + blue) / 3
        return np.clip((apart - CHANGED[0]) / (CHANGED[1] - CHANGED[0]), 0, 1).astype(np.float32)

    def stretched(self) -> np.ndarray:
        """How far the paint of each place is out of shape, in [0, 1]: ``(H, W)``."""
        cv2 = opencv()
        a, b, c, d = np.moveaxis(cv2.GaussianBlur(self.shape, (0, 0), self.blur), 2, 0)
        alike, unlike = np.hypot(a + d, c - b) / 2, np.hypot(a - d, b + c) / 2  # sum and difference are the stretches
        most = np.maximum(alike + unlike, 1 / np.maximum(np.abs(alike - unlike), 1e-3))
        return np.clip((most - STRETCHED[0]) / (STRETCHED[1] - STRETCHED[0]), 0, 1).astype(np.float32)


def slopes(flow: np.ndarray) -> np.ndarray:
    """How a flow stretches what it brings: its map's derivatives, ``(H, W, 4)``: x by x, x by y, y by x, y by y."""
    by_y, by_x = np.gradient(flow, axis=(0, 1)) if min(flow.shape[:2]) > 1 else (0 * flow, 0 * flow)
    return np.dstack([by_x[..., 0], by_y[..., 0], by_x[..., 1], by_y[..., 1]]).astype(np.float32) + UNCHANGED


def multiplied(first: np.ndarray, then: np.ndarray) -> np.ndarray:
    """The matrices ``(H, W, 4)`` of two maps, one after the other."""
    a, b, c, d = np.moveaxis(first, 2, 0)
    e, f, g, h = np.moveaxis(then, 2, 0)
    return np.dstack([a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h])


def grid_like(flow: np.ndarray) -> np.ndarray:
    """The place of each pixel, x first: ``(H, W, 2)``."""
    return np.dstack(np.broadcast_arrays(*places(flow.shape[0], flow.shape[1]))).astype(np.float32)


def soft(mask: np.ndarray) -> np.ndarray:
    """A mask ``(H, W)`` that begins a pixel further inside, and slowly."""
    cv2 = opencv()
    return cv2.GaussianBlur(cv2.erode(mask.astype(np.float32), np.ones((3, 3))), (0, 0), EDGE)

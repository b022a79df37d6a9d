"""Where everything in one frame of a film is found in the next.

Dense flow by inverse search, from coarse to fine, made smooth by variational refinement (Kroeger, Timofte, Dai & Van
Gool 2016, "Fast Optical Flow using Dense Inverse Search"), as OpenCV has it. What is visible in both frames is found
by going there and back (Sundaram, Brox & Keutzer 2010, "Dense Point Trajectories by GPU-accelerated Large Displacement
Optical Flow"). The same frames give the same bytes, whatever the number of threads.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

SMALLEST = 32  # pixels: the search fails on shorter sides, which are made longer
DETAILED = 400, 1600  # pixels of the longer side up to which flow is sought on every pixel, on every second
LOOKED = 128  # pixels of the longer side that tell of a cut
CUT = 0.65  # of the contrast, that even the best flow leaves unexplained; within a take it is 0.55 at most
FLAT = 20.0  # levels: less contrast is not counted as less


@dataclass(frozen=True)
class Motion:
    """What moves where between two frames of one size.

    Attributes:
        forward: float32 ``(H, W, 2)``: what is at (x, y) in the first is at (x, y) + forward in the second; in pixels,
            x first.
        backward: the same from the second to the first.
    """

    forward: np.ndarray
    backward: np.ndarray

    @property
    def reverse(self) -> "Motion":
        """The same from the second to the first."""
        return Motion(self.backward, self.forward)

    @cached_property
    def seen(self) -> np.ndarray:
        """Bool ``(H, W)``: what of the first is visible in the second too, and was found again."""
        return agree(self.forward, self.backward)


def motion(first: np.ndarray, second: np.ndarray, fine: int | None = None) -> Motion:
    """The flow between two frames, uint8 ``(H, W)`` or ``(H, W, 3|4)``, both ways; ``fine`` as in ``flow``."""
    first, second = grey(first), grey(second)
    with ThreadPoolExecutor(2) as both:
        ahead, back = both.submit(flow, first, second, fine), both.submit(flow, second, first, fine)
        return Motion(ahead.result(), back.result())


def flow(first: np.ndarray, second: np.ndarray, fine: int | None = None) -> np.ndarray:
    """Where each pixel of one frame is in another.

    Args:
        first, second: uint8 ``(H, W)`` or ``(H, W, 3|4)``, of one size.
        fine: it is sought down to pixels of this power of two; chosen by the size when left out.

    Returns:
        float32 ``(H, W, 2)``, in pixels, x first.
    """
    cv2 = opencv()
    height, width = first.shape[:2]
    pad = max(0, SMALLEST - height), max(0, SMALLEST - width)
    pair = [grey(frame) for frame in (first, second)]
    if any(pad):
        pair = [np.pad(frame, ((0, pad[0]), (0, pad[1])), mode="edge") for frame in pair]
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    fine = sum(max(height, width) > side for side in DETAILED) if fine is None else fine
    search.setFinestScale(fine)
    if not fine:  # as good as the preset's 3 and 5 where every pixel is looked at, and takes 0.6 of the time
        search.setPatchStride(4)
        search.setVariationalRefinementIterations(2)
    return search.calc(*pair, None)[:height, :width]


def warp(picture: np.ndarray, flow: np.ndarray, *, smooth: bool = True) -> np.ndarray:
    """The picture as it looks from where the flow starts: what is at (x, y) comes from (x, y) + flow.

    Args:
        picture: uint8 or float32 ``(H, W)`` or ``(H, W, C)``; beyond its borders it goes on with its last pixels.
        flow: float32 ``(h, w, 2)``, in pixels of the picture.
        smooth: by cubic interpolation, which keeps more detail and may overshoot; else by linear.

    Returns:
        ``(h, w)`` or ``(h, w, C)`` of the picture's type.
    """
    cv2 = opencv()
    across, down = places(flow.shape[0], flow.shape[1])
    kind = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    return cv2.remap(picture, across + flow[..., 0], down + flow[..., 1], kind, borderMode=cv2.BORDER_REPLICATE)


def agree(forward: np.ndarray, backward: np.ndarray, slack: float = 0.5) -> np.ndarray:
    """Where going there and back ends where it began: bool ``(H, W)`` in the frame in which ``forward`` starts.

    ``slack`` is the squared distance, in pixels, that is always allowed; more is where the way is long.
    """
    back = warp(backward, forward, smooth=False)
    return squares(forward + back) < 0.01 * (squares(forward) + squares(back)) + slack


def squares(x: np.ndarray) -> np.ndarray:
    """The sum of the squares of the few numbers of each pixel: ``(H, W, C)`` to ``(H, W)``."""
    total = np.square(x[..., 0])
    for number in range(1, x.shape[2]):  # much faster than a sum along the last axis
        total += np.square(x[..., number])
    return total


def is_cut(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two frames, uint8 ``(H, W, 3|4)``, belong to different takes: no flow makes one of the other."""
    one, other = small(first), small(second)
    left = np.abs(one.astype(np.float32) - warp(other, flow(one, other), smooth=False)).mean()
    contrast = (one.std() + other.std()) / 2
    return bool(left > CUT * max(FLAT, float(contrast)))


def small(frame: np.ndarray) -> np.ndarray:
    """A frame in three colours, uint8 ``(h, w, 3)``, with ``LOOKED`` pixels on its longer side if it has more."""
    cv2 = opencv()
    share = min(1.0, LOOKED / max(frame.shape[:2]))
    size = max(1, round(frame.shape[1] * share)), max(1, round(frame.shape[0] * share))
    return cv2.resize(np.ascontiguousarray(frame[..., :3]), size, interpolation=cv2.INTER_AREA)


def grey(frame: np.ndarray) -> np.ndarray:
    """The light of a frame: uint8 ``(H, W)``; transparency is laid over grey, so that black on it is seen too."""
    if frame.ndim == 2:
        return frame
    cv2 = opencv()
    if frame.shape[2] == 4:
        frame = frame[..., :3] + (255 - frame[..., 3:]) // 2
    return cv2.cvtColor(np.ascontiguousarray(frame[..., :3]), cv2.COLOR_RGB2GRAY)


def places(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The x and the y of each pixel, float32 ``(1, W)`` and ``(H, 1)``."""
    return np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]


def opencv() -> Any:
    """OpenCV, on one thread: its results are to be the same on machines with more."""
    import cv2

    cv2.setNumThreads(1)
    return cv2

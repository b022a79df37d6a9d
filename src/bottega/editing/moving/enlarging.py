"""A film made larger, with detail that was really filmed.

What moves by parts of a pixel is seen by each frame a little differently, and several frames know more of it than one.
Beginning with an enlargement of one frame, the estimate is brought to where its neighbours saw it, shrunk as the camera
would have, and compared with them; what they saw differently is carried back into it, and again (Irani & Peleg 1991,
"Improving Resolution by Image Registration"), here along dense flow. Neighbours are believed where things are seen in
both frames, and as far as what is left over is small beside the detail around it; where none is believed, the frame
speaks for itself alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from bottega.editing.moving.between import inside
from bottega.editing.moving.flow import Motion, is_cut, motion, opencv, warp
from bottega.editing.moving.stylizing import levels

REACH = 2  # frames, before and after, that are asked
ALONE, TOGETHER = 1, 3  # turns with the frame itself, then with its neighbours
STEP = 2.0  # how much of the difference is carried back in a turn with neighbours
DETAIL = 1.0, 4.0  # pixels: what is finer than the first is detail; its strength is that around the second
AROUND = 2.0  # pixels around which neighbours are compared
NOISE, CONTRAST = 2.0, 0.7  # levels, and share of the detail, by which believed neighbours may differ


@dataclass(frozen=True)
class Neighbour:
    """What another frame knows of the one that is enlarged.

    Attributes:
        frame: as it was filmed, float32 ``(h, w, C)``.
        there, back: flow of the size of the result: float32 ``(H, W, 2)`` from the enlarged frame to this one, and from
            this one to it.
        belief: float32 ``(H, W)`` in [0, 1], where the enlarged frame is.
    """

    frame: np.ndarray
    there: np.ndarray
    back: np.ndarray
    belief: np.ndarray


def enlarged(
    frames: np.ndarray, size: tuple[int, int], loop: bool, told: Callable[[float, np.ndarray], None]
) -> tuple[np.ndarray, int]:
    """The film in another size, and how many cuts it has; nothing is taken from beyond a cut.

    Args:
        frames: uint8 ``(T, h, w, 3)``, or premultiplied ``(T, h, w, 4)``.
        size: ``(H, W)``, no smaller than the frames.
        loop: whether the last frame goes on to the first.
        told: the share that is done, and the newest frame.

    Returns:
        uint8 ``(T, H, W, C)``, and the number.
    """
    count = len(frames)

    @lru_cache(4 * REACH)  # each is wanted again by the next frames
    def found(one: int, other: int) -> Motion:
        return motion(frames[one], frames[other])

    def moved(one: int, other: int) -> Motion:
        return found(one, other) if one < other else found(other, one).reverse

    @cache
    def torn(at: int) -> bool:
        """Whether there is a cut after a frame."""
        return is_cut(frames[at], frames[(at + 1) % count])

    def around(at: int) -> Iterator[int]:
        """Its neighbours in the same take."""
        for way in (1, -1):
            for far in range(1, REACH + 1):
                other = at + way * far
                if not (loop or 0 <= other < count) or torn((other - (way > 0)) % count):
                    break
                yield other % count

    made = np.empty((count, *size, frames.shape[3]), np.uint8)
    for at, frame in enumerate(frames):
        others = sorted({*around(at)} - {at})
        made[at] = enlarge(frame, [(frames[other], moved(at, other)) for other in others], size)
        told((at + 1) / count, made[at])
    return made, sum(torn(at) for at in range(count if loop else count - 1))


def enlarge(frame: np.ndarray, others: list[tuple[np.ndarray, Motion]], size: tuple[int, int]) -> np.ndarray:
    """One frame, with what others know of it.

    Args:
        frame: uint8 ``(h, w, 3)``, or premultiplied ``(h, w, 4)``.
        others: frames like it, each with what moves where from the frame to it.
        size: ``(H, W)``.

    Returns:
        uint8 ``(H, W, C)``.
    """
    filmed = frame.astype(np.float32)
    made = fitted(larger(filmed, size, "sharp"), filmed, ALONE)
    neighbours = [neighbour(made, other.astype(np.float32), moved) for other, moved in others]
    weight = np.ones(size, np.float32) + sum(one.belief for one in neighbours)
    for _turn in range(TOGETHER if neighbours else 0):
        change = unlike(made, filmed)
        for one in neighbours:
            change += one.belief[..., None] * warp(unlike(warp(made, one.back), one.frame), one.there)
        made = made + (STEP / weight)[..., None] * change
    made = levels(fitted(made, filmed, 1))
    if made.shape[2] == 4:
        np.minimum(made[..., :3], made[..., 3:], out=made[..., :3])
    return made


def fitted(made: np.ndarray, filmed: np.ndarray, turns: int) -> np.ndarray:
    """An estimate ``(H, W, C)`` that looks more like the frame ``(h, w, C)`` when it is shrunk."""
    for _turn in range(turns):
        made = made + unlike(made, filmed)
    return made


def unlike(made: np.ndarray, filmed: np.ndarray) -> np.ndarray:
    """What the shrunk estimate lacks of what was filmed, enlarged: float32 ``(H, W, C)``."""
    return larger(filmed - shrunk(made, filmed.shape[:2]), made.shape[:2])


def neighbour(made: np.ndarray, filmed: np.ndarray, moved: Motion) -> Neighbour:
    """A neighbour of the estimate ``made``, and how far it is believed.

    Args:
        made: float32 ``(H, W, C)``; filmed: the neighbour, float32 ``(h, w, C)``.
        moved: what moves where from the frame that ``made`` enlarges to it.
    """
    size = made.shape[:2]
    there, back = (wider(flow, size) for flow in (moved.forward, moved.backward))
    apart = blurred(np.abs(filmed - shrunk(warp(made, back), filmed.shape[:2])).mean(2), AROUND)
    detail = blurred(np.abs(filmed - blurred(filmed, DETAIL[0])).mean(2), DETAIL[1])
    alike = np.exp(-np.square(apart / (NOISE + CONTRAST * detail)))  # (h, w), where the neighbour is
    seen = moved.seen * inside(moved.forward, 1.0)
    belief = larger(seen.astype(np.float32), size, "plain") * warp(larger(alike, size, "plain"), there, smooth=False)
    return Neighbour(filmed, there, back, belief)


def larger(picture: np.ndarray, size: tuple[int, int], how: str = "smooth") -> np.ndarray:
    """Enlarged to a size ``(H, W)``: ``"sharp"`` by Lanczos' filter, ``"smooth"`` by cubic interpolation, which rings
    less, ``"plain"`` by linear, which does not."""
    cv2 = opencv()
    kinds = {"sharp": cv2.INTER_LANCZOS4, "smooth": cv2.INTER_CUBIC, "plain": cv2.INTER_LINEAR}
    return cv2.resize(picture, size[::-1], interpolation=kinds[how])


def shrunk(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Shrunk to a size ``(h, w)`` as a camera sees it: each pixel is the mean of what lies under it."""
    cv2 = opencv()
    return cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)


def wider(flow: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Flow ``(h, w, 2)`` between frames brought to a size ``(H, W)``, in their pixels."""
    return larger(flow, size) * (np.float32(size[1] / flow.shape[1]), np.float32(size[0] / flow.shape[0]))


def blurred(picture: np.ndarray, radius: float) -> np.ndarray:
    """Blurred by a Gaussian."""
    return opencv().GaussianBlur(picture, (0, 0), radius)

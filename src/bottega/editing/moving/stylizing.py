"""A film painted in a style: keyframes by the painter of pictures, everything else carried from them.

Every take begins with a keyframe of its own. Where something comes up that the keyframe has nothing like, another one
is painted; it says how new things look, and what is there already stays as it is, so that nothing jumps. A film that
goes round is also carried backwards from its beginning, and both meet before its end.
"""

from collections.abc import Callable, Iterator

import numpy as np

from bottega.editing.moving.carrying import Carrier
from bottega.editing.moving.flow import Motion, is_cut, motion, squares, warp

ENOUGH = 0.3  # frames full of strange things until another keyframe is painted
MEETING = 24  # frames, at most, over which the end of a loop becomes its beginning


class Stylizer:
    """Paints a film frame by frame.

    Args:
        paint: paints one frame: uint8 ``(H, W, 3)`` to the same.
        most: keyframes in each take.

    Attributes:
        keyframes, cuts: how many there were.
        errors: the film's warp error and the painting's, from each frame to the next of its take.
    """

    def __init__(self, paint: Callable[[np.ndarray], np.ndarray], most: int) -> None:
        self.paint, self.most = paint, most
        self.keyframes, self.cuts = 0, 0
        self.errors: list[tuple[float, float]] = []

    def paintings(self, frames: np.ndarray, loop: bool = False) -> Iterator[np.ndarray]:
        """Every frame of uint8 ``(T, H, W, 3)``, painted: uint8 ``(H, W, 3)`` each."""
        before = painted = self.key(frames[0])
        carrier, keys = Carrier(frames[0], painted), 1
        ending = self.backwards(frames, painted) if loop else []
        yield painted
        for number, frame in enumerate(frames[1:], 1):
            back = None if is_cut(frames[number - 1], frame) else motion(frame, frames[number - 1])
            if back is None:
                painted = self.key(frame)
                carrier, keys, self.cuts = Carrier(frame, painted), 1, self.cuts + 1
            else:
                painted = levels(carrier.go_on(frame, back))
                if carrier.strange > ENOUGH and keys < self.most:
                    carrier.learn(frame, self.key(frame))
                    keys += 1
            left = len(frames) - number
            if left <= len(ending):
                share = 1 - (left - 1) / len(ending)
                painted = levels(painted + share * (ending[left - 1] - painted.astype(np.float32)))
            if back is not None:
                of_film = warp_error(frames[number - 1], frame, back)
                self.errors.append((of_film, warp_error(before, painted, back)))
            before = painted
            yield painted

    def key(self, frame: np.ndarray) -> np.ndarray:
        """A keyframe, painted."""
        self.keyframes += 1
        return self.paint(frame)

    def backwards(self, frames: np.ndarray, painted: np.ndarray) -> list[np.ndarray]:
        """The last frames, the very last first, carried backwards from the first one; as far as there is no cut."""
        carrier, made, after = Carrier(frames[0], painted), [], frames[0]
        for frame in frames[: -1 - min(MEETING, len(frames) // 3) : -1]:
            if is_cut(after, frame):
                break
            made.append(levels(carrier.go_on(frame, motion(frame, after))))
            after = frame
        return made


def levels(picture: np.ndarray) -> np.ndarray:
    """Rounded to uint8."""
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def warp_error(before: np.ndarray, now: np.ndarray, back: Motion) -> float:
    """How much a film changes besides moving: the mean squared difference, in units of the range of a pixel, between a
    frame and the last one brought to where things are now, over what both show (Lai, Huang, Wang, Shechtman, Yumer &
    Yang 2018, "Learning Blind Video Temporal Consistency").

    Args:
        before, now: uint8 ``(H, W, 3)``.
        back: what moves where from now to before.
    """
    if not back.seen.any():
        return 0.0
    brought = warp(before.astype(np.float32), back.forward, smooth=False)
    return float(squares(now - brought)[back.seen].mean()) / now.shape[2] / 255**2

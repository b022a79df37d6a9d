"""A film painted in a style: keyframes by a painter, everything else carried from them.

The painter is the one of pictures, or a person who painted some frames. Every take begins with a keyframe of its own.
Where something comes up that the keyframe has nothing like, another one is painted; it says how new things look, and
what is there already stays as it is, so that nothing jumps. A person's paintings stay as they are in their frames:
between two of them the one is carried forwards and the other backwards, and each place is taken from the one that still
knows it. A film that goes round is also carried backwards from its beginning, and both meet before its end.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

import numpy as np

from bottega.editing.moving.carrying import Carrier, soft
from bottega.editing.moving.flow import Motion, is_cut, motion, opencv, squares, warp
from bottega.editing.moving.restyling import Key

ENOUGH = 0.3  # frames full of strange things until another keyframe is painted
MEETING = 24  # frames, at most, over which the end of a loop becomes its beginning
KNOWN = 0.1  # how far a place counts that was painted anew on the way, next to one that comes from the keyframe
SOON = 3  # how quickly one painting gives way to the next
GRAIN = 40  # of the longer side: the width, in pixels, in which the contrast of paint is looked at

Carried = tuple[np.ndarray, np.ndarray]
"""A frame, painted: uint8 ``(H, W, 3)``; and how far it comes from the keyframe, uint8 ``(H, W)``."""


class Stylizer:
    """Paints a film frame by frame.

    Args:
        paint: paints one frame: uint8 ``(H, W, 3)`` to the same; None when there are only a person's paintings.
        most: keyframes in each take that are painted by ``paint``.
        given: a person's paintings, uint8 ``(H, W, 3)``, by the number of their frame; at least one, or a painter.
        on_step: told how many frames were carried, and of how many that is known, when another one was.

    Attributes:
        keyframes, cuts: how many there were.
        errors: the film's warp error and the painting's, from each frame to the next of its take.
    """

    def __init__(
        self,
        paint: Callable[[np.ndarray], np.ndarray] | None,
        most: int,
        given: Mapping[int, np.ndarray] | None = None,
        on_step: Callable[[int, int], None] = lambda done, steps: None,
    ) -> None:
        self.paint, self.most, self.given, self.on_step = paint, most, dict(given or {}), on_step
        self.keyframes, self.cuts = len(self.given), 0
        self.errors: list[tuple[float, float]] = []
        self.done, self.steps = 0, 0

    def step(self) -> None:
        """One more frame was carried."""
        self.done += 1
        self.on_step(self.done, self.steps)

    def paintings(self, frames: np.ndarray, loop: bool = False) -> Iterator[np.ndarray]:
        """Every frame of uint8 ``(T, H, W, 3)``, painted: uint8 ``(H, W, 3)`` each."""
        before, ending = None, []
        self.done, self.steps = 0, len(frames)
        for number, (painted, back) in enumerate(self.takes(frames)):
            if number == 0 and loop:
                ending = [last for last, _known in self.along(frames, self.around(frames), painted)]
            left = len(frames) - number
            if number and left <= len(ending):
                share = 1 - (left - 1) / len(ending)
                painted = levels(painted + share * (ending[left - 1] - painted.astype(np.float32)))
            if back is not None and before is not None:
                of_film = warp_error(frames[number - 1], frames[number], back)
                self.errors.append((of_film, warp_error(before, painted, back)))
            before = painted
            self.step()
            yield painted

    def takes(self, frames: np.ndarray) -> Iterator[tuple[np.ndarray, Motion | None]]:
        """The paintings before the end of a loop meets its beginning, each with what moves to the frame before it."""
        cuts = [n for n in range(1, len(frames)) if is_cut(frames[n - 1], frames[n])]
        self.cuts = len(cuts)
        for start, end in pairwise([0, *cuts, len(frames)]):
            keys = {n: self.given[n] for n in sorted(self.given) if start <= n < end} or {
                start: self.key(frames, start)
            }
            first = next(iter(keys))
            for number, (painted, _known) in enumerate(self.before(frames, first, start, keys[first]), start):
                yield painted, motion(frames[number], frames[number - 1]) if number > start else None
            for here, there in pairwise([*keys, end]):
                yield keys[here], motion(frames[here], frames[here - 1]) if here > start else None
                towards = self.before(frames, there, here + 1, keys[there]) if there < end else []
                yield from self.onwards(frames, here, there, keys[here], towards)

    def onwards(
        self, frames: np.ndarray, here: int, end: int, painted: np.ndarray, towards: list[Carried]
    ) -> Iterator[tuple[np.ndarray, Motion]]:
        """The frames after a keyframe, carried from it, and becoming those that were carried back from the next."""
        carrier, keys = Carrier(frames[here], painted), 1
        for number in range(here + 1, end):
            back = motion(frames[number], frames[number - 1])
            made = carrier.go_on(frames[number], back)
            if self.paint and carrier.strange > ENOUGH and keys < self.most:
                carrier.learn(frames[number], self.key(frames, number))
                keys += 1
            if towards:
                share = (number - here) / (end - here)
                painting, known = towards[number - here - 1]
                made = met((made, carrier.trust), (painting, known.astype(np.float32) / 255), share)
            yield levels(made), back

    def before(self, frames: np.ndarray, key: int, first: int, painted: np.ndarray) -> list[Carried]:
        """The frames from ``first`` up to a keyframe, carried backwards from it."""
        return self.along(frames, [key, *range(key - 1, first - 1, -1)], painted)[::-1]

    def along(self, frames: np.ndarray, way: list[int], painted: np.ndarray) -> list[Carried]:
        """A keyframe carried along a way, without the keyframe, with which the way begins."""
        carrier, made = Carrier(frames[way[0]], painted), []
        self.steps += len(way) - 1
        for last, number in pairwise(way):
            painting = levels(carrier.go_on(frames[number], motion(frames[number], frames[last])))
            made.append((painting, np.rint(255 * carrier.trust).astype(np.uint8)))
            self.step()
        return made

    def around(self, frames: np.ndarray) -> list[int]:
        """The way back from the first frame over the end of a loop, as far as there is neither a cut nor a painting."""
        way = [0]
        for number in range(len(frames) - 1, len(frames) - 1 - min(MEETING, len(frames) // 3), -1):
            if number in self.given or is_cut(frames[way[-1]], frames[number]):
                break
            way.append(number)
        return way

    def key(self, frames: np.ndarray, number: int) -> np.ndarray:
        """A keyframe, painted: by the painter, or with the patches of the person's painting that is nearest in time."""
        if self.paint:
            self.keyframes += 1
            return self.paint(frames[number])
        nearest = min(self.given, key=lambda given: abs(given - number))
        key, everywhere = Key(frames[nearest], self.given[nearest]), np.ones(frames.shape[1:3], np.float32)
        return levels(key.paint(frames[number], frames[number].astype(np.float32), everywhere)[0])


def met(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], share: float) -> np.ndarray:
    """Two paintings of a frame in one, with the contrast of each.

    Args:
        one, other: a painting ``(H, W, 3)`` of levels, and how far it comes from its keyframe ``(H, W)``.
        share: of the other, in [0, 1], where both are known as well.

    Returns:
        float32 ``(H, W, 3)``.
    """
    cv2 = opencv()
    weights = [((KNOWN + soft(known)) * part) ** SOON for (_picture, known), part in ((one, 1 - share), (other, share))]
    part = (weights[1] / np.maximum(weights[0] + weights[1], 1e-12))[..., None]
    first, then = one[0].astype(np.float32), other[0].astype(np.float32)
    width = (max(3, max(first.shape[:2]) // GRAIN),) * 2
    grains = [picture - cv2.blur(picture, width) for picture in (first, then)]
    ground = first - grains[0] + part * (then - grains[1] - first + grains[0])
    grain = grains[0] + part * (grains[1] - grains[0])
    wanted = cv2.blur(np.square(grains[0]) + part * (np.square(grains[1]) - np.square(grains[0])), width)
    gain = np.sqrt(wanted / np.maximum(cv2.blur(np.square(grain), width), 1e-3)).clip(1, 2**0.5)
    return ground + gain * grain


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

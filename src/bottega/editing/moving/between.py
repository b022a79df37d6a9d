"""Frames between two frames.

What moves stands half way in the middle: the flow of both ways is brought to the moment that is wanted, both frames
are warped there by both, and the candidates are blended by how well their two halves agree. Where the flow explains
less than laying one frame over the other, that is done: better a soft frame than a torn one. Of what has left the
picture only the frame that shows it speaks.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil

import numpy as np

from bottega.editing.moving.flow import Motion, is_cut, motion, opencv, places, warp

SETTLED = 3  # turns until the flow of the moment no longer changes where it is smooth
AROUND = 3.0  # pixels around which candidates are compared
SHARP = 0.2  # how decidedly the better one is taken, for each level of difference
DOUBT = 6.0  # levels by which the flow must be worse than a cross-fade to give way


def between(first: np.ndarray, second: np.ndarray, moved: Motion, when: float) -> np.ndarray:
    """The frame at a moment between two.

    Args:
        first, second: uint8 ``(H, W, 3)``, or premultiplied ``(H, W, 4)``.
        moved: what moves where between them.
        when: in (0, 1): 0 is the first, 1 the second.

    Returns:
        like the frames.
    """
    one, other = first.astype(np.float32), second.astype(np.float32)
    faded = one + when * (other - one)
    candidates, wrong = [faded], [unlike(one, other) + DOUBT]
    for way in ways(moved, when):
        left, right = warp(one, -when * way), warp(other, (1 - when) * way)
        sight = (1 - when) * inside(way, -when), when * inside(way, 1 - when)
        share = sight[1] / (sight[0] + sight[1] + 1e-6)
        candidates.append(left + share[..., None] * (right - left))
        wrong.append(unlike(left, right, np.minimum(*sight) / min(when, 1 - when)))
    far = np.stack(wrong)  # (3, H, W)
    weights = np.exp(SHARP * (far.min(0) - far))
    weights /= weights.sum(0)
    made = sum(weight[..., None] * picture for weight, picture in zip(weights, candidates, strict=True))
    made = np.rint(made).clip(0, 255).astype(np.uint8)
    if made.shape[2] == 4:
        np.minimum(made[..., :3], made[..., 3:], out=made[..., :3])
    return made


def ways(moved: Motion, when: float) -> Iterator[np.ndarray]:
    """From the first frame to the second, through each pixel of the moment: as each of both flows has it."""
    ahead, back = moved.forward, moved.backward
    for _turn in range(SETTLED):
        ahead = warp(moved.forward, -when * ahead, smooth=False)
        back = warp(moved.backward, (when - 1) * back, smooth=False)
    yield ahead
    yield -back


def inside(way: np.ndarray, share: float) -> np.ndarray:
    """1 where a share of the way ends in the picture, 0 where it ends a pixel outside: float32 ``(H, W)``."""
    height, width = way.shape[:2]
    across, down = places(height, width)
    across, down = across + share * way[..., 0], down + share * way[..., 1]
    room = np.minimum(np.minimum(across, width - 1 - across), np.minimum(down, height - 1 - down))
    return np.clip(1 + room, 0, 1)


def unlike(one: np.ndarray, other: np.ndarray, counts: np.ndarray | float = 1.0) -> np.ndarray:
    """How many levels two pictures differ around each pixel, as far as it counts: float32 ``(H, W)``."""
    apart = np.abs(one - other).mean(2) * counts
    return opencv().GaussianBlur(apart, (0, 0), AROUND)


def moments(count: int, step: Fraction, loop: bool) -> list[tuple[int, Fraction]]:
    """Where the frames of another rate lie: the frame before each, and how far it is on to the next, in [0, 1).

    Args:
        count: of the frames there are.
        step: from one new frame to the next, in old ones.
        loop: whether the last frame goes on to the first; otherwise it is held to its end.
    """
    wanted = [number * step for number in range(max(1, ceil(Fraction(count) / step)))]
    found = [(int(place), place - int(place)) for place in wanted]
    return found if loop else [(at, share if at < count - 1 else Fraction(0)) for at, share in found]


def retimed(
    frames: np.ndarray, wanted: list[tuple[int, Fraction]], told: Callable[[float, np.ndarray], None]
) -> tuple[np.ndarray, int]:
    """The frames at other moments, and how many cuts they have; nothing is carried across a cut.

    Args:
        frames: uint8 ``(T, H, W, 3|4)``; wanted: as from ``moments``.
        told: the share that is done, and the newest frame.
    """
    made = np.empty((len(wanted), *frames.shape[1:]), np.uint8)
    pair, cuts, moved = -1, 0, None
    for number, (at, share) in enumerate(wanted):
        first, second = frames[at], frames[(at + 1) % len(frames)]
        if share and pair != at:
            moved = None if is_cut(first, second) else motion(first, second)
            pair, cuts = at, cuts + (moved is None)
        if share and moved is not None:
            made[number] = between(first, second, moved, float(share))
        else:
            made[number] = second if share >= Fraction(1, 2) else first
        told((number + 1) / len(wanted), made[number])
    return made, cuts

"""Hide a jump from one part of a clip to another: cut, cross-fade or flow morph, whichever measures best.

A fade is no longer than it has to be: the widths are tried from the shortest, and the first one whose steps from frame
to frame are nearly those of the clip is taken. Everything is tried on small frames and then done once at full size.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bottega.editing.moving.flow import flow, grey, opencv, warp
from bottega.editing.weaving.looping import Jump, costs, distances, glances, jumping

GOOD = 1.15  # steps that are larger than the clip's own by no more than that are not seen
WORTH = 0.97  # a morph is taken where its worst step is at most that share of the fade's
FLOW_SIDE = 512  # pixels on the longer side at which flow is found


@dataclass(frozen=True)
class Seam:
    """How a jump is hidden.

    Attributes:
        jump: which.
        before, after: frames before and after it that are mixed; both 0 is a cut.
        way: by cross-fade or by morph.
        step: the worst step in it, from frame to frame, by the clip's usual one.
    """

    jump: Jump
    before: int
    after: int
    way: Literal["fade", "morph"]
    step: float


def best_seam(small: np.ndarray, jump: Jump, longest: int, usual: float) -> Seam:
    """How to hide a jump.

    Args:
        small: uint8 ``(T, h, w, C)``: the whole clip, seen small.
        jump: which.
        longest: frames that may be mixed, on each side of the jump.
        usual: the usual step between its frames.
    """
    best = Seam(jump, 0, 0, "fade", plain(small, jump, usual))
    half = 1
    while best.step > GOOD and half <= longest:
        before, after = reach(jump, half, len(small))
        if before + after:
            for way in ("fade", "morph"):
                seen = worst_step(small, jump, before, after, mixed(small, jump, before, after, way), usual)
                if seen < best.step * (WORTH if way == "morph" else 1):
                    best = Seam(jump, before, after, way, seen)
        half *= 2
    return best


def best_loop(small: np.ndarray, choices: list[Jump], longest: int, usual: float) -> Seam:
    """Of the loops of one jump the one whose seam is hidden best; of those that nobody sees, the longest."""
    seams = [best_seam(small, jump, min(longest, jump.length // 2), usual) for jump in choices if jump.length > 0]
    return min(seams, key=lambda seam: (max(seam.step, GOOD), -seam.jump.length))


def reach(jump: Jump, half: int, count: int) -> tuple[int, int]:
    """How many frames before and after a jump can be mixed, where the clip has ``count`` frames."""
    most = min(jump.leave, jump.land), count - max(jump.leave, jump.land)
    after = min(2 * half - min(half, most[0]), most[1])  # what one side lacks, the other has more
    return min(2 * half - after, most[0]), after


def plain(small: np.ndarray, jump: Jump, usual: float) -> float:
    """The step of a jump that is cut, see ``worst_step``."""
    return worst_step(small, jump, 0, 0, small[:0], usual)


def worst_step(small: np.ndarray, jump: Jump, before: int, after: int, zone: np.ndarray, usual: float) -> float:
    """The largest step from frame to frame, root mean square, where a jump is: 1 is the usual one."""
    first, last = small[max(0, jump.leave - before - 1)], small[min(len(small) - 1, jump.land + after)]
    shown = np.concatenate([first[None], zone, last[None]]).astype(np.float64)
    return float(np.sqrt(np.square(np.diff(shown, axis=0)).mean((1, 2, 3))).max()) / max(usual, 1e-6)


def mixed(frames: np.ndarray, jump: Jump, before: int, after: int, way: str) -> np.ndarray:
    """The frames from ``before`` a jump to ``after`` it, mixed: uint8 ``(before + after, H, W, C)``."""
    cv2 = opencv()
    made = np.empty((before + after, *frames.shape[1:]), np.uint8)
    for number, offset in enumerate(range(-before, after)):
        share = (number + 1) / (before + after + 1)
        old, new = frames[jump.leave + offset], frames[jump.land + offset]
        if way == "morph":
            old, new = towards_each_other(old, new, share)
        cv2.addWeighted(old, 1 - share, new, share, 0, dst=made[number])
    return made


def towards_each_other(old: np.ndarray, new: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Two frames ``(H, W, C)``, each moved along the flow from one to the other so far that they meet at ``share``."""
    cv2 = opencv()
    height, width = old.shape[:2]
    scale = min(1.0, FLOW_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    way = flow(*(grey(cv2.resize(frame, size, interpolation=cv2.INTER_AREA)) for frame in (old, new)))
    way = cv2.resize(way, (width, height)) * np.array([width / size[0], height / size[1]], np.float32)
    return warp(old, -share * way, smooth=False), warp(new, (1 - share) * way, smooth=False)


def woven(frames: np.ndarray, order: np.ndarray, seams: list[Seam]) -> np.ndarray:
    """The frames ``(T, H, W, C)`` in a new order ``(L,)``, which goes around, with its jumps hidden.

    Args:
        frames: uint8; not changed.
        order: the frames of all runs, one after another.
        seams: of the jumps after each run; the last one leads back to the beginning.
    """
    made, place, zones = frames[order], 0, {}
    for seam in seams:
        place = end_of_run(order, place)
        if seam.jump not in zones:
            zones[seam.jump] = mixed(frames, seam.jump, seam.before, seam.after, seam.way)
        for number, frame in enumerate(zones[seam.jump]):
            made[(place - seam.before + number) % len(made)] = frame
    return made


def end_of_run(order: np.ndarray, place: int) -> int:
    """Where in an order of frames the run ends that goes on at ``place``."""
    while place + 1 < len(order) and order[place + 1] == order[place] + 1:
        place += 1
    return place + 1


def at_length(frames: np.ndarray, count: int, longest: int) -> np.ndarray:
    """A clip ``(T, H, W, C)`` that takes ``count`` frames at its own pace: it jumps, and the jumps are hidden.

    ``longest`` is how many frames may be mixed on each side of a jump.
    """
    small = glances(frames)
    apart = distances(small)
    order = jumping(costs(apart), count)
    ends = np.flatnonzero(np.diff(order) != 1) + 1
    runs = np.diff([0, *ends, len(order)])
    usual = float(np.median(apart.diagonal(1))) if len(frames) > 1 else 0.0
    longest = min(longest, int(runs.min()) // 2)
    jumps = [Jump(int(order[end - 1]) + 1, int(order[end]), 0.0) for end in ends]
    return woven(frames, order, [best_seam(small, jump, longest, usual) for jump in jumps])

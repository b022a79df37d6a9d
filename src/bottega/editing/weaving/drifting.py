"""Set a picture in motion in the manner of a clip, as a loop without an end.

What moves in the clip is found as flow, and carried over to the picture: from the same places, from places that look
alike, or between the two. The picture is then carried along that flow. No pixel can be carried for ever: each is taken
from the picture a little before its time to a little after, and two such lives, half a life apart, are mixed, so that
one is always near its middle (the symmetric splatting of Holynski, Curless, Seitz & Szeliski 2021, "Animating Pictures
with Eulerian Motion Fields", done backwards and for flow that changes). Lives begin at different times at different
places, so that the picture does not pulse; where two are mixed, the contrast that the mean loses is given back (Heitz &
Neyret 2018, "High-Performance By-Example Noise using a Histogram-Preserving Blending Operator").
"""

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from bottega.editing.moving.flow import flow, grey, opencv
from bottega.randomness import Random

SIDE = 256  # pixels on the longer side at which flow is found
GRID = 40  # places on the longer side between which motion is carried over
FIELD = 160  # places on the longer side of the field that carries the picture
REACH = 0.06  # of the longer side: how far a pixel is carried, about, before it fades
ALIKE = 3.0  # pixels: two lives that are no farther apart show the same
CALM = (1, 2, 3, 2, 1)  # weights of the flow around each moment: what flow errs in one frame is not seen
LIVES = 5  # regions along the longer side whose lives begin at different times


def flows(frames: np.ndarray, told: Callable[[float], None] = lambda share: None) -> np.ndarray:
    """What moves in a clip ``(T, H, W, C)``: float32 ``(T - 1, h, w, 2)``, in shares of its longer side per frame."""
    cv2 = opencv()
    scale = min(1.0, SIDE / max(frames.shape[1:3]))
    size = max(1, round(frames.shape[2] * scale)), max(1, round(frames.shape[1] * scale))
    small = [grey(cv2.resize(frame, size, interpolation=cv2.INTER_AREA)) for frame in frames]
    found = []
    for number, (first, second) in enumerate(itertools.pairwise(small)):
        found.append(flow(first, second) / max(size))
        told((number + 1) / (len(small) - 1))
    return np.stack(found).astype(np.float32)


def carried_over(moves: np.ndarray, clip: np.ndarray, picture: np.ndarray, follow: float) -> np.ndarray:
    """The motion of a clip for a picture.

    Every place of the picture moves as the places of the clip do that lie near the same place (``follow`` 0) or look
    alike (1): their mean, by nearness in both.

    Args:
        moves: float32 ``(T, h, w, 2)``.
        clip: a frame of it, uint8 ``(·, ·, 3|4)``.
        picture: uint8 ``(·, ·, 3|4)``.
        follow: in [0, 1].

    Returns:
        float32 ``(T, h', w', 2)``, as strong as in the clip.
    """
    cv2 = opencv()
    there, theirs = features(clip, follow), features(picture, follow)
    rows, columns = there.shape[:2]
    grid = np.stack([cv2.resize(move, (columns, rows), interpolation=cv2.INTER_AREA) for move in moves])
    a, b = theirs.reshape(-1, there.shape[2]), there.reshape(-1, there.shape[2])
    apart = np.square(a[:, None] - b[None]).sum(2)  # (places of the picture, places of the clip)
    nearness = np.exp(-(apart - apart.min(1, keepdims=True)))
    nearness /= nearness.sum(1, keepdims=True)
    made = np.einsum("pc,tcd->tpd", nearness, grid.reshape(len(moves), -1, 2)).reshape(-1, *theirs.shape[:2], 2)
    usual, now = (np.quantile(np.linalg.norm(each, axis=-1), 0.9) for each in (moves.mean(0), made.mean(0)))
    return (made * min(4.0, usual / max(now, 1e-6))).astype(np.float32)


def features(picture: np.ndarray, follow: float) -> np.ndarray:
    """Place, lightness and roughness of a picture's parts, weighed: float64 ``(h, w, 4)``."""
    cv2 = opencv()
    scale = GRID / max(picture.shape[:2])
    size = max(2, round(picture.shape[1] * scale)), max(2, round(picture.shape[0] * scale))
    light = grey(picture).astype(np.float32)
    rough = np.abs(light - cv2.GaussianBlur(light, (0, 0), max(1.0, 0.005 * max(picture.shape[:2]))))
    seen = [cv2.resize(each, size, interpolation=cv2.INTER_AREA) for each in (light, rough)]
    seen = [(each - each.mean()) / (each.std() + 1.0) for each in seen]
    down, across = np.mgrid[0 : size[1], 0 : size[0]]
    places = [down / (size[1] - 1), across / (size[0] - 1)]
    near, alike = 20.0 * (1 - follow) + 1.0, 4.0 * follow
    return np.stack([near * each for each in places] + [alike * each for each in seen], 2).astype(np.float64)


def going_around(moves: np.ndarray, count: int, pace: float) -> np.ndarray:
    """Motion that goes on without an end: ``(T, h, w, 2)`` -> ``(about count, h, w, 2)``, a divisor of it or itself.

    Args:
        moves: the flow from each frame to the next.
        count: frames of the loop.
        pace: frames of the clip for each of the loop.
    """
    moves = moves[: max(1, round(count * pace))]
    length = max(1, round(count / max(1, round(count * pace / len(moves)))))
    at = np.arange(length) * (len(moves) / length)
    low, part = at.astype(np.int64), (at % 1).astype(np.float32)[:, None, None, None]
    made = (moves[low] * (1 - part) + moves[(low + 1) % len(moves)] * part) * pace
    calm = [np.roll(made, step, 0) * weight for step, weight in zip(range(-2, 3), CALM, strict=True)]
    return (sum(calm) / sum(CALM)).astype(np.float32)


def adrift(picture: np.ndarray, moves: np.ndarray, count: int, random: Random) -> Iterator[np.ndarray]:
    """The frames of a loop in which a picture is carried along.

    Args:
        picture: uint8 ``(H, W, C)``.
        moves: float32 ``(T, h, w, 2)``: the flow from each frame to the next, in shares of the longer side; it goes
            around, and ``count`` is a multiple of T.
        count: frames of the loop.
        random: where lives begin.

    Yields:
        uint8 ``(H, W, C)``.
    """
    cv2 = opencv()
    height, width = picture.shape[:2]
    scale = FIELD / max(height, width)
    columns, rows = max(2, round(width * scale)), max(2, round(height * scale))
    field = np.stack([cv2.resize(move, (columns, rows)) for move in moves]) * max(rows, columns)
    speed = float(np.quantile(np.linalg.norm(field, axis=-1), 0.9))
    lives = max(1, round(count / max(4.0, 2 * REACH * max(rows, columns) / max(speed, 1e-6))))
    half = count // lives // 2 + 1
    knots = random.uniform(LIVES, LIVES).numpy()
    begin = cv2.resize(knots.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    for time in range(count):
        back = traced([field[(time - 1 - age) % len(field)] for age in range(half)], -1)
        onward = traced([field[(time + age) % len(field)] for age in range(half)], 1)
        ways = np.concatenate([onward[:0:-1], back])  # (2·half + 1, rows, columns, 2): from -half to half frames old
        phase = (time * lives / count + begin) % 1
        shift, share = [], 1 - np.abs(2 * phase - 1)  # of the first life: it is whole in its middle
        for life in (phase, (phase + 0.5) % 1):
            shift.append(at_age(ways, (life - 0.5) * (count / lives), half, (width, height)))
        yield mixed(picture, shift[0], shift[1], share.astype(np.float32))


def traced(fields: list[np.ndarray], sign: int) -> np.ndarray:
    """Where what is seen at each place was, or will be, one, two, … steps away: ``(n + 1, h, w, 2)``, as shifts."""
    cv2 = opencv()
    rows, columns = fields[0].shape[:2]
    across, down = np.arange(columns, dtype=np.float32)[None], np.arange(rows, dtype=np.float32)[:, None]
    shifts = [np.zeros_like(fields[0])]
    for each in fields:
        at = shifts[-1]
        step = cv2.remap(
            each, across + at[..., 0], down + at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        shifts.append(at + sign * step)
    return np.stack(shifts)


def at_age(ways: np.ndarray, age: np.ndarray, half: int, size: tuple[int, int]) -> np.ndarray:
    """The shift ``(H, W, 2)``, in pixels, of each pixel that is ``age`` ``(H, W)`` frames old."""
    cv2 = opencv()
    rows, columns = ways.shape[1:3]
    small = np.clip(cv2.resize(age, (columns, rows), interpolation=cv2.INTER_NEAREST) + half, 0, 2 * half - 1e-3)
    low = small.astype(np.int64)
    part = (small - low)[..., None].astype(np.float32)
    y, x = np.mgrid[0:rows, 0:columns]
    shift = ways[low, y, x] * (1 - part) + ways[low + 1, y, x] * part
    return cv2.resize(shift, size) * np.array([size[0] / columns, size[1] / rows], np.float32)


def mixed(picture: np.ndarray, one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Two lives of a picture in one: ``share`` ``(H, W)`` of the first, with the contrast of each."""
    cv2 = opencv()
    height, width = picture.shape[:2]
    across, down = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    seen = [
        cv2.remap(picture, across + way[..., 0], down + way[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        for way in (one, other)
    ]
    both = cv2.addWeighted(seen[1], 1.0, seen[1], 0.0, 0).astype(np.float32)
    both += (seen[0].astype(np.float32) - both) * share[..., None]
    same = np.exp(-np.square((one - other) / ALIKE).sum(2) / 2)
    left = np.square(share) + np.square(1 - share) + 2 * share * (1 - share) * same  # of the contrast, squared
    mean = cv2.blur(both, (max(3, width // 40),) * 2)
    made = mean + (both - mean) / np.sqrt(left)[..., None]
    made = np.clip(np.rint(made), 0, 255).astype(np.uint8)
    if made.shape[2] == 4:
        np.minimum(made[..., :3], made[..., 3:], out=made[..., :3])
    return made

"""Which frame may follow which: jumps in a clip that nobody sees, and rounds of jumps that end where they began.

Frames are compared small. A jump from before frame ``a`` to frame ``b`` is good when the frames around ``a`` look like
those around ``b``, and in the same order: sums along the diagonal of the distances keep the direction of what moves
(Schödl, Szeliski, Salesin & Essa 2000, "Video Textures"). Which jumps make a loop of a given length is found exactly:
the cheapest round of each length, by dynamic programming over the jumps, so that dead ends need no future cost.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bottega.editing.moving.flow import opencv
from bottega.randomness import Random

GLANCE = 128  # pixels on the longer side of a small frame
KERNEL = (1, 3, 3, 1)  # frames from a-2 to a+1, next to frames from b-2 to b+1
JUMPS = 48  # candidates of which longer loops are made
STARTS = 12  # the cheapest of them, of which every round has at least one
MOOD = 50  # frames after which another jump may seem cheapest: a long loop does not always repeat its best one
PIXELS = 4096  # numbers of a frame that are compared at a time


@dataclass(frozen=True)
class Jump:
    """After frame ``leave - 1`` frame ``land`` is shown, as if it were frame ``leave``."""

    leave: int
    land: int
    cost: float

    @property
    def length(self) -> int:
        """Frames of the loop that this jump makes alone; negative when it goes forward."""
        return self.leave - self.land


def glances(frames: np.ndarray, told: Callable[[float], None] = lambda share: None) -> np.ndarray:
    """Frames uint8 ``(T, H, W, C)`` seen small: uint8 ``(T, h, w, C)``, at most 128 pixels a side."""
    cv2 = opencv()
    height, width = frames.shape[1:3]
    scale = min(1.0, GLANCE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = []
    for number, frame in enumerate(frames):
        small.append(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
        told((number + 1) / len(frames))
    return np.stack(small)


def distances(small: np.ndarray) -> np.ndarray:
    """How different any two frames ``(T, h, w, C)`` are: float64 ``(T, T)``, root mean square in grey levels."""
    rows = small.reshape(len(small), -1)
    products = np.zeros((len(rows), len(rows)))
    for first in range(0, rows.shape[1], PIXELS):
        part = rows[:, first : first + PIXELS].astype(np.float64)  # whole numbers: exact sums in any order
        products += part @ part.T
    squares = products.diagonal()
    return np.sqrt(np.maximum(squares[:, None] + squares - 2 * products, 0) / rows.shape[1])


def costs(apart: np.ndarray) -> np.ndarray:
    """What it costs to show frame b in the place of frame a: ``(T, T)`` -> ``(T + 1, T)``, infinite where unknown.

    Frame T is the one after the last: a loop may end with the clip.
    """
    count = len(apart)
    total, weights = np.zeros((count + 1, count)), np.zeros((count + 1, count))
    for offset, weight in zip(range(-2, 2), KERNEL, strict=True):
        a = slice(max(0, -offset), min(count + 1, count - offset))
        b = slice(max(0, -offset), min(count, count - offset))
        seen = slice(a.start + offset, a.stop + offset), slice(b.start + offset, b.stop + offset)
        total[a, b] += weight * apart[seen] ** 2
        weights[a, b] += weight
    known = weights >= sum(KERNEL) / 2
    return np.where(known, np.sqrt(total / np.maximum(weights, 1)), np.inf)


def jumps(cost: np.ndarray, shortest: int, count: int = JUMPS) -> list[Jump]:
    """The best jumps over at least ``shortest`` frames, none of them next to a better one, cheapest first."""
    leave, land = np.indices(cost.shape)
    able = np.where(np.abs(leave - land) >= shortest, cost, np.inf)
    near = np.pad(able, 1, constant_values=np.inf)
    least = np.min(
        [near[1 + i : len(near) - 1 + i, 1 + j : near.shape[1] - 1 + j] for i in (-1, 0, 1) for j in (-1, 0, 1)], 0
    )
    found = np.argwhere((able <= least) & np.isfinite(able))
    order = np.lexsort((found[:, 1] - found[:, 0], able[found[:, 0], found[:, 1]]))[: 4 * count]  # long before short
    ranked = [Jump(int(a), int(b), float(cost[a, b])) for a, b in found[order]]
    back = [jump for jump in ranked if jump.length > 0]
    return (back[: count * 2 // 3] + [jump for jump in ranked if jump.length < 0][: count // 3]) if back else []


def near_length(cost: np.ndarray, wished: int) -> list[Jump]:
    """For each length that is within a tenth of ``wished``, the cheapest loop of one jump, cheapest first."""
    found = []
    for length in range(max(1, round(0.9 * wished)), round(1.1 * wished) + 1):
        along = cost.diagonal(-length)
        if length < len(cost) and np.isfinite(along).any():
            land = int(along.argmin())
            found.append(Jump(land + length, land, float(along[land])))
    return sorted(found, key=lambda jump: (jump.cost, jump.length))


def best_round(choices: list[Jump], wished: int, least: int, random: Random) -> list[Jump]:
    """The jumps, in order, of the cheapest loop whose length is as near as possible to ``wished`` frames.

    Args:
        choices: cheapest first; at least one goes back.
        wished: frames.
        least: frames between two jumps.
        random: where a long loop gets its change from.

    Returns:
        jumps; the last one lands where the first run begins. Empty when no round of about that length exists.
    """
    leave, land = (np.array([getattr(jump, name) for jump in choices]) for name in ("leave", "land"))
    price = np.array([jump.cost for jump in choices])
    runs = leave[None] - land[:, None]  # (E, E): frames from landing with one to leaving with another
    runs = np.where(runs >= least, runs, 0)
    firsts = [number for number, jump in enumerate(choices) if jump.length > 0][:STARTS]
    longest = wished + max(1, wished // 10)
    cheapest = np.full(
        (longest + 1, len(firsts), len(choices)), np.inf
    )  # having just made a jump, after so many frames
    came = np.zeros(cheapest.shape, np.int16)
    cheapest[0, np.arange(len(firsts)), firsts] = 0
    moods = random.uniform(longest // MOOD + 1, len(choices)).double().numpy()
    to = np.arange(len(choices))
    for time in range(1, longest + 1):
        able = (runs > 0) & (runs <= time)
        before = cheapest[np.where(able, time - runs, 0), :, to[:, None]]  # (from, to, first)
        before = np.where(able[..., None], before, np.inf)
        came[time] = before.argmin(0).T
        cheapest[time] = before.min(0).T + price * (1 + moods[time // MOOD])
    lengths = np.arange(longest + 1)
    ends = cheapest[:, np.arange(len(firsts)), firsts]  # (time, first): a round closed
    per_jump = float(price.mean())
    missed = np.abs(lengths - wished) / max(1.0, 0.02 * wished)
    score = np.where(lengths[:, None] > 0, ends + per_jump * missed[:, None], np.inf)
    if not np.isfinite(score).any():
        return []
    time, first = np.unravel_index(int(score.argmin()), score.shape)
    return traced(choices, runs, came[:, first], int(time), firsts[first])


def traced(choices: list[Jump], runs: np.ndarray, came: np.ndarray, time: int, last: int) -> list[Jump]:
    """The jumps that lead to jump ``last`` at ``time``, in order, it among them and the one at time 0 not."""
    path, here = [], last
    while time > 0:
        path.append(choices[here])
        previous = int(came[time, here])
        time, here = time - int(runs[previous, here]), previous
    return path[::-1]


def order_of(path: list[Jump]) -> np.ndarray:
    """The frames of a round, in order: int64 ``(L,)``; it begins where its last jump lands."""
    runs, begin = [], path[-1].land
    for jump in path:
        runs.append(np.arange(begin, jump.leave))
        begin = jump.land
    return np.concatenate(runs)


def jumping(cost: np.ndarray, count: int) -> np.ndarray:
    """The frames of a clip, in order, so that it takes ``count`` frames: int64 ``(count,)``.

    To be longer it jumps back by equal steps, to be shorter forward, where that is seen least.

    Args:
        cost: see ``costs``.
        count: at least 1.
    """
    length = cost.shape[1]
    more = count - length
    times = max(1, -(-4 * more // (3 * length)))
    steps = np.diff(np.linspace(0, more, times + 1).round().astype(np.int64)) if length > 3 else []
    order, done = [], 0
    for step in steps:
        along = cost.diagonal(-int(step)).copy()  # land = leave - step
        along[: max(0, done + 1 - int(step))] = np.inf  # not before the run that it ends has begun
        if not np.isfinite(along).any():
            break
        land = int(along.argmin()) + max(0, -int(step))
        order.append(np.arange(done, max(done, land + int(step))))
        done = land
    order.append(np.arange(done, length))
    order = np.concatenate(order)
    return order if len(order) == count else np.linspace(0, length - 1, count).round().astype(np.int64)

"""Where one shot of a film ends and the next begins: hard cuts, dissolves, and fades through black or white.

How unlike two frames are is told by their colours, which a moving camera changes little, and by how badly the parts of
one are found again nearby in the other, which a change of light changes little. A cut is unlike by itself and also
beside its neighbours, so that a fast pan, in which all frames are unlike, is none; and what follows a cut does not look
like what came before it, as it does after a flash. In a dissolve each frame is the mean of an earlier and a later one,
which moving things never are (compare Lienhart 1999, "Comparison of Automatic Shot Boundary Detection Algorithms").
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

SIDE, BLOCK, REACH = 32, 16, 8  # pixels: of a thumbnail, of its parts, and how far away they are looked for
BINS = 8  # of each colour
FLAT = 3.0  # grey levels: what deviates less all over shows nothing
TEXTURE = 36.0  # variance of grey levels from which the structure of a part counts half
CUT = 0.32  # unlikeness of a cut at least, from 0 to 1
TIMES = 2.5  # by how much it exceeds that of its neighbours
QUIET = 0.03  # unlikeness that is added to that of the neighbours: where nothing moves, little is still no cut
NEAR = 4  # frames on each side that are its neighbours
FLASH = 0.35  # seconds that a flash lasts at most
BACK = 0.6  # of a cut's unlikeness that is left between what came before it and all that comes after
BLEND = 0.25  # seconds from a frame in a dissolve to those of which it is the mean
MEAN = 0.35  # how far from their mean it is, in units of their distance, at most
CHANGE = 8.0  # grey levels by which these two differ at least


@dataclass(frozen=True)
class Look:
    """How a frame looks: float32 colours ``(32, 32, 3)``, grey ``(32, 32)``, and the shares of its colours."""

    colours: np.ndarray
    grey: np.ndarray
    shares: np.ndarray

    @property
    def flat(self) -> bool:
        """Whether it shows nothing: a black, white or plain frame."""
        return float(self.colours.std((0, 1)).max()) < FLAT


def look(frame: np.ndarray) -> Look:
    """At a frame, uint8 ``(H, W, 3)``."""
    import cv2

    small = cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    shares = cv2.calcHist([small], [0, 1, 2], None, [BINS] * 3, [0, 256] * 3) / SIDE**2
    for axis in range(3):  # a colour near the edge of a bin belongs to both
        shares = shares / 2 + (np.roll(shares, 1, axis) + np.roll(shares, -1, axis)) / 4
    return Look(small.astype(np.float32), grey, shares)


def unlike(one: Look, other: Look) -> float:
    """How little two frames have in common, from 0 to 1."""
    return (float(np.abs(one.shares - other.shares).sum()) / 2 + unfound(one.grey, other.grey)) / 2


def unfound(one: np.ndarray, other: np.ndarray) -> float:
    """How badly the parts of a picture ``(32, 32)`` are found again near their places in another, from 0 to 1."""
    import cv2

    around = cv2.copyMakeBorder(one, REACH, REACH, REACH, REACH, cv2.BORDER_REPLICATE)
    total = 0.0
    places = range(0, SIDE, BLOCK)
    for y in places:
        for x in places:
            part = other[y : y + BLOCK, x : x + BLOCK]
            found = cv2.matchTemplate(
                around[y : y + BLOCK + 2 * REACH, x : x + BLOCK + 2 * REACH], part, cv2.TM_CCOEFF_NORMED
            )
            variance = float(part.var())
            total += (1 - float(found.max())) * variance / (variance + TEXTURE)
    return total / len(places) ** 2


class Shots:
    """Watches a film that passes by in blocks."""

    def __init__(self, rate: float) -> None:
        self.blend = max(1, round(BLEND * rate))
        self.flash = max(2, round(FLASH * rate) + 1)
        self.recent: deque[Look] = deque(maxlen=max(2 * self.blend, self.flash) + 1)
        self.scores: list[float] = []  # of each frame, how unlike the one before it
        self.left: list[float] = []  # of each frame, how unlike the frames from it on stay to what came before
        self.shown: list[bool] = []  # of each frame, whether it shows one shot
        self.waiting: list[tuple[int, Look]] = []  # what may turn out to be a flash, and what came before
        self.plain: tuple[int, Look] | None = None  # the first of some frames that show nothing, and what came before
        self.dissolve: tuple[int, Look] | None = None  # the frame it began at, and how it looked before

    def take(self, frames: np.ndarray) -> None:
        """The next block, uint8 ``(T, H, W, 3)``."""
        for frame in frames:
            self._see(look(frame))

    def _see(self, now: Look) -> None:
        number = len(self.scores)
        score = unlike(self.recent[-1], now) if self.recent else 0.0
        self.scores.append(score)
        self.left.append(score)
        self.shown.append(not now.flat)
        for place, before in self.waiting:
            self.left[place] = min(self.left[place], unlike(before, now))
        self.waiting = [(place, before) for place, before in self.waiting if number < place + self.flash]
        if score >= CUT:
            self.left[number] = min(unlike(before, now) for before in list(self.recent)[-self.flash :])
            self.waiting.append((number, self.recent[-1]))
        self._plain(number, now)
        self.recent.append(now)
        if len(self.recent) > 2 * self.blend:
            self._dissolving(number - self.blend)

    def _plain(self, number: int, now: Look) -> None:
        """A few white frames are a flash, if all is then as it was."""
        if now.flat and self.recent:
            self.plain = self.plain or (number, self.recent[-1])
        elif self.plain:
            begin, before = self.plain
            self.plain = None
            if number - begin < self.flash and unlike(before, now) < CUT:
                self.shown[begin:number] = [True] * (number - begin)

    def _dissolving(self, number: int) -> None:
        """Whether this frame is a mixture of those around it."""
        before, now, after = (self.recent[-1 - step * self.blend] for step in (2, 1, 0))
        change = float(np.sqrt(np.square(after.colours - before.colours).mean()))
        apart = float(np.sqrt(np.square(now.colours - (before.colours + after.colours) / 2).mean()))
        if change > CHANGE and apart < MEAN * change:
            self.dissolve = self.dissolve or (number, before)
        elif self.dissolve:
            begin, before = self.dissolve
            self.dissolve = None
            gone = before.flat or after.flat or unfound(before.grey, after.grey) > CUT  # not if only the light changed
            if gone and max(self.scores[begin - self.blend + 1 :]) < CUT:  # nor if a cut came after something smooth
                self.shown[begin - self.blend + 1 : number] = [False] * (number - begin + self.blend - 1)

    def finished(self) -> list[tuple[int, int]]:
        """The shots: the first frame of each, and the end."""
        scores, left = np.array(self.scores), np.array(self.left)
        cuts = {
            at
            for at in np.flatnonzero((scores >= CUT) & (left >= BACK * scores)).tolist()
            if scores[at] >= TIMES * (self._around(scores, at) + QUIET)
        }
        shots, begin = [], 0
        for number in range(len(scores) + 1):
            ends = number == len(scores) or not self.shown[number]
            if (ends or number in cuts) and number > begin:
                shots.append((begin, number))
            if ends:
                begin = number + 1
            elif number in cuts:
                begin = number
        return shots

    @staticmethod
    def _around(scores: np.ndarray, at: int) -> float:
        """How unlike the frames around a place are, in the median: another cut nearby does not hide this one."""
        return float(np.median(np.concatenate([scores[max(at - NEAR, 1) : at], scores[at + 1 : at + 1 + NEAR], [0.0]])))

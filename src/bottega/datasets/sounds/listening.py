"""What is learned from a recording while it is decoded: whether anything is heard, and where it begins and ends."""

import numpy as np

from bottega.datasets.sounds.alike import Sketcher
from bottega.errors import UnreadableWork
from bottega.language import _

SHORTEST = 0.02  # seconds
SILENT = 10 ** (-70 / 20)  # of full scale: a sound that never moves more is silent
QUIET = 10 ** (-50 / 20)  # of the loudest moment: what is softer at an end is trimmed
MOMENT, BEFORE, AFTER = 0.01, 0.01, 0.05  # seconds: in which loudness is taken, and what is left of a silence


class Listened:
    """What is learned from a recording while it passes by."""

    def __init__(self, rate: int, trim: bool) -> None:
        self.frames, self.low, self.high = 0, np.inf, -np.inf
        self.sketcher = Sketcher(rate)
        self.moment = max(1, round(rate * MOMENT)) if trim else 0
        self.rest = np.empty(0, np.float32)
        self.loudness: list[np.ndarray] = []

    @property
    def peak(self) -> float:
        """The largest sample."""
        return max(self.high, -self.low)

    def take(self, samples: np.ndarray) -> None:
        """The next block: float32 ``(C, n)``."""
        self.frames += samples.shape[1]
        self.low, self.high = min(self.low, float(samples.min())), max(self.high, float(samples.max()))
        self.sketcher.take(samples)
        if self.moment:
            power = np.concatenate([self.rest, np.square(samples).mean(axis=0)])
            end = len(power) // self.moment * self.moment
            self.loudness.append(np.sqrt(power[:end].reshape(-1, self.moment).mean(axis=1)))
            self.rest = power[end:]

    def check(self, rate: int) -> None:
        """Refuse what holds nothing to learn from."""
        if self.frames < SHORTEST * rate:
            raise UnreadableWork(_("shorter than {least} seconds").format(least=SHORTEST))
        if (self.high - self.low) / 2 < SILENT:
            raise UnreadableWork(_("it is silent"))

    def ends(self, rate: int) -> tuple[int, int]:
        """The first sample and the end of what is no silence."""
        loud = np.concatenate([*self.loudness, np.sqrt([self.rest.mean() if len(self.rest) else 0.0])])
        heard = np.flatnonzero(loud > QUIET * loud.max())
        first = max(0, int(heard[0]) * self.moment - round(BEFORE * rate))
        last = min(self.frames, (int(heard[-1]) + 1) * self.moment + round(AFTER * rate))
        return first, last

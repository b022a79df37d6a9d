"""Does a model recite? Every second of new sound is looked for in all the sound it learned from.

The measure is normalised cross-correlation of spectrograms: what passes through a codec keeps its spectrum but not its
phases, so that the samples of a true copy need not correlate at all. How loud a copy is makes no difference. A coarse
codec changes spectra too; then the works have to be searched as they come out of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bottega.evaluation.sounds.listening import QUIET, WINDOW, mel

BANDS, PER_SECOND = 48, 43.0
STEP = 0.25
"""Seconds from one searched second to the next."""
COPY = 0.9
"""Correlation from which a second is called a copy; see docs/lab/sound-priors.md for what real sounds score."""
SHIFTS = (0.0, 0.5)
"""Columns of a copy never stand just where those of its source do: both places are tried."""
CHUNK = 4096  # places compared at once
LOUDNESS = 0.3
"""Exponent from amplitude to loudness: a logarithm would hear silence as loud as sound, and gain as more than gain."""


@dataclass(frozen=True)
class Copy:
    """A passage of a new sound that stands in a training work.

    Attributes:
        sound: number of the new sound.
        begin, end: in it, in seconds.
        work: number of the training work.
        first: where the passage begins there, in seconds.
        likeness: correlation of its likest second, at most 1.
    """

    sound: int
    begin: float
    end: float
    work: int
    first: float
    likeness: float


@dataclass(frozen=True)
class CopyAudit:
    """What was found in some sounds.

    Attributes:
        share: of all their seconds that are not silent, those that are copies.
        likeness: median over these seconds of the correlation with the likest one of the training works.
        passages: the longest copies first, those that go on together as one.
        seconds: that were searched for.
    """

    share: float
    likeness: float
    passages: list[Copy]
    seconds: float

    @property
    def longest(self) -> float:
        """Seconds of the longest copy, 0 when there is none."""
        return max((copy.end - copy.begin for copy in self.passages), default=0.0)


class Library:
    """The training works as spectrograms, ready to be searched.

    Args:
        works: samples of one channel each, ``(N,)``; they are not kept.
        rate: of all sounds, in Hz.
    """

    def __init__(self, works: Iterable[np.ndarray], rate: int) -> None:
        self.rate, self.size = rate, int(WINDOW * PER_SECOND)
        self.scale = np.ones(BANDS, np.float32)
        heard = [self._heard(work) for work in works]
        self.scale = np.concatenate(heard).std(0) + 1e-6  # every band counts the same
        self.works = [one / self.scale for one in heard]

    def _heard(self, samples: np.ndarray) -> np.ndarray:
        missing = max(0, int(np.ceil((WINDOW + 1 / PER_SECOND) * self.rate)) - len(samples))
        padded = np.pad(samples, (0, missing))
        return mel(padded, self.rate, bands=BANDS, per_second=PER_SECOND) ** LOUDNESS / self.scale

    def search(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """For each second of a sound that is not silent, ``(Q,)`` each: where it begins, the best correlation, in which
        work, and where there. Times are in seconds."""
        starts = np.arange(0, max(len(samples) / self.rate - WINDOW, 0) + 1e-9, STEP)
        starts = starts[np.array([_level(samples, start, self.rate) > QUIET for start in starts], bool)]
        found = [self._likest(self._patches(samples, starts, shift), shift) for shift in SHIFTS]
        best = np.argmax([one[0] for one in found], 0)
        likeness, works, places = (np.choose(best, parts) for parts in zip(*found, strict=True))
        return starts, likeness, works.astype(int), places

    def _patches(self, samples: np.ndarray, starts: np.ndarray, shift: float) -> np.ndarray:
        """The seconds as unit vectors ``(Q, D)``, their columns shifted by a share of the way from one to the next."""
        heard = self._heard(samples[int(shift * self.rate / PER_SECOND) :])
        patches = np.empty((len(starts), self.size, BANDS), np.float32)
        for i, start in enumerate(starts):
            first = min(int(start * PER_SECOND), len(heard) - self.size)
            patches[i] = heard[first : first + self.size]
        patches = (patches - patches.mean(1, keepdims=True)).reshape(len(starts), self.size * BANDS)
        return patches / (np.linalg.norm(patches, axis=1, keepdims=True) + 1e-9)

    def _likest(self, patches: np.ndarray, shift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        best, where = np.full(len(patches), -1.0), np.zeros((len(patches), 2), int)
        for number, heard in enumerate(self.works):
            windows = np.lib.stride_tricks.sliding_window_view(heard, self.size, axis=0).transpose(0, 2, 1)
            spread = self._spread(heard)
            for first in range(0, len(windows), CHUNK):
                part = windows[first : first + CHUNK].reshape(-1, patches.shape[1])
                found = patches @ part.T / spread[first : first + CHUNK]  # patches have no mean, so none is taken here
                at = found.argmax(1)
                value = found[np.arange(len(at)), at]
                better = value > best
                best[better] = value[better]
                where[better] = np.stack([np.full(len(at), number), first + at], 1)[better]
        return best, where[:, 0], np.maximum(where[:, 1] - shift, 0) / PER_SECOND

    def _spread(self, heard: np.ndarray) -> np.ndarray:
        """How much the bands of each second change in it, as the norm of the differences from their means: ``(P,)``."""
        total = np.cumsum(np.pad(heard.astype(np.float64), ((1, 0), (0, 0))), 0)
        square = np.cumsum(np.pad(np.square(heard, dtype=np.float64), ((1, 0), (0, 0))), 0)
        first, second = total[self.size :] - total[: -self.size], square[self.size :] - square[: -self.size]
        return np.sqrt(np.maximum((second - first**2 / self.size).sum(1), 1e-9))


def audit(sounds: Sequence[np.ndarray], library: Library, tell: Callable[[int], None] = lambda done: None) -> CopyAudit:
    """Look for copies of the library's works in sounds of one channel each.

    Args:
        sounds: samples ``(N,)`` at the library's rate.
        library: the training works.
        tell: called with the number of sounds done.
    """
    likeness: list[float] = []
    passages: list[Copy] = []
    copied = 0
    for number, samples in enumerate(sounds):
        starts, best, works, places = library.search(samples)
        likeness += best.tolist()
        copied += _covered(starts, best >= COPY)
        passages += _joined(number, starts, best, works, places)
        tell(number + 1)
    passages.sort(key=lambda copy: (copy.begin - copy.end, -copy.likeness))
    searched = len(likeness)
    return CopyAudit(
        share=copied / searched if searched else 0.0,
        likeness=float(np.median(likeness)) if searched else 0.0,
        passages=passages,
        seconds=searched * STEP,
    )


def _covered(starts: np.ndarray, copied: np.ndarray) -> int:
    """How many steps lie inside a copied second."""
    inside = np.zeros(len(starts), bool)
    for start in starts[copied]:
        inside |= (starts >= start - 1e-9) & (starts < start + WINDOW - 1e-9)
    return int(inside.sum())


def _joined(sound: int, starts: np.ndarray, best: np.ndarray, works: np.ndarray, places: np.ndarray) -> list[Copy]:
    """Copied seconds that stand in the work as far apart as in the sound, as one passage."""
    found: list[Copy] = []
    for start, value, work, place in zip(starts, best, works, places, strict=True):
        if value < COPY:
            continue
        last = found[-1] if found else None
        goes_on = last and last.work == work and start <= last.end + 1e-9
        if last and goes_on and abs((place - start) - (last.first - last.begin)) < 2 / PER_SECOND:
            likest = max(last.likeness, float(value))
            found[-1] = Copy(sound, last.begin, float(start + WINDOW), int(work), last.first, likest)
        else:
            found.append(Copy(sound, float(start), float(start + WINDOW), int(work), float(place), float(value)))
    return found


def _level(samples: np.ndarray, first: float, rate: int) -> float:
    """Of one second, in decibels of full scale."""
    part = samples[int(first * rate) : int((first + WINDOW) * rate)]
    return 10 * float(np.log10(np.square(part, dtype=np.float64).mean() + 1e-20)) if len(part) else -np.inf

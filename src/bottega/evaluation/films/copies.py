"""Does a model of films recite? Each clip is looked for in all the films it learned from, at every time they offer.

Clips are compared as eight small frames of few pixels, without their brightness, also mirrored: what passes through a
codec or is made a little softer is still a copy. As with pictures (``bottega.evaluation.copies``), how near a clip
comes to one film is told in units of how near it comes to others, and what counts as near is learned from clips that
the model has never seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bottega.evaluation.copies import ALIKE, BY_CHANCE

FRAMES, SIDE = 8, 8  # of a clip, and pixels of a side, that are compared
OTHERS = 10  # works whose distance is the unit
LEVEL = 1.5  # grey levels: nearer is the same
MOST = 40_000  # windows of training films that are compared, at most
BLOCK = 2_000  # windows compared at once


@dataclass(frozen=True)
class Match:
    """A clip and the passage of a training film that is nearest to it.

    Attributes:
        clip: its number.
        work: number of the film.
        first: the frame at which the passage begins there.
        mirrored: whether left and right are exchanged.
        ratio: its distance, in units of the distance to other films.
        copied: whether that is near enough to be called a copy.
    """

    clip: int
    work: int
    first: int
    mirrored: bool
    ratio: float
    copied: bool


@dataclass(frozen=True)
class FilmAudit:
    """How many clips lie nearer to a training film than held-out clips do.

    Attributes:
        share: of the clips, those that are copies.
        floor: the share that clips nobody copied would score.
        threshold: the ratio below which a clip counts as a copy.
        matches: one for each clip, the nearest first.
    """

    share: float
    floor: float
    threshold: float
    matches: list[Match]


class Library:
    """The training films, ready to be searched.

    Args:
        films: gives the small frames ``(T, 8, 8, 3)`` of a film by its number; they are read one after the other.
        lengths: frames of each, of at least two.
        count: frames of a clip that will be looked for.
    """

    def __init__(self, films: Callable[[int], np.ndarray], lengths: Sequence[int], count: int) -> None:
        total = sum(max(1, length - count + 1) for length in lengths)
        step = max(1, -(-total // MOST))
        keys, works, firsts = [], [], []
        for work, length in enumerate(lengths):
            tiny = films(work)
            for first in range(0, max(1, length - count + 1), step):
                keys.append(key(tiny[first : first + count]))
                works.append(work)
                firsts.append(first)
        self.keys = np.stack(keys)  # (W, D)
        self.works, self.firsts = np.array(works), np.array(firsts)
        self.begins = np.flatnonzero(np.diff(self.works, prepend=-1))  # the first window of each work

    def search(self, clips: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each clip, uint8 ``(N, T, H, W, C)``: the ratio of its nearest window, that window, whether mirrored."""
        found = [self._search(clip) for clip in clips]
        ratios, windows, mirrored = (np.array(one) for one in zip(*found, strict=True))
        return ratios, windows, mirrored

    def _search(self, clip: np.ndarray) -> tuple[float, int, bool]:
        tiny = small(clip)
        asked = np.stack([key(tiny), key(tiny[:, :, ::-1])])  # (2, D)
        squares = np.square(asked).sum(1)[:, None]
        parts = []
        for start in range(0, len(self.keys), BLOCK):
            part = self.keys[start : start + BLOCK]
            parts.append(squares + np.square(part).sum(1) - 2 * asked @ part.T)
        apart = np.sqrt(np.maximum(np.concatenate(parts, 1), 0) / asked.shape[1])  # (2, W)
        nearest = np.minimum.reduceat(apart.min(0), self.begins)  # to each work
        window = int(apart.min(0).argmin())
        others = np.sort(np.delete(nearest, self.works[window]))[:OTHERS]
        unit = max(float(np.median(others)), LEVEL)
        return float(apart[:, window].min()) / unit, window, bool(apart[1, window] < apart[0, window])


def small(frames: np.ndarray) -> np.ndarray:
    """Frames uint8 ``(T, H, W, C)`` as float32 colours ``(T, 8, 8, 3)``."""
    import cv2

    if frames.shape[-1] == 1:
        frames = np.repeat(frames, 3, axis=-1)
    return np.stack(
        [cv2.resize(frame[..., :3], (SIDE, SIDE), interpolation=cv2.INTER_AREA) for frame in frames]
    ).astype(np.float32)


def key(tiny: np.ndarray) -> np.ndarray:
    """Small frames ``(T, 8, 8, 3)`` as one vector: eight of them, spread evenly, without their common brightness."""
    some = tiny[np.linspace(0, len(tiny) - 1, FRAMES).round().astype(int)]
    return (some - some.mean()).ravel()


def audit(
    clips: np.ndarray, library: Library, held_out: np.ndarray, tell: Callable[[int], None] = lambda done: None
) -> FilmAudit:
    """Look for copies of the library's films among clips.

    With ``h`` held-out clips the threshold is their ``r``-th smallest ratio, ``r = max(1, (h + 1) / 100)``; see
    ``bottega.evaluation.copies.audit``.

    Args:
        clips, held_out: uint8 ``(N, T, H, W, C)``, at least one each, as long as the library's.
    """
    chance, _windows, _mirrored = library.search(held_out)
    rank = max(1, int(BY_CHANCE * (len(chance) + 1)))
    threshold = max(float(np.sort(chance)[rank - 1]), ALIKE)
    ratios, windows, mirrored = library.search(clips)
    tell(len(clips))
    order = np.argsort(ratios, kind="stable").tolist()
    matches = [
        Match(
            i, int(library.works[windows[i]]), int(library.firsts[windows[i]]), bool(mirrored[i]), float(ratios[i]),
            bool(ratios[i] < threshold),
        )
        for i in order
    ]  # fmt: skip
    return FilmAudit(
        share=float((ratios < threshold).mean()),
        floor=int((chance <= threshold).sum()) / (len(chance) + 1),
        threshold=threshold,
        matches=matches,
    )

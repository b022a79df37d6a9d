"""Ways through a latent space: smooth, closed without a seam, past given places, and as fast as music moves.

A way is a Gaussian process: noise at even places, smoothed by a Gaussian and brought back to its size, so that every
point of it is as good a draw as any other (as Karras et al. 2018, arXiv:1710.10196, filtered theirs). It is led past
given places by the smallest change of its noise (the conditioned process: Matheron's rule, Wilson et al. 2020,
arXiv:2002.09309).
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from bottega.media.rhythm import STEPS, Rhythm
from bottega.objectives.latent import Place

WIDTH = 0.5
"""Width of the smoothing, in works: one work further on, what was there has faded to a third."""
NODES = 4
"""Places of noise for each work that is passed: enough for that width."""
APART = 4.0
"""Works from the end of a way to its beginning when they are to be strangers."""
FADE = 0.3
"""Width of the change from one class to the next, as a share of the way between them."""
DECAY = 0.12
"""Seconds in which the push of a beat falls to a third."""
ACCENT = 0.03
"""Seconds around a beat that belong to it."""
STILL = 0.2
"""Share of the way that is gone evenly even where hardly anything changes."""
FINER = 4
"""Into how many parts a steep one is cut."""
SHIVER = 0.35
"""How far high onsets shake the way to the side, in radians."""


@dataclass(frozen=True)
class Way:
    """A way through latent space; how far one is on it is told in works passed.

    Attributes:
        noise: ``(J, …)`` at even places.
        period: works after which it is where it began.
        labels: ``(K, classes + 1)`` along the way, and ``turns``, ``(K,)``, where each is alone; None without classes.
    """

    noise: Tensor
    period: float
    labels: Tensor | None = None
    turns: np.ndarray | None = None

    def weights(self, far: np.ndarray) -> Tensor:
        """How much of each noise there is ``far`` (n,) along: float64 ``(n, J)``, each row of norm 1."""
        count = len(self.noise)
        steps = _apart(far, np.arange(count) * self.period / count, self.period)
        # the noise of more than one round when a round is short: the smoothing is wrapped, not cut
        rounds = steps[..., None] + self.period * np.arange(-2, 3)
        found = np.exp(-0.5 * np.square(rounds / WIDTH)).sum(-1)
        return torch.from_numpy(found / np.linalg.norm(found, axis=1, keepdims=True))

    def at(self, far: np.ndarray) -> Place:
        """The places so far along, ``(n, …)``."""
        z = self.weights(far).to(self.noise) @ self.noise.flatten(1)
        label = None
        if self.labels is not None and self.turns is not None:
            gap = self.turns[1] - self.turns[0] if len(self.turns) > 1 else self.period
            near = -0.5 * np.square(_apart(far, self.turns, self.period) / (FADE * gap))
            label = torch.from_numpy(near).softmax(1).to(self.labels) @ self.labels
        return Place(z.view(-1, *self.noise.shape[1:]), label)

    def past(self, z: Tensor, far: np.ndarray) -> "Way":
        """The way that is nearest to this one and passes the places ``z`` (k, …) so ``far`` along, ``(k,)``."""
        weights = self.weights(far)  # (k, J)
        noise = self.noise.flatten(1).double().cpu()
        missing = z.flatten(1).double().cpu() - weights @ noise
        changed = noise + weights.T @ torch.linalg.solve(weights @ weights.T, missing)
        return replace(self, noise=changed.to(self.noise).view_as(self.noise))


def _apart(far: np.ndarray, places: np.ndarray, period: float) -> np.ndarray:
    """The shorter way round from each of ``places`` (k,) to each of ``far`` (n,): ``(n, k)``."""
    return (far[:, None] - places + period / 2) % period - period / 2


@dataclass(frozen=True)
class Pace:
    """How a film moves along its way.

    Attributes:
        far: works passed at each frame, float64 ``(T,)``, beginning with 0.
        shiver: how far each frame is to the side of the way, in radians, ``(T,)``.
        onsets: what the music does at each frame, ``(T,)``; None without music.
    """

    far: np.ndarray
    shiver: np.ndarray
    onsets: np.ndarray | None = None


def even(frames: int, length: float, loop: bool) -> Pace:
    """The same way in each frame; in a loop the first frame follows the last as any other its neighbour."""
    return Pace(np.arange(frames) * length / max(1, frames if loop else frames - 1), np.zeros(frames))


def in_time(rhythm: Rhythm, frames: int, fps: float, length: float, loop: bool, react: float) -> Pace:
    """On the beats: bass and drums push the way on, high onsets shake it, and what is louder does so more.

    Args:
        length: works passed in all.
        react: the share of the way that is moved by the music; the rest goes on evenly.
    """
    accents = _accents(rhythm.beats, len(rhythm.onsets))
    hits = (0.7 * rhythm.low + 0.5 * rhythm.onsets) * (0.3 + 0.7 * accents) + 0.3 * accents
    loud = 0.15 + 0.85 * rhythm.loudness
    push = _at_frames(_fading(hits) * loud, frames, fps)
    push[0] *= loop  # the way from the last frame to the first
    share = push / push.sum() if push.sum() > 0 else np.full(frames, 1 / frames)
    steady = np.full(frames, 1.0)
    steady[0] *= loop
    moves = length * (react * share + (1 - react) * steady / max(1, steady.sum()))
    shiver = SHIVER * react * _at_frames(_fading(rhythm.high) * loud, frames, fps)
    return Pace(np.cumsum(moves) - moves[0], np.minimum(shiver, SHIVER), _at_frames(rhythm.onsets, frames, fps))


def _accents(beats: np.ndarray, count: int) -> np.ndarray:
    """1 on each beat and nearly 0 between them, ``(count,)``."""
    if not len(beats):
        return np.zeros(count)
    times = np.arange(count) / STEPS
    after = np.searchsorted(beats, times)
    off = np.minimum(np.abs(times - beats[after - 1]), np.abs(times - beats[after % len(beats)]))
    return np.exp(-0.5 * np.square(off / ACCENT))


def _fading(hits: np.ndarray) -> np.ndarray:
    """Each hit begins at once and dies away."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -np.exp(-1 / (DECAY * STEPS))], hits))


def _at_frames(values: np.ndarray, frames: int, fps: float) -> np.ndarray:
    """The mean of values, told ``STEPS`` times a second, around the time of each frame: ``(frames,)``."""
    edges = (np.arange(frames + 1) - 0.5) / fps * STEPS + 0.5  # a value covers the step around its own time
    return np.diff(np.interp(edges, np.arange(len(values) + 1), np.concatenate([[0.0], np.cumsum(values)]))) * (
        fps / STEPS
    )


def evened(far: np.ndarray, ends: np.ndarray, moved: np.ndarray, loop: bool, stops: int = 1) -> np.ndarray:
    """The same way, gone slowly where pictures change much and fast where they hardly do.

    Args:
        far: ``(T,)`` along the way, as if it changed evenly.
        ends: ``(k + 1,)`` from 0 to the length of the way; moved: how much the pictures change between them, ``(k,)``.
        stops: into how many even parts the way is cut by places that are still passed when they were.
    """
    from scipy.interpolate import PchipInterpolator

    length, widths = ends[-1], np.diff(ends)
    change = np.maximum(moved, STILL * moved.sum() * widths / length) + 1e-9 * widths
    part = np.minimum((ends[:-1] + ends[1:]) / 2 * stops / length, stops - 0.5).astype(int)
    change *= length / stops / np.bincount(part, change, stops)[part]
    travelled = np.concatenate([[0.0], np.cumsum(change)])
    if loop:  # so that it is smooth where it closes, too
        ends = np.concatenate([ends[:-1] - length, ends[:-1], ends + length])
        travelled = np.concatenate([travelled[:-1] - length, travelled[:-1], travelled + length])
    return PchipInterpolator(travelled, ends)(far)


def steep(ends: np.ndarray, moved: np.ndarray, most: float) -> np.ndarray:
    """The parts that change more than ``most``, each with the ends of its own ``FINER`` parts: ``(k, FINER + 1)``."""
    found = np.flatnonzero(moved > most)
    return ends[found, None] + np.diff(ends)[found, None] * np.arange(FINER + 1) / FINER


def finer(
    ends: np.ndarray, moved: np.ndarray, parts: np.ndarray, of_parts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ends and changes of a way with some of its parts in finer ones, as from ``steep`` and ``(k, FINER)``."""
    kept = ~np.isin(ends[:-1], parts[:, 0])
    starts = np.concatenate([ends[:-1][kept], parts[:, :-1].ravel()])
    order = np.argsort(starts)
    return np.append(starts[order], ends[-1]), np.concatenate([moved[kept], of_parts.ravel()])[order]


def in_step(moved: np.ndarray, onsets: np.ndarray, most: int) -> tuple[float, int]:
    """How well what moves in the frames goes with the onsets, and how many frames late.

    Args:
        moved: how much each frame differs from the one before, ``(T,)``; onsets: ``(T,)``.
        most: frames to look earlier and later.

    Returns:
        the highest correlation, in [-1, 1], and the frames by which the pictures come late there.
    """
    found = []
    for late in range(-most, most + 1):
        first, second = (
            moved[max(0, late) : len(moved) + min(0, late)],
            onsets[max(0, -late) : len(onsets) - max(0, late)],
        )
        spread = first.std() * second.std()
        found.append(float(((first - first.mean()) * (second - second.mean())).mean() / spread) if spread > 0 else 0.0)
    best = int(np.argmax(found))
    return found[best], best - most

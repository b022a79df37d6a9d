"""The copy audit: does a model make new works, or hand back the ones it learned from?

Each sample is compared with every training work by thumbnails, then with the nearest of them pixel by pixel, flipped
and shifted. A blurry picture lies near to everything, so the distance to the nearest work is divided by the distance to
its neighbours (Carlini et al. 2023, "Extracting Training Data from Diffusion Models"): a copy lies much nearer to one
work than to the rest. Held-out works, which nobody can have copied, say how small that ratio gets by chance.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from bottega.evaluation.features import to_rgb
from bottega.media import image

SIDE = 32  # longest side at which pictures are compared pixel by pixel
THUMBNAIL = 8
CANDIDATES = 32  # training works that are looked at closely for each sample
REACH = 1 / 16  # shifts up to this share of the picture are undone
BY_CHANCE = 0.01  # share of held-out works below the threshold, when they are enough to tell
ALIKE = 0.2  # relative distance that passes for the same picture, whatever held-out works do
SHOWS = 0.8  # a copy differs from its work by less than this share of the work's own contrast
FEWEST = 4  # training works below which there are no neighbours to compare with
CHUNK_BYTES = 4 << 20
QUERIES = 50
LEVEL = 1 / 255


class Works(Protocol):
    """An array of pictures, or anything that reads rows like one: ``works[row numbers] -> uint8 (n, H, W, C)``."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Pair:
    """A sample and the training work nearest to it."""

    sample: int
    work: int  # row in the training works
    distance: float  # relative to the sample's other neighbours: 0 is identical, about 0.9 is a stranger
    copied: bool  # closer than held-out works are


@dataclass(frozen=True)
class CopyAudit:
    """How many samples lie closer to a training work than held-out works do.

    Attributes:
        share: of the samples, those below the threshold.
        floor: the share that works nobody copied would score.
        threshold: the relative distance below which a sample counts as a copy.
        pairs: one for each sample, the closest first.
    """

    share: float
    floor: float
    threshold: float
    pairs: list[Pair]


def audit(samples: Works, train: Works, held_out: Works) -> CopyAudit:
    """Look for copies of training works among samples; flips, small shifts and changes of brightness do not hide them.

    With ``h`` held-out works the threshold is their ``r``-th smallest distance, ``r = max(1, (h + 1) / 100)``: a new
    work falls below it with probability ``r / (h + 1)``, the floor (1 % from 99 works on). Where works come in
    families, held-out ones too lie very near to training works; there the threshold is 0.2, the floor their share.

    Args:
        samples, train, held_out: uint8 pictures of one shape ``(N, H, W, C)``, or what reads rows like such an array;
            at least 1 sample, 4 training works and 1 held-out work.

    Raises:
        ValueError: fewer.
    """
    if len(samples) < 1 or len(train) < FEWEST or len(held_out) < 1:
        raise ValueError(f"a copy audit needs a sample, {FEWEST} training works and a held-out work")
    keys = in_chunks(train, lambda pictures: thumbnails(small(pictures)))  # (N, 192)
    chance, _nearest = nearest(held_out, train, keys)
    ratio, work = nearest(samples, train, keys)
    rank = max(1, int(BY_CHANCE * (len(held_out) + 1)))
    threshold = max(float(np.sort(chance)[rank - 1]), ALIKE)
    copied = ratio < threshold
    order = np.argsort(ratio, kind="stable")
    return CopyAudit(
        share=float(copied.mean()),
        floor=int((chance <= threshold).sum()) / (len(held_out) + 1),
        threshold=threshold,
        pairs=[Pair(int(i), int(work[i]), float(ratio[i]), bool(copied[i])) for i in order],
    )


def closest_pairs_sheet(found: CopyAudit, samples: Works, train: Works, pairs: int = 24) -> np.ndarray:
    """The closest pairs, sample left and training work right, those that count as copies in a red frame.

    Returns:
        uint8 ``(H, W, 3)``.
    """
    shown = found.pairs[:pairs]
    left, right = samples[np.array([p.sample for p in shown])], train[np.array([p.work for p in shown])]
    both = np.concatenate([left, right], 2)  # (n, H, 2W, C)
    both = image.over_checkerboard(both) if both.shape[-1] == 4 else np.broadcast_to(both, (*both.shape[:3], 3))
    edge = max(1, both.shape[1] // 32)
    framed = np.full((len(both), both.shape[1] + 2 * edge, both.shape[2] + 2 * edge, 3), 255, np.uint8)
    for frame, pair in zip(framed, shown, strict=True):
        frame[:] = (214, 48, 49) if pair.copied else (255, 255, 255)
    framed[:, edge:-edge, edge:-edge] = both
    return image.sheet(framed, columns=4, scale=max(1, 96 // max(left.shape[1:3])), gap=6)


# --- the search ---------------------------------------------------------------------------------------------------


def nearest(queries: Works, train: Works, keys: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """For each query the relative distance to the nearest training work, and that work's row: ``(Q,)``, ``(Q,)``."""
    ratios, rows = [], []
    for pictures in chunks(queries, most=QUERIES):
        query = small(pictures)  # (B, 3, h, w)
        candidates = coarse(query, keys)  # (B, K)
        distance, contrast = closely(query, candidates, train)  # (B, K) each
        distance, order = distance.sort(1)
        # the median of the others, so that several versions of one work do not hide a copy of it
        others = distance[:, 1:].median(1).values.clamp(min=LEVEL)
        # grey lies near to the flattest work, but shows nothing of it: it ranks behind every stranger
        empty = distance[:, 0] > SHOWS * contrast.gather(1, order[:, :1])[:, 0].clamp(min=LEVEL)
        ratios.append(distance[:, 0] / others + empty)
        rows.append(candidates.gather(1, order[:, :1])[:, 0])
    return torch.cat(ratios).numpy(), torch.cat(rows).numpy()


def coarse(query: Tensor, keys: Tensor) -> Tensor:
    """Rows of the training works whose thumbnails are nearest to those of queries ``(B, 3, h, w)``: ``(B, K)``.

    A thumbnail forgives half of the shift that is undone later, so each query is tried at five places, and mirrored.
    """
    wanted = min(CANDIDATES, len(keys))
    down, right = (max(1, round(side * REACH / 2)) for side in query.shape[-2:])
    wide = F.pad(query, (right, right, down, down), mode="replicate")
    height, width = query.shape[-2:]
    places = [(down, right)] + [(top, left) for top in (0, 2 * down) for left in (0, 2 * right)]
    moved = [wide[:, :, top : top + height, left : left + width] for top, left in places]
    turned = torch.stack([thumbnails(view) for one in moved for view in (one, one.flip(-1))])  # (10, B, D)
    squares = turned.square().sum(2, keepdim=True)
    best = torch.full((len(query), wanted), float("inf"))
    rows = torch.zeros(len(query), wanted, dtype=torch.int64)
    for start in range(0, len(keys), 20_000):
        part = keys[start : start + 20_000]
        distance = squares + (part.square().sum(1) - 2 * turned @ part.T)  # (10, B, n)
        both = torch.cat([best, distance.amin(0)], 1)
        best, picked = both.topk(wanted, largest=False)
        numbers = torch.cat([rows, torch.arange(start, start + len(part)).expand(len(query), -1)], 1)
        rows = numbers.gather(1, picked)
    return rows


def closely(query: Tensor, candidates: Tensor, train: Works) -> tuple[Tensor, Tensor]:
    """Root mean square difference of each query to its candidates, at the best flip and shift, and their contrast.

    Both are ``(B, K)``; the contrast is the root mean square difference of a work to its own mean.
    """
    needed, place = candidates.unique(return_inverse=True)
    works = in_chunks(train, small, needed.numpy())[place]  # (B, K, 3, h, w)
    height, width = query.shape[-2:]
    down, right = max(1, round(height * REACH)), max(1, round(width * REACH))
    inner = query[:, :, down : height - down, right : width - right]
    turned = torch.stack([inner, inner.flip(-1)], 1).flatten(2)  # (B, 2, D)
    turned = turned - turned.mean(2, keepdim=True)  # brighter or darker is still the same work
    size, least = turned.square().sum(2), torch.tensor(float("inf"))
    for top in range(2 * down + 1):
        for left in range(2 * right + 1):
            window = works[:, :, :, top : top + inner.shape[2], left : left + inner.shape[3]].flatten(2)  # (B, K, D)
            spread = window.square().sum(2) - window.sum(2).square() / window.shape[2]  # (B, K)
            distance = size[:, :, None] + spread[:, None] - 2 * turned @ window.mT  # (B, 2, K)
            least = torch.minimum(least, distance.amin(1))
    return (least.clamp(min=0) / turned.shape[2]).sqrt(), works.flatten(2).std(2, correction=0)


# --- how pictures are seen ----------------------------------------------------------------------------------------


def small(pictures: np.ndarray) -> Tensor:
    """uint8 ``(B, H, W, C)`` -> float ``(B, 3, h, w)`` in [0, 1], the longest side 32 at most, slightly softened.

    Softening lets copies that are noisy, compressed or shifted by half a pixel come as near as exact ones.
    """
    height, width = pictures.shape[1:3]
    shrink = max(1.0, max(height, width) / SIDE)
    size = (max(THUMBNAIL, round(height / shrink)), max(THUMBNAIL, round(width / shrink)))
    x = to_rgb(pictures)
    x = x if x.shape[-2:] == size else F.interpolate(x, size, mode="bilinear", antialias=True)
    row = torch.tensor([1.0, 2, 1]) / 4
    softener = torch.outer(row, row).expand(3, 1, 3, 3)
    return F.conv2d(F.pad(x, (1,) * 4, mode="replicate"), softener, groups=3)


def thumbnails(x: Tensor) -> Tensor:
    """Keys for the coarse search: 8x8 colours without the picture's brightness, ``(B, 192)``."""
    tiny = F.adaptive_avg_pool2d(x, THUMBNAIL).flatten(1)
    return tiny - tiny.mean(1, keepdim=True)


def in_chunks(works: Works, see: Callable[[np.ndarray], Tensor], rows: np.ndarray | None = None) -> Tensor:
    """``see`` applied to the given rows (all of them by default), a few megabytes at a time."""
    return torch.cat([see(pictures) for pictures in chunks(works, rows=rows)])


def chunks(works: Works, rows: np.ndarray | None = None, most: int = 10_000) -> Iterator[np.ndarray]:
    """Pictures of the given rows (all of them by default), a few megabytes and at most ``most`` at a time."""
    rows = np.arange(len(works)) if rows is None else rows
    count = min(most, max(1, CHUNK_BYTES // works[rows[:1]].nbytes))
    for start in range(0, len(rows), count):
        yield works[rows[start : start + count]]

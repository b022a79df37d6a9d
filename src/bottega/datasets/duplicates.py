"""Near-duplicates: the same picture saved again, smaller, brighter or slightly cropped.

They matter because a held-out picture whose twin was trained on measures memory, not learning. Each picture gets a
64-bit perceptual hash (the signs of its lowest cosine frequencies, as in pHash); pairs whose hashes differ in a few
bits are then compared as small thumbnails, because a hash alone takes two skies for one.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

RADIUS = 7  # hashes that differ in at most this many bits are compared
THUMBNAIL = 16
LIKENESS = 0.97  # correlation of thumbnails from which two pictures are one
SHIFT = 40.0  # largest difference of mean brightness
PATCH = 80.0  # largest difference in one place: more is another expression on the same face
PAIRS_AT_ONCE = 1 << 18
BYTES_AT_ONCE = 4 << 20

Rows = Callable[[np.ndarray], np.ndarray]
"""``rows(indices)``: the uint8 pictures ``(n, H, W, C)`` of these rows."""


def grey(pictures: np.ndarray) -> np.ndarray:
    """uint8 ``(N, H, W, 3|4)`` as float32 luminance ``(N, H, W)``; transparency counts as mid-grey."""
    luminance = pictures[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    if pictures.shape[-1] == 4:
        luminance += (255 - pictures[..., 3].astype(np.float32)) * 0.5
    return luminance


def perceptual_hash(pictures: np.ndarray) -> np.ndarray:
    """The 64-bit hash of each picture.

    Args:
        pictures: uint8 ``(N, H, W, 3|4)``.

    Returns:
        uint64 ``(N,)``; bit k says whether cosine coefficient k of the lowest 8 × 8 exceeds their median.
    """

    def cosines(length: int) -> np.ndarray:
        place = (np.arange(length) + 0.5) / length
        return np.cos(np.pi * np.arange(8)[:, None] * place).astype(np.float32) / length  # (8, length)

    height, width = pictures.shape[1:3]
    waves = (cosines(height) @ grey(pictures) @ cosines(width).T).reshape(-1, 64)  # (N, 64)
    waves[:, 0] = 0  # the mean: brightness is not part of what a picture shows
    # The margin keeps the rounding noise of a flat picture from drawing random bits.
    bits = waves > np.median(waves, axis=1, keepdims=True) + 0.02  # (N, 64)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def thumbnails(pictures: np.ndarray) -> np.ndarray:
    """Pictures averaged down to ``(N, 16 · 16 · C)`` float32."""
    for axis in (1, 2):
        length = pictures.shape[axis]
        edges = np.arange(THUMBNAIL) * length // THUMBNAIL
        counts = np.diff(np.append(edges, length)).astype(np.float32)
        sums = np.add.reduceat(pictures, edges, axis=axis, dtype=np.float32)
        pictures = sums / np.expand_dims(counts, tuple(range(1, 4 - axis)))
    return pictures.reshape(len(pictures), -1)


def alike(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Which pairs of uint8 pictures ``(N, H, W, C)`` show the same: bool ``(N,)``."""
    a, b = thumbnails(first), thumbnails(second)  # (N, D)
    shift = np.abs(a.mean(1) - b.mean(1))
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    contrast = np.sqrt((a * a).mean(1) * (b * b).mean(1))
    difference = np.abs(a - b).max(1)
    correlated = ((a * b).mean(1) >= LIKENESS * contrast) & (difference < PATCH)
    # Flat pictures have no structure to correlate; they are one when their colours are.
    flat = (contrast < 4.0) & (shift < 1.5) & (difference < 4.0)
    return flat | (correlated & (contrast >= 4.0) & (shift < SHIFT))


def candidates(hashes: np.ndarray) -> Iterator[np.ndarray]:
    """Pairs of rows ``(n, 2)`` whose hashes differ in at most ``RADIUS`` bits, each at least once.

    Cut into RADIUS + 1 bands, two such hashes agree in one band at least: only rows that share a band are compared.
    """
    order = np.argsort(hashes, kind="stable")
    same = hashes[order][1:] == hashes[order][:-1]
    yield np.stack([order[:-1][same], order[1:][same]], axis=1)
    unique, first = np.unique(hashes, return_index=True)
    cuts = np.linspace(0, 64, RADIUS + 2).astype(np.uint64)
    for low, high in pairwise(cuts):
        band = (unique >> low) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(band, kind="stable")
        starts = np.flatnonzero(np.append(True, np.diff(band[order]) != 0))
        for bucket in np.split(order, starts[1:]):
            step = max(1, PAIRS_AT_ONCE // len(bucket))
            for begin in range(0, len(bucket) - 1, step):
                rows = unique[bucket[begin : begin + step]]
                near = np.bitwise_count(rows[:, None] ^ unique[bucket[begin:]][None]) <= RADIUS
                left, right = np.nonzero(near)
                left, right = left[left < right], right[left < right]
                if len(left):
                    yield first[np.stack([bucket[begin + left], bucket[begin + right]], axis=1)]


def find_pairs(hashes: np.ndarray, rows: Rows) -> tuple[list[tuple[int, int]], np.ndarray]:
    """All near-duplicates.

    Args:
        hashes: uint64 ``(N,)`` from ``perceptual_hash``.
        rows: gives the pictures of some rows; only those of similar hashes are asked for.

    Returns:
        the pairs that hold the groups together (a group of n has n - 1 of them), and int64 ``(N,)``: the lowest row of
        each row's group. Memory does not depend on how many pairs there are.
    """
    root = np.arange(len(hashes))
    pairs: list[tuple[int, int]] = []

    def group(row: int) -> int:
        while root[row] != row:
            root[row] = root[root[row]]
            row = int(root[row])
        return row

    for block in candidates(hashes):
        fresh = block[[group(int(a)) != group(int(b)) for a, b in block]] if len(block) else block
        if not len(fresh):
            continue
        at_once = max(1, BYTES_AT_ONCE // (2 * rows(fresh[0, :1]).nbytes))
        for begin in range(0, len(fresh), at_once):
            some = fresh[begin : begin + at_once]
            for a, b in some[alike(rows(some[:, 0]), rows(some[:, 1]))].tolist():
                one, other = sorted((group(a), group(b)))
                if one != other:
                    root[other] = one
                    pairs.append((min(a, b), max(a, b)))
    return sorted(pairs), np.array([group(row) for row in range(len(hashes))], np.int64)

"""Near-duplicates are found, strangers are not, and many pictures take little time."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.datasets import duplicates
from bottega.datasets.duplicates import RADIUS, alike, candidates, find_pairs, perceptual_hash
from bottega.media import image


def soft(count: int, seed: int = 0, side: int = 48) -> np.ndarray:
    """Pictures of soft blobs, ``(count, side, side, 3)``."""
    blobs = np.random.default_rng(seed).integers(0, 256, (count, 7, 7, 3), np.uint8)
    return np.stack([image.fit(picture, (side, side), "stretch") for picture in blobs])


def saved_badly(picture: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=40)
    return np.array(Image.open(file))


def smaller(picture: np.ndarray) -> np.ndarray:
    half = image.fit(picture, (picture.shape[0] // 2, picture.shape[1] // 2), "stretch")
    return image.fit(half, picture.shape[:2], "stretch")


def brighter(picture: np.ndarray) -> np.ndarray:
    return np.clip(picture * 0.9 + 25, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("change", [saved_badly, smaller, brighter])
def test_changed_copies_are_found(change):
    originals = soft(60)
    pictures = np.concatenate([originals, np.stack([change(picture) for picture in originals])])
    pairs, groups = find_pairs(perceptual_hash(pictures), lambda rows: pictures[rows])
    assert len(pairs) >= 58 and all(other == one + 60 for one, other in pairs)
    assert (groups[:60] == np.arange(60)).all()


def test_strangers_are_not(pictures=400):
    found = soft(pictures)
    pairs, groups = find_pairs(perceptual_hash(found), lambda rows: found[rows])
    assert pairs == [] and (groups == np.arange(pictures)).all()


def test_flat_pictures_are_told_apart_by_colour():
    flat = np.stack([np.full((16, 24, 3), shade, np.uint8) for shade in (0, 0, 90, 200, 200)])
    assert len(set(perceptual_hash(flat).tolist())) == 1
    assert alike(flat[:-1], flat[1:]).tolist() == [True, False, False, True]
    assert find_pairs(perceptual_hash(flat), lambda rows: flat[rows])[0] == [(0, 1), (3, 4)]


def test_transparency_counts():
    clear = np.zeros((1, 32, 32, 4), np.uint8)
    half = clear.copy()
    half[:, :, 16:, 3] = 255
    assert perceptual_hash(clear) != perceptual_hash(half) and not alike(clear, half)[0]


def test_candidates_are_all_pairs_within_the_radius():
    random = np.random.default_rng(0)
    centres = random.integers(0, 1 << 63, 40, np.uint64)
    flips = [np.bitwise_or.reduce(np.uint64(1) << random.choice(64, bits, False).astype(np.uint64), initial=0)
             for bits in random.integers(0, 12, 400)]  # fmt: skip
    hashes = np.repeat(centres, 10) ^ np.array(flips, np.uint64)
    near = np.bitwise_count(hashes[:, None] ^ hashes[None]) <= RADIUS
    expected = {frozenset((int(hashes[a]), int(hashes[b]))) for a, b in np.argwhere(near) if hashes[a] != hashes[b]}
    found = {frozenset(hashes[pair].tolist()) for block in candidates(hashes) for pair in block}
    assert {pair for pair in found if len(pair) == 2} == expected


def test_a_hundred_thousand_of_which_many_are_one():
    random = np.random.default_rng(0)
    hashes = random.integers(0, 1 << 63, 100_000, np.uint64)
    hashes[:30_000] = 5
    picture = soft(1, side=16)
    pairs, groups = find_pairs(hashes, lambda rows: picture.repeat(len(rows), axis=0))
    assert 29_999 <= len(pairs) < 30_010 and (groups[:30_000] == 0).all()


def test_work_is_done_in_pieces(monkeypatch):
    pictures = soft(50).repeat(3, axis=0)
    whole = find_pairs(perceptual_hash(pictures), lambda rows: pictures[rows])
    monkeypatch.setattr(duplicates, "PAIRS_AT_ONCE", 64)
    monkeypatch.setattr(duplicates, "BYTES_AT_ONCE", 1)
    pieces = find_pairs(perceptual_hash(pictures), lambda rows: pictures[rows])
    assert pieces[0] == whole[0] and (pieces[1] == whole[1]).all() and len(whole[0]) == 100


@pytest.mark.skipif("BOTTEGA_TEST_DATA" not in os.environ, reason="BOTTEGA_TEST_DATA is not set")
def test_few_false_alarms_among_real_photographs():
    folder = Path(os.environ["BOTTEGA_TEST_DATA"]) / "images" / "cifar10"
    pictures = np.stack([image.read(path) for path in sorted(folder.rglob("*.jpg"))[:3000]])
    pairs, _groups = find_pairs(perceptual_hash(pictures), lambda rows: pictures[rows])
    assert len(pairs) <= 5

"""Variation from patches against a plain sliced-Wasserstein patch optimiser: time, quality, coverage.

    python -m benchmarks patches FOLDER [--pictures 8] [--baseline 0] [--large] [--size 256]

FOLDER holds ``photos`` and ``paintings``. Both sides run in this process with the same number of threads, one after the
other. ``SIFID`` is the Fréchet distance between the Gaussians of local features of the two pictures, summed over three
scales: the colours, and the absolute responses of 32 fixed random 5 × 5 filters, both averaged over 4 × 4 pixels. Lower
is better. The baseline starts from noise, so it is compared with variations at distance 1. ``--baseline N`` runs it on
the first N pictures only: it takes minutes each.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from bottega.patches import arranging, measure, resize, variation
from bottega.randomness import Random
from swd_baseline import swd_baseline

FILTERS, SCALES, POOL = 32, 3, 4
DISTANCES = (0.1, 0.3, 0.6, 1.0)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=256, help="the longer side")
    parser.add_argument("--pictures", type=int, default=8, help="how many of them")
    parser.add_argument("--baseline", type=int, default=8, help="on how many pictures the baseline runs")
    parser.add_argument("--steps", type=int, default=300, help="of the baseline, for each level")
    parser.add_argument("--large", action="store_true", help="also time 1024 x 1024")
    wanted = parser.parse_args()
    files = sorted(f for kind in ("photos", "paintings") for f in (wanted.folder / kind).iterdir() if f.suffix != ".md")
    files = files[: wanted.pictures]
    print(f"{torch.get_num_threads()} threads, {wanted.size} px")
    print("| picture | asked | reached | coverage | SIFID | seconds | CPU seconds |\n|---|--:|--:|--:|--:|--:|--:|")
    ours: list[tuple[float, tuple[float, float]]] = []
    for file in files:
        x = load(file, wanted.size)
        for asked in DISTANCES:
            made, seconds = timed(lambda x=x, asked=asked: variation.vary([x], size_of(x), asked, Random(0, "bench")))
            far, found = measure.distance(x, made), measure.coverage(x, made)
            score = sifid(x, made)
            numbers = f"{asked} | {far:.2f} | {found:.3f} | {score:.4f} | {seconds[0]:.2f} | {seconds[1]:.2f}"
            print(f"| {file.stem} | {numbers} |", flush=True)
        ours.append((score, seconds))
        _, seconds = timed(lambda x=x: arranging.reshape(x, (x.shape[1], x.shape[2] * 3 // 2), Random(0), quiet))
        print(f"| {file.stem} | half as wide again | | | | {seconds[0]:.2f} | {seconds[1]:.2f} |", flush=True)
    for file, (score, seconds) in list(zip(files, ours, strict=True))[: wanted.baseline]:
        x = load(file, wanted.size)
        made, long = timed(lambda x=x: (swd_baseline(x * 2 - 1, steps=wanted.steps) + 1) / 2)
        theirs = sifid(x, made)
        print(
            f"{file.stem}: SIFID {score:.4f}, baseline {theirs:.4f}; {long[1]:.1f} / {seconds[1]:.2f} CPU"
            f" seconds = {long[1] / seconds[1]:.0f} x faster; its distance {measure.distance(x, made):.2f}",
            flush=True,
        )
    if wanted.large:
        x = resize(load(files[0], 1024), (1024, 1024))
        _, (seconds, busy) = timed(lambda: variation.vary([x], (1024, 1024), 0.7, Random(0)))
        print(f"1024 x 1024: {seconds:.1f} s, {busy:.1f} CPU seconds")


def quiet(share: float, picture: Tensor) -> None:
    """Listen to nothing."""


def load(file: Path, size: int) -> Tensor:
    """A picture whose longer side is ``size``: (3, H, W) in [0, 1]."""
    image = Image.open(file).convert("RGB")
    scale = size / max(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).float() / 255


def size_of(x: Tensor) -> tuple[int, int]:
    """(H, W)."""
    return x.shape[1], x.shape[2]


def timed(work) -> tuple[Tensor, tuple[float, float]]:
    """What a function makes, how many seconds it took, and how many of all cores together."""
    begin, busy = time.perf_counter(), time.process_time()
    made = work()
    return made, (time.perf_counter() - begin, time.process_time() - busy)


def features(x: Tensor) -> list[Tensor]:
    """Local features of a picture (3, H, W) at three scales: (places, 35) each."""
    filters = Random(0, "features").normal(FILTERS, 3, 5, 5)
    filters = F.normalize((filters - filters.mean((2, 3), keepdim=True)).flatten(1), dim=1).view_as(filters)
    rows = []
    for scale in range(SCALES):
        small = resize(x, tuple(max(8, n >> scale) for n in size_of(x)))[None]
        response = F.conv2d(small, filters, padding=2)
        both = torch.cat([F.avg_pool2d(small, POOL), F.avg_pool2d(response.abs(), POOL)], 1)
        rows.append(both[0].flatten(1).T)
    return rows


def sifid(a: Tensor, b: Tensor) -> float:
    """The Fréchet distance between the local features of two pictures, summed over the scales."""
    return sum(frechet(p.double(), q.double()) for p, q in zip(features(a), features(b), strict=True))


def frechet(p: Tensor, q: Tensor) -> float:
    """Between the Gaussians of two sets of rows (Dowson & Landau 1982)."""
    first, second = torch.cov(p.T), torch.cov(q.T)
    values, vectors = torch.linalg.eigh(first)
    root = vectors @ torch.diag(values.clamp_min(0).sqrt()) @ vectors.T
    cross = torch.linalg.eigvalsh(root @ second @ root).clamp_min(0).sqrt().sum()
    return float((p.mean(0) - q.mean(0)).square().sum() + first.trace() + second.trace() - 2 * cross)


if __name__ == "__main__":
    main()

"""Films varied from their own patches of space and time: how long it takes, how far it goes, and whether it moves.

    python -m benchmarks film_patches FOLDER [--clips 4] [--size 144] [--frames 24] [--threads 2]

FOLDER holds clips. ``step`` is the mean difference from frame to frame by that of the clip: a film that freezes is near
0, one that flickers above 1. ``warp`` is what is left of it when each frame is carried along the flow to the next, by
what is left in the clip: motion that no flow explains. ``reached`` and ``coverage`` as in ``patches.measure``.
"""

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from bottega.editing.moving.flow import flow, warp
from bottega.editing.weaving import clips
from bottega.media.video import READ, read
from bottega.patches import measure, variation
from bottega.randomness import Random

DISTANCES = (0.2, 0.6, 1.0)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--size", type=int, default=144, help="the longer side")
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    files = sorted(file for file in wanted.folder.iterdir() if file.suffix.lower() in READ)[: wanted.clips]
    print(f"{wanted.threads} threads, {wanted.size} px, {wanted.frames} frames")
    print(
        "| clip | asked | reached | coverage | step | warp | seconds | CPU seconds |\n|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    for file in files:
        frames = read(file, size=wanted.size).frames[: wanted.frames]
        source = clips.to_tensor(frames)
        for asked in DISTANCES:
            begin, busy = time.perf_counter(), time.process_time()
            made = variation.vary([source], tuple(source.shape[1:]), asked, Random(0, "bench"))
            spent = time.perf_counter() - begin, time.process_time() - busy
            drawn = clips.to_frames(made)
            step, left = (theirs / max(ours, 1e-6) for theirs, ours in zip(moves(drawn), moves(frames), strict=True))
            far, found = measure.distance(source, made), measure.coverage(source, made)
            numbers = f"{far:.2f} | {found:.2f} | {step:.2f} | {left:.2f} | {spent[0]:.1f} | {spent[1]:.1f}"
            print(f"| {file.stem} ({len(frames)}) | {asked} | {numbers} |", flush=True)


def moves(frames: np.ndarray) -> tuple[float, float]:
    """The mean step from frame to frame in grey levels, and what is left of it after the flow."""
    steps, left = [], []
    for first, second in pairwise(frames):
        back = warp(first, flow(second, first), smooth=False)
        steps.append(np.abs(second.astype(np.int16) - first).mean())
        left.append(np.abs(second.astype(np.int16) - back).mean())
    return float(np.mean(steps)), float(np.mean(left))


if __name__ == "__main__":
    main()

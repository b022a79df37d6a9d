"""Frames in between against plain blending: every other frame of real clips is left out and drawn again.

    python -m benchmarks frames_between FOLDER [--side 256] [--most 24]

FOLDER holds clips. Each is brought to ``--side`` pixels on its longer side; about ``--most`` of its frames, in equal
steps, are each predicted from their two neighbours. PSNR and SSIM (Wang et al. 2004, light, windows of 11 pixels) are
means over the frames of a clip; what changed by less than 0.05 squared levels counts as that. Constants were tuned on
every other clip, beginning with the first; the others are told apart. At the end the speed, at a square of ``--side``
pixels, in new frames a second for twice as many, flow and cuts included.
"""

import argparse
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from bottega.editing.moving.between import between, moments, retimed
from bottega.editing.moving.flow import grey, motion, opencv
from bottega.media.video import READ, blocks


def clip(path: Path, side: int) -> np.ndarray:
    """The frames of a clip, uint8 ``(T, H, W, 3)``."""
    return np.concatenate([part.frames for part in blocks(path, size=side)])


def psnr(made: np.ndarray, true: np.ndarray) -> float:
    """In decibels."""
    return float(10 * np.log10(255**2 / max(0.05, np.square(made.astype(np.float64) - true).mean())))


def ssim(made: np.ndarray, true: np.ndarray) -> float:
    """Structural similarity of the light."""
    cv2 = opencv()
    one, other = grey(made).astype(np.float64), grey(true).astype(np.float64)
    mean = lambda x: cv2.GaussianBlur(x, (11, 11), 1.5)  # noqa: E731
    a, b = mean(one), mean(other)
    spread = mean(one * one) - a * a, mean(other * other) - b * b, mean(one * other) - a * b
    c, d = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * a * b + c) * (2 * spread[2] + d) / ((a * a + b * b + c) * (spread[0] + spread[1] + d))).mean())


def measured(frames: np.ndarray, most: int) -> np.ndarray:
    """PSNR and SSIM of blending, then of ours: ``(4,)``."""
    rows = []
    middles = range(1, len(frames) - 1)
    for at in middles[:: max(1, len(middles) // most)]:
        before, true, after = frames[at - 1], frames[at], frames[at + 1]
        blend = np.rint((before.astype(np.float32) + after) / 2).astype(np.uint8)
        ours = between(before, after, motion(before, after), 0.5)
        rows.append([psnr(blend, true), ssim(blend, true), psnr(ours, true), ssim(ours, true)])
    return np.mean(rows, 0)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--most", type=int, default=24)
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.iterdir() if path.suffix in READ)
    print("clip                 blend         ours          gain")
    table = []
    for path in paths:
        row = measured(clip(path, options.side), options.most)
        table.append(row)
        print(f"{path.stem[:18]:18s}  {told(row)}", flush=True)
    for name, part in (("tuned on", table[::2]), ("not tuned on", table[1::2]), ("all", table)):
        if part:
            print(f"{name:18s}  {told(np.mean(part, 0))}")
    frames = clip(paths[0], 2 * options.side)[:8]
    cut = frames[:, : options.side, : options.side]
    cv2 = opencv()
    cut = np.stack([cv2.resize(frame, (options.side, options.side)) for frame in cut])
    retimed(cut[:2], moments(2, Fraction(1, 2), False), lambda share, frame: None)
    wall, cpu = time.perf_counter(), time.process_time()
    made, _cuts = retimed(cut, moments(len(cut), Fraction(1, 2), True), lambda share, frame: None)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    new = len(made) - len(cut)
    print(f"{options.side}×{options.side}: {new / wall:.1f} new frames/s by the clock, {new / cpu:.1f} per core second")


def told(row: np.ndarray) -> str:
    """A row of the table."""
    return f"{row[0]:5.2f} {row[1]:.4f}  {row[2]:5.2f} {row[3]:.4f}  {row[2] - row[0]:+5.2f} {row[3] - row[1]:+.4f}"


if __name__ == "__main__":
    main()

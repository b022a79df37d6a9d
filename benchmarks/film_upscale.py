"""Films made larger with what neighbouring frames saw, against enlarging frame by frame.

    python -m benchmarks film_upscale FOLDER [--side 256] [--most 12] [--sheet FILE.png]

FOLDER holds clips. The first ``--most`` frames of each, brought to ``--side`` pixels on their longer side, are shrunk
by two (each pixel the mean of four) and enlarged again: by cubic interpolation, by Lanczos' filter, by back-projection
of each frame alone (Irani & Peleg 1991; Lanczos and three turns), and by ours. PSNR and SSIM as in ``frames_between``,
means over the frames of a clip; and how unsteady the film is: the warp error of Lai et al. 2018, as a multiple of that
of the frames before they were shrunk, by their flow. Constants were tuned on every other clip, beginning with the
first; the others are told apart. At the end the speed, from a square of ``--side`` pixels to one of twice that. The
sheet shows a part of a frame of some clips: shrunk, Lanczos, alone, ours, true.
"""

import argparse
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from bottega.editing.moving.enlarging import enlarged, fitted, larger
from bottega.editing.moving.flow import motion, opencv
from bottega.editing.moving.stylizing import levels, warp_error
from bottega.media import image
from bottega.media.video import READ, blocks
from frames_between import psnr, ssim

WAYS = ("cubic", "Lanczos", "alone", "ours")
SHOWN = ("pool_73", "realshort", "waterfall")
PART = 48, 64  # pixels of the sheet's pictures, shown three times as large


def clip(path: Path, side: int, most: int) -> np.ndarray:
    """The first frames of a clip, with even sides: uint8 ``(T, H, W, 3)``."""
    frames = next(iter(blocks(path, size=side, frames=most))).frames
    height, width = (length // 2 * 2 for length in frames.shape[1:3])
    return np.ascontiguousarray(frames[:, :height, :width])


def halved(frames: np.ndarray) -> np.ndarray:
    """Shrunk by two."""
    cv2 = opencv()
    size = frames.shape[2] // 2, frames.shape[1] // 2
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in frames])


def made(small: np.ndarray, size: tuple[int, int]) -> list[np.ndarray]:
    """The film enlarged in all four ways."""
    filmed = small.astype(np.float32)
    lanczos = [larger(frame, size, "sharp") for frame in filmed]
    return [
        np.stack([levels(larger(frame, size)) for frame in filmed]),
        levels(np.stack(lanczos)),
        np.stack([levels(fitted(big, frame, 3)) for big, frame in zip(lanczos, filmed, strict=True)]),
        enlarged(small, size, False, lambda share, frame: None)[0],
    ]


def measured(true: np.ndarray, films: list[np.ndarray]) -> np.ndarray:
    """PSNR, SSIM and unsteadiness of each: ``(4, 3)``."""
    flows = [motion(now, before) for before, now in pairwise(true)]
    unsteady = [
        np.mean([warp_error(film[at], film[at + 1], flow) for at, flow in enumerate(flows)]) for film in (true, *films)
    ]
    quality = [np.mean([[psnr(*pair), ssim(*pair)] for pair in zip(film, true, strict=True)], 0) for film in films]
    return np.array([[*row, wrong / unsteady[0]] for row, wrong in zip(quality, unsteady[1:], strict=True)])


def part(true: np.ndarray, films: list[np.ndarray], small: np.ndarray) -> np.ndarray:
    """A row of the sheet: where ours is furthest from the frame alone."""
    cv2 = opencv()
    at, (high, wide) = len(true) // 2, PART
    apart = np.abs(films[3][at].astype(np.float32) - films[2][at]).mean(2)
    apart = cv2.boxFilter(apart, -1, (wide, high))
    inner = apart[high // 2 : -high // 2, wide // 2 : -wide // 2]
    top, left = np.unravel_index(inner.argmax(), inner.shape)
    pixels = cv2.resize(small[at], true.shape[2:0:-1], interpolation=cv2.INTER_NEAREST)
    films_at = (pixels, *(film[at] for film in films[1:]), true[at])
    parts = [picture[top : top + high, left : left + wide].repeat(3, 0).repeat(3, 1) for picture in films_at]
    return np.hstack([np.pad(one, ((2, 2), (2, 2), (0, 0)), constant_values=255) for one in parts])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--most", type=int, default=12)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    print(f"{'clip':18s}" + "".join(f"{way:22s}" for way in WAYS))
    table, rows = [], []
    for path in sorted(path for path in options.folder.iterdir() if path.suffix in READ):
        true = clip(path, options.side, options.most)
        small = halved(true)
        films = made(small, true.shape[1:3])
        table.append(measured(true, films))
        print(f"{path.stem[:16]:18s}{told(table[-1])}", flush=True)
        if path.stem in SHOWN:
            rows.append(part(true, films, small))
    for name, some in (("tuned on", table[::2]), ("not tuned on", table[1::2]), ("all", table)):
        if some:
            print(f"{name:18s}{told(np.mean(some, 0))}")
    if options.sheet and rows:
        image.write(options.sheet, np.vstack(rows))
    speed(options)


def speed(options: argparse.Namespace) -> None:
    """Print how many frames are enlarged in a second."""
    cv2, side = opencv(), options.side
    path = min(path for path in options.folder.iterdir() if path.suffix in READ)
    square = np.stack([cv2.resize(frame, (side, side)) for frame in clip(path, 2 * side, 8)])
    enlarged(square[:2], (2 * side, 2 * side), False, lambda share, frame: None)
    wall, cpu = time.perf_counter(), time.process_time()
    enlarged(square, (2 * side, 2 * side), False, lambda share, frame: None)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    rates = f"{len(square) / wall:.2f} frames/s by the clock, {len(square) / cpu:.2f} per core second"
    print(f"{side}×{side} to {2 * side}×{2 * side}: {rates}")


def told(row: np.ndarray) -> str:
    """A row of the table."""
    return "".join(f"{db:5.2f} {alike:.4f} {unsteady:4.2f}x    " for db, alike, unsteady in row)


if __name__ == "__main__":
    main()

"""Filling holes: PSNR, SSIM and the seam of ``inpaint`` against OpenCV's Telea and Navier–Stokes.

    python -m benchmarks inpaint FOLDER [SHEET.png]

FOLDER has ``photos/`` and ``paintings/``. Twenty holes – rectangles, strokes and blobs in turn – at random places whose
texture is above the picture's median, in pictures whose shorter side is 256 pixels. How it is measured:

- PSNR over the hole's pixels only, the three colours together; the mean over the holes.
- SSIM (Gaussian window, sigma 1.5, on luma) of the whole filled picture, averaged over the hole's pixels.
- Seam: the mean step of luma between neighbours across the border of the hole, over that between the same neighbours
  in the untouched picture. Above 1 a line shows, below 1 the edge is smeared; 1 is the truth.
- Sharpness: the same inside the hole.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from bottega.editing.operation import Job
from bottega.editing.patchwork.inpaint import INPAINT

HOLES, SIDE, RADIUS = 20, 256, 5
Fill = Callable[[np.ndarray, np.ndarray], np.ndarray]  # picture (H, W, 3) and hole (H, W) to picture


def pictures(folder: Path) -> list[tuple[str, np.ndarray]]:
    """Every photo and painting, its shorter side brought to ``SIDE``."""
    found = []
    for path in sorted([*folder.glob("photos/*.*"), *folder.glob("paintings/*.*")]):
        if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            image = Image.open(path).convert("RGB")
            scale = SIDE / min(image.size)
            size = (round(image.width * scale), round(image.height * scale))
            found.append((path.stem, np.array(image.resize(size, Image.Resampling.LANCZOS))))
    return found


def hole(picture: np.ndarray, shape: str, random: np.random.Generator) -> np.ndarray:
    """A hole (H, W) of that shape at a place with more texture than half of the picture."""
    height, width = picture.shape[:2]
    steps = cv2.GaussianBlur(np.hypot(*np.gradient(luma(picture))), (0, 0), 8)
    while True:
        canvas = Image.new("L", (width, height))
        pen = ImageDraw.Draw(canvas)
        x, y = random.uniform(40, width - 40), random.uniform(40, height - 40)
        if shape == "rectangle":
            w, h = random.uniform(24, 56, 2) / 2
            pen.rectangle((x - w, y - h, x + w, y + h), fill=255)
        elif shape == "stroke":
            points = [(x, y)]
            direction = random.uniform(0, 2 * np.pi)
            for _ in range(6):
                direction += random.uniform(-0.9, 0.9)
                x, y = x + 16 * np.cos(direction), y + 16 * np.sin(direction)
                points.append((x, y))
            pen.line(points, fill=255, width=int(random.integers(8, 15)), joint="curve")
        else:
            angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            radius = random.uniform(16, 30) * (
                1 + sum(random.uniform(-0.3, 0.3) / k * np.cos(k * angles + random.uniform(0, 6)) for k in (1, 2, 3, 4))
            )
            pen.polygon([*zip(x + radius * np.cos(angles), y + radius * np.sin(angles), strict=True)], fill=255)
        where = np.array(canvas) > 0
        inside = where[8:-8, 8:-8].sum() == where.sum() > 0
        if inside and steps[where].mean() > np.median(steps):
            return where


def luma(picture: np.ndarray) -> np.ndarray:
    """(H, W) float32 of 0 … 255."""
    return picture[..., :3].astype(np.float32) @ np.float32([0.299, 0.587, 0.114])


def psnr(made: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    """Inside the hole only."""
    error = (made[where].astype(np.float64) - truth[where]) ** 2
    return float(10 * np.log10(255**2 / max(error.mean(), 1e-9)))


def ssim(made: np.ndarray, truth: np.ndarray, where: np.ndarray) -> float:
    """Wang et al. 2004, averaged over the hole."""

    def blurred(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)

    a, b = luma(made).astype(np.float64), luma(truth).astype(np.float64)
    mean_a, mean_b = blurred(a), blurred(b)
    var_a, var_b = blurred(a * a) - mean_a**2, blurred(b * b) - mean_b**2
    both = blurred(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    value = (2 * mean_a * mean_b + c1) * (2 * both + c2) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(value[where].mean())


def steps(picture: np.ndarray, where: np.ndarray) -> tuple[float, float]:
    """The mean step of luma between neighbours across the hole's border, and between two inside the hole."""
    grey = luma(picture)
    across, inside = [], []
    for axis in (0, 1):
        difference = np.abs(np.diff(grey, axis=axis))
        first, second = (where[:-1], where[1:]) if axis == 0 else (where[:, :-1], where[:, 1:])
        across.append(difference[first ^ second])
        inside.append(difference[first & second])
    return float(np.concatenate(across).mean()), float(np.concatenate(inside).mean())


def ours(picture: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Through the operation itself."""
    works = {"picture": [picture], "mask": [where.astype(np.uint8) * 255]}
    return np.asarray(INPAINT.run(works, INPAINT.settings(), Job()).works[0])


WAYS: dict[str, Fill] = {
    "Telea": lambda picture, where: cv2.inpaint(picture, where.astype(np.uint8), RADIUS, cv2.INPAINT_TELEA),
    "Navier–Stokes": lambda picture, where: cv2.inpaint(picture, where.astype(np.uint8), RADIUS, cv2.INPAINT_NS),
    "bottega inpaint": ours,
}


def measure(folder: Path, ways: dict[str, Fill], sheet: Path | None = None) -> dict[str, np.ndarray]:
    """For every way (HOLES, 5): PSNR, SSIM, seam, sharpness, seconds."""
    works = pictures(folder)
    figures: dict[str, list[list[float]]] = {name: [] for name in ways}
    rows = []
    for number in range(HOLES):
        name, truth = works[number % len(works)]
        shape = ("rectangle", "stroke", "blob")[number % 3]
        where = hole(truth, shape, np.random.default_rng(number))
        true_border, true_inside = steps(truth, where)
        row = [truth, np.where(where[..., None], np.uint8([255, 0, 255]), truth)]
        for way, fill in ways.items():
            started = time.perf_counter()
            made = fill(truth, where)
            seconds = time.perf_counter() - started
            border, inside = steps(made, where)
            seam, sharp = border / true_border, inside / true_inside
            figures[way].append([psnr(made, truth, where), ssim(made, truth, where), seam, sharp, seconds])
            row.append(made)
        told = "  ".join(f"{way} {values[-1][0]:5.2f} dB {values[-1][1]:.3f}" for way, values in figures.items())
        print(f"{number:2} {name[:14]:14} {shape:9} {where.mean():5.1%}  {told}", flush=True)
        y, x = (int(np.clip(c.mean(), 64, n - 64)) for c, n in zip(np.nonzero(where), where.shape, strict=True))
        rows.append(np.concatenate([each[y - 64 : y + 64, x - 64 : x + 64] for each in row], axis=1))
    if sheet:
        half = (len(rows) + 1) // 2
        left, right = np.concatenate(rows[:half]), np.concatenate(rows[half:])
        Image.fromarray(np.concatenate([left, np.full((len(left), 8, 3), 255, np.uint8), right], axis=1)).save(sheet)
    return {way: np.array(values) for way, values in figures.items()}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    measured = measure(Path(sys.argv[1]), WAYS, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    print(f"\n{'':18}{'PSNR':>8}{'SSIM':>8}{'seam':>8}{'sharp':>8}{'s':>8}")
    for way, values in measured.items():
        print(f"{way:18}" + "".join(f"{value:8.3f}" for value in values.mean(axis=0)))

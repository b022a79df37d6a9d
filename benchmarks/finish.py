"""How long it takes to finish sixteen small pictures at 256 pixels, and how near the truth they come.

    python -m benchmarks finish [FOLDER] [SHEET.png]

The layouts are works that were held out, brought down to 32 pixels; the others, at full size, give the detail. FOLDER
holds transparent works, such as ``images/emoji``; without it only the built-in collection is measured. The error is the
root mean square against the work itself, beside that of enlarging the layout smoothly; the sharpness is the mean step
between neighbours as a share of the work's own.
"""

import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bottega.datasets import builtin
from bottega.editing.operation import Job
from bottega.editing.patchwork.upscale import finish
from bottega.media import image

COUNT, LAYOUT, SIZE, WORKS = 16, 32, 256, 300


def drawn() -> list[np.ndarray]:
    """Pictures of the built-in collection, large."""
    return [builtin.draw(index, SIZE)[0] for index in range(WORKS + COUNT)]


def found(folder: Path) -> list[np.ndarray]:
    """Transparent works of a folder, spread over all of it."""
    paths = sorted(folder.glob("*.png"))
    every = max(1, len(paths) // (WORKS + COUNT))
    return [image.read(path, alpha=True) for path in paths[::every][: WORKS + COUNT]]


def sharpness(picture: np.ndarray) -> float:
    """The mean step between neighbours."""
    x = picture.astype(np.float32)
    return float(np.abs(np.diff(x, axis=0)).mean() + np.abs(np.diff(x, axis=1)).mean())


def measure(name: str, works: list[np.ndarray]) -> list[np.ndarray]:
    """Finish the held-out ones, print the figures, and return rows of truth, layout and result."""
    held = [image.fit(work, (SIZE, SIZE)) for work in works[:: len(works) // COUNT][:COUNT]]
    kept = [work for number, work in enumerate(works) if number % (len(works) // COUNT)]
    layouts = [image.fit(work, (LAYOUT, LAYOUT)) for work in held]
    started = time.perf_counter(), time.process_time()
    finished = finish(layouts, kept, SIZE, Job())
    wall, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
    smooth = [image.fit(layout, (SIZE, SIZE)) for layout in layouts]

    def error(made: list[np.ndarray]) -> float:
        return float(np.sqrt(np.mean([(a.astype(float) - b) ** 2 for a, b in zip(made, held, strict=True)])))

    def sharp(made: list[np.ndarray]) -> float:
        return float(np.mean([sharpness(a) / sharpness(b) for a, b in zip(made, held, strict=True)]))

    print(
        f"{name:10} {len(finished)} pictures from {len(kept)} works  {wall:6.1f} s  {cpu:6.1f} s of CPU  "
        f"error {error(finished):5.2f} (smooth {error(smooth):5.2f})  "
        f"sharp {sharp(finished):4.2f} ({sharp(smooth):4.2f})"
    )
    return [np.concatenate(row, axis=1) for row in zip(held, smooth, finished, strict=True)]


if __name__ == "__main__":
    rows = measure("built-in", drawn())
    if len(sys.argv) > 1:
        rows += list(image.over_checkerboard(np.stack(measure("folder", found(Path(sys.argv[1]))))))
    if len(sys.argv) > 2:
        half = (len(rows) + 1) // 2
        rows += [np.full_like(rows[0], 255)] * (2 * half - len(rows))
        page = np.concatenate([np.concatenate(rows[:half]), np.concatenate(rows[half:])], axis=1)
        Image.fromarray(page).save(sys.argv[2])

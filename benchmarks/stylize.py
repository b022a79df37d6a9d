"""Films in a style against painting frame by frame: how much each flickers, and how fast it is.

    python -m benchmarks stylize FOLDER [--side 512] [--frames 24] [--alone 3] [--effort 0.3] [--clips 3]

FOLDER holds clips; of each, ``--frames`` frames at ``--side`` pixels on the longer side are painted in the style of a
drawing of waves, or of the last picture in ``FOLDER/../images/paintings``. Warp error (Lai et al. 2018) is the mean
squared difference between a frame and the last one brought to where things are now, over what both show; flow and what
is shown come from the film, for all three rows alike. Frame by frame, every one of ``--alone`` frames is painted by
``bottega edit style`` with the same seed; keyframes and these take ``--effort`` of the usual steps.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from bottega.editing.moving.flow import motion
from bottega.editing.moving.stylizing import Stylizer, warp_error
from bottega.editing.operation import Job
from bottega.editing.styling.painting import paint
from bottega.editing.styling.style import StyleSettings
from bottega.media import image
from bottega.media.video import READ, read


def style_of(folder: Path) -> np.ndarray:
    """What to paint like."""
    paintings = sorted((folder.parent / "images" / "paintings").glob("*.jpg"))
    if paintings:
        return image.read(paintings[-1])
    y, x = np.mgrid[:400, :400] / 400
    return np.stack([np.sin(9 * x + 40 * y * k * np.sin(5 * x)) * 80 + 128 for k in (1, 2, 3)], 2).astype(np.uint8)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--alone", type=int, default=3)
    parser.add_argument("--effort", type=float, default=0.3)
    parser.add_argument("--clips", type=int, default=3)
    options = parser.parse_args()
    style = style_of(options.folder)
    settings = StyleSettings.model_validate({"vgg": "off", "effort": options.effort})
    painted: dict[bytes, np.ndarray] = {}

    def painting(frame: np.ndarray) -> np.ndarray:
        key = frame.tobytes()
        if key not in painted:
            painted[key] = paint(frame, [style], [], settings, Job()).works[0]  # pyright: ignore
        return painted[key]

    paths = sorted(path for path in options.folder.iterdir() if path.suffix in READ)
    print("warp error × 10⁴      film   alone    ours   ours/film  alone/ours   frames/s by the clock, per core second")
    for path in paths[: options.clips]:
        frames = read(path, alpha=False, size=options.side, seconds=10).frames[: options.frames]
        alone = [painting(frame) for frame in frames[: options.alone]]
        stylizer = Stylizer(painting, 1)
        made = stylizer.paintings(frames)
        next(made)  # the keyframe
        wall, cpu = time.perf_counter(), time.process_time()
        count = sum(1 for _painting in made)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        film, ours = np.mean(stylizer.errors, 0) * 1e4
        ways = [motion(frames[n], frames[n - 1]) for n in range(1, len(alone))]
        each = np.mean([warp_error(alone[n], alone[n + 1], way) for n, way in enumerate(ways)]) * 1e4
        there = np.mean([error for _film, error in stylizer.errors[: len(ways)]]) * 1e4  # of the same frames
        print(
            f"{path.stem[:18]:18s} {film:7.2f} {each:7.2f} {ours:7.2f} {ours / film:9.2f} {each / there:11.1f}"
            f" {count / wall:12.1f} {count / cpu:6.1f}   ({frames.shape[2]}×{frames.shape[1]}, {stylizer.cuts} cuts)",
            flush=True,
        )


if __name__ == "__main__":
    main()

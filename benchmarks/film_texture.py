"""Endless loops from clips: the seam of the best plain cut, and ours, with time and memory.

    python -m benchmarks film_texture FOLDER [--clips 12] [--large]

FOLDER holds clips. Of every clip the best plain cut is found by looking at all of them: the frames that are at least a
second apart (or half the clip) and nearest to each other at 128 pixels. Both loops are measured at full size: ``seam``
is the step from the last frame to the first by the mean step of the loop (``bottega.evaluation.films.motion``);
``worst`` the largest of all steps around the loop by the clip's median step, which also sees what a fade does before
and after. ``--large`` times the first clip that is long enough at 1920 × 1080 × 250 frames.
"""

import argparse
import resource
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

from bottega.editing.operation import Job
from bottega.editing.weaving import looping
from bottega.editing.weaving.texture import TextureSettings, texture
from bottega.evaluation.films.motion import seam
from bottega.media.video import READ, Film, read


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=12)
    parser.add_argument("--large", action="store_true", help="also time 1920 x 1080 x 250")
    wanted = parser.parse_args()
    files = sorted(file for file in wanted.folder.iterdir() if file.suffix.lower() in READ)
    print("| clip | frames | seam, best cut | seam, ours | worst, best cut | worst, ours | CPU seconds |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for file in files[: wanted.clips]:
        film = read(file, size=640)
        begin = time.process_time()
        ours = texture({"film": [film]}, TextureSettings(), Job()).works[0]
        busy = time.process_time() - begin
        plain = best_cut(film)
        usual = float(np.median(steps(film.frames)))
        numbers = [seam(plain), seam(ours), *(max(steps(one.frames, True)) / usual for one in (plain, ours)), busy]
        print(f"| {file.stem} | {len(film)} | " + " | ".join(f"{number:.2f}" for number in numbers) + " |", flush=True)
    if wanted.large:
        large(files)


def best_cut(film: Film) -> Film:
    """The loop without any blending whose last frame is followed by the likest first one."""
    apart = looping.distances(looping.glances(film.frames))
    shortest = max(2, min(round(float(film.rate)), len(film) // 2))
    last, first = np.indices(apart.shape)
    able = np.where(last - first + 1 >= shortest, apart, np.inf)
    end, begin = np.unravel_index(int(able.argmin()), able.shape)
    return Film(film.frames[begin : end + 1], film.rate)


def steps(frames: np.ndarray, around: bool = False) -> list[float]:
    """From frame to frame, root mean square; of a loop also the one back to the beginning."""
    last = [(frames[-1], frames[0])] if around else []
    return [float(np.sqrt(np.square(b.astype(np.float32) - a).mean())) for a, b in [*pairwise(frames), *last]]


def large(files: list[Path]) -> None:
    """Time and memory at 1080p, 250 frames, of a clip that is enlarged to it."""
    import cv2

    film = next(film for film in (read(file, size=320) for file in files) if len(film) >= 250)
    frames = np.empty((250, 1080, 1920, 3), np.uint8)
    for number, frame in enumerate(film.frames[:250]):
        frames[number] = cv2.resize(frame, (1920, 1080))
    big = Film(frames, film.rate)
    del film
    before, begin, busy = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter(), time.process_time()
    made = texture({"film": [big]}, TextureSettings(), Job())
    spent = time.perf_counter() - begin, time.process_time() - busy
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"1920 x 1080 x 250 ({frames.nbytes / 1e9:.2f} GB): {spent[0]:.1f} s, {spent[1]:.1f} CPU seconds,")
    print(f"{(after - before) / 1e6:.2f} GB more at its height; {made.facts}")


if __name__ == "__main__":
    main()

"""Filling holes: SDR of ``repair`` against a straight line, prediction from one side, and the published method.

    python -m benchmarks repair FOLDER [SIGNALS]

FOLDER has ``recordings/*.ogg``; the tonal ones at 44.1 kHz are used: ten seconds from the middle, mixed to mono, and in
each ten holes at random places, one in each tenth, where the sound is above 5 % of its root mean square. How it is
measured:

- SDR over the samples of all ten holes of a file together, and the mean over files, as in the study by Mokrý and Rajmic
  (2025, "On the Use of Autoregressive Methods for Audio Inpainting"); beside it the mean and the median of the holes.
- "published" is their gap-wise Janssen: order 1024, 4096 samples on each side, from zeros, ``ROUNDS`` rounds of Burg
  and Cholesky (their figures for three rounds are within 0.5 dB of their best).
- Speed is by the clock for the ten holes of a file of ten seconds; nothing else may run beside it.

SIGNALS is a folder with ``NAME_clean.wav`` and ``NAME_MS_janssen.wav``, as the study puts three of its signals with its
own results on the web: then those holes are filled too, and compared with those results.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from bottega.editing.repairing import gaps
from bottega.editing.repairing.prediction import burg

TONAL = ("waltz", "ragtime", "Hungarian", "Sugar_Plum", "trumpet")
LENGTHS = (10, 20, 30, 50, 80)  # ms
GOALS = (19.5, 16.0, 14.0, 11.0, 9.0)  # dB
HOLES, SECONDS, ROUNDS, LEAST = 10, 10, 3, 0.05
Fill = Callable[[np.ndarray, int, int], np.ndarray]


def published(x: np.ndarray, start: int, end: int, order: int = 1024, context: int = 4096) -> np.ndarray:
    """Gap-wise Janssen as in the study."""
    from scipy.linalg import solveh_banded

    count = end - start
    part = x[start - context : end + context].copy()
    part[context : context + count] = 0.0
    for _round in range(ROUNDS):
        (a,) = burg([part], [order])
        known = part[context - order : context + count + order].copy()
        known[order : order + count] = 0.0
        towards = np.convolve(np.convolve(known, a)[order : count + 2 * order], a[::-1])[order : order + count]
        alike = np.correlate(a, a, "full")[order:][:count]
        bands = np.repeat(alike[:, None], count, axis=1)
        part[context : context + count] = -solveh_banded(bands, towards, lower=True)
    return part[context : context + count]


WAYS: dict[str, Fill] = {
    "straight line": gaps.linear,
    "from one side": gaps.one_sided,
    "published": published,
    "bottega repair": gaps.fill,
}


def recordings(folder: Path) -> dict[str, np.ndarray]:
    """The middle of each tonal recording, float64 ``(N,)``."""
    found = {}
    for path in sorted((folder / "recordings").glob("*.ogg")):
        name = next((name for name in TONAL if name in path.stem), None)
        if name:
            x, rate = soundfile.read(path)
            x = x.reshape(len(x), -1).mean(axis=1)
            first = max(0, (len(x) - SECONDS * rate) // 2)
            found[name] = x[first : first + SECONDS * rate]
    return found


def places(x: np.ndarray, count: int) -> list[int]:
    """Where ten holes begin."""
    random, edge = np.random.default_rng(0), 9000
    width, level = (len(x) - 2 * edge) / HOLES, LEAST * np.sqrt(np.mean(x**2))
    found = []
    for number in range(HOLES):
        for _try in range(50):
            start = int(edge + number * width + random.uniform(0, width - count))
            if np.sqrt(np.mean(x[start : start + count] ** 2)) > level:
                found.append(start)
                break
    return found


def sdr(truth: np.ndarray, made: np.ndarray) -> float:
    return float(10 * np.log10((truth @ truth) / max((truth - made) @ (truth - made), 1e-30)))


def filled(x: np.ndarray, starts: list[int], count: int, fill: Fill) -> tuple[float, list[float], float]:
    """SDR over all holes, that of each, and seconds."""
    began = time.perf_counter()
    made = [fill(x, start, start + count) for start in starts]
    seconds = time.perf_counter() - began
    truth = [x[start : start + count] for start in starts]
    return (
        sdr(np.concatenate(truth), np.concatenate(made)),
        [sdr(*pair) for pair in zip(truth, made, strict=True)],
        seconds,
    )


def on_recordings(folder: Path) -> None:
    """A table of ways and lengths."""
    works = recordings(folder)
    for length, goal in zip(LENGTHS, GOALS, strict=True):
        count = round(length * 44.1)
        print(f"\n{length} ms (goal {goal})  " + "".join(f"{name:>12}" for name in works) + f"{'mean':>12}  speed")
        for way, fill in WAYS.items():
            rows = [filled(x, places(x, count), count, fill) for x in works.values()]
            each = [f"{whole:6.1f} {np.mean(holes):5.1f}" for whole, holes, _seconds in rows]
            means = np.mean([row[0] for row in rows]), np.mean([np.mean(row[1]) for row in rows])
            speed = sum(len(x) / 44100 for x in works.values()) / sum(row[2] for row in rows)
            print(
                f"{way:18}" + "".join(f"{one:>12}" for one in each) + f"{means[0]:6.2f} {means[1]:5.2f}  {speed:5.0f}×"
            )
            best = np.sort(np.concatenate([row[1] for row in rows]))
            print(f"{'':18}median of holes {np.median(best):.1f}, best quarter above {np.quantile(best, 0.75):.1f}")


def on_signals(folder: Path) -> None:
    """The study's own signals and results."""
    print(
        "\nthe study's signals: its extrapolation, its gap-wise Janssen (20 rounds), ours; SDR over all holes of a file"
    )
    for length in (20, 50, 80):
        totals = []
        for path in sorted(folder.glob("*_clean.wav")):
            name = path.stem.removesuffix("_clean")
            x, rate = soundfile.read(path)
            theirs, _rate = soundfile.read(folder / f"{name}_{length}_janssen.wav")
            simple, _rate = soundfile.read(folder / f"{name}_{length}_extrapolation.wav")
            changed = np.flatnonzero(np.abs(theirs - x) > 1e-4)
            groups = np.split(changed, np.flatnonzero(np.diff(changed) > 500) + 1)
            count = round(length * rate / 1000)
            starts = [(group[0] + group[-1] + 1) // 2 - count // 2 for group in groups if len(group) > 20]
            where = np.concatenate([np.arange(start, start + count) for start in starts])
            made = np.concatenate([gaps.fill(x, start, start + count) for start in starts])
            totals.append([sdr(x[where], simple[where]), sdr(x[where], theirs[where]), sdr(x[where], made)])
            print(f"{length} ms {name:20}" + "".join(f"{one:8.2f}" for one in totals[-1]))
        print(f"{length} ms {'mean':20}" + "".join(f"{one:8.2f}" for one in np.mean(totals, axis=0)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    on_recordings(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        on_signals(Path(sys.argv[2]))

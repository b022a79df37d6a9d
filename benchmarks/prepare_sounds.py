"""How fast sounds are prepared, in how much memory, and what a batch of crops costs.

    python benchmarks/prepare_sounds.py [FOLDER] [--json]

Without a folder: an hour of stereo at 44.1 kHz as sixty files and as one, FLAC; and two thousand sounds of half a
second, WAV; all of random notes. ``again_s`` is opening what is prepared, ``one_more_s`` preparing after one file has
come.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RATE = 44_100


def megabytes() -> float:
    """The most memory this process has had."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def prepared(source: Path, cache: Path, more: Path | None) -> dict:
    """Prepare, open again, prepare with one file more, and cut batches."""
    from bottega.datasets.crops import Changes, Crops
    from bottega.datasets.sounds import prepare_sounds

    before, processor, started = megabytes(), time.process_time(), time.perf_counter()
    data = prepare_sounds(source, cache=cache)
    first, processor = time.perf_counter() - started, time.process_time() - processor
    peak, minutes = megabytes(), data.report.length / 60
    started = time.perf_counter()
    prepare_sounds(source, cache=cache)
    again = time.perf_counter() - started
    one_more = float("nan")
    if more:
        shutil.copy(more, source / f"one_more{more.suffix}")
        started = time.perf_counter()
        data = prepare_sounds(source, cache=cache)
        one_more = time.perf_counter() - started
    crops = Crops(data, samples=round(0.75 * data.rate), changes=Changes(pitch=2.0))
    crops.batch((0,), 0, 16)
    batches = time.process_time()
    for step in range(100):
        crops.batch((0,), step, 16)
    return {
        "minutes": minutes,
        "first_s": first,
        "processor_s": processor,
        "again_s": again,
        "one_more_s": one_more,
        "peak_mb": peak,
        "above_imports_mb": peak - before,
        "batch_of_16_ms": (time.process_time() - batches) * 10,
    }


def notes(seconds: float, seed: int) -> np.ndarray:
    """Random plucked notes, float32 (N, 2)."""
    dice = np.random.default_rng(seed)
    clock = np.arange(RATE // 2) / RATE
    samples = np.zeros((round(seconds * RATE) + len(clock), 2), np.float32)
    for begin in range(0, round(seconds * RATE), RATE // 5):
        pitch = 110 * 2 ** dice.uniform(0, 3)
        tone = sum(np.sin(2 * np.pi * k * pitch * clock) * np.exp(-3 * k * clock) / k for k in (1, 2, 3, 5))
        samples[begin : begin + len(clock)] += 0.2 * tone[:, None] * dice.uniform(0.3, 1, 2)
    return samples[: round(seconds * RATE)]


def collections(folder: Path) -> dict[str, tuple[Path, Path]]:
    """The collections by name, each with a file to be added later."""
    import soundfile

    for name in ("files", "file", "short"):
        (folder / name).mkdir()
    with soundfile.SoundFile(folder / "file" / "hour.flac", "w", RATE, 2) as hour:
        for minute in range(60):
            samples = notes(60, minute)
            hour.write(samples)
            soundfile.write(folder / "files" / f"{minute:02}.flac", samples, RATE)
    for number in range(2_000):
        soundfile.write(folder / "short" / f"{number:04}.wav", notes(0.5, 1_000 + number), RATE)
    soundfile.write(folder / "more.flac", notes(60, 999), RATE)
    more = folder / "more.flac"
    return {
        "1 h, 60 files": (folder / "files", more),
        "1 h, one file": (folder / "file", more),
        "2,000 × 0.5 s": (folder / "short", more),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="sounds of your own")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        asked = {options.folder.name: (options.folder, None)} if options.folder else collections(Path(place))
        results = {}
        for name, (source, more) in asked.items():  # each in a process of its own, so that the peak is its own
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                results[name] = pool.apply(prepared, (source, Path(place) / "cache", more))
    if options.json:
        print(json.dumps(results, indent=2))
        return
    columns = list(next(iter(results.values())))
    print(f"{'':15}" + "".join(f"{column:>17}" for column in columns))
    for name, result in results.items():
        print(f"{name:15}" + "".join(f"{result[column]:17,.2f}" for column in columns))


if __name__ == "__main__":
    main()

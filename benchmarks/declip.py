"""Clipped peaks: ``repair`` against FFmpeg's ``adeclip``, in one process.

    python -m benchmarks declip FOLDER

FOLDER has ``recordings/*.ogg``. From each, three seconds from the middle in mono, with peak 1, clipped so that the SDR
of the whole is 7 dB. The gain is of the SDR over the clipped samples, before and after. FFmpeg's filter runs through
PyAV with its defaults, on floating-point samples scaled down to leave room for what it rebuilds. Seconds are of CPU.
"""

import sys
import time
from pathlib import Path

import av
import numpy as np
import soundfile

from bottega.editing.repairing import flaws
from bottega.editing.repairing.clipping import rebuilt

TONAL = ("waltz", "ragtime", "Hungarian", "Sugar_Plum", "trumpet")
SECONDS, INPUT = 3, 7.0  # dB
ROOM = 0.25  # of full scale for the clipped sound: adeclip cuts at full scale


def sdr(truth: np.ndarray, made: np.ndarray) -> float:
    return float(10 * np.log10((truth @ truth) / max((truth - made) @ (truth - made), 1e-30)))


def clipped_to(x: np.ndarray, wanted: float) -> np.ndarray:
    """Clipped at the level that gives this SDR."""
    low, high = 0.0, float(np.abs(x).max())
    for _step in range(50):
        level = (low + high) / 2
        low, high = (low, level) if sdr(x, np.clip(x, -level, level)) > wanted else (level, high)
    return np.clip(x, -level, level)


def ours(y: np.ndarray, rate: int) -> np.ndarray:
    y = y.astype(np.float32)
    return rebuilt(y, *flaws.clip_levels(y.astype(np.float64)), rate).astype(np.float64)


def ffmpeg(y: np.ndarray, rate: int) -> np.ndarray:
    """FFmpeg's ``adeclip``."""
    scale = ROOM / np.abs(y).max()
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="dblp", layout="mono")
    declip, sink = graph.add("adeclip"), graph.add("abuffersink")
    source.link_to(declip)
    declip.link_to(sink)
    graph.configure()
    made = []

    def drain() -> None:
        while True:
            try:
                made.append(graph.pull().to_ndarray()[0])
            except (av.error.BlockingIOError, av.error.EOFError):
                return

    for start in range(0, len(y), 4096):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(y[None, start : start + 4096] * scale), "dblp", "mono")
        frame.sample_rate, frame.pts = rate, start
        graph.push(frame)
        drain()
    graph.push(None)
    drain()
    whole = np.concatenate(made)[: len(y)] / scale
    return np.concatenate([whole, y[len(whole) :]])


def measure(folder: Path) -> None:
    """A line for each recording, and the means."""
    rows = []
    print(f"{'':28}{'clipped':>9}{'before':>8}{'adeclip':>9}{'ours':>8}{'s of adeclip':>14}{'s of ours':>11}")
    found = sorted((folder / "recordings").glob("*.ogg"))
    for path in found:
        x, rate = soundfile.read(path)
        x = x.reshape(len(x), -1).mean(axis=1)
        first = max(0, (len(x) - SECONDS * rate) // 2)
        x = x[first : first + SECONDS * rate]
        x = x / np.abs(x).max()
        y = clipped_to(x, INPUT)
        where = np.abs(y) >= np.abs(y).max() - 1e-9
        before, row = sdr(x[where], y[where]), []
        for way in (ffmpeg, ours):
            began = time.process_time()
            made = way(y, rate)
            row += [sdr(x[where], made[where]) - before, time.process_time() - began]
        rows.append([row[0], row[2], row[1], row[3]])
        share = f"{where.mean():.1%}"
        print(
            f"{path.stem[:27]:28}{share:>9}{before:8.2f}{row[0]:9.2f}{row[2]:8.2f}{row[1]:14.1f}{row[3]:11.1f}",
            flush=True,
        )
    tonal = [row for row, path in zip(rows, found, strict=True) if any(name in path.stem for name in TONAL)]
    told("mean of the tonal ones", tonal)
    told("mean", rows)


def told(name: str, rows: list[list[float]]) -> None:
    mean = np.mean(rows, axis=0)
    print(f"{name:28}{'':17}{mean[0]:9.2f}{mean[1]:8.2f}{mean[2]:14.1f}{mean[3]:11.1f}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    measure(Path(sys.argv[1]))

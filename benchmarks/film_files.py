"""How fast films are written and read, and how alike they come back.

``python -m benchmarks film_files CLIPS [--frames 100]`` writes a clip of the folder at 64, 256 and, where one is large
enough, 1080 pixels in every format and reads it again. It prints frames per second of processor time, that of the child
that decodes included, megabits per second, and the PSNR of what comes back at the film's own size.
"""

import argparse
import resource
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

from bottega.media import video
from bottega.media.video import Film


def processor_seconds() -> float:
    """Of this process and of its children that ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """In decibels; infinite for what is the same."""
    error = np.mean((a.astype(np.float32) - b) ** 2)
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def there_and_back(frames: np.ndarray, count: int) -> Film:
    """A film of so many frames from a shorter one."""
    both = np.concatenate([frames, frames[::-1]])
    return Film(both[np.arange(count) % len(both)], Fraction(25))


def measure(name: str, film: Film, place: Path) -> None:
    """Write and read one film in every format."""
    for ending in video.WRITTEN:
        if ending in (".gif", ".webp") and max(film.size) > 1000:
            continue
        path = place / f"film{ending}"
        began = processor_seconds()
        video.write(path, film)
        wrote = processor_seconds()
        video.read(path)
        read = processor_seconds()
        small = sum(len(block) for block in video.blocks(path, size=(64, 64)))
        ended = processor_seconds()
        same = psnr(video.read(path, size=film.size, fit="stretch").frames, film.frames)
        bits = path.stat().st_size * 8 / film.seconds / 1e6
        speeds = [len(film) / (wrote - began), len(film) / (read - wrote), small / (ended - read)]
        print(f"{name:>5} {ending:6}" + "".join(f"{speed:9.1f}" for speed in speeds) + f"{bits:9.2f}{same:8.1f}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--frames", type=int, default=100)
    wishes = parser.parse_args()
    clips = {path: next(video.blocks(path, frames=40)).frames for path in sorted(wishes.clips.glob("*.mp4"))}
    longest = max(clips, key=lambda path: len(clips[path]))
    print(
        "frames per processor second, megabits per second, decibels\n"
        " film format    write     read at 64 px   Mbit/s    PSNR"
    )
    with tempfile.TemporaryDirectory() as place:
        for size in (64, 256):
            film = video.read(longest, size=(size, size), seconds=3)
            measure(str(size), there_and_back(film.frames, wishes.frames), Path(place))
        for frames in [frames for frames in clips.values() if frames.shape[1] == 1080][:1]:
            measure("1080", there_and_back(frames, wishes.frames // 2), Path(place))


if __name__ == "__main__":
    main()

"""Does the distance between films see motion, and are films cut where they should be?

``python -m benchmarks film_measures FOLDER [--clips 60]``: half of the clips of the built-in collection, of bouncing
digits and of the films of a folder are changed in ways that a model's mistakes resemble, and the kernel distance of
each to the other half is told, with that of the unchanged half. Then films are put together from the folder's and from
built-in pictures, with cuts, dissolves, fades, flashes, pans and changes of light, and it is counted which are cut.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np

from bottega.datasets import builtin, builtin_films
from bottega.datasets.films.cuts import Shots
from bottega.evaluation.films.controls import frozen, shuffled
from bottega.evaluation.films.features import features
from bottega.evaluation.films.kernel import Scale
from bottega.media import video
from bouncing import digits

FRAMES, RATE, SIDE = 16, 12, 64
EACH = 12  # windows of a film


def changes(dice: np.random.Generator) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Ways to spoil clips ``(N, T, H, W, C)``."""

    def blurred(clips: np.ndarray, wide: float = 1.5) -> np.ndarray:
        return np.stack([[cv2.GaussianBlur(frame, (0, 0), wide) for frame in clip] for clip in clips])

    return {
        "unchanged": lambda clips: clips,
        "blurred by 1.5 pixels": blurred,
        "pale and blurred by 3": lambda clips: blurred((clips * 0.6 + 40).astype(np.uint8), 3),
        "noise of 12 levels": lambda clips: (clips + dice.normal(0, 12, clips.shape)).clip(0, 255).astype(np.uint8),
        "half as fast, each frame twice": lambda clips: np.repeat(clips[:, : FRAMES // 2], 2, axis=1),
        "frames swapped in pairs": lambda clips: clips[:, np.arange(FRAMES) ^ 1],
        "shuffled": shuffled,
        "a fade from the first frame to the last": faded,
        "frozen": frozen,
    }


def faded(clips: np.ndarray) -> np.ndarray:
    share = np.linspace(0, 1, FRAMES)[:, None, None, None]
    return (clips[:, :1] * (1 - share) + clips[:, -1:] * share).astype(np.uint8)


def windows(films: list[np.ndarray], each: int, dice: np.random.Generator) -> np.ndarray:
    starts = [(film, dice.integers(0, len(film) - FRAMES + 1, each)) for film in films if len(film) >= FRAMES]
    return np.stack([film[at : at + FRAMES] for film, some in starts for at in some])


def tell_distances(name: str, clips: np.ndarray, most: int, dice: np.random.Generator) -> None:
    clips = clips[dice.permutation(len(clips))]
    one, other = clips[: len(clips) // 2][:most], clips[len(clips) // 2 :][:most]
    began = time.process_time()
    real = features(other)
    scale = Scale(np.concatenate([features(one), real]))
    spent = 1000 * (time.process_time() - began) / (len(one) + len(other))
    print(f"{name}: {len(one)} and {len(other)} clips, {spent:.0f} ms each")
    for change, apply in changes(dice).items():
        found = scale.distance(features(apply(one)), real)
        print(f"  {change:40} {found.value:9.3f} ± {found.error:.3f}")


def pan(picture: np.ndarray, speed: float, frames: int) -> np.ndarray:
    """A camera that moves by a share of its view in each frame, there and back."""
    room = picture.shape[1] - SIDE
    places = np.abs((speed * SIDE * np.arange(frames) + room) % (2 * room) - room).astype(int)
    return np.stack([picture[16 : 16 + SIDE, x : x + SIDE] for x in places])


def found(films: Iterator[np.ndarray]) -> str:
    """How many of some films are cut."""
    counts = []
    for film in films:
        shots = Shots(RATE)
        shots.take(film)
        counts.append(len(shots.finished()) > 1)
    return f"{sum(counts)} of {len(counts)}"


def tell_cuts(films: list[np.ndarray], dice: np.random.Generator) -> None:
    drawn = [builtin.draw(number, 96)[0] for number in range(32)]
    wide = [np.concatenate([drawn[i], drawn[i + 8]], axis=1) for i in range(24)]
    two = [dice.choice(len(wide), 2, replace=False) for _ in range(40)]
    some = [dice.choice(len(films), 2, replace=False) for _ in range(200)]
    print("cut:")
    print("  cuts between real films", found(np.concatenate([films[a][-20:], films[b][:20]]) for a, b in some))
    pairs = ((pan(wide[a], 0.1, 20), pan(wide[b], 0.1, 20)) for a, b in two)
    print("  cuts between pans", found(map(np.concatenate, pairs)))
    for length in (6, 10, 14, 20, 30):
        share = np.clip((np.arange(60 + length) - 30) / length, 0, 1)[:, None, None, None]
        mixed = (
            (pan(wide[a], 0.01, 60 + length) * (1 - share) + pan(wide[b], 0.01, 60 + length) * share).astype(np.uint8)
            for a, b in two
        )
        print(f"  dissolves of {length} frames", found(mixed))
    dark = np.concatenate([np.ones(20), np.linspace(1, 0, 10), np.zeros(4), np.linspace(0, 1, 10), np.ones(20)])
    fades = (lit(np.concatenate([pan(wide[a], 0.01, 32), pan(wide[b], 0.01, 32)]), dark) for a, b in two)
    print("  fades through black", found(fades))
    print("not to be cut:")
    for speed in (0.05, 0.1, 0.2, 0.3):
        print(f"  pans by {speed:.0%} of the view a frame", found(pan(picture, speed, 40) for picture in wide))
    for strength in (80, 255):
        print(f"  flashes of {strength} levels", found(flashed(pan(one, 0.02, 40), strength, dice) for one in wide))
    dawn = np.concatenate([np.full(25, 0.35), np.linspace(0.35, 1, 6), np.ones(29)])
    print("  light that comes up in half a second", found(lit(pan(one, 0.01, 60), dawn) for one in wide))
    print("  real films", found(iter(films)))
    print("  built-in films", found(builtin_films.draw(number)[0] for number in range(40)))
    print("  bouncing digits", found(iter(np.repeat(digits(40, 40)[..., None], 3, -1))))


def lit(film: np.ndarray, light: np.ndarray) -> np.ndarray:
    return (film * light[:, None, None, None]).clip(0, 255).astype(np.uint8)


def flashed(film: np.ndarray, strength: int, dice: np.random.Generator) -> np.ndarray:
    bright, length = film.astype(int), int(dice.integers(1, 4))
    bright[20 : 20 + length] += strength
    return bright.clip(0, 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=int, default=60)
    wanted = parser.parse_args()
    dice = np.random.default_rng(0)
    paths = sorted(path for path in wanted.folder.iterdir() if path.suffix in video.READ)
    films = [video.read(path, alpha=False, size=(SIDE, SIDE), rate=RATE).frames for path in paths]
    tell_cuts(films, dice)
    drawn = [builtin_films.draw(number)[0] for number in range(2 * wanted.clips)]
    moved = np.repeat(digits(2 * wanted.clips, FRAMES)[..., None], 3, -1)
    tell_distances("built-in", windows(drawn, 1, dice), wanted.clips, dice)
    tell_distances("digits", moved, wanted.clips, dice)
    tell_distances("real", windows(films, EACH, dice), wanted.clips, dice)


if __name__ == "__main__":
    main()

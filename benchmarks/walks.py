"""Films of walks through latent spaces: how even, how closed, how well in time with music, how fast.

``python -m benchmarks walks [RECORDINGS] [--models MODEL …] [--seconds 8] [--fps 24]``: without models, networks that
have learned nothing stand for each recipe at 32 × 32 pixels, which is enough for the speed. Beside each walk stands
what it must beat: straight ways from work to work, as ``interpolate`` goes, at even speed. With recordings, films
move with each, beside the same films that do not listen, and beats are counted in clicks of known tempo.
"""

import argparse
import time
from pathlib import Path

import numpy as np

from bottega.editing.operation import Job
from bottega.editing.trained import latent, walk
from bottega.media import audio, rhythm
from bottega.media.audio import Sound
from bottega.models import load_model
from bottega.models.pictures import PictureModel
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels

RECIPES = ("flow", "gan", "vae")


def untrained(name: str) -> PictureModel:
    """A model that has learned nothing."""
    recipe = load(name, {})
    shape = (3, 32, 32)
    return PictureModel(recipe, Pixels(shape), [], [], recipe.build(Pixels(shape), 0).eval())


def smoothness(frames: np.ndarray) -> str:
    """How even the steps from frame to frame are, and how sharp the corners; the seam of a loop is one of the steps."""
    x = np.concatenate([frames, frames[:2]])[..., :3].astype(np.float32)
    steps = np.sqrt(np.square(np.diff(x, axis=0)).mean((1, 2, 3)))[: len(frames)]
    bends = np.sqrt(np.square(np.diff(x, 2, axis=0)).mean((1, 2, 3)))
    return (
        f"spread {steps.std() / steps.mean():.2f}, fastest {steps.max() / steps.mean():.2f}, "
        f"sharpest corner {bends.max() / steps.mean():.2f}, seam {steps[-1] / np.median(steps):.2f}"
    )


def walks(name: str, model, seconds: float, fps: int) -> None:
    """A walk beside straight ways of as many frames and works, both closed."""
    stops = max(2, round(seconds * walk.USUAL))
    count = round(seconds * fps / stops) + 1
    straight = latent.InterpolateSettings(stops=stops, count=count, loop=True, even=True)
    settings = walk.WalkSettings(seconds=seconds, fps=fps, loop=True)
    sides = {
        "walk": lambda: walk.walk({"picture": [], "music": []}, settings, Job(model=model)),
        "interpolate": lambda: latent.interpolate({"picture": []}, straight, Job(model=model)),
    }
    for side, run in sides.items():
        began = time.process_time()
        film = run().works[0]
        used = time.process_time() - began
        print(f"{name} {side}: {len(film) / used:.1f} frames a core second; {smoothness(film.frames)}", flush=True)


def in_time(name: str, model, recordings: Path, fps: int) -> None:
    """Films that listen, and films that do not."""
    for path in sorted(recordings.glob("*.ogg")):
        song = audio.read(path)
        song = Sound(song.samples[:, : 20 * song.rate], song.rate)
        told = []
        for react in (0.8, 0.0):
            settings = walk.WalkSettings(fps=fps, loop=True, react=react)
            facts = walk.walk({"picture": [], "music": [song]}, settings, Job(model=model)).facts
            told.append(f"{facts['in time']} at {facts['frames late']:+} frames")
        print(
            f"{name} {path.name[:40]}: {facts['beats a minute']} beats a minute; {told[0]}; control {told[1]}",
            flush=True,
        )


def clicks() -> None:
    """Beats in clicks of known tempo: how many are found within 30 ms."""
    rate = 22_050
    for tempo in range(60, 181, 10):
        times = np.arange(0.3, 19.9, 60 / tempo)
        samples = np.zeros(20 * rate, np.float32)
        for at in np.round(times * rate).astype(int):
            samples[at : at + 400] += np.hanning(400) * np.sin(np.arange(400) * 0.3) * 0.5
        heard = rhythm.heard(Sound(samples[None], rate))
        hits = (np.abs(times[:, None] - heard.beats).min(1) < 0.03).mean()
        print(
            f"clicks {tempo}: heard {heard.tempo:.1f}, beats found {hits:.0%} of {len(times)}, {len(heard.beats)} told"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, nargs="?")
    parser.add_argument("--models", type=Path, nargs="*", default=[])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--fps", type=int, default=24)
    asked = parser.parse_args()
    models = {path.name: load_model(path) for path in asked.models} or {name: untrained(name) for name in RECIPES}
    for name, model in models.items():
        walks(name, model, asked.seconds, asked.fps)
    if asked.recordings:
        clicks()
        for name, model in models.items():
            if model.recipe.name != "flow":  # slow, and no different
                in_time(name, model, asked.recordings, asked.fps)


if __name__ == "__main__":
    main()

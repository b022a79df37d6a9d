"""What models of films make, beside films that they have not seen, in shuffled order and standing still.

``python -m benchmarks film_priors [--collection builtin|digits] [--minutes 20] [--threads 2] [--recipes video-flow
gan3d] [--clips 128] [--keep FOLDER] [--set RECIPE PLACE=VALUE]``: each recipe learns for the same time, the
first stage included. Then each makes clips of 16 frames, and the kernel distance of their spatio-temporal features to
those of held-out clips is measured; beside it that of other real clips (the floor), of the same held-out clips with
their frames shuffled or with one frame frozen, and of films that only went through the codec. A model that can carry
films on is also measured by real beginnings of four frames and what it adds to them, beside such beginnings that stand
still after the fourth. ``--core-seconds`` stands for the minutes where the machine is not idle: so many seconds of
processor time for each recipe.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bottega.crafts.video import begin
from bottega.datasets import builtin_films
from bottega.datasets.clips import FilmsInMemory
from bottega.editing.filming.carry_on import ContinueSettings, carry_on
from bottega.editing.filming.parts import carries_on
from bottega.editing.operation import Job
from bottega.evaluation.films import kernel
from bottega.evaluation.films.controls import frozen, shuffled
from bottega.evaluation.films.features import features
from bottega.media import image, strip
from bottega.media.video import Film
from bottega.models.films import FilmModel
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.training.budget import Budget
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings
from bouncing import digits
from core_time import budget_of

FRAMES = 16
TRAIN = 1000
"""Clips of bouncing digits that are learned from."""
SEEN = 4
"""Frames of a film that is carried on."""
TRIAL = 8
"""Steps by which it is told how long one takes: whole rounds of what a game does now and then."""


def collection(name: str, clips: int) -> tuple[Any, np.ndarray, np.ndarray]:
    """What is learned from, and twice ``clips`` windows ``(N, T, H, W, 3)`` that are not: one half to measure with, one
    to be measured as the floor."""
    if name == "digits":
        films = np.broadcast_to(digits(TRAIN, 20)[..., None], (TRAIN, 20, 64, 64, 3))
        held = np.repeat(digits(2 * clips, FRAMES, seed=1)[..., None], 3, -1)
        return FilmsInMemory(films), held[:clips], held[clips:]
    data = builtin_films.in_memory(held_out=0.0)
    classes = len(data.classes)
    shown = [builtin_films.draw(len(data) + i)[0] for i in range(2 * clips)]  # drawn after those learned from
    begins = Random("held out").integers(builtin_films.FRAMES - FRAMES + 1, 2 * clips).tolist()
    one = np.stack([film[begin : begin + FRAMES] for film, begin in zip(shown, begins, strict=True)])
    first = np.arange(2 * clips) // classes % 2 == 0  # all classes on both sides
    return data, one[first], one[~first]


def learned(name: str, numbers: dict[str, dict[str, str]], data: Any, given: argparse.Namespace) -> FilmModel:
    """A trained model, its codec trained before it within the same time."""
    recipe = load(name, numbers.get(name, {}))
    if not recipe.codec:
        return fitted(name, numbers, data, 1.0, given, {})
    codec = fitted(recipe.codec.recipe, numbers, data, recipe.codec.share, given, {})
    return fitted(name, numbers, data, 1 - recipe.codec.share, given, {"codec": codec})


def fitted(
    name: str, numbers: dict[str, dict[str, str]], data: Any, share: float, given: argparse.Namespace, stages: dict
) -> FilmModel:
    """One stage, with its share of the time."""
    recipe = load(name, numbers.get(name, {}))
    clock = time.monotonic()
    model, rows, encode = begin(recipe, data, 0, **stages)
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, seed=0, checkpoint_minutes=1e9, previews=0)

    def train(budget: Budget):
        with tempfile.TemporaryDirectory() as folder:
            return fit(
                model.objective, rows, encode, settings, budget, Path(folder) / "run",
                description={}, resume=False, on_event=lambda event: None,
            )  # fmt: skip

    budget = Budget(minutes=share * given.minutes)
    if given.core_seconds:
        budget = budget_of(share * given.core_seconds, TRIAL, train)
        model, rows, encode = begin(recipe, data, 0, **stages)
    used = time.process_time()
    outcome = train(budget)
    model.objective.eval().requires_grad_(False)
    size = sum(p.numel() for p in model.objective.parameters())
    print(
        f"{name}: {size:,} numbers, {outcome.steps:,} steps in {(time.monotonic() - clock) / 60:.1f} min "
        f"({(time.process_time() - used) / 60:.1f} of a core), losses {outcome.losses}",
        flush=True,
    )
    if given.keep:
        model.save(given.keep / name)
    return model


def made(model: FilmModel, given: argparse.Namespace) -> np.ndarray:
    """New clips, uint8 ``(N, T, H, W, 3)``; the first ten are kept."""
    model.generate(1)
    clock, used = time.monotonic(), time.process_time()
    seconds = FRAMES / float(model.rate)
    films = [work.content for work in model.generate(given.clips, seed=1, seconds=seconds)]
    print(
        f"{model.recipe.name}: {given.clips} clips in {time.monotonic() - clock:.1f} s "
        f"({time.process_time() - used:.1f} of a core)",
        flush=True,
    )
    if given.keep:
        image.write(given.keep / f"{model.recipe.name}.png", strip.sheet(films[:10]))
    return np.stack([film.frames for film in films])


def through(model: FilmModel, clips: np.ndarray) -> np.ndarray:
    """Clips as the codec of a model gives them back."""
    codec = model.codec or model
    return np.stack([codec.decode(codec.encode(Film(clip, model.rate))).frames for clip in clips])


def carried_on(model: FilmModel, clips: np.ndarray, given: argparse.Namespace) -> np.ndarray:
    """Clips of which the model sees the first frames, and has made the others as ``edit continue`` does."""
    wishes = ContinueSettings(seconds=(FRAMES - SEEN) / float(model.rate))
    made = [
        carry_on({"film": [Film(clip[:SEEN], model.rate)]}, wishes, Job(seed, model)).works[0]
        for seed, clip in enumerate(clips)
    ]
    if given.keep:
        image.write(given.keep / f"{model.recipe.name}-continue.png", strip.sheet(made[:10]))
    return np.stack([film.frames for film in made])


def main() -> None:
    """Learn, make, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collection", choices=("builtin", "digits"), default="builtin")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--core-seconds", type=float)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--recipes", nargs="+", default=["video-flow", "gan3d"])
    parser.add_argument("--clips", type=int, default=128)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--set", nargs=2, action="append", default=[], metavar=("RECIPE", "PLACE=VALUE"))
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    numbers: dict[str, dict[str, str]] = {}
    for name, word in given.set:
        numbers.setdefault(name, {}).update([word.split("=", 1)])
    data, held, others = collection(given.collection, given.clips)
    print(f"{len(data.train)} films to learn from, {len(held)} clips to measure with", flush=True)
    real = features(held)
    controls = {"other real clips (the floor)": others, "their frames shuffled": shuffled(others)}
    controls["one frame frozen"] = frozen(others)
    controls[f"{SEEN} frames, then frozen"] = others[:, np.minimum(np.arange(FRAMES), SEEN - 1)]
    lines = {name: kernel.distance(features(clips), real) for name, clips in controls.items()}
    for name in given.recipes:
        model = learned(name, numbers, data, given)
        if model.codec:
            lines["through the codec"] = kernel.distance(features(through(model, others)), real)
        lines[name] = kernel.distance(features(made(model, given)), real)
        if carries_on(model):
            beginnings = features(carried_on(model, others, given))
            lines[f"{name}, carrying on {SEEN} frames"] = kernel.distance(beginnings, real)
        print(f"{name}: {lines[name].value:.4f}", flush=True)
    print("\n| clips | kernel distance |\n|---|--:|")
    print("\n".join(f"| {name} | {found.value:.4f} ± {found.error:.4f} |" for name, found in lines.items()))
    if {"video-flow", "gan3d"} <= lines.keys():
        print(f"\nvideo-flow / gan3d: {lines['video-flow'].value / lines['gan3d'].value:.2f} (to reach: at most 0.5)")


if __name__ == "__main__":
    main()

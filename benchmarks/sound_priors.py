"""What models of sound make, beside sounds that they have not heard, and beside grains of those that they have.

``python -m benchmarks sound_priors FOLDER [--minutes 5] [--codec-minutes 1] [--recipes audio-flow audio-rnn]
[--codec MODEL] [--keep FOLDER] [--set RECIPE PLACE=VALUE]``: three of the recordings are held out whole, and of the
others the last 15 %; one codec and one model of each recipe learn from the rest. Each model makes 20 sounds of ten
seconds. The kernel distance is measured to the held-out recordings and to the held-out ends, with that of training
sounds (the floor) and of grains of 50 ms of them in random order (what must be beaten). ``--steps`` and
``--codec-steps`` stand for the minutes where the machine is not idle; ``--codec`` takes one that was kept.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bottega.crafts.audio import begin
from bottega.evaluation.sounds.copies import Library
from bottega.evaluation.sounds.report import measure, sheet, through
from bottega.media import audio, image
from bottega.models import load_model
from bottega.models.sounds import SoundModel, picture
from bottega.recipes.recipe import load
from bottega.training.budget import Budget
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings

RATE = 22050
HELD = ("456440", "5703", "Hungarian")  # a bird, a voice, an orchestra
END = 0.15
SOUNDS, SECONDS = 20, 10.0
LONG = 30.0


class Collection:
    """Sounds in memory, as a prepared collection has them."""

    def __init__(self, sounds: dict[str, np.ndarray]) -> None:
        self.names, self.sounds = list(sounds), list(sounds.values())
        self.lengths = np.array([one.shape[1] for one in self.sounds])
        self.train, self.held_out = np.arange(len(self.sounds)), np.arange(0)
        self.rate, self.channels, self.classes, self.labels, self.fingerprint = RATE, 1, [], None, ""

    def __len__(self) -> int:
        return len(self.sounds)

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        return self.sounds[row][:, start : None if count is None else start + count]


def split(folder: Path) -> tuple[Collection, dict[str, list[np.ndarray]]]:
    """What is learned from, and what is held out: whole recordings, and the ends of the others."""
    train, files, ends = {}, [], []
    for path in sorted(path for path in folder.iterdir() if path.suffix in audio.READ):
        samples = audio.read(path, rate=RATE, channels=1).samples
        cut = int((1 - END) * samples.shape[1])
        if path.name.startswith(HELD):
            files.append(samples[0])
        else:
            train[path.name] = samples[:, :cut]
            ends.append(samples[0, cut:])
    return Collection(train), {"recordings": files, "ends": ends}


def learned(name: str, numbers: dict[str, str], data: Collection, budget: Budget, codec: SoundModel | None):
    """A trained model."""
    recipe = load(name, numbers)
    model, rows, encode = begin(recipe, data, 0, codec)  # type: ignore[arg-type]
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, seed=0)
    clock, began = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit(
            model.objective, rows, encode, settings, budget, Path(folder),
            description={}, resume=False, on_event=lambda event: None,
        )  # fmt: skip
    size = sum(p.numel() for p in model.objective.parameters())
    minutes, used = (time.monotonic() - clock) / 60, (time.process_time() - began) / 60
    print(f"{name}: {size:,} numbers, {outcome.steps:,} steps in {minutes:.1f} min ({used:.1f} of a core), "
          f"losses {outcome.losses}", flush=True)  # fmt: skip
    model.objective.eval().requires_grad_(False)
    return model


def judged(model: SoundModel, data: Collection, held_out: dict[str, list[np.ndarray]], keep: Path | None) -> list[str]:
    """Makes sounds and measures them; lines of a table."""
    model.generate(1, seconds=1.0)
    clock, began = time.monotonic(), time.process_time()
    works = [work.content for work in model.generate(SOUNDS, seed=1, seconds=SECONDS)]
    wall, used = time.monotonic() - clock, time.process_time() - began
    clock1, began1 = time.monotonic(), time.process_time()
    (long,) = (work.content for work in model.generate(1, seed=2, seconds=LONG))
    wall1, used1 = time.monotonic() - clock1, time.process_time() - began1
    name = model.recipe.name
    print(f"{name}: {SOUNDS} sounds of {SECONDS:g} s at {SOUNDS * SECONDS / used:.0f}× real time of a core "
          f"({SOUNDS * SECONDS / wall:.0f}× by the clock), one of {LONG:g} s at {LONG / used1:.0f}× "
          f"({LONG / wall1:.0f}×)", flush=True)  # fmt: skip
    thirds = [float(np.sqrt(np.square(part).mean())) for part in np.array_split(long.samples[0], 3)]
    print(f"{name}: loudness of the three thirds of {LONG:g} s: {', '.join(f'{one:.3f}' for one in thirds)}")
    if keep:
        for number, work in enumerate([*works, long]):
            audio.write(keep / f"{name}-{number:02d}.wav", work)
        image.write(keep / f"{name}.png", picture(works[:10]))
        image.write(keep / f"{name}-long.png", picture([long]))
    lines, train, heard = [], [one[0] for one in data.sounds], through(model)
    library = Library(map(heard, train), RATE)
    for kind, sounds in held_out.items():
        figures, found = measure([work.samples[0] for work in works], train, sounds, RATE, library, heard)
        f = {word: figure for word, figure in figures.items()}
        lines.append(
            f"| {name} | {kind} | {f['kernel_distance'].value:.3f} | {f['kernel_distance'].floor:.3f} "
            f"| {f['grain_distance'].value:.3f} | {f['coverage'].value:.0%} ({f['coverage'].floor:.0%}) "
            f"| {f['copies'].value:.0%} ({f['copies'].floor:.0%}) | {f['longest_copy'].value:.1f} s "
            f"({f['longest_copy'].floor:.1f}) | {f['likeness'].value:.2f} ({f['likeness'].floor:.2f}) |"
        )
    print("\n".join(sheet(found, data.names).splitlines()[:8]))
    return lines


def main() -> None:
    """Learn, make, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--codec-minutes", type=float, default=1.0)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--codec-steps", type=int)
    parser.add_argument("--recipes", nargs="+", default=["audio-flow", "audio-rnn"])
    parser.add_argument("--codec", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--set", nargs=2, action="append", default=[], metavar=("RECIPE", "PLACE=VALUE"))
    given = parser.parse_args()
    data, held_out = split(given.folder)
    first = load(given.recipes[0]).codec
    assert first  # every recipe of frames stands on one
    stage = first.recipe
    numbers = {
        name: dict(word.split("=", 1) for of, word in given.set if of == name) for name in [*given.recipes, stage]
    }
    told = ", ".join(f"{sum(map(len, sounds)) / RATE:.0f} s of {kind} held out" for kind, sounds in held_out.items())
    print(f"{data.lengths.sum() / RATE:.0f} s to learn from, {told}", flush=True)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    if given.codec:
        codec = load_model(given.codec)
        assert isinstance(codec, SoundModel)
    else:
        budget = Budget(steps=given.codec_steps) if given.codec_steps else Budget(minutes=given.codec_minutes)
        codec = learned(stage, numbers[stage], data, budget, None)
        if given.keep:
            codec.save(given.keep / "codec")
    lines = []
    for name in given.recipes:
        budget = Budget(steps=given.steps) if given.steps else Budget(minutes=given.minutes)
        model = learned(name, numbers[name], data, budget, codec)
        if given.keep:
            model.save(given.keep / name)
        lines += judged(model, data, held_out, given.keep)
    print("\n| model | held out | kernel distance | floor | shuffled grains | coverage | copies | longest | likeness |")
    print("|---|---|--:|--:|--:|--:|--:|--:|--:|")
    print("\n".join(lines))
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""How well and how fast the codec rebuilds sounds it has not heard, beside Griffin-Lim in the same process.

``python -m benchmarks codec FOLDER [--minutes 10] [--steps N] [--held-out 0.2] [--ends] [--set PLACE=VALUE …]
[--sheet FILE.png]`` trains the recipe ``audio-vae`` at 22.05 kHz for some minutes, or steps, and prints, for each
held-out file, the multi-resolution STFT distance of what the codec makes of it, and of what Griffin-Lim makes of its
mel spectrogram of 80 bands with as many frames a second, for the best of three windows. Whole files are held out;
``--ends`` holds out the last 15 % of every file instead.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from bottega.crafts.audio import CHANGES
from bottega.datasets.crops import Crops
from bottega.evaluation.sounds.distances import distortion_ratio, mel_distance, stft_distance
from bottega.media import audio, image
from bottega.models.model import initialised
from bottega.recipes.recipe import load
from bottega.representations.waveform import Waveform
from bottega.training.budget import Budget
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings

RATE = 22050
BANDS = 80
ROUNDS, MOMENTUM, FITS = 32, 0.99, 100
END = 0.15


class Collection:
    """Sounds ``(1, N)`` in memory, as ``Crops`` asks for them."""

    def __init__(self, sounds: list[np.ndarray]) -> None:
        self.sounds, self.rate, self.channels = sounds, RATE, 1
        self.train = np.arange(len(sounds))
        self.lengths = np.array([one.shape[1] for one in sounds])
        self.labels: np.ndarray | None = None

    def samples(self, row: int, start: int = 0, count: int | None = None) -> np.ndarray:
        return self.sounds[row][:, start : None if count is None else start + count]


def griffin_lim(x: Tensor, hop: int, size: int) -> Tensor:
    """Sounds ``(1, N)`` from nothing but their mel spectrogram.

    Magnitudes are fitted to the mel spectrogram without negative ones (Lee & Seung 2001), phases by the fast form of
    Griffin and Lim's iteration (Perraudin et al. 2013) from random ones.
    """
    from bottega.networks.spectral import mel_filters

    filters, window = mel_filters(RATE, size, BANDS), torch.hann_window(size)

    def analysed(y: Tensor) -> Tensor:
        return torch.stft(y, size, hop, window=window, return_complex=True, pad_mode="constant")

    def made(s: Tensor) -> Tensor:
        return torch.istft(s, size, hop, window=window, length=x.shape[1])

    mel = analysed(x).abs().mT @ filters  # (1, T, 80)
    magnitude = (mel @ torch.linalg.pinv(filters)).clamp(min=1e-8)
    for _fit in range(FITS):
        magnitude = magnitude * (mel @ filters.T) / (magnitude @ filters @ filters.T + 1e-10)
    magnitude = magnitude.mT
    turn = torch.rand(magnitude.shape, generator=torch.Generator().manual_seed(0))
    phase, before = torch.exp(2j * math.pi * turn), torch.zeros(())
    for _round in range(ROUNDS):
        after = analysed(made(magnitude * phase))
        ahead = after + MOMENTUM * (after - before)
        phase, before = ahead / ahead.abs().clamp(min=1e-8), after
    return made(magnitude * phase)


def best_griffin_lim(x: Tensor, hop: int) -> tuple[Tensor, int]:
    """Of the windows of 2, 3 and 4 hops the one with which the distance is least."""
    tried = [(griffin_lim(x, hop, size), size) for size in (2 * hop, 3 * hop, 4 * hop)]
    return min(tried, key=lambda pair: stft_distance(x, pair[0]).total)


def trained(sounds: list[np.ndarray], numbers: dict[str, str], budget: Budget, seed: int) -> Any:
    """A codec of these sounds ``(1, N)``."""
    recipe = load("audio-vae", numbers)
    assert recipe.rows is not None
    said = recipe.rows.numbers()
    between = Waveform(RATE, 1, said["samples"])
    rows = Crops(Collection(sounds), samples=said["samples"], changes=CHANGES.build("changes", said["changes"]))
    objective = initialised(recipe, between, 0, seed)
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, seed=seed)
    began, at = time.process_time(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit(
            objective, rows, between.encode, settings, budget, Path(folder),
            description={}, resume=False, on_event=lambda event: None,
        )  # fmt: skip
    used, passed = time.process_time() - began, time.monotonic() - at
    size = sum(p.numel() for p in objective.parameters())
    print(f"{size:,} numbers, {outcome.steps:,} steps in {used / 60:.1f} minutes of processor time, "
          f"{passed / 60:.1f} by the clock, {torch.get_num_threads()} threads; losses {outcome.losses}")  # fmt: skip
    return objective


def held_out(sounds: dict[str, np.ndarray], share: float, ends: bool) -> tuple[dict, dict]:
    """What is learned from and what is not: whole files by their names' order shuffled, or the ends of all."""
    if ends:
        cut = {name: round(x.shape[1] * (1 - END)) for name, x in sounds.items()}
        return {n: x[:, : cut[n]] for n, x in sounds.items()}, {n: x[:, cut[n] :] for n, x in sounds.items()}
    names = np.random.default_rng(0).permutation(sorted(sounds)).tolist()
    kept = names[: max(1, round(share * len(names)))]
    return {n: x for n, x in sounds.items() if n not in kept}, {n: sounds[n] for n in kept}


def judged(objective: Any, sounds: dict[str, np.ndarray], sheet: Path | None) -> None:
    """A line for each sound, their mean, and the speed."""
    print(f"{'':28}  codec  (conv.   log)  mel    SDR   | Griffin-Lim  (conv.   log)  mel    | ratio")
    rows, seconds, pictures = [], 0.0, []
    for name, samples in sounds.items():
        x = torch.from_numpy(np.ascontiguousarray(samples))
        began = time.process_time()
        y = objective.decode(objective.encode(x[None]))[0, :, : x.shape[1]]
        seconds += time.process_time() - began
        other, size = best_griffin_lim(x, objective.hop)
        ours, theirs = stft_distance(x, y), stft_distance(x, other)
        row = [ours.total, ours.convergence, ours.log, mel_distance(x, y, RATE), distortion_ratio(x, y)]
        row += [theirs.total, theirs.convergence, theirs.log, mel_distance(x, other, RATE)]
        rows.append(row)
        print(_line(name, row) + f"  (window {size})")
        pictures.append((x, y, other))
    mean = np.mean(rows, 0).tolist()
    print(_line("mean", mean))
    length = sum(x.shape[1] for x in sounds.values()) / RATE
    print(f"{RATE / objective.hop:.1f} frames/s of {objective.width}; encodes and decodes {length / seconds:.0f} times "
          f"as fast as the sound lasts, in processor time")  # fmt: skip
    if sheet:
        image.write(sheet, _sheet(pictures))


def _line(name: str, row: list[float]) -> str:
    ours = f"{row[0]:7.3f} {row[1]:7.3f} {row[2]:6.3f} {row[3]:6.3f} {row[4]:6.1f}"
    return (
        f"{name[:28]:28}{ours}   | {row[5]:9.3f}   {row[6]:7.3f} {row[7]:6.3f} {row[8]:6.3f}  | {row[0] / row[5]:.2f}"
    )


def _sheet(pictures: list[tuple[Tensor, Tensor, Tensor]]) -> np.ndarray:
    """Three seconds of each sound, the codec's and Griffin-Lim's, one row for each sound."""
    from bottega.media import spectrogram

    shown = []
    for sounds in pictures[:3]:
        start = max(0, sounds[0].shape[1] // 3 - RATE)
        cut = [audio.Sound(s[:, start : start + 3 * RATE].clamp(-1, 1).numpy(), RATE) for s in sounds]
        shown += [spectrogram.picture(sound, 360, 220) for sound in cut]
    return image.sheet(np.stack(shown), columns=3, scale=1, gap=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--held-out", type=float, default=0.2)
    parser.add_argument("--ends", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--sheet", type=Path)
    chosen = parser.parse_args()
    files = sorted(file for file in chosen.folder.iterdir() if file.suffix in audio.READ)
    sounds = {file.stem: audio.read(file, rate=RATE, channels=1).samples for file in files}
    train, kept = held_out(sounds, chosen.held_out, chosen.ends)
    length = sum(x.shape[1] for x in train.values()) / RATE
    print(f"learned from: {length / 60:.1f} minutes of {len(train)} files; held out: {', '.join(kept)}", flush=True)
    numbers = dict(pair.split("=", 1) for pair in chosen.set)
    budget = Budget(steps=chosen.steps) if chosen.steps else Budget(minutes=chosen.minutes)
    objective = trained(list(train.values()), numbers, budget, chosen.seed)
    judged(objective, kept, chosen.sheet)


if __name__ == "__main__":
    main()

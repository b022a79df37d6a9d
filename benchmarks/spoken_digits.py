"""Spoken digits made by ``wavegan`` or ``wavenet``: does a classifier of real ones recognise what was asked for?

    python -m benchmarks spoken_digits FOLDER --minutes 20 [--recipes wavenet]

The files are named digit_speaker_take; takes 0 to 4 are held out of everything. The classifier is a small convolutional
network on log-mel pictures. Beside it stand what it says of real held-out digits, how varied the works are (against as
many real ones), who seems to speak, and how near each work comes to one it was trained on (against held-out ones).
"""

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from bottega.crafts import audio as craft
from bottega.datasets.crops import Changes, Whole
from bottega.datasets.sounds import PreparedSounds, SoundSettings, prepare_sounds
from bottega.media import audio, image, spectrogram
from bottega.models.sounds import joined
from bottega.networks.cnn import Classifier
from bottega.networks.spectral import mel_filters
from bottega.objectives.base import OptimizerSettings
from bottega.objectives.classification import Classification
from bottega.recipes.recipe import load
from bottega.training.loop import Budget, TrainingSettings, fit
from core_time import budget_of

RATE, SAMPLES, WINDOW, BANDS = 8_000, 4_096, 256, 48
FRAMES = SAMPLES * 4 // WINDOW
HELD_OUT = 5  # the takes below this number
TRIAL = 10  # steps by which it is told how long one takes
NEIGHBOUR = 3


def log_mel(x: Tensor) -> Tensor:
    """Sounds ``(B, 1, 4096)`` as pictures ``(B, 1, 48, 64)``, all equally loud, so that loudness tells nothing."""
    window = torch.hann_window(WINDOW)
    spectrum = torch.stft(x[:, 0], WINDOW, WINDOW // 4, window=window, return_complex=True, pad_mode="constant").abs()
    mel = mel_filters(RATE, WINDOW, BANDS).T @ spectrum[..., :FRAMES]
    return (mel / (mel.mean((1, 2), keepdim=True) + 1e-9) + 0.01).log()[:, None] / 2


def prepare(folder: Path, cache: Path) -> PreparedSounds:
    """The digits, split by take."""
    data = prepare_sounds(folder, SoundSettings(rate=RATE, trim=True, class_from="name"), cache=cache)
    takes = np.array([int(Path(name).stem.split("_")[2]) for name in data.names])
    data.train, data.held_out = np.flatnonzero(takes >= HELD_OUT), np.flatnonzero(takes < HELD_OUT)
    return data


def heard(data: PreparedSounds, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    """These rows from their beginning ``(N, 1, 4096)``, and their digits."""
    sounds = np.zeros((len(rows), 1, SAMPLES), np.float32)
    for sound, row in zip(sounds, rows.tolist(), strict=True):
        count = min(SAMPLES, int(data.lengths[row]))
        sound[:, :count] = data.samples(row, 0, count)
    assert data.labels is not None
    return torch.from_numpy(sounds), torch.from_numpy(data.labels[rows])


def learn(objective, rows, encode, batch: int, budget: Budget, seed: int) -> tuple[int, float]:
    """Train in the real loop; the steps taken, and the processor minutes they cost."""
    start = time.process_time()
    with TemporaryDirectory() as folder:
        outcome = fit(
            objective, rows, encode, TrainingSettings(batch, previews=0, seed=seed, report_seconds=60), budget,
            Path(folder) / "run", description={}, resume=False, on_event=lambda event: None,
        )  # fmt: skip
    return outcome.steps, (time.process_time() - start) / 60


def judge(data: PreparedSounds, steps: int, seed: int) -> Classification:
    """The classifier, trained on real digits."""
    torch.manual_seed(seed)
    network = Classifier(shape=(1, BANDS, FRAMES), classes=10, widths=(24, 48, 64), dense=64)
    settings = OptimizerSettings(lr=(2e-3, 0.0), weight_decay=1e-3)
    objective = Classification(
        classifier=network, classes=10, optimizers={"classifier": settings}, flip=False, shift=0.06
    )
    learn(objective, Whole(data, samples=SAMPLES, changes=Changes()), log_mel, 32, Budget(steps=steps), seed)
    return objective.eval()


@dataclass
class Figures:
    """What was found of one model's works.

    Attributes:
        recognised: the share whose digit is heard; each: by digit.
        spread: mean distance between two works of a digit in the classifier's features, over that of real ones.
        coverage: the share of held-out digits that have a work among their neighbours; real: by as many training ones.
        speakers: of the training sound that each work is most like.
        copied: median of the largest correlation with a training sound; real: of held-out digits.
    """

    recognised: float
    each: list[float]
    spread: float
    coverage: float
    real_coverage: float
    speakers: dict[str, int]
    copied: float
    real_copied: float


def measure(classifier: Classification, made: Tensor, asked: Tensor, data: PreparedSounds) -> Figures:
    """All figures of works ``(N, 1, 4096)`` of the digits that were asked for."""
    (train, _digits), (held, digits) = heard(data, data.train), heard(data, data.held_out)
    works, real, known = (classifier.features(log_mel(x)) for x in (made, held, train))
    right = (classifier.classifier(log_mel(made)).argmax(1) == asked).float()
    spread = [torch.pdist(works[asked == d]).mean() / torch.pdist(real[digits == d]).mean() for d in range(10)]
    order = torch.randperm(len(known), generator=torch.Generator().manual_seed(0))[: len(held)]
    subset = torch.linspace(0, len(works) - 1, len(held)).long()  # as many of each digit
    radius = torch.cdist(real, real).topk(NEIGHBOUR + 1, largest=False).values[:, -1:]
    coverage, usual = (
        (torch.cdist(real, x) < radius).any(1).float().mean().item() for x in (works[subset], known[order])
    )
    nearest = torch.cdist(log_mel(made).flatten(1), log_mel(train).flatten(1)).argmin(1)
    speakers = Counter(Path(data.names[data.train[i]]).stem.split("_")[1] for i in nearest.tolist())
    return Figures(
        right.mean().item(), [right[asked == d].mean().item() for d in range(10)], torch.stack(spread).mean().item(),
        coverage, usual, dict(sorted(speakers.items())),
        float(correlation(made[subset[::4]], train).median()), float(correlation(held[::4], train).median()),
    )  # fmt: skip


def correlation(sounds: Tensor, known: Tensor) -> Tensor:
    """The largest normalised cross-correlation of each sound with any known one, at any delay: ``(N,)`` in [0, 1]."""
    spectra = [
        torch.fft.rfft(x[:, 0] / (x[:, 0].norm(dim=1, keepdim=True) + 1e-9), 2 * SAMPLES) for x in (sounds, known)
    ]
    return torch.stack([torch.fft.irfft(one * spectra[1].conj()).abs().max() for one in spectra[0]])


def show(made: Tensor, asked: Tensor, folder: Path, name: str) -> None:
    """One work of each digit, of the noise d the digit d, as a sheet and to hear."""
    rows = [int((asked == d).nonzero()[d]) for d in range(10)]
    sounds = [audio.Sound(made[row].clamp(-1, 1).numpy(), RATE) for row in rows]
    folder.mkdir(parents=True, exist_ok=True)
    audio.write(folder / f"{name}.wav", joined(sounds))
    pictures = np.stack([spectrogram.picture(sound, 240, 120) for sound in sounds])
    image.write(folder / f"{name}.png", image.sheet(pictures, columns=5, scale=1, gap=4))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=20, help="of training, for each recipe")
    parser.add_argument(
        "--core-seconds", type=float, help="of training, instead of minutes, on a machine that is not idle"
    )
    parser.add_argument("--steps", type=int, help="of training, instead of minutes")
    parser.add_argument("--recipes", nargs="+", default=["wavegan"], choices=["wavegan", "wavenet"])
    parser.add_argument("--lessons", type=int, default=600, help="steps of the classifier")
    parser.add_argument("--each", type=int, default=50, help="works of each digit; coverage wants twenty or more")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--to", type=Path, help="also keep each model and ten of its works here")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    found = {}
    with TemporaryDirectory() as cache:
        data = prepare(chosen.folder, Path(cache))
        classifier = judge(data, chosen.lessons, chosen.seed)
        held, digits = heard(data, data.held_out)
        real = classifier.accuracy(log_mel(held), digits)
        print(
            f"{len(data.train)} digits learned from; {real:.1%} of {len(held)} held-out ones are recognised", flush=True
        )
        for name in chosen.recipes:
            recipe = load(name, {"rows.samples": str(SAMPLES)})
            model, rows, encode = craft.begin(recipe, data, chosen.seed)
            budget = Budget(steps=chosen.steps) if chosen.steps else Budget(minutes=chosen.minutes)
            if chosen.core_seconds:
                trial = partial(learn, model.objective, rows, encode, recipe.training.batch, seed=0)
                budget = budget_of(chosen.core_seconds, TRIAL, trial)
                model, rows, encode = craft.begin(recipe, data, chosen.seed)
            steps, minutes = learn(model.objective, rows, encode, recipe.training.batch, budget, chosen.seed)
            asked = torch.arange(10).repeat_interleave(chosen.each)
            made = torch.cat(
                [
                    torch.from_numpy(work.content.samples)[None]
                    for digit in range(10)
                    for work in model.generate(chosen.each, seed=chosen.seed, label=str(digit))
                ]
            )
            figures = measure(classifier, made, asked, data)
            print(f"\n{name}: {steps} steps, {minutes:.1f} processor minutes", flush=True)
            print(f"  recognised {figures.recognised:.1%}, by digit", *(f"{share:.0%}" for share in figures.each))
            print(f"  spread {figures.spread:.2f} of real; coverage {figures.coverage:.0%}", end="")
            print(f" (as many training sounds: {figures.real_coverage:.0%}); most like {figures.speakers}")
            print(f"  largest correlation with a training sound {figures.copied:.2f}", end="")
            print(f" (held-out digits: {figures.real_copied:.2f})", flush=True)
            found[name] = {"steps": steps, "processor minutes": minutes, "real": real, **vars(figures)}
            if chosen.to:
                model.save(chosen.to / name)
                show(made, asked, chosen.to, name)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()

"""Images per second of the recipe ``dcgan`` and of a plain PyTorch script with the same network, in turn.

    python benchmarks/dcgan_speed.py FOLDER [--seconds 20] [--rounds 2] [--threads 2]

FOLDER holds pictures in sub-folders. Three sides, one after the other, several rounds, so that a machine that slows
down slows all of them:

    script     the DCGAN tutorial: a Dataset of files behind a DataLoader with two workers, Adam, BCELoss
    in memory  the same, but all pictures are float tensors in memory: no decoding, no workers
    bottega    ``bottega.training.loop.fit`` with everything it does: guard, log, checkpoints, the mapped cache
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from bottega.datasets.order import Shuffled
from bottega.datasets.prepared import prepare
from bottega.recipes.recipe import load
from bottega.representations.pixels import Pixels
from bottega.training.events import Event, Stepped
from bottega.training.loop import Budget, TrainingSettings, fit

BATCH, LATENT = 64, 100


# ---- the script, as one writes it after the tutorial --------------------------------------------------------------


class Files(Dataset):
    """Pictures of all sub-folders, decoded when asked for."""

    def __init__(self, folder: Path) -> None:
        self.paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor:
        with Image.open(self.paths[index]) as picture:
            pixels = np.array(picture.convert("RGB").resize((32, 32), Image.Resampling.BILINEAR))
        return (torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - 0.5) / 0.5


def generator() -> nn.Module:
    return nn.Sequential(
        nn.ConvTranspose2d(LATENT, 256, 4, 1, 0, bias=False),
        nn.BatchNorm2d(256),
        nn.ReLU(True),
        nn.ConvTranspose2d(256, 128, 4, 2, 1, bias=False),
        nn.BatchNorm2d(128),
        nn.ReLU(True),
        nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False),
        nn.BatchNorm2d(64),
        nn.ReLU(True),
        nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )


def discriminator() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 64, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(64, 128, 4, 2, 1, bias=False),
        nn.BatchNorm2d(128),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(128, 256, 4, 2, 1, bias=False),
        nn.BatchNorm2d(256),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(256, 1, 4, 1, 0, bias=False),
        nn.Sigmoid(),
    )


def begin(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


def script(batches: Iterator[Tensor], seconds: float) -> float:
    """Images per second of the tutorial's loop."""
    netG, netD = generator().apply(begin), discriminator().apply(begin)
    optimizerG = torch.optim.Adam(netG.parameters(), lr=2e-4, betas=(0.5, 0.999))
    optimizerD = torch.optim.Adam(netD.parameters(), lr=2e-4, betas=(0.5, 0.999))
    criterion = nn.BCELoss()
    steps, start = 0, time.perf_counter()
    for step, real in enumerate(batches):
        if step == 10:  # warm
            steps, start = 0, time.perf_counter()
        netD.zero_grad()
        label = torch.full((len(real),), 1.0)
        errD_real = criterion(netD(real).view(-1), label)
        errD_real.backward()
        fake = netG(torch.randn(len(real), LATENT, 1, 1))
        label.fill_(0.0)
        errD_fake = criterion(netD(fake.detach()).view(-1), label)
        errD_fake.backward()
        optimizerD.step()
        netG.zero_grad()
        label.fill_(1.0)
        errG = criterion(netD(fake).view(-1), label)
        errG.backward()
        optimizerG.step()
        steps += 1
        if step > 10 and time.perf_counter() - start > seconds:
            break
    return steps * BATCH / (time.perf_counter() - start)


def from_files(folder: Path) -> Iterator[Tensor]:
    loader = DataLoader(Files(folder), BATCH, shuffle=True, num_workers=2, drop_last=True)
    while True:
        yield from loader


def from_memory(pictures: Tensor) -> Iterator[Tensor]:
    while True:
        yield from (pictures[rows] for rows in torch.randperm(len(pictures)).split(BATCH) if len(rows) == BATCH)


# ---- ours -----------------------------------------------------------------------------------------------------------


class Unlabelled:
    """A prepared collection without its classes, which the script does not know either."""

    labels = None

    def __init__(self, data) -> None:
        self.train, self.rows, self.shape = data.train, data.rows, data.shape


def ours(data: Unlabelled, seconds: float) -> float:
    """Images per second of the recipe in the real loop."""
    objective = load("dcgan").build(Pixels(data.shape), 0)
    seen: list[tuple[float, int]] = []

    def listen(event: Event) -> None:
        if isinstance(event, Stepped):
            seen.append((time.perf_counter(), event.step))

    settings = TrainingSettings(batch=BATCH, ema=0.0, previews=0, report_seconds=1.0)
    with tempfile.TemporaryDirectory() as folder:
        fit(
            objective,
            Shuffled(data),
            Pixels(data.shape).encode,
            settings,
            Budget(minutes=(seconds + 1) / 60),
            Path(folder) / "run",
            description={},
            resume=False,
            on_event=listen,
        )
    return (seen[-1][1] - seen[0][1]) * BATCH / (seen[-1][0] - seen[0][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    with tempfile.TemporaryDirectory() as cache:
        data = Unlabelled(prepare(chosen.folder, size=(32, 32), cache=Path(cache)))
        every = torch.from_numpy(data.rows(data.train)).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1
        sides = {
            "script": lambda: script(from_files(chosen.folder), chosen.seconds),
            "in memory": lambda: script(from_memory(every), chosen.seconds),
            "bottega": lambda: ours(data, chosen.seconds),
        }
        rates: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(chosen.rounds):
            for name, side in sides.items():
                torch.manual_seed(turn)
                rates[name].append(side())
                print(f"round {turn + 1}  {name:10s} {rates[name][-1]:6.0f} images/s", flush=True)
    means = {name: sum(values) / len(values) for name, values in rates.items()}
    ratios = {name: means["bottega"] / means[name] for name in ("script", "in memory")}
    for name, ratio in ratios.items():
        print(f"bottega / {name}: {ratio:.2f}")
    if chosen.json:
        chosen.json.write_text(json.dumps({"images_per_second": rates, "ratio": ratios}, indent=1))


if __name__ == "__main__":
    main()

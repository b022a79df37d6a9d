"""Clips per second of the recipe ``gan3d`` and of the same network with transposed 3-D convolutions, in turn.

``python -m benchmarks gan3d_speed [--steps 6] [--rounds 2] [--threads 1] [--width 64]``

    script     VGAN as its authors wrote it (Vondrick et al. 2016), in plain PyTorch: two streams and a mask, transposed
               3-D convolutions of 4×4×4, a discriminator of strided 3-D convolutions of 4×4×4, batch norm, Adam, and
               the widths of the recipe at every level of both streams and of the discriminator
    bottega    ``bottega.training.loop.fit`` with the recipe as it is and everything the loop does

With ``--width 64`` both have VGAN's own widths instead of the recipe's: 512, 256, 128 and 64.

Both see the same drawn clips of 16 frames of 64 pixels, in batches of the recipe's size. The time of the first steps is
not counted. What is counted is processor time, of all threads, since other programs may run; the wall clock is told
beside it.
"""

import argparse
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from bottega.datasets.clips import Clips, FilmsInMemory
from bottega.models.model import initialised
from bottega.recipes.recipe import Recipe, load
from bottega.representations.clips import Clip
from bottega.training.budget import Budget
from bottega.training.events import Event, Stepped
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings
from bouncing import digits

FRAMES = 16
WARM = 2  # steps before the clock starts
Speed = tuple[float, float]  # clips a second of processor time, and by the clock


# ---- the script -----------------------------------------------------------------------------------------------------


def stream(dims: int, latent: int, grid: tuple[int, ...], widths: tuple[int, ...], channels: int) -> nn.Sequential:
    """Transposed convolutions from a point to a picture or a film."""
    up = {2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}[dims]
    norm = {2: nn.BatchNorm2d, 3: nn.BatchNorm3d}[dims]
    layers = [up(latent, widths[0], grid, bias=False), norm(widths[0]), nn.ReLU(True)]
    for before, after in pairwise(widths):
        layers += [up(before, after, 4, 2, 1, bias=False), norm(after), nn.ReLU(True)]
    return nn.Sequential(*layers, up(widths[-1], channels, 4, 2, 1))


class Generator(nn.Module):
    """``z (B, latent) -> (B, 3, T, H, W)``."""

    def __init__(self, latent: int, front: tuple[int, ...], behind: tuple[int, ...], grid: tuple[int, ...]) -> None:
        super().__init__()
        self.front = stream(3, latent, grid, front, 4)
        self.behind = stream(2, latent, grid[1:], behind, 3)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        made = self.front(z[:, :, None, None, None])
        mask = torch.sigmoid(made[:, 3:])
        behind = torch.tanh(self.behind(z[:, :, None, None]))
        return mask * torch.tanh(made[:, :3]) + (1 - mask) * behind[:, :, None], mask


def discriminator(widths: tuple[int, ...], grid: tuple[int, ...]) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Conv3d(3, widths[0], 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for before, after in pairwise(widths):
        layers += [nn.Conv3d(before, after, 4, 2, 1, bias=False), nn.BatchNorm3d(after), nn.LeakyReLU(0.2, True)]
    return nn.Sequential(*layers, nn.Conv3d(widths[-1], 1, grid), nn.Flatten(0))


def script(recipe: Recipe, films: Tensor, steps: int) -> Speed:
    """The loop that the tutorials write."""
    made, judged = recipe.networks["generator"].numbers(), recipe.networks["discriminator"].numbers()
    widths, batch = made["channels"], recipe.training.batch
    grid = tuple(side >> len(widths) for side in films.shape[2:])
    netG, netD = Generator(made["latent"], widths, made["behind"], grid), discriminator(judged["channels"][::-1], grid)
    adam = [torch.optim.Adam(net.parameters(), 2e-4, (0.5, 0.999)) for net in (netG, netD)]
    print(f"script: generator {numbers(netG):,} numbers, discriminator {numbers(netD):,}")
    ones, zeros = torch.ones(batch), torch.zeros(batch)
    for step in range(WARM + steps):
        if step == WARM:
            began, at = time.process_time(), time.perf_counter()
        real = films[torch.randint(len(films), (batch,))]
        netD.zero_grad()
        binary_cross_entropy_with_logits(netD(real), ones).backward()
        fake, mask = netG(torch.randn(batch, made["latent"]))
        binary_cross_entropy_with_logits(netD(fake.detach()), zeros).backward()
        adam[1].step()
        netG.zero_grad()
        (binary_cross_entropy_with_logits(netD(fake), ones) + 0.1 * mask.abs().mean()).backward()
        adam[0].step()
    count = steps * batch
    return count / (time.process_time() - began), count / (time.perf_counter() - at)


# ---- ours -----------------------------------------------------------------------------------------------------------


def ours(recipe: Recipe, films: np.ndarray, steps: int) -> Speed:
    """The recipe in the real loop, over whole cycles of its lazy penalty."""
    between = Clip((3, *films.shape[1:4]))
    objective = initialised(recipe, between, 0, 0)
    print(f"bottega: generator {numbers(objective.generator):,} numbers, "
          f"discriminator {numbers(objective.discriminator):,}")  # fmt: skip
    seen: list[tuple[float, float, int]] = []

    def listen(event: Event) -> None:
        if isinstance(event, Stepped):
            seen.append((time.process_time(), time.perf_counter(), event.step))

    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, previews=0, report_seconds=0.0)
    with tempfile.TemporaryDirectory() as folder:
        fit(
            objective, Clips(FilmsInMemory(list(films)), frames=films.shape[1]), between.encode, settings,
            Budget(steps=WARM + steps), Path(folder) / "run",
            description={}, resume=False, on_event=listen,
        )  # fmt: skip
    began = next(one for one in seen if one[2] >= WARM)
    count = (seen[-1][2] - began[2]) * recipe.training.batch
    return count / (seen[-1][0] - began[0]), count / (seen[-1][1] - began[1])


def numbers(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=6, help="of the script; bottega makes eight times as many")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--width", type=int, help="channels of the finest level; eight times as many of the coarsest")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    settings: dict[str, str] = {}
    if chosen.width:
        widths = [chosen.width * times for times in (8, 4, 2, 1)]
        places = ("generator.channels", "generator.behind", "discriminator.channels")
        settings = {f"networks.{place}": str(widths) for place in places}
    recipe = load("gan3d", settings)
    clips = np.repeat(digits(64, FRAMES)[..., None], 3, -1)  # (N, T, H, W, 3)
    films = torch.from_numpy(clips).permute(0, 4, 1, 2, 3).contiguous().float() / 127.5 - 1
    rates: dict[str, list[Speed]] = {"script": [], "bottega": []}
    for turn in range(chosen.rounds):
        torch.manual_seed(turn)
        rates["script"].append(script(recipe, films, chosen.steps))
        rates["bottega"].append(ours(recipe, clips, 8 * chosen.steps))
        for name, speeds in rates.items():
            cpu, wall = speeds[-1]
            print(f"round {turn + 1}  {name:8} {cpu:6.2f} clips a second of processor time, {wall:6.2f} by the clock")
    best = {name: max(cpu for cpu, _wall in speeds) for name, speeds in rates.items()}
    wall = {name: max(wall for _cpu, wall in speeds) for name, speeds in rates.items()}
    print(f"{chosen.threads} thread(s), best of {chosen.rounds}: bottega / script = "
          f"{best['bottega'] / best['script']:.2f} in processor time, "
          f"{wall['bottega'] / wall['script']:.2f} by the clock")  # fmt: skip


if __name__ == "__main__":
    main()

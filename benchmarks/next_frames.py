"""The ten frames after ten seen ones of bouncing digits: ``frame-rnn`` beside a ConvLSTM and the last frame, standing.

``python -m benchmarks next_frames [--steps 400] [--threads 1] [--sheet FILE.png]`` trains the network of the recipe
``frame-rnn`` on 4,000 drawn clips of 20 frames for so many steps in the real loop, then a plain PyTorch ConvLSTM (Shi
et al. 2015, arXiv:1506.04214) of equal size for the same processor time, and prints the mean squared error of both on
200 clips that neither has seen, pixels in [0, 1]. The recipe's generator of first frames is left out: nothing is made
from nothing here. Controls: the last frame standing still, and the mean of all frames that were trained on.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bottega.datasets.clips import Clips, FilmsInMemory
from bottega.media import image
from bottega.models.model import initialised
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.clips import Clip
from bottega.training.budget import Budget
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings
from bouncing import digits

SEEN, FRAMES, FARTHER = 10, 20, 40
SHOWN = (8, 9, 10, 11, 12, 13, 14, 16, 18, 19, 24, 29, 34, 39)


class ConvLstm(nn.Module):
    """``frames (B, T, 1, H, W) -> the frame after each``: two layers over squares of 4×4 pixels, as Shi et al.
    wrote it; after the frames that are given it goes on from its own."""

    def __init__(self, hidden: int, patch: int = 4) -> None:
        super().__init__()
        self.hidden, self.patch = hidden, patch
        self.gates = nn.ModuleList(
            nn.Conv2d(entering + hidden, 4 * hidden, 3, padding=1) for entering in (patch**2, hidden)
        )
        self.leave = nn.Conv2d(hidden, patch**2, 1)

    def forward(self, x: Tensor, count: int) -> Tensor:
        n, _t, _c, height, width = x.shape
        size = (n, self.hidden, height // self.patch, width // self.patch)
        states = [(x.new_zeros(size), x.new_zeros(size)) for _layer in self.gates]
        made: list[Tensor] = []
        for t in range(count):
            h = F.pixel_unshuffle(x[:, t] if t < x.shape[1] else made[-1], self.patch)
            for layer, gates in enumerate(self.gates):
                before, cell = states[layer]
                i, f, o, g = gates(torch.cat([h, before], 1)).chunk(4, 1)
                cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(cell)
                states[layer] = (h, cell)
            made.append(F.pixel_shuffle(self.leave(h), self.patch))
        return torch.stack(made, 1)


def conv_lstm(films: Tensor, size: int, seconds: float, batch: int) -> ConvLstm:
    """Trained for so much processor time; of about ``size`` numbers."""
    hidden = next(h for h in range(8, 512, 2) if sum(p.numel() for p in ConvLstm(h).parameters()) >= size)
    torch.manual_seed(0)
    network = ConvLstm(hidden)
    adam = torch.optim.Adam(network.parameters(), 1e-3)
    began, steps = time.process_time(), 0
    while (used := time.process_time() - began) < seconds:
        adam.param_groups[0]["lr"] = 1e-3 * 0.5 * (1 + np.cos(np.pi * used / seconds))
        x = films[Random(0, steps).integers(len(films), batch)]  # (B, T, 1, H, W)
        adam.zero_grad()
        F.mse_loss(network(x[:, :SEEN], FRAMES - 1), x[:, 1:]).backward()
        adam.step()
        steps += 1
    print(f"ConvLSTM: {sum(p.numel() for p in network.parameters()):,} numbers, {steps} steps")
    return network.eval()


def ours(films: np.ndarray, steps: int):
    """The recipe's network, trained in the real loop, and the processor time it took."""
    recipe = load("frame-rnn")
    for role in ("first", "critic"):
        del recipe.networks[role], recipe.optimizers[role]
    between = Clip((1, *films.shape[1:4]))
    objective = initialised(recipe, between, 0, 0)
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, previews=0)
    rows = Clips(FilmsInMemory(list(films)), frames=FRAMES, mirror=False)
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        fit(
            objective, rows, between.encode, settings, Budget(steps=steps), Path(folder),
            description={}, resume=False, on_event=lambda event: None,
        )  # fmt: skip
    used = time.process_time() - began
    size = sum(p.numel() for p in objective.parameters())
    print(f"frame-rnn: {size:,} numbers, {steps} steps in {used / 60:.1f} minutes of processor time")
    return objective, size, used, recipe.training.batch


def error(made: Tensor, films: Tensor) -> list[float]:
    """Mean squared error of each frame, pixels in [0, 1]; both ``(N, T, 1, H, W)``, in [-1, 1]."""
    return ((made.clamp(-1, 1) - films) / 2).square().mean((0, 2, 3, 4)).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sheet", type=Path, help="the truth, frame-rnn and ConvLSTM below each other, for ten clips")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    train = digits(4000, FRAMES)[..., None]  # (N, T, H, W, 1)
    unseen = torch.from_numpy(digits(200, FARTHER, seed=1)[:, :, None]).float() / 127.5 - 1  # (N, T, 1, H, W)
    objective, size, used, batch = ours(train, chosen.steps)
    plain = conv_lstm(torch.from_numpy(train).movedim(-1, 2).float() / 127.5 - 1, size, used, batch)
    known = unseen.movedim(1, 2)
    mask = (torch.arange(FARTHER) < SEEN).expand(len(known), 1, -1)
    made = {"frame-rnn": objective.complete(known, mask, None, Random(0)).movedim(2, 1)}
    with torch.no_grad():
        made["ConvLSTM"] = torch.cat([unseen[:, :1], plain(unseen[:, :SEEN], FARTHER - 1)], 1)
    made["last frame"] = unseen[:, SEEN - 1 : SEEN].expand(-1, FARTHER, -1, -1, -1)
    made["mean frame"] = torch.from_numpy(train).float().mean((0, 1))[..., 0].expand_as(unseen) / 127.5 - 1
    errors = {name: error(films, unseen) for name, films in made.items()}
    still = np.mean(errors["last frame"][SEEN:FRAMES])
    for name, each in errors.items():
        mean, far = np.mean(each[SEEN:FRAMES]), np.mean(each[FRAMES:])
        print(f"{name:10}  next 10 frames {mean:.5f}, {mean / still:.3f} of the last frame's; the 20 after them "
              f"{far:.5f}; 1st {each[SEEN]:.4f}, 2nd {each[SEEN + 1]:.4f}, 5th {each[SEEN + 4]:.4f}, "
              f"10th {each[SEEN + 9]:.4f}")  # fmt: skip
    if chosen.sheet:
        shown = [films[i, list(SHOWN)] for i in range(10) for films in (unseen, made["frame-rnn"], made["ConvLSTM"])]
        rows = [((row[:, 0].clamp(-1, 1) + 1) * 127.5).byte().numpy() for row in shown]  # (T, H, W)
        image.write(
            chosen.sheet, np.concatenate([np.concatenate(list(row), 1) for row in rows])[..., None].repeat(3, -1)
        )


if __name__ == "__main__":
    main()

"""Nats for each character of tinyshakespeare's last tenth, after some minutes of training.

``python -m benchmarks shakespeare FILE [--minutes 3] [--recipe gpt] [--beside] [--set PLACE=VALUE …]``: the first 90 %
of the characters are learned from, the last 111,540 are held out, as everyone splits this file. The minutes include the
training of the tokenizer. ``--beside`` trains the network that nanoGPT's README proposes for a CPU (4 layers of 128,
contexts of 64 characters, batches of 12, AdamW 1e-3), written down plainly here, for as long in the same process.
"""

import argparse
import math
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, gelu, scaled_dot_product_attention

from bottega.datasets.windows import Windows
from bottega.models.model import initialised
from bottega.recipes.recipe import load
from bottega.representations.tokens import Tokens
from bottega.training.budget import Budget
from bottega.training.loop import fit
from bottega.training.settings import TrainingSettings

HELD_OUT = 0.1
SAMPLE = 400


def ours(name: str, numbers: dict[str, str], train: str, held_out: str, minutes: float, seed: int) -> tuple[float, str]:
    """Nats for each held-out character, and what the model writes."""
    from bottega.objectives.decoding import write
    from bottega.randomness import Random

    began = time.monotonic()
    recipe = load(name, numbers)
    kind = {"auto": "bpe"}.get(recipe.tokens["kind"], recipe.tokens["kind"])
    tokens = Tokens.learn([train], kind, recipe.tokens["size"])
    assert recipe.rows is not None
    rows = Windows([tokens.encode(train)], tokens.special, **recipe.rows.numbers())
    objective = initialised(recipe, tokens, 0, seed)
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, seed=seed)
    left = Budget(minutes=minutes - (time.monotonic() - began) / 60)
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit(
            objective, rows, lambda ids: ids, settings, left, Path(folder),
            description={}, resume=False, on_event=lambda event: None,
        )  # fmt: skip
    shown = outcome.steps * settings.batch * rows.length
    size = sum(p.numel() for p in objective.parameters())
    print(
        f"{name}: {size:,} numbers, {outcome.steps:,} steps, {shown / rows.tokens:.1f} epochs, "
        f"{shown / outcome.seconds:,.0f} tokens/s, {time.monotonic() - began:.0f} s in all; losses {outcome.losses}"
    )
    nats = float(objective.nats([tokens.encode(held_out)])[0]) / len(held_out)
    opening = objective.opening(tokens.encode("ROMEO:\n"))
    (text,) = write(objective, [opening], Random(seed, "sample"), length=SAMPLE, **recipe.controls)
    return nats, "ROMEO:\n" + tokens.decode(text)


class Plain(nn.Module):
    """The GPT-2 of nanoGPT's README for a CPU."""

    LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12

    def __init__(self, symbols: int) -> None:
        super().__init__()
        width = self.WIDTH
        self.symbols, self.places = nn.Embedding(symbols, width), nn.Embedding(self.CONTEXT, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width, bias=False) for _ in range(2 * self.LAYERS + 1))
        self.qkv = nn.ModuleList(nn.Linear(width, 3 * width, bias=False) for _ in range(self.LAYERS))
        self.out = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in range(self.LAYERS))
        self.up = nn.ModuleList(nn.Linear(width, 4 * width, bias=False) for _ in range(self.LAYERS))
        self.down = nn.ModuleList(nn.Linear(4 * width, width, bias=False) for _ in range(self.LAYERS))
        for p in self.parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=0.02)
        for layer in [*self.out, *self.down]:
            nn.init.normal_(layer.weight, std=0.02 / math.sqrt(2 * self.LAYERS))

    def forward(self, ids: Tensor) -> Tensor:
        x = self.symbols(ids) + self.places.weight[: ids.shape[1]]
        for i in range(self.LAYERS):
            split = (*ids.shape, self.HEADS, self.WIDTH // self.HEADS)
            q, k, v = (part.view(split).transpose(1, 2) for part in self.qkv[i](self.norms[2 * i](x)).chunk(3, 2))
            y = scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out[i](y.transpose(1, 2).reshape(x.shape))
            x = x + self.down[i](gelu(self.up[i](self.norms[2 * i + 1](x))))
        return self.norms[-1](x) @ self.symbols.weight.T


def plain(train: str, held_out: str, minutes: float, seed: int) -> float:
    """Nats for each held-out character of nanoGPT's network, trained by its own rule until the time is up."""
    torch.manual_seed(seed)
    letters = sorted(set(train + held_out))
    number = {letter: n for n, letter in enumerate(letters)}
    stream, rest = (torch.tensor([number[letter] for letter in text]) for text in (train, held_out))
    network = Plain(len(letters))
    decayed = [p for p in network.parameters() if p.ndim == 2]
    others = [p for p in network.parameters() if p.ndim < 2]
    groups = [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99))
    began, step, span = time.monotonic(), 0, torch.arange(network.CONTEXT + 1)
    while (progress := (time.monotonic() - began) / (60 * minutes)) < 1:
        rate = 1e-4 + 0.5 * (1e-3 - 1e-4) * (1 + math.cos(math.pi * progress))
        for group in adam.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 100)
        rows = stream[torch.randint(len(stream) - network.CONTEXT - 1, (network.BATCH, 1)) + span]
        loss = cross_entropy(network(rows[:, :-1]).flatten(0, 1), rows[:, 1:].flatten())
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        step += 1
    print(f"nanoGPT's: {sum(p.numel() for p in network.parameters()):,} numbers, {step:,} steps")
    return sliding(network, rest)


@torch.no_grad()
def sliding(network: Plain, stream: Tensor) -> float:
    """Mean nats of every symbol but the first, each with at least half a context before it."""
    half, losses = network.CONTEXT // 2, []
    for start in range(0, len(stream) - 1, half):
        end = min(start + half, len(stream) - 1)
        first = max(0, end - network.CONTEXT)
        logits = network(stream[None, first:end])[0]
        losses.append(cross_entropy(logits[start - first :], stream[start + 1 : end + 1], reduction="none"))
    return float(torch.cat(losses).double().mean())


def main() -> None:
    """Train, judge, and show."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--recipe", default="gpt")
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="PLACE=VALUE")
    given = parser.parse_args()
    text = given.file.read_text(encoding="utf-8")
    cut = int(len(text) * (1 - HELD_OUT))
    train, held_out = text[:cut], text[cut:]
    print(f"{len(train):,} characters to learn from, {len(held_out):,} held out; {torch.get_num_threads()} threads")
    numbers = dict(word.split("=", 1) for word in given.set)
    nats, sample = ours(given.recipe, numbers, train, held_out, given.minutes, given.seed)
    found = {given.recipe: nats}
    if given.beside:
        found["nanoGPT's for a CPU"] = plain(train, held_out, given.minutes, given.seed)
    print(f"\n| after {given.minutes:g} minutes | nats/character | bits/byte |\n|---|--:|--:|")
    bytes_each = len(held_out.encode()) / len(held_out)
    for name, value in found.items():
        print(f"| {name} | {value:.4f} | {value / math.log(2) / bytes_each:.4f} |")
    print(f"\n{sample}")


if __name__ == "__main__":
    main()

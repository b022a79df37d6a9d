"""Bach's chorales in four voices: nats for each sixteenth, beside a recurrent network of the usual kind.

    python -m benchmarks chorales jsb_chorales_16th.json --minutes 5 [--set networks.model.width=256]

The file has its own split. ``tune-rnn`` learns from the training part as events and is told nothing: neither key nor
length. The baseline is a GRU of three layers of 256 on a grid, one token for each voice and sixteenth (soprano, bass,
alto, tenor, as TonicNet, arXiv:1911.11775, orders them), with an embedding of the voice. Both learn in all twelve keys,
with the same loop, for as much time of one core as the other; the end of a chorale is foreseen too. A pitch that is
repeated is one long note to both, as the file does not tell the two apart, so both foresee the same.

TonicNet counts five tokens for each sixteenth (a chord, which follows from the voices, and the four voices), of which
it needs 0.317 nats each after hours of training: 1.585 for the sixteenth.
"""

import argparse
import json
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import dropout

from bottega.datasets.tunes import Tunes as Rows
from bottega.media.score import Score, Track
from bottega.models.model import initialised
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.base import OptimizerSettings
from bottega.recipes.recipe import load
from bottega.representations.events import Events
from bottega.representations.grid import Grid, laid_out
from bottega.training.budget import Budget
from bottega.training.loop import TrainingSettings, fit

KEYS = range(-6, 6)
VOICES = (0, 3, 1, 2)  # the order in which the baseline writes them
FIRST = 8  # its first pitch; before it the special tokens, and the rest that no voice sings in
SPECIAL = {"bos": 0, "eos": 1, "pad": 2, "gap": 3, "middle": 4, "any": 5}
REST = 7
TRIAL = 6  # steps that are timed to know how many there is time for


def chorale(steps: list[list[int | None]]) -> Score:
    """Four tracks of notes; a sixteenth is three ticks of a quarter of twelve."""
    tracks = []
    for voice in range(4):
        line = [step[voice] if step[voice] is not None else -1 for step in steps] + [-2]
        cuts = [i for i in range(len(line)) if i == 0 or line[i] != line[i - 1]]
        notes = [(3 * a, 3 * (b - a), line[a], 80) for a, b in pairwise(cuts) if line[a] >= 0]
        tracks.append(Track("", 0, False, np.array(notes, np.int32)))
    return Score(tracks, 12)


def vocabulary(grids: list[Grid], everything: list[Grid]) -> Events:
    """That of the training part, but with every multiple of a sixteenth, so that no chorale loses anything."""
    learned = Events.learn(grids)
    longest = max(int(grid.notes[:, 1].max()) for grid in everything)
    parts = [part | {"single": True} for part in learned.parts]
    return Events(parts, [range(3, longest + 1, 3)] * len(parts), [(4, 4)], learned.velocities)


class Gru(nn.Module):
    """``ids (B, T) -> logits``: three layers of GRU on one token for each voice and sixteenth."""

    def __init__(self, vocabulary: int = FIRST + 128, width: int = 256, layers: int = 3, drop: float = 0.1) -> None:
        super().__init__()
        self.drop, self.layers, self.width = drop, layers, width
        self.tokens, self.voice = nn.Embedding(vocabulary, width), nn.Embedding(4, width)
        self.body = nn.GRU(width, width, layers, batch_first=True, dropout=drop)
        self.out = nn.Linear(width, vocabulary)

    def begin(self, n: int):
        return torch.zeros(n, dtype=torch.int64), self.out.bias.new_zeros(self.layers, n, self.width)

    def forward(self, ids, state=None):
        read, memory = state or self.begin(len(ids))
        voice = (read[:, None] + torch.arange(ids.shape[1])) % 4  # a row begins with "bos", and so before the soprano
        x = dropout(self.tokens(ids) + self.voice(voice), self.drop, self.training)
        x, memory = self.body(x, memory)
        return self.out(dropout(x, self.drop, self.training)), (read + ids.shape[1], memory)


def on_grid(steps: list[list[int | None]]) -> np.ndarray:
    """The tokens of a chorale for the baseline."""
    return np.array([REST if step[v] is None else FIRST + int(step[v]) for step in steps for v in VOICES], np.int64)


def higher(by: int) -> np.ndarray:
    """The baseline's tokens in another key."""
    table = np.arange(FIRST + 128)
    table[FIRST:] = FIRST + np.clip(np.arange(128) + by, 0, 127)
    return table


def learn(objective, rows: Rows, batch: int, ema: float, minutes: float, name: str) -> int:
    """Train for so many minutes of one core; how many steps there were."""
    begun, cost = None, 0.0
    steps = TRIAL
    for trial in (True, False):
        weights = {key: value.clone() for key, value in objective.state_dict().items()} if trial else None
        begun = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            settings = TrainingSettings(batch=batch, ema=ema, seed=0, previews=0)
            told = {"last": time.monotonic()}

            def say(event, told=told) -> None:
                if hasattr(event, "losses") and time.monotonic() - told["last"] > 60:
                    told["last"] = time.monotonic()
                    loss = " ".join(f"{value:.3f}" for value in event.losses.values())
                    print(f"  {name}: step {event.step}, loss {loss}", flush=True)

            fit(
                objective, rows, lambda ids: ids, settings, Budget(steps=steps), Path(folder) / "run",
                description={}, resume=False, on_event=say,
            )  # fmt: skip
        cost = (time.process_time() - begun) / steps
        if trial:
            objective.load_state_dict(weights)
            steps = max(TRIAL, round(60 * minutes / cost))
    print(f"{name}: {steps} steps of {batch} rows, {cost * steps / 60:.1f} minutes of one core", flush=True)
    return steps


def measure(objective, ids: list[np.ndarray], chorales: list, heads=None) -> dict[str, float]:
    """Nats for each sixteenth, with the standard error over chorales."""
    nats, sixteenths = objective.eval().nats(ids, heads), np.array([len(one) for one in chorales])
    mean = nats.sum() / sixteenths.sum()
    error = np.sqrt(np.square(nats - mean * sixteenths).sum()) / sixteenths.sum()
    return {"nats": float(mean), "error": float(error)}


def events_side(parts: dict, settings: dict[str, str], minutes: float) -> dict[str, dict[str, float]]:
    """``tune-rnn`` on events."""
    grids = {name: [laid_out(chorale(steps)) for steps in part] for name, part in parts.items()}
    events = vocabulary(grids["train"], [grid for part in grids.values() for grid in part])
    recipe = load("tune-rnn", {"objective.dropped": "1.0", "objective.infill": "0.0"} | settings)
    assert recipe.rows is not None
    works = {name: [events.bars(grid) for grid in part] for name, part in grids.items()}
    for name, part in works.items():  # nothing may be lost
        for bars, grid in zip(part, grids[name], strict=True):
            assert np.array_equal(events.grid(np.concatenate(bars)).notes[:, :3], events.settled(grid)[:, :3])
            assert len(events.settled(grid)) == len(grid.notes)
    moved = np.stack([events.transposed(by) for by in KEYS])
    heads = [np.array(events.head())] * len(works["train"])
    rows = Rows(works["train"], heads, events.special, moved, **recipe.rows.numbers())
    objective = initialised(recipe, events, 0, 0)
    count = sum(p.numel() for p in objective.parameters())
    each = np.mean([sum(map(len, bars)) for bars in works["train"]]) / np.mean([len(c) for c in parts["train"]])
    print(f"tune-rnn: {count:,} parameters, {each:.2f} tokens a sixteenth", flush=True)
    learn(objective, rows, recipe.training.batch, recipe.training.ema, minutes, "tune-rnn")
    found = {}
    for name in ("valid", "test"):
        ids = [np.concatenate(bars) for bars in works[name]]
        for one in ids:  # it was told nothing while learning, and is told nothing now
            one[(one > events.any) & (one <= events.last_word)] = events.any
        found[name] = measure(objective, ids, parts[name])
    print(f"tune-rnn: {found}", flush=True)
    return found


def grid_side(parts: dict, minutes: float, drop: float, lr: float, batch: int) -> dict[str, dict[str, float]]:
    """The GRU on the grid."""
    works = {name: [on_grid(steps) for steps in part] for name, part in parts.items()}
    beats = [[work[i : i + 64] for i in range(0, len(work), 64)] for work in works["train"]]
    moved = np.stack([higher(by) for by in KEYS])
    rows = Rows(beats, [np.array([SPECIAL["bos"]])] * len(beats), SPECIAL, moved, length=512)
    rows.special = SPECIAL | {"gap": SPECIAL["pad"]}  # before a row from the middle: the voices keep their places
    adam = OptimizerSettings(lr=lr, beta2=0.99, warmup=0.03, cooldown=0.6, clip=1.0)
    torch.manual_seed(0)
    model = Gru(drop=drop)
    print(f"GRU: {sum(p.numel() for p in model.parameters()):,} parameters, 4 tokens a sixteenth", flush=True)
    objective = _Grid(model=model, special=SPECIAL, optimizers={"model": adam})
    learn(objective, rows, batch, 0.05, minutes, "GRU")
    return {name: measure(objective, works[name], parts[name]) for name in ("valid", "test")}


class _Grid(Autoregressive):
    """The baseline; a row from the middle has "pad" behind "bos", which would put each voice one place later."""

    def loss(self, batch, label, random, progress):
        late = batch[:, 1] == self.special["pad"]
        fixed = torch.where(late[:, None], batch.roll(-1, 1), batch)
        fixed[late, 0], fixed[late, -1] = self.special["bos"], self.special["pad"]
        return super().loss(fixed, label, random, progress)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks chorales", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=5, help="of training for each, of one core")
    parser.add_argument("--only", choices=("tune-rnn", "gru"))
    parser.add_argument("--drop", type=float, default=0.1, help="dropout of the GRU")
    parser.add_argument("--lr", type=float, default=2e-3, help="of the GRU")
    parser.add_argument("--batch", type=int, default=4, help="of the GRU")
    parser.add_argument("--set", action="append", default=[], metavar="PLACE=VALUE", help="numbers of the recipe")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    parts = json.loads(chosen.file.read_text(encoding="utf-8"))
    settings = dict(pair.split("=", 1) for pair in chosen.set)
    found = {}
    if chosen.only != "gru":
        found["tune-rnn"] = events_side(parts, settings, chosen.minutes)
    if chosen.only != "tune-rnn":
        found["GRU 3×256"] = grid_side(parts, chosen.minutes, chosen.drop, chosen.lr, chosen.batch)
    print(
        "\n| nats for a sixteenth of four voices | valid | test | a fifth of it (TonicNet: 0.317) |\n|---|--:|--:|--:|"
    )
    for name, figures in found.items():
        valid, test = figures["valid"], figures["test"]
        row = f"| {name} | {valid['nats']:.3f} ± {valid['error']:.3f} | {test['nats']:.3f} ± {test['error']:.3f} |"
        print(f"{row} {test['nats'] / 5:.3f} |")


if __name__ == "__main__":
    main()

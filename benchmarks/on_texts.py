"""What the benchmarks that train on texts have in common: their arguments, the texts, and the loop."""

import argparse
import tempfile
from pathlib import Path

import torch

from bottega.crafts import text as craft
from bottega.datasets.texts import PreparedTexts
from bottega.objectives.base import Objective
from bottega.recipes.recipe import Recipe
from bottega.training.loop import Budget, TrainingSettings, fit
from bottega.training.run import Rows


def arguments(doc: str | None) -> argparse.ArgumentParser:
    """FILE, for how long, and how its texts are told apart."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--minutes", type=float, default=4, help="of training, for each model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--column", help="of the file, where it has several")
    parser.add_argument("--separate", default="auto", help="where one work ends: with its file, at blank lines, lines")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser


def prepared(chosen: argparse.Namespace) -> PreparedTexts:
    """The texts, and as many threads as were asked for."""
    torch.set_num_threads(chosen.threads)
    preparation = craft.Preparation(column=chosen.column, separate=chosen.separate)
    return craft.prepare(chosen.file, preparation, None, lambda event: None)[0]


def train(objective: Objective, rows: Rows, recipe: Recipe, minutes: float, seed: int) -> int:
    """In the real loop, for so many minutes; the steps taken."""
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, previews=0, seed=seed, report_seconds=60)
    with tempfile.TemporaryDirectory() as folder:
        return fit(
            objective, rows, lambda ids: ids, settings, Budget(minutes=minutes), Path(folder) / "run",
            description={}, resume=False, on_event=lambda event: None,
        ).steps  # fmt: skip

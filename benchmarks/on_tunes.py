"""What the benchmarks that ask a model for tunes have in common: their arguments, and the model."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bottega
from bottega.models.scores import ScoreModel


def arguments(doc: str | None, tunes: str) -> argparse.ArgumentParser:
    """FOLDER, a model or for how long one is trained, and ``--n``, of which ``tunes`` says what they are."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="that has learned from the folder; none is trained then")
    parser.add_argument("--minutes", type=float, default=5, help="of training")
    parser.add_argument("--n", type=int, default=4, help=tunes)
    parser.add_argument("--seed", type=int, default=0)
    return parser


@contextmanager
def learned(chosen: argparse.Namespace) -> Iterator[ScoreModel]:
    """The model that was named, or ``tune-rnn`` trained on the folder, as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        if chosen.model:
            model = bottega.load_model(chosen.model)
        else:
            model = bottega.train(chosen.folder, recipe="tune-rnn", minutes=chosen.minutes, to=Path(folder) / "model")
        assert isinstance(model, ScoreModel)
        yield model

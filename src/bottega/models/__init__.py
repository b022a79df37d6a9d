"""Trained models, each of its medium, and the works they make."""

import importlib
import json
from pathlib import Path

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media import kinds
from bottega.media.files import why
from bottega.models.model import SCHEMA, Model, Work, outgrown
from bottega.provenance import record
from bottega.recipes.recipe import from_tree

__all__ = ["Model", "Work", "load_model", "load_work"]

PLACES = {
    "image": "bottega.models.pictures:PictureModel",
    "audio": "bottega.models.sounds:SoundModel",
    "score": "bottega.models.scores:ScoreModel",
    "text": "bottega.models.texts:TextModel",
    "video": "bottega.models.films:FilmModel",
}
"""The model of each medium."""


def _of_medium(medium: str) -> type[Model]:
    module, name = PLACES[medium].split(":")
    return getattr(importlib.import_module(module), name)


def load_model(folder: str | Path) -> Model:
    """A model from its folder. Nothing in the folder is run.

    Raises:
        DataError: no model there, a damaged one, or one of a newer or of a much earlier Bottega.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["schema"] > SCHEMA:
            raise DataError(_("{folder} was made by a newer Bottega; update to open it.").format(folder=folder))
        tree, classes = config["recipe"], list(config["classes"])
        shares, facts = list(config["class_shares"]), config["facts"]
    except FileNotFoundError as error:
        if (folder / "training").is_dir():
            message = _("{folder} holds an unfinished training; finish it with “bottega train … --to {folder}”.")
            raise DataError(message.format(folder=folder)) from error
        if not folder.exists():
            raise DataError(_("{path} does not exist.").format(path=folder)) from error
        raise DataError(_("{folder} is no model: it has no config.json.").format(folder=folder)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(_("{folder} is no model: its config.json is damaged.").format(folder=folder)) from error
    try:  # all that every model has is there: what fails now was laid out differently once
        recipe = from_tree(tree)
        kind = _of_medium(recipe.medium)
        between, more = kind.between(folder, config), kind.more(folder, config)
        objective = recipe.build(between, len(classes))
    except OSError as error:
        raise DataError(_("{path} cannot be read: {why}.").format(path=error.filename, why=why(error))) from error
    except (UsageError, ValueError, KeyError, TypeError) as error:
        raise outgrown(folder) from error
    weights = folder / "model.safetensors"
    model = kind(recipe, between, classes, shares, objective, facts, None, folder, **more)
    model.load_weights(weights)
    model.objective.eval()
    model.hash = record.sha256(weights)
    return model


def load_work(path: str | Path) -> Work:
    """A work of any medium and, if Bottega made it, its record. Raises UnreadableWork when it is none."""
    return Work(kinds.read(Path(path)), kinds.read_record(Path(path)) or {})

"""A trained model: a folder laid out as the Hugging Face Hub expects, and what can be asked of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media import image
from bottega.objectives.base import Objective
from bottega.parts import nearest
from bottega.provenance import record
from bottega.randomness import Random
from bottega.recipes.recipe import Recipe, from_tree
from bottega.representations.pixels import Pixels

SCHEMA = 1
CHUNK = 64
"""Works are sampled this many at a time; a work's numbers depend on its chunk, so it is fixed for good."""


@dataclass
class Work:
    """One work and the record of how it was made.

    Attributes:
        pixels: uint8 ``(H, W, C)``; C is 3, or 4 with premultiplied alpha.
        record: what ``bottega`` writes into the file; empty for works from elsewhere.
    """

    pixels: np.ndarray
    record: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> Path:
        """Writes a PNG with the record inside it."""
        image.write(path, self.pixels, self.record or None)
        return path


@dataclass
class Model:
    """A trained model.

    Attributes:
        recipe: the resolved recipe it was trained with.
        shape: of one work, ``(C, H, W)``.
        classes: names of the classes, empty when there are none.
        class_shares: share of the training works in each class.
        objective: the networks, holding the averaged weights.
        hash: SHA-256 of the weights file, once saved.
        facts: what the card tells: works, minutes, steps, machine, versions.
    """

    recipe: Recipe
    shape: tuple[int, int, int]
    classes: list[str]
    class_shares: list[float]
    objective: Objective
    facts: dict[str, Any] = field(default_factory=dict)
    hash: str | None = None
    folder: Path | None = None

    @property
    def makes_works(self) -> bool:
        """Whether it generates (a classifier does not)."""
        return type(self.objective).sample is not Objective.sample

    def generate(self, n: int = 16, *, seed: int = 0, label: str | None = None, **controls: float) -> list[Work]:
        """New works.

        Args:
            n: how many.
            seed: the same seed, model, n and controls give the same works bit for bit on the same machine.
            label: the class to draw from; by default classes come as often as in the training works.
            controls: what the objective offers, for example ``guidance`` or ``truncation``.

        Raises:
            UsageError: a class or control this model does not have.
        """
        pixels = self.generate_pixels(n, seed=seed, label=label, on_progress=None, **controls)
        labels = self.labels(n, seed, label)
        names = [self.classes[i] if self.classes else None for i in labels.tolist()] if len(labels) else [None] * n
        return [
            Work(
                pixels[i],
                record.made(
                    "generate", model=self.hash, seed=seed, index=i, n=n, label=names[i], asked=label, controls=controls
                ),
            )
            for i in range(n)
        ]

    def generate_pixels(
        self,
        n: int,
        *,
        seed: int = 0,
        label: str | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        **controls: float,
    ) -> np.ndarray:
        """The same as ``generate``, as one array: uint8 ``(n, H, W, C)``."""
        if n < 1:
            raise UsageError(_("The number of works must be at least 1."))
        if not self.makes_works:
            raise UsageError(
                _("A {recipe} model recognises works; it does not make any.").format(recipe=self.recipe.name)
            )
        self._check(controls)
        chosen = {**self.recipe.controls, **controls}
        labels = self.labels(n, seed, label)
        pixels = np.empty((n, *self.shape[1:], self.shape[0]), dtype=np.uint8)
        device = next(self.objective.parameters()).device
        representation = Pixels(self.shape)
        self.objective.eval()
        for start in range(0, n, CHUNK):
            count = min(CHUNK, n - start)
            wanted = labels[start : start + count].to(device) if self.classes else None
            with torch.inference_mode():
                values = self.objective.sample(count, wanted, Random(seed, "works", start), **chosen)
            pixels[start : start + count] = representation.decode(values).cpu().numpy()
            if on_progress:
                on_progress(start + count, n)
        return pixels

    def labels(self, n: int, seed: int, label: str | None = None) -> torch.Tensor:
        """The classes of ``n`` works, ``(n,)`` int64; empty when the model knows no classes."""
        if label is not None and label not in self.classes:
            if not self.classes:
                raise UsageError(_("This model knows no classes."))
            message = _("This model knows no class “{label}”; it knows: {classes}.")
            message = message.format(label=label, classes=", ".join(self.classes))
            raise UsageError(message + nearest(label, self.classes))
        if not self.classes:
            return torch.empty(0, dtype=torch.int64)
        if label is not None:
            return torch.full((n,), self.classes.index(label))
        edges = torch.tensor(self.class_shares).cumsum(0)
        return torch.bucketize(Random(seed, "labels").uniform(n) * edges[-1], edges, right=True).clamp_(
            max=len(self.classes) - 1
        )

    def _check(self, controls: dict[str, float]) -> None:
        for word in controls:
            if word not in self.objective.controls:
                message = _("A {recipe} model has no control “{word}”; it has: {controls}.").format(
                    recipe=self.recipe.name, word=word, controls=", ".join(self.objective.controls) or "–"
                )
                raise UsageError(message + nearest(word, list(self.objective.controls)))

    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds."""
        return {
            "schema": SCHEMA,
            "library_name": "bottega",
            "recipe": self.recipe.model_dump(),
            "shape": list(self.shape),
            "classes": self.classes,
            "class_shares": self.class_shares,
            "facts": self.facts,
        }

    def save(self, folder: Path) -> None:
        """Writes ``model.safetensors`` and ``config.json``; the card is ``card.write``'s."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: tensor.detach().contiguous() for name, tensor in self.objective.state_dict().items()}
        temporary = folder / "model.safetensors.part"
        save_file(weights, temporary, metadata={"format": "pt", "library": "bottega"})
        temporary.replace(folder / "model.safetensors")
        text = json.dumps(self.config(), indent=2, ensure_ascii=False)
        temporary = folder / "config.json.part"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / "config.json")
        self.hash, self.folder = record.sha256(folder / "model.safetensors"), folder


def load_model(folder: str | Path) -> Model:
    """A model from its folder. Nothing in the folder is run.

    Raises:
        DataError: no model there, a damaged one, or one of a newer Bottega.
    """
    folder = Path(folder)
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["schema"] > SCHEMA:
            raise DataError(_("{folder} was made by a newer Bottega; update to open it.").format(folder=folder))
        recipe, shape, classes = from_tree(config["recipe"]), tuple(config["shape"]), list(config["classes"])
        shares, facts = list(config["class_shares"]), config["facts"]
    except FileNotFoundError as error:
        if (folder / "training").is_dir():
            message = _("{folder} holds an unfinished training; finish it with “bottega train … --to {folder}”.")
            raise DataError(message.format(folder=folder)) from error
        raise DataError(_("{folder} is no model: it has no config.json.").format(folder=folder)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(_("{folder} is no model: its config.json is damaged.").format(folder=folder)) from error
    objective = recipe.build(shape, len(classes)).to(memory_format=torch.channels_last)
    _load_weights(objective, folder / "model.safetensors")
    return Model(
        recipe, shape, classes, shares, objective.eval(), facts, record.sha256(folder / "model.safetensors"), folder
    )


def _load_weights(objective: Objective, file: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        objective.load_state_dict(load_file(file))
    except (OSError, SafetensorError, RuntimeError) as error:
        message = _("The weights in {file} are missing or damaged; the model must be trained or copied again.")
        raise DataError(message.format(file=file)) from error


def load_work(path: str | Path) -> Work:
    """A picture and, if Bottega made it, its record. Raises UnreadableWork when it is none."""
    return Work(image.read(Path(path), alpha=True), image.read_record(Path(path)) or {})

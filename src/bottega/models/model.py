"""A trained model: what all media share, and its folder, laid out as the Hugging Face Hub expects."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media import kinds
from bottega.objectives.base import Objective
from bottega.parts import nearest
from bottega.provenance import record
from bottega.randomness import Random
from bottega.recipes.recipe import Recipe, Representation

SCHEMA = 1


@dataclass
class Work:
    """One work and the record of how it was made.

    Attributes:
        content: a picture, uint8 ``(H, W, C)`` where C is 3, or 4 with premultiplied alpha; a sound, a score or a text.
        record: what ``bottega`` writes into the file; empty for works from elsewhere.
    """

    content: Any
    record: dict[str, Any] = field(default_factory=dict)

    def save(self, path: Path) -> Path:
        """Writes it with the record inside the file."""
        kinds.write(path, self.content, self.record or None)
        return path


@dataclass
class Model(ABC):
    """A trained model.

    Attributes:
        recipe: the resolved recipe it was trained with.
        representation: between works and the tensors of the networks.
        classes: names of the classes, empty when there are none.
        class_shares: share of the training works in each class.
        objective: the networks, holding the averaged weights.
        facts: what the card tells: works, minutes, steps, machine, versions.
        hash: SHA-256 of the weights file, once saved.
        codec: the model whose latents it makes, where its recipe has two stages.
    """

    recipe: Recipe
    representation: Any
    classes: list[str]
    class_shares: list[float]
    objective: Objective
    facts: dict[str, Any] = field(default_factory=dict)
    hash: str | None = None
    folder: Path | None = None
    codec: Any = None

    @property
    def makes_works(self) -> bool:
        """Whether it generates (a classifier does not, nor does a codec)."""
        return type(self.objective).sample is not Objective.sample

    @abstractmethod
    def generate(self, n: int = 16, *, seed: int = 0, label: str | None = None, **controls: Any) -> list[Work]:
        """New works.

        Args:
            n: how many.
            seed: the same seed, model, n and controls give the same works bit for bit on the same machine.
            label: the class to draw from; by default classes come as often as in the training works.
            controls: what the objective offers, for example ``guidance`` or ``temperature``.

        Raises:
            UsageError: a class or control this model does not have.
        """

    @abstractmethod
    def size(self) -> str:
        """What one work is, for the card: ``"32×32 pixels"``."""

    @abstractmethod
    def show(self, folder: Path) -> list[str]:
        """Writes samples into the model's folder; the lines of Markdown that show them."""

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

    def class_names(self, labels: torch.Tensor, n: int) -> list[str | None]:
        """The name of the class of each of ``n`` works; None for each when the model knows no classes."""
        return [self.classes[i] for i in labels.tolist()] if len(labels) else [None] * n

    def note(
        self, index: int, n: int, seed: int, label: str | None, asked: str | None, controls: dict[str, Any]
    ) -> dict[str, Any]:
        """The record of one of ``n`` works.

        Args:
            label: its class.
            asked: the class that was asked for.
            controls: what else was asked for, without what was left open.
        """
        return record.made(
            "generate", model=self.hash, recipe=self.recipe.name, collection=self.facts.get("fingerprint"),
            seed=seed, index=index, n=n, label=label, asked=asked, controls=controls,
        )  # fmt: skip

    def check(self, n: int, controls: dict[str, Any]) -> None:
        """Raises UsageError when so many works cannot be made, or not with these controls."""
        if n < 1:
            raise UsageError(_("The number of works must be at least 1."))
        if not self.makes_works:
            raise UsageError(
                _("A model of the recipe {recipe} makes no works of its own.").format(recipe=self.recipe.name)
            )
        for word in controls:
            if word not in self.objective.controls:
                message = _("A model of the recipe {recipe} has no control “{word}”; it has: {controls}.").format(
                    recipe=self.recipe.name, word=word, controls=", ".join(self.objective.controls) or "–"
                )
                raise UsageError(message + nearest(word, list(self.objective.controls)))

    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds."""
        return {
            "schema": SCHEMA,
            "library_name": "bottega",
            "recipe": self.recipe.model_dump(),
            **self.representation.config(),
            "classes": self.classes,
            "class_shares": self.class_shares,
            "facts": self.facts,
        }

    def save(self, folder: Path) -> None:
        """Writes ``model.safetensors``, ``config.json`` and what else belongs to it; the card is ``card.write``'s."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        weights = {name: tensor.detach().contiguous() for name, tensor in self.objective.state_dict().items()}
        temporary = folder / "model.safetensors.part"
        save_file(weights, temporary, metadata={"format": "pt"})  # of several entries the order would be random
        temporary.replace(folder / "model.safetensors")
        self.representation.save(folder)
        text = json.dumps(self.config(), indent=2, ensure_ascii=False)
        temporary = folder / "config.json.part"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(folder / "config.json")
        self.hash, self.folder = record.sha256(folder / "model.safetensors"), folder
        if self.codec and self.codec.folder != folder / "codec":
            self.codec.save(folder / "codec")

    @staticmethod
    @abstractmethod
    def between(folder: Path, config: dict[str, Any]) -> Representation:
        """What lies between the works and the networks of the model in a folder, by its ``config.json``."""

    @staticmethod
    def more(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
        """What else a model of its kind keeps in its folder and its ``config.json``, by name of the field."""
        from bottega.models import load_model

        return {"codec": load_model(folder / "codec")} if config["recipe"].get("codec") else {}

    def load_weights(self, file: Path) -> None:
        """Takes up the weights in a file. Raises DataError when they are missing, damaged or of another network."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            weights = load_file(file)
        except (OSError, SafetensorError) as error:
            message = _("The weights in {file} are missing or damaged; the model must be trained or copied again.")
            raise DataError(message.format(file=file)) from error
        try:
            self.objective.load_state_dict(weights)
        except RuntimeError as error:  # other names or other shapes
            raise outgrown(file.parent) from error


def outgrown(folder: Path) -> DataError:
    """The reason why a whole model cannot be opened: its recipe or its networks have changed since."""
    message = _(
        "The model in {folder} was made by an earlier version of Bottega, whose settings or weights this one cannot "
        "use; train it again on the same works."
    )
    return DataError(message.format(folder=folder))


def class_shares(classes: list[str], labels: np.ndarray | None, train: np.ndarray) -> list[float]:
    """The share of the training works in each class; works without a class are not counted."""
    if labels is None:
        return []
    counts = np.bincount(labels[train], minlength=len(classes))[: len(classes)]
    return (counts / counts.sum()).tolist()


def initialised(recipe: Recipe, representation: Representation, classes: int, seed: int) -> Objective:
    """The objective with first weights that follow from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(Random(seed, "weights").generator.initial_seed())
        return recipe.build(representation, classes)

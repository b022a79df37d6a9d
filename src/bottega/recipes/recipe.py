"""A recipe: a small TOML file that names one member of each axis, and the code that turns it into a model."""

import inspect
import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bottega.errors import UsageError
from bottega.language import _, language, later
from bottega.parts import nearest

MEDIA = (later("image"), later("audio"), later("score"), later("text"), later("video"))


class Part(BaseModel):
    """A network or an objective: its name and whatever numbers it takes."""

    model_config = ConfigDict(extra="allow")
    name: str

    def numbers(self) -> dict[str, Any]:
        """The numbers for its constructor; TOML pairs become tuples."""
        return {k: tuple(v) if isinstance(v, list) else v for k, v in (self.model_extra or {}).items()}


class Training(BaseModel):
    """Numbers of the training loop that belong to the recipe."""

    model_config = ConfigDict(extra="forbid")
    batch: int = Field(64, ge=1, le=65536)
    ema: float = Field(0.05, ge=0, le=1)


class Stage(BaseModel):
    """Another recipe that is trained before this one, on the same works, and the share of the time it takes."""

    model_config = ConfigDict(extra="forbid")
    recipe: str
    share: float = Field(gt=0, lt=1)


class Representation(Protocol):
    """What a recipe asks of the representation it is built for."""

    def for_networks(self, classes: int) -> dict[str, Any]:
        """What every network is told: the shape of a picture, the size of a vocabulary."""
        ...

    def for_objective(self) -> dict[str, Any]:
        """What the objective is told beside its networks and classes, where it asks for it."""
        ...


class Recipe(BaseModel):
    """One whole recipe; see the files beside this module for what they look like."""

    model_config = ConfigDict(extra="forbid")
    name: str
    medium: Literal["image", "audio", "score", "text", "video"]
    title: dict[str, str]
    source: str
    when: dict[str, str]
    networks: dict[str, Part]
    objective: Part
    optimizers: dict[str, dict[str, float | list[float]]] = {}
    training: Training = Training()
    codec: Stage | None = None
    tokens: dict[str, Any] = {}
    rows: Part | None = None
    controls: dict[str, float] = {}

    def said(self, what: Literal["title", "when"]) -> str:
        """The title or the advice, in the language in use."""
        return getattr(self, what)[language()]

    def build(self, representation: Representation, classes: int) -> Any:
        """The objective with its networks, freshly initialised from torch's global generator.

        Args:
            representation: between works and the tensors of the networks.
            classes: number of classes, 0 when nothing steers.

        Raises:
            UsageError: a part or a number that does not exist, or does not fit the works.
        """
        from bottega.networks import build
        from bottega.objectives import OBJECTIVES
        from bottega.objectives.base import OptimizerSettings

        networks = {
            role: build(part.name, part.numbers(), **representation.for_networks(classes))
            for role, part in self.networks.items()
        }
        optimizers = {}
        for phase, numbers in self.optimizers.items():
            accepted = list(OptimizerSettings.__dataclass_fields__)
            for word in numbers:
                if word not in accepted:
                    message = _("An optimizer has no setting “{word}”; it has: {accepted}.")
                    raise UsageError(message.format(word=word, accepted=", ".join(accepted)) + nearest(word, accepted))
            pairs: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in numbers.items()}
            optimizers[phase] = OptimizerSettings(**pairs)
        known = inspect.signature(OBJECTIVES.find(self.objective.name)).parameters
        objective = OBJECTIVES.build(
            self.objective.name,
            self.objective.numbers(),
            **networks,
            **{word: value for word, value in representation.for_objective().items() if word in known},
            classes=classes,
            optimizers=optimizers,
        )
        unknown = sorted(set(self.controls) - set(objective.controls))
        if unknown:
            raise UsageError(_("The recipe sets a control its objective lacks: {names}.").format(names=unknown))
        return objective


@cache
def catalogue() -> dict[str, str]:
    """Every recipe with its medium; no two have one name."""
    room = resources.files("bottega.recipes")
    return {
        file.name.removesuffix(".toml"): medium
        for medium in MEDIA
        if room.joinpath(medium).is_dir()
        for file in sorted(room.joinpath(medium).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".toml")
    }


def names(medium: str | None = None) -> list[str]:
    """The recipes, or those of one medium, by name."""
    return [name for name, of in catalogue().items() if medium in (None, of)]


def load(name: str, settings: dict[str, str] | None = None) -> Recipe:
    """The recipe of that name, with some of its numbers set anew.

    Args:
        name: as ``bottega recipes`` lists it.
        settings: ``{"training.batch": "32"}``: dotted place to a TOML value; text that is no TOML is taken as it is.

    Raises:
        UsageError: no such recipe, place or value.
    """
    if name not in catalogue():
        message = _("There is no recipe “{name}”; there are: {names}.").format(name=name, names=", ".join(names()))
        raise UsageError(message + nearest(name, names()))
    tree = _read(name)
    for place, value in (settings or {}).items():
        _set(tree, place, value)
    return from_tree({"name": name, **tree})


def _read(name: str) -> dict[str, Any]:
    """The file of a recipe; one that is ``like`` another only says what differs."""
    text = resources.files("bottega.recipes").joinpath(catalogue()[name], f"{name}.toml").read_text(encoding="utf-8")
    tree = tomllib.loads(text)
    model = tree.pop("like", None)
    return _over(_read(model), tree) if model else tree


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Two trees as one, in which ``above`` counts where both speak."""
    merged = dict(below)
    for word, value in above.items():
        both = isinstance(value, dict) and isinstance(below.get(word), dict)
        merged[word] = _over(below[word], value) if both else value
    return merged


def from_tree(tree: dict[str, Any]) -> Recipe:
    """A recipe from plain data, as ``config.json`` keeps it. Raises UsageError when it does not hold together."""
    try:
        return Recipe.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(
            _("The recipe does not hold at “{place}”: {why}.").format(place=place, why=first["msg"])
        ) from error


def _set(tree: dict[str, Any], place: str, text: str) -> None:
    *path, last = place.split(".")
    at = tree
    for word in path:
        if not isinstance(at.get(word), dict):
            message = _("There is no setting “{place}” in this recipe.").format(place=place)
            raise UsageError(message + nearest(place, _places(tree)))
        at = at[word]
    if not path or last in ("name",):
        message = _("There is no setting “{place}” in this recipe.").format(place=place)
        raise UsageError(message + nearest(place, _places(tree)))
    try:
        at[last] = tomllib.loads(f"x = {text}")["x"]
    except tomllib.TOMLDecodeError:
        at[last] = text


def _places(tree: dict[str, Any], prefix: str = "") -> list[str]:
    """Every dotted place that holds a number."""
    found = []
    for word, value in tree.items():
        found += (
            _places(value, f"{prefix}{word}.") if isinstance(value, dict) else [f"{prefix}{word}"] if prefix else []
        )
    return found

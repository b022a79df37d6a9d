"""``train``: from a folder of works to a model with its card, in one stage or two."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega import card, crafts, home
from bottega.errors import UsageError
from bottega.events import Listener, Said, nobody
from bottega.language import _
from bottega.models import Model, load_model
from bottega.places import plain
from bottega.recipes.recipe import Recipe, load
from bottega.training.loop import Budget, TrainingSettings, fit
from bottega.wishes import asked


def train(
    source: str | Path,
    *,
    to: str | Path | None = None,
    medium: str | None = None,
    recipe: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    epochs: float | None = None,
    seed: int = 0,
    settings: dict[str, str] | None = None,
    codec: str | Path | Model | None = None,
    resume: bool = False,
    finish: bool = False,
    tensorboard: bool = False,
    on_event: Listener = nobody,
    **preparation: Any,
) -> Model:
    """Learns from a folder of works.

    >>> bottega.train("paintings", minutes=20, size=(64, 64))
    >>> bottega.train("poems.jsonl", column="poem", class_column="mood")

    Args:
        source: the folder, or a zip of it, or one file of texts; its sub-folders are classes.
        to: the model's folder; ``BOTTEGA_HOME/models/<folder>-<recipe>`` by default.
        medium: ``"image"``, ``"audio"``, ``"score"``, ``"text"``, ``"video"``; that of most files when left out.
        recipe: a name from ``bottega recipes``; chosen from the works and the time when left out.
        minutes, steps, epochs: how long, one of the three; 10 minutes by default.
        seed: everything random follows from it.
        settings: numbers of the recipe set anew, ``{"training.batch": "32"}``; those of its codec's recipe stand behind
            ``codec.``: ``{"codec.training.batch": "4"}``.
        codec: a model whose latents a recipe of two stages learns from; without it, one is trained first.
        resume: go on with the run in ``to``, also past its end when the budget is larger.
        finish: make the model of what the run in ``to`` has learned, without more training; a run in the first of two
            stages ends that stage only, and goes on with the second.
        tensorboard: also write TensorBoard scalars.
        on_event: told what happens.
        preparation: how works are prepared: the fields of the medium's class in ``bottega.crafts.schemas``, such as
            ``ImagePreparation`` (size, fit, alpha) or ``TextPreparation`` (column, class_column, …).

    Returns:
        The trained model, saved in ``to`` with its card.

    Raises:
        DataError: the folder has nothing to learn from, or the run in ``to`` is another one.
        Interrupted: stopped on request; the same call goes on.
    """
    if minutes is None and steps is None and epochs is None:
        minutes = 10.0
    budget, source = Budget(minutes=minutes, steps=steps, epochs=epochs), Path(source)
    medium = crafts.medium_for(source, medium or (load(recipe).medium if recipe else None), preparation)
    craft = crafts.of(medium)
    data, prepared = craft.prepare(source, asked(craft.Preparation, preparation, "train"), minutes, on_event)
    on_event(Said(data.report.sentence()))
    if recipe is None:
        recipe, why = craft.choose(data, budget)
        on_event(Said(_("Recipe: {name}, {why}").format(name=recipe, why=why)))
    of_codec = {place.removeprefix("codec."): value for place, value in (settings or {}).items() if _of_codec(place)}
    chosen = load(recipe, {place: value for place, value in (settings or {}).items() if not _of_codec(place)})
    folder = Path(to) if to else home.models() / f"{plain(source.resolve().stem)}-{recipe}"
    on_event(Said(_("The model will be in {folder}.").format(folder=folder)))
    lesson = _Lesson(medium, data, prepared, source, seed, tensorboard, on_event)
    if chosen.codec is None:
        if codec is not None:
            raise UsageError(_("A {recipe} model learns without a codec.").format(recipe=chosen.name))
        return lesson.learn(chosen, folder, budget, resume, finish)
    if codec is not None:
        base = codec if isinstance(codec, Model) else load_model(codec)
        return lesson.learn(chosen, folder, budget, resume, finish, codec=base)
    share = chosen.codec.share
    if (folder / "codec" / "config.json").exists():
        base = load_model(folder / "codec")
    else:
        message = _("First its codec, {name}, for {share:.0%} of the time.")
        on_event(Said(message.format(name=chosen.codec.recipe, share=share)))
        recipe_of_codec = load(chosen.codec.recipe, of_codec)
        base = lesson.learn(recipe_of_codec, folder / "codec", budget.part(share), resume, finish)
        if base.facts["progress"] < 1:
            on_event(Said(_("Its codec ends here; now the model itself learns, for its own part of the time.")))
        finish = False
    return lesson.learn(chosen, folder, budget.part(1 - share), resume, finish, codec=base)


def _of_codec(place: str) -> bool:
    """Whether a setting is one of the recipe of the codec."""
    return place.startswith("codec.") and place not in ("codec.recipe", "codec.share")


@dataclass(frozen=True)
class _Lesson:
    """What the stages of one training share."""

    medium: str
    data: Any
    prepared: dict[str, Any]
    source: Path
    seed: int
    tensorboard: bool
    on_event: Listener

    def learn(self, recipe: Recipe, folder: Path, budget: Budget, resume: bool, finish: bool, **given: Model) -> Model:
        """Trains one recipe, and keeps the model with its card."""
        craft = crafts.of(self.medium)
        model, rows, encode = craft.begin(recipe, self.data, self.seed, **given)
        hashes = {name: one.hash for name, one in given.items()}
        outcome = fit(
            model.objective,
            rows,
            encode,
            TrainingSettings(recipe.training.batch, recipe.training.ema, seed=self.seed, tensorboard=self.tensorboard),
            budget,
            folder / "training",
            description={
                "recipe": recipe.model_dump(),
                "data": self.data.fingerprint,
                **model.representation.config(),
                **hashes,
            },
            resume=resume or _unfinished(folder),
            finish=finish,
            on_event=self.on_event,
            preview=craft.preview(model, self.data),
        )
        model.facts = card.facts(self.data, rows, outcome, self.prepared, self.seed)
        if _first_process():
            model.save(folder)
            (folder / "training" / "source.json").write_text(json.dumps({"source": str(self.source.resolve())}))
            card.write(model)
        return model


def _unfinished(folder: Path) -> bool:
    """Whether a training in this folder was interrupted: then the same command goes on with it."""
    return (folder / "training" / "run.json").exists() and not (folder / "config.json").exists()


def _first_process() -> bool:
    return os.environ.get("RANK", "0") == "0"

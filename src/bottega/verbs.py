"""The verbs, the same for every medium: what the command line, the page and Python call."""

import contextlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from bottega import card, home
from bottega.datasets.order import Shuffled
from bottega.datasets.prepared import Prepared, prepare
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.media import image
from bottega.models import Model, Work, load_model
from bottega.objectives.base import Objective
from bottega.randomness import Random
from bottega.recipes.recipe import Recipe, load
from bottega.representations.pixels import Pixels
from bottega.training.events import Event
from bottega.training.loop import Budget, TrainingSettings
from bottega.training.loop import fit as run

if TYPE_CHECKING:
    from bottega.evaluation.report import Evaluation

PREVIEW = 36
"""Works on the contact sheet that training draws again and again from the same noise."""


FEW, OFTEN = 1000, 50
"""Fewer works than this, seen more often than this, are learned by heart."""
DETAIL, LARGEST_FINISH = 1000, 1024
"""Works from which the detail of finished pictures is taken, and the longest side they can be finished at."""
SEEN_PER_MINUTE = 20_000
"""Works at 32 pixels that the default recipe sees in a minute on two cores."""


@dataclass(frozen=True)
class Said:
    """A sentence for the person: a choice that was made, or where something lies."""

    text: str


@dataclass(frozen=True)
class Preparing:
    """Progress of preparing a collection."""

    done: int
    total: int


@dataclass(frozen=True)
class Editing:
    """Progress of an operation on works: the share done, and now and then the picture so far (uint8, H W C)."""

    share: float
    preview: np.ndarray | None


@dataclass(frozen=True)
class Edited:
    """What an operation made.

    Attributes:
        files: one for each picture, or the one film.
        sheet: all pictures side by side, when there are several.
        facts: what was measured on the way.
    """

    files: list[Path]
    sheet: Path | None
    facts: dict[str, float | int | str]


Listener = Callable[[Event | Said | Preparing | Editing], None]


def train(
    source: str | Path,
    *,
    to: str | Path | None = None,
    recipe: str | None = None,
    minutes: float | None = None,
    steps: int | None = None,
    epochs: float | None = None,
    seed: int = 0,
    size: tuple[int, int] | None = None,
    fit: image.Fit = "crop",
    alpha: bool = False,
    settings: dict[str, str] | None = None,
    resume: bool = False,
    tensorboard: bool = False,
    on_event: Listener | None = None,
) -> Model:
    """Learns from a folder (or zip) of pictures.

    Args:
        source: the folder; its sub-folders are classes.
        to: the model's folder; ``BOTTEGA_HOME/models/<folder>-<recipe>`` by default.
        recipe: a name from ``bottega recipes``; chosen from the works and the time when left out.
        minutes, steps, epochs: how long, one of the three; 10 minutes by default.
        seed: everything random follows from it.
        size: (height, width) of the works, multiples of 8 from 16 to 256; chosen when left out.
        fit: ``"crop"``, ``"pad"`` or ``"stretch"`` pictures to that size.
        alpha: keep transparency.
        settings: numbers of the recipe set anew, ``{"training.batch": "32"}``.
        resume: go on with the run in ``to``, also past its end when the budget is larger.
        tensorboard: also write TensorBoard scalars.
        on_event: told what happens.

    Returns:
        The trained model, saved in ``to`` with its card.

    Raises:
        DataError: the folder has nothing to learn from, or the run in ``to`` is another one.
        Interrupted: stopped on request; the same call goes on.
    """
    say = on_event or (lambda event: None)
    if minutes is None and steps is None and epochs is None:
        minutes = 10.0
    budget = Budget(minutes=minutes, steps=steps, epochs=epochs)
    source = Path(source)
    prepared_as = {"size": size or _size_for(minutes), "fit": fit, "alpha": alpha}
    data = prepare(source, **prepared_as, on_progress=lambda done, total: say(Preparing(done, total)))
    say(Said(data.report.sentence()))
    if recipe is None:
        recipe, why = choose(len(data.train), budget)
        say(Said(_("Recipe: {name}, {why}").format(name=recipe, why=why)))
    chosen = load(recipe, settings)
    folder = Path(to) if to else home.models() / f"{_plain(source)}-{recipe}"
    say(Said(_("The model will be in {folder}.").format(folder=folder)))
    model = Model(chosen, data.shape, data.classes, _class_shares(data), _initialised(chosen, data, seed))
    outcome = run(
        model.objective,
        Shuffled(data),
        Pixels(data.shape),
        TrainingSettings(batch=chosen.training.batch, ema=chosen.training.ema, seed=seed, tensorboard=tensorboard),
        budget,
        folder / "training",
        description={"recipe": chosen.model_dump(), "data": data.fingerprint, "shape": list(data.shape)},
        resume=resume or _unfinished(folder),
        on_event=say,
        preview=_preview_of(model) if model.makes_works else None,
    )
    model.facts = card.facts(data, outcome, prepared_as, seed)
    if _first_process():
        model.save(folder)
        (folder / "training" / "source.json").write_text(json.dumps({"source": str(source.resolve())}))
        card.write(model)
    return model


def generate(
    model: str | Path | Model,
    n: int = 16,
    *,
    to: str | Path | None = None,
    seed: int = 0,
    label: str | None = None,
    controls: dict[str, float] | None = None,
    finish: int | None = None,
    works: str | Path | None = None,
    on_event: Listener | None = None,
) -> list[Path]:
    """Makes new works and a contact sheet.

    Args:
        model: a model or its folder.
        n: how many works.
        to: where they go; ``BOTTEGA_HOME/works/<model>`` by default. Works already there are never overwritten.
        seed: the same seed makes the same works.
        label: the class to draw from.
        controls: what the recipe offers, such as ``guidance``, ``steps`` or ``truncation``.
        finish: the longer side, in pixels, to which the works are brought with detail from the works learned from.
        works: the folder of those, if it is no longer where it was when the model was trained.
        on_event: told what happens.

    Returns:
        The files of the works, then ``…-sheet.png``.

    Raises:
        UsageError: a class or control the model does not have, or a size it has already.
        DataError: no such model, or the works to take detail from are not found.
    """
    if not isinstance(model, Model):
        model = load_model(model)
    folder = Path(to) if to else home.works() / (model.folder.name if model.folder else "works")
    made = make_works(
        model, n, seed=seed, label=label, controls=controls or {}, finish=finish, works=works, on_event=on_event
    )
    stem = f"{_plain(Path(label))}-{seed}" if label else f"{seed}"
    stem = _free(folder, stem)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [work.save(folder / f"{stem}-{i:04d}.png") for i, work in enumerate(made)]
    pixels = np.stack([work.pixels for work in made])
    image.write(folder / f"{stem}-sheet.png", image.sheet(pixels), None)
    return [*paths, folder / f"{stem}-sheet.png"]


def make_works(
    model: Model,
    n: int,
    *,
    seed: int,
    label: str | None,
    controls: dict[str, float],
    finish: int | None,
    works: str | Path | None,
    on_event: Listener | None,
) -> list[Work]:
    """What ``generate`` writes, before it is written; the same arguments."""
    say = on_event or (lambda event: None)
    made = model.generate(n, seed=seed, label=label, **controls)
    if finish is None:
        return made
    from bottega.editing.operation import Job
    from bottega.editing.patchwork.upscale import finish as finished

    data = learned_from(model, works, finish, say)
    chosen = np.sort(Random(seed, "detail").permutation(len(data.train)).numpy()[:DETAIL])
    sources = list(data.rows(data.train[chosen]))
    job = Job(seed, model, lambda share, preview: say(Editing(share, preview)))
    pictures = finished([work.pixels for work in made], sources, finish, job)
    for sentence in job.notes:
        say(Said(sentence))
    for work in made:
        work.record["parameters"] |= {"finish": finish, "works": data.fingerprint}
    return [Work(pixels, work.record) for pixels, work in zip(pictures, made, strict=True)]


def edit(
    operation: str,
    *works: str | Path,
    to: str | Path | None = None,
    seed: int = 0,
    model: str | Path | Model | None = None,
    masks: Sequence[str | Path] = (),
    on_event: Listener | None = None,
    **settings: Any,
) -> Edited:
    """Changes works; the originals stay as they are.

    >>> bottega.edit("vary", "cat.png", distance=0.4, count=4)
    >>> bottega.edit("style", "photo.jpg", "painting.jpg", to="styled.png", strength=0.8)

    Args:
        operation: a name from ``bottega edit --help``.
        works: the pictures, in the order in which the operation takes them.
        to: a file ending in .png, .jpg or .webp, or a folder; ``BOTTEGA_HOME/works`` by default. A file that is there
            already is never overwritten: the new one gets a number.
        seed: everything random follows from it.
        model: a model or its folder, for operations that take one.
        masks: pictures whose white parts are changed.
        on_event: told what happens.
        settings: of the operation.

    Raises:
        UsageError: an operation, a setting or a number of works that makes no sense.
        UnreadableWork: a file that is no picture.
    """
    from bottega import editing
    from bottega.editing.operation import Job
    from bottega.editing.perform import perform

    say = on_event or (lambda event: None)
    chosen = editing.find(operation)
    files = [Path(work) for work in works]
    if model is not None and not isinstance(model, Model):
        model = load_model(model)
    place = _place(to, f"{_plain(files[0])}-{operation}" if files else operation)
    job = Job(seed, model, lambda share, preview: say(Editing(share, preview)))
    made, note, profile = perform(chosen, files, [Path(mask) for mask in masks], settings, job)
    for sentence in job.notes:
        say(Said(sentence))
    pictures = list(made.works)
    if made.seconds_per_frame:
        film = unused(place.with_suffix(".webp"))
        image.write_animation(film, pictures, made.seconds_per_frame, note)
        return Edited([film], None, made.facts)
    several = len(pictures) > 1
    paths = []
    for i, pixels in enumerate(pictures):
        path = unused(place.with_stem(f"{place.stem}-{i}") if several else place)
        image.write(path, pixels, note | {"index": i} if several else note, profile)
        paths.append(path)
    sheet = None
    if several and len({pixels.shape for pixels in pictures}) == 1:
        sheet = unused(place.with_stem(f"{place.stem}-sheet").with_suffix(".png"))
        image.write(sheet, image.sheet(np.stack(pictures)))
    return Edited(paths, sheet, made.facts)


def evaluate(
    model: str | Path | Model,
    *,
    against: str | Path | None = None,
    n: int = 1000,
    seed: int = 0,
    on_event: Listener | None = None,
) -> "Evaluation":
    """Measures a model on works it has not learned from, and looks for copies among what it makes.

    Args:
        model: a model or its folder; the figures and the sheet of closest pairs are written there.
        against: the folder it was trained on (its held-out works are used) or another one; the one it was trained
            on by default, if that is still prepared on this machine.
        n: how many works to make for it.
        seed: of those works.

    Raises:
        DataError: the collection cannot be found or does not fit the model.
        UsageError: the model makes no works.
    """
    from bottega.evaluation import report

    say = on_event or (lambda event: None)
    if not isinstance(model, Model):
        model = load_model(model)
    evaluation = report.evaluate(model, _collection(model, against, say), n=n, seed=seed)
    if model.folder:
        card.write(model, evaluation)
    return evaluation


def _collection(model: Model, against: str | Path | None, say: Listener) -> Prepared:
    """The collection to measure against, prepared as the training works were."""
    given, against = model.facts["prepared"], against or _source_of(model)
    if against is None:
        raise DataError(_("Say with --against which folder to measure against."))
    return prepare(
        Path(against),
        size=tuple(given["size"]),
        fit=given["fit"],
        alpha=given["alpha"],
        on_progress=lambda done, total: say(Preparing(done, total)),
    )


def learned_from(model: Model, works: str | Path | None, longest: int, say: Listener) -> Prepared:
    """The works a model learned from, or others, with so many pixels on the longer side."""
    given, works = model.facts["prepared"], works or _source_of(model)
    if works is None or not Path(works).exists():
        raise DataError(_("The works this model learned from are not found; say with --works where they are."))
    height, width = (max(16, round(side * longest / max(given["size"]) / 8) * 8) for side in given["size"])
    return prepare(
        Path(works),
        size=(height, width),
        fit=given["fit"],
        alpha=given["alpha"],
        on_progress=lambda done, total: say(Preparing(done, total)),
        largest=LARGEST_FINISH,
    )


def _source_of(model: Model) -> str | None:
    """Where the works lay that a model was trained on; a model that was copied here does not know."""
    if model.folder:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads((model.folder / "training" / "source.json").read_text(encoding="utf-8"))["source"]
    return None


def choose(works: int, budget: Budget) -> tuple[str, str]:
    """The recipe for so many works and so much time, and why.

    A model that looks at each work hundreds of times learns it by heart, so few works and much time call for variations
    (see docs/lab/few.md); where time is short, even a few works are not seen often enough for that.
    """
    steps = budget.in_steps(works, load("flow").training.batch)
    seen = SEEN_PER_MINUTE * (budget.minutes or 0) if steps is None else steps * load("flow").training.batch
    looks = seen / works
    if works < FEW and looks > OFTEN:
        why = _(
            "because {works} works would be seen about {looks:.0f} times each and learned by heart; it varies them."
        )
        return "flow-few", why.format(works=works, looks=looks)
    return "flow", _("because it learns the most from {works:,} works in the time.").format(works=works)


def _preview_of(model: Model) -> Callable[[Objective], np.ndarray]:
    """Draws the contact sheet of a training's time-lapse: always from the same noise, and quickly."""
    quick = model.objective.quick
    return lambda _objective: image.sheet(model.generate_pixels(PREVIEW, seed=0, label=None, on_progress=None, **quick))


def _unfinished(folder: Path) -> bool:
    """Whether a training in this folder was interrupted: then the same command goes on with it."""
    return (folder / "training" / "run.json").exists() and not (folder / "config.json").exists()


def _first_process() -> bool:
    return os.environ.get("RANK", "0") == "0"


def _place(to: str | Path | None, name: str) -> Path:
    """The file that a wish for a file, for a folder, or for nothing in particular means."""
    to = Path(to) if to else home.works()
    if to.suffix.lower() in image.WRITTEN and not to.is_dir():
        return to
    if to.suffix and not to.is_dir():
        message = _("{path} ends in none of {endings}, and is no folder.")
        raise UsageError(message.format(path=to, endings=", ".join(image.WRITTEN)))
    return to / f"{name}.png"


def unused(path: Path) -> Path:
    """The path, or the path with a number when there is such a file already."""
    free, k = path, 1
    while free.exists():
        free, k = path.with_stem(f"{path.stem}-{k}"), k + 1
    return free


def _free(folder: Path, stem: str) -> str:
    """The stem, or the stem with a number when works of that name are there already."""
    taken, k = stem, 1
    while (folder / f"{taken}-sheet.png").exists():
        taken, k = f"{stem}-{k}", k + 1
    return taken


def _size_for(minutes: float | None) -> tuple[int, int]:
    """32 pixels for a short training; 64, which takes four times as long, when there is time for it."""
    return (64, 64) if minutes and minutes >= 30 else (32, 32)


def _initialised(recipe: Recipe, data: Prepared, seed: int) -> Objective:
    """The objective with first weights that follow from the seed alone."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(Random(seed, "weights").generator.initial_seed())
        return recipe.build(data.shape, len(data.classes)).to(memory_format=torch.channels_last)


def _class_shares(data: Prepared) -> list[float]:
    if data.labels is None:
        return []
    counts = np.bincount(data.labels[data.train], minlength=len(data.classes))[: len(data.classes)]  # the rest has none
    return (counts / counts.sum()).tolist()


def _plain(path: Path) -> str:
    """A file name from a path: its last part, without what a file system or a shell could trip over."""
    return re.sub(r"[^\w-]+", "-", path.resolve().stem).strip("-") or "works"

"""The verbs, the same for every medium: what the command line, the page and Python call."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import card, crafts, home
from bottega.errors import DataError
from bottega.events import Editing, Listener, Said, nobody
from bottega.language import _
from bottega.learning import train
from bottega.media import kinds
from bottega.models import Model, Work, load_model
from bottega.places import place, plain, unused
from bottega.provenance import credentials
from bottega.provenance.record import disclosed
from bottega.wishes import asked

if TYPE_CHECKING:
    from bottega.card import Evaluation

__all__ = ["Edited", "edit", "evaluate", "export", "generate", "make_works", "source_of", "train"]


@dataclass(frozen=True)
class Edited:
    """What an operation made.

    Attributes:
        files: one for each work.
        sheet: all works together, when there are several.
        facts: what was measured on the way.
    """

    files: list[Path]
    sheet: Path | None
    facts: dict[str, float | int | str]


def generate(
    model: str | Path | Model,
    n: int = 16,
    *,
    to: str | Path | None = None,
    seed: int = 0,
    label: str | None = None,
    works: str | Path | None = None,
    private: bool = False,
    on_event: Listener = nobody,
    **wishes: Any,
) -> list[Path]:
    """Makes new works and a sheet of all of them.

    >>> bottega.generate("models/flowers", 16, label="rose", guidance=2.0)
    >>> bottega.generate("models/poems", 4, prompt="The sea", form="haiku")

    Args:
        model: a model or its folder.
        n: how many works.
        to: where they go; ``BOTTEGA_HOME/works/<model>`` by default. Works already there are never overwritten.
        seed: the same seed makes the same works.
        label: the class to draw from.
        works: the folder of the works it learned from, if it is no longer where it was.
        private: write into the files only that a model made them, not how.
        on_event: told what happens.
        wishes: the fields of the medium's class in ``bottega.crafts.schemas``, such as ``ImageMaking`` (guidance,
            truncation, finish, …) or ``TextMaking`` (prompt, length, form, …).

    Returns:
        The files of the works, then that of the sheet.

    Raises:
        UsageError: a class or a wish the model does not know.
        DataError: no such model, or the works it learned from are needed and not found.
    """
    model = model if isinstance(model, Model) else load_model(model)
    folder = Path(to) if to else home.works() / (model.folder.name if model.folder else "works")
    craft = crafts.of(model.recipe.medium)
    chosen = asked(craft.Making, wishes, "generate")
    made = craft.make(model, n, seed, label, chosen, _collection(model, works), on_event)
    ending = kinds.WRITTEN[model.recipe.medium][0]
    folder.mkdir(parents=True, exist_ok=True)
    shown = craft.sheet(made)
    stem = f"{plain(label)}-{seed}" if label else f"{seed}"
    sheet = unused(folder / f"{stem}{kinds.WRITTEN[kinds.medium_of(shown)][0]}", "-sheet")
    stem = sheet.stem.removesuffix("-sheet")
    disclosure = disclosed(made[0].record)
    for work in made if private else []:
        work.record = disclosure
    paths = [work.save(folder / f"{stem}-{i:04d}{ending}") for i, work in enumerate(made)]
    for path, work in zip(paths, made, strict=True):
        craft.beside(path, work.content, chosen)
    kinds.write(sheet, shown, disclosure)
    for path, work in zip(paths, made, strict=True):
        credentials.sign(path, work.record)
    return [*paths, sheet]


def make_works(
    model: Model,
    n: int,
    *,
    seed: int,
    label: str | None,
    works: str | Path | None = None,
    on_event: Listener = nobody,
    **wishes: Any,
) -> list[Work]:
    """What ``generate`` writes, before it is written; the same arguments."""
    craft = crafts.of(model.recipe.medium)
    chosen = asked(craft.Making, wishes, "generate")
    return craft.make(model, n, seed, label, chosen, _collection(model, works), on_event)


def _collection(model: Model, works: str | Path | None) -> Path | None:
    """Where the works are that a model learned from, if anybody knows."""
    found = works or source_of(model)
    return Path(found) if found else None


def edit(
    operation: str,
    *works: str | Path,
    to: str | Path | None = None,
    seed: int = 0,
    model: str | Path | Model | None = None,
    private: bool = False,
    on_event: Listener = nobody,
    **settings: Any,
) -> Edited:
    """Changes works; the originals stay as they are.

    >>> bottega.edit("vary", "cat.png", distance=0.4, count=4)
    >>> bottega.edit("style", "photo.jpg", "painting.jpg", to="styled.png", strength=0.8)
    >>> bottega.edit("continue", "It was a dark and stormy night", model="models/novels")
    >>> bottega.edit("repair", "old-tape.wav")
    >>> bottega.edit("animate", "painting.jpg", motion="waterfall.mp4", to="painting.webm")

    Args:
        operation: a name from ``bottega edit --help``; where several media have it, that of the first work is meant.
        works: files, in the order in which the operation takes them; a text may be the words themselves.
        to: a file of the medium (.png, .wav, .mid, .md, .mp4 …), or a folder; ``BOTTEGA_HOME/works`` by default. A
            file that is there already is never overwritten: the new one gets a number.
        seed: everything random follows from it.
        model: a model or its folder, for operations that take one.
        private: write into the files only that they were made with a model's help, not how.
        on_event: told what happens.
        settings: of the operation; and under their names the files it takes beside its works: ``mask="hole.png"``.

    Raises:
        UsageError: an operation, a setting or a number of works that makes no sense.
        UnreadableWork: a file that is no such work.
    """
    from bottega import editing
    from bottega.editing.operation import Job
    from bottega.editing.perform import perform

    if model is not None and not isinstance(model, Model):
        model = load_model(model)
    chosen = editing.meant(operation, works, model.recipe.medium if model else None)
    first = plain(Path(works[0]).stem) if works else ""
    endings = [ending for medium in chosen.makes or (chosen.medium,) for ending in kinds.WRITTEN[medium]]
    goal = place(to, f"{first}-{operation}".lstrip("-"), endings)
    job = Job(seed, model, lambda share, preview: on_event(Editing(share, preview)))
    more = {one.name: _several(settings.pop(one.name, ())) for one in chosen.inputs if one.option}
    made, note, profile = perform(chosen, works, more, settings, job)
    for sentence in job.notes:
        on_event(Said(sentence))
    return _kept(made, disclosed(note) if private else note, profile, goal)


def _several(files: Any) -> list[Path]:
    """One file, or any number."""
    return [Path(files)] if isinstance(files, str | Path) else [Path(file) for file in files or ()]


def _kept(made: Any, note: dict[str, Any], profile: bytes | None, goal: Path) -> Edited:
    """What an operation made, in files: one work, or several and their sheet."""
    contents = list(made.works)
    medium = kinds.medium_of(contents[0])
    if goal.suffix.lower() not in kinds.WRITTEN[medium]:  # an operation of pictures may make a film of them
        goal = goal.with_suffix(kinds.WRITTEN[medium][0])
    craft = crafts.of(medium)
    several = len(contents) > 1
    more = {"profile": profile} if profile and medium == "image" else {}
    paths = []
    for i, content in enumerate(contents):
        path = unused(goal.with_stem(f"{goal.stem}-{i}") if several else goal)
        kinds.write(path, content, note | {"index": i} if several and "operation" in note else note, **more)
        craft.beside(path, content)
        credentials.sign(path, note)
        paths.append(path)
    alike = several and len({getattr(content, "shape", None) for content in contents}) == 1
    if not alike:
        return Edited(paths, None, made.facts)
    shown = craft.sheet([Work(content) for content in contents])
    ending = kinds.WRITTEN[kinds.medium_of(shown)][0]
    sheet = unused(goal.with_stem(f"{goal.stem}-sheet").with_suffix(ending))
    kinds.write(sheet, shown, disclosed(note))
    return Edited(paths, sheet, made.facts)


def evaluate(
    model: str | Path | Model,
    *,
    against: str | Path | None = None,
    n: int | None = None,
    seed: int = 0,
    on_event: Listener = nobody,
) -> "Evaluation":
    """Measures a model on works it has not learned from, and looks for copies among what it makes.

    Args:
        model: a model or its folder; the figures and the closest pairs are written there.
        against: the folder it was trained on (its held-out works are used) or another one; the one it was trained
            on by default, if that is still prepared on this machine.
        n: how many works to make for it; what the medium needs when left out.
        seed: of those works.

    Raises:
        DataError: the collection cannot be found or does not fit the model.
        UsageError: the model makes no works.
    """
    model = model if isinstance(model, Model) else load_model(model)
    craft, found = crafts.of(model.recipe.medium), against or source_of(model)
    if found is None:
        raise DataError(_("Say with --against which folder to measure against."))
    wishes = asked(craft.Preparation, model.facts["prepared"], "train")
    data, _prepared = craft.prepare(Path(found), wishes, None, on_event)
    evaluation = craft.evaluate(model, data, n, seed, on_event)
    if model.folder:
        card.measured(model, evaluation)
    return evaluation


def export(model: str | Path | Model, *, to: str | Path | None = None) -> Path:
    """A model of texts as one GGUF file, which llama.cpp and the programs built on it run.

    Nothing is needed for Hugging Face ``transformers``: it opens the model's folder as it is.

    Args:
        model: a model or its folder.
        to: the file; ``<model>.gguf`` beside the folder by default. A file that is there is never overwritten.

    Raises:
        UsageError: a model that llama.cpp does not know, or the package ``gguf`` is missing.
    """
    from bottega.export.gguf import write_gguf

    model = model if isinstance(model, Model) else load_model(model)
    name = model.folder.name if model.folder else model.recipe.name
    goal = Path(to) if to else (model.folder or home.models() / name).with_suffix(".gguf")
    return write_gguf(unused(goal), getattr(model.objective, "model", None), model.representation, name)


def source_of(model: Model) -> str | None:
    """Where the works lay that a model was trained on; a model that was copied here does not know."""
    if model.folder:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads((model.folder / "training" / "source.json").read_text(encoding="utf-8"))["source"]
    return None

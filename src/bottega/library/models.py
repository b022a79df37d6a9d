"""The index of models, and of the collections that they learned from."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bottega import home
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.library import database, journal
from bottega.library.files import ID, TRASH, located, placed, plain, stored, tidy
from bottega.library.tables import Collection, Model
from bottega.provenance.record import sha256

WEIGHTS, CONFIG, EVALUATION = "model.safetensors", "config.json", "evaluation.json"
CODEC = "codec"


@dataclass(frozen=True)
class ModelEntry:
    """A model in the library.

    Attributes:
        id: what it is called in URLs; the beginning of its hash.
        hash: SHA-256 of the weights, by which works name it.
        path: its folder.
        name: of the folder.
        recipe: the name of the recipe.
        facts: what its card tells.
        evaluation: its figures, once measured.
    """

    id: str
    hash: str
    path: Path
    name: str
    recipe: str
    medium: str
    classes: tuple[str, ...]
    facts: dict[str, Any] = field(repr=False)
    evaluation: dict[str, Any] | None = field(repr=False)
    made: datetime
    trashed: bool
    missing: bool


@dataclass(frozen=True)
class CollectionEntry:
    """Works that a model learned from.

    Attributes:
        id: what it is called in URLs; the beginning of its hash.
        hash: the fingerprint of its content.
        source: the folder it lay in, where the model knows; it may be gone.
        works: how many could be used.
    """

    id: str
    hash: str
    name: str
    source: str
    medium: str
    works: int
    classes: tuple[str, ...]


def note(folder: str | Path) -> ModelEntry:
    """Puts the model in a folder into the index, or brings what is known of it up to date.

    Raises:
        DataError: there is no model.
        LibraryClosed: the database cannot be used now.
    """
    folder = Path(folder)
    read = look(folder)
    with database.session() as session:
        if not read.path.startswith(("models/", TRASH)):
            journal.add(place=read.path)
        return entry(put(session, read))


def look(folder: Path, known: str | None = None) -> Model:
    """What a folder tells of its model, as a row that is in no session yet.

    Args:
        known: the hash of its weights, where those did not change since they were read.

    Raises:
        DataError: there is no model.
    """
    try:
        config = tidy(json.loads((folder / CONFIG).read_text(encoding="utf-8")))
        recipe, facts = config["recipe"], config["facts"]
        weights = known or sha256(folder / WEIGHTS)
        codec = sha256(folder / CODEC / WEIGHTS) if (folder / CODEC / WEIGHTS).is_file() else None
        return Model(
            id=weights[:20],
            hash=weights,
            path=stored(folder),
            name=plain(f"{folder.parent.name}/{CODEC}" if _inner(folder) else folder.name),
            recipe=str(recipe["name"])[:60],
            medium=str(recipe["medium"])[:10],
            classes=[str(one) for one in config["classes"]],
            facts=dict(facts),
            evaluation=_evaluation(folder),
            collection=facts.get("fingerprint"),
            codec=codec,
            made=(folder / WEIGHTS).stat().st_mtime,
            stamp=stamp(folder),
            inner=_inner(folder),
            trashed=stored(folder).startswith(TRASH),
            missing=False,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(_("{folder} is no model: it has no config.json.").format(folder=folder)) from error


def put(session: Session, read: Model) -> Model:
    """The row of a model that was found in a folder, and that of its collection."""
    before = session.get(Model, read.id)
    if before is not None and before.path != read.path and (located(before.path) / WEIGHTS).is_file():
        return before  # a copy beside the first changes nothing
    model = session.merge(read)
    if model.collection:
        works = model.facts.get("works") or {}
        count = sum(one for one in (works.get("train"), works.get("held_out")) if isinstance(one, int))
        source = _source(located(model.path))
        known = session.get(Collection, model.collection[:20])
        session.merge(
            Collection(
                id=model.collection[:20],
                hash=model.collection,
                name=plain(Path(source).name) if source else (known.name if known else model.name),
                source=source or (known.source if known else ""),
                medium=model.medium,
                works=count,
                classes=model.classes,
            )
        )
    session.flush()
    return model


def all(trashed: bool = False) -> list[ModelEntry]:
    """All models, the newest first: those in the trash, or those that are not.

    Those that are gone are left out, and so are the codecs that lie within models and belong to them.
    """
    here = (Model.trashed == trashed, Model.missing.is_(False), Model.inner.is_(False))
    asked = select(Model).where(*here).order_by(Model.made.desc())
    with database.reading() as session:
        return [entry(model) for model in session.scalars(asked)]


def collections() -> list[CollectionEntry]:
    """All that models learned from, by name."""
    with database.reading() as session:
        rows = session.scalars(select(Collection).order_by(Collection.name, Collection.id))
        return [
            CollectionEntry(one.id, one.hash, one.name, one.source, one.medium, one.works, tuple(one.classes))
            for one in rows
        ]


def get(name: str | Path) -> ModelEntry:
    """A model by its folder, its name, or the beginning of its hash (4 digits or more).

    Raises:
        UsageError: there is no such model.
    """
    with database.reading() as session:
        return entry(row(session, name))


def row(session: Session, name: str | Path) -> Model:
    """The same as a row of the session that is open."""
    word = str(name)
    asked = [Model.path == place for place in map(placed, (Path(word), home.models() / word)) if word and place]
    if ID.fullmatch(word):
        asked.append(Model.hash.startswith(word))
    asked.append(Model.name == plain(word))  # one in the trash, or elsewhere
    for wanted in asked:
        found = list(session.scalars(select(Model).where(wanted).limit(2)))
        if len(found) == 1:
            return found[0]
    raise UsageError(_("There is no model “{name}” in the library.").format(name=plain(word)[:200]))


def stamp(folder: Path) -> str:
    """A few numbers that change whenever the folder of a model does."""
    told = []
    for name in (WEIGHTS, CONFIG, EVALUATION):
        try:
            status = (folder / name).stat()
            told.append(f"{status.st_size}-{status.st_mtime_ns}")
        except OSError:
            told.append("–")
    return " ".join(told)


def _evaluation(folder: Path) -> dict[str, Any] | None:
    try:
        return tidy(json.loads((folder / EVALUATION).read_text(encoding="utf-8")))
    except (OSError, ValueError, AttributeError):
        return None


def _inner(folder: Path) -> bool:
    """Whether a folder is that of a codec within the model that stands on it."""
    return folder.name == CODEC and (folder.parent / CONFIG).is_file()


def _source(folder: Path) -> str | None:
    """Where the works lay that it learned from."""
    try:
        return plain(str(json.loads((folder / "training" / "source.json").read_text(encoding="utf-8"))["source"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def entry(model: Model) -> ModelEntry:
    """A row as what the rest of Bottega sees."""
    return ModelEntry(
        model.id, model.hash, located(model.path), model.name, model.recipe, model.medium, tuple(model.classes),
        model.facts, model.evaluation, datetime.fromtimestamp(model.made, UTC), model.trashed, model.missing,
    )  # fmt: skip

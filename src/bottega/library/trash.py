"""Throwing works and models away, and taking them back: files move to ``trash/`` and from it, and none is deleted.

Where a file lay is told by where it lies in the trash, and for those from outside Bottega's home by the journal.
"""

import os
import shutil
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bottega import home
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.library import database, journal, models, rows
from bottega.library.files import TRASH, inside, located, stored
from bottega.library.models import ModelEntry
from bottega.library.rows import Entry
from bottega.library.tables import File, Model, Work
from bottega.media.files import disk_errors
from bottega.places import unused

ELSEWHERE = "elsewhere"
"""The folder within the trash for files from outside Bottega's home."""


def trash(name: str | Path) -> Entry:
    """Moves a work to the trash, all its copies, and what was written beside it; it can be restored.

    Raises:
        UsageError: no such work, or a person's own file.
        DataError: its file is gone, or cannot be moved.
    """
    return _moved(name, to_trash=True)


def restore(name: str | Path) -> Entry:
    """Moves a work from the trash to where it was, under another name where there is such a file by now.

    Raises:
        UsageError: no such work.
        DataError: its file is gone, or cannot be moved.
    """
    return _moved(name, to_trash=False)


def trash_model(name: str | Path) -> ModelEntry:
    """Moves the folder of a model to the trash; the works that it made stay.

    Raises:
        UsageError: no such model, or a training goes on in its folder.
        DataError: it is gone, or cannot be moved.
    """
    return _moved_model(name, to_trash=True)


def restore_model(name: str | Path) -> ModelEntry:
    """Moves the folder of a model from the trash to where it was.

    Raises:
        UsageError: no such model.
        DataError: it is gone, or cannot be moved.
    """
    return _moved_model(name, to_trash=False)


def _moved(name: str | Path, to_trash: bool) -> Entry:
    before = journal.read().moved
    with database.session() as session:
        work = rows.row(session, name)
        if work.role == "original":
            raise UsageError(
                _("{path} is your own file; Bottega leaves it where it is.").format(path=located(work.path))
            )
        files = _files(session, work)
        if not files:
            raise DataError(_("The file of this work is gone: {path}.").format(path=located(work.path)))
        for file in files:
            if file.path.startswith(TRASH) != to_trash:
                kept = _move(file.path, before, to_trash)
                owner = session.get_one(Work, file.work)
                owner.path = kept if owner.path == file.path or owner is work else owner.path
                owner.trashed, owner.missing, file.path = to_trash, False, kept
        session.flush()
        return rows.entries(session, [work])[0]


def _files(session: Session, work: Work) -> list[File]:
    """The files of a work that are there, and those written beside it."""
    own = list(session.scalars(select(File).where(File.work == work.id)))
    stems = {file.path.rpartition(".")[0] for file in own}
    names = [f"{stem}{ending}" for stem in stems for ending in (".wav", ".png")] if work.medium == "score" else []
    near = select(File).join(Work, Work.id == File.work).where(Work.role == "beside", File.path.in_(names))
    return [file for file in (*own, *session.scalars(near)) if located(file.path).is_file()]


def _moved_model(name: str | Path, to_trash: bool) -> ModelEntry:
    before = journal.read().moved
    with database.session() as session:
        model = models.row(session, name)
        if not located(model.path).is_dir():
            raise DataError(_("The folder of this model is gone: {path}.").format(path=located(model.path)))
        if model.path.startswith(TRASH) != to_trash:
            if to_trash:
                _check_idle(located(model.path))
            root = f"{model.path}/"
            model.path = _move(model.path, before, to_trash)
            model.trashed = to_trash
            within = Model.path.startswith(root, autoescape=True)
            for inner in session.scalars(select(Model).where(within)):  # its codec
                inner.path = f"{model.path}/{inner.path.removeprefix(root)}"
                inner.trashed = to_trash
        return models.entry(model)


def _check_idle(folder: Path) -> None:
    """Raises UsageError when a training goes on in a folder."""
    if (folder / "training" / "lock.json").exists():
        from bottega.training.lock import locked

        with locked(folder / "training"):
            pass


def _move(kept: str, before: dict[str, str], to_trash: bool) -> str:
    """Moves a file or a folder to the trash or back; how the new place is stored."""
    if to_trash:
        path = Path(kept)
        goal = home.trash() / (Path(ELSEWHERE) / path.name if path.is_absolute() else path)
    else:
        goal = located(before.get(kept, "")) if kept in before else _home_of(kept)
    goal = unused(goal)
    told = stored(goal)
    if to_trash:
        journal.add(**{"from": kept, "to": told})  # before it moves, so that no move is ever forgotten
    with disk_errors(goal):
        goal.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(located(kept), goal)
        except OSError:  # another disk
            shutil.move(located(kept), goal)
    return told


def _home_of(kept: str) -> Path:
    """Where a file in the trash of which nothing is known goes back to."""
    rest = kept.removeprefix(TRASH)
    goal = located(rest)
    if rest.startswith(f"{ELSEWHERE}/") or not inside(goal, home.home()):
        return home.works() / Path(rest).name
    return goal

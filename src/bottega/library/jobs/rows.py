"""The rows of jobs in the library's database: read, written, and changed only from the state they are thought to be in.

``database.session()`` lets one process write at a time, so what is read and then written in one session is one step.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bottega import home
from bottega.errors import UsageError
from bottega.language import _
from bottega.library import database
from bottega.library.jobs.job import CLEARED, NAMES, WAITING, Job, keep, kept


def put(job: Job) -> None:
    """Writes the row of a job, new or not."""
    from bottega.library import tables

    with database.session() as session:
        session.merge(tables.Job(**_values(job)))


def get(word: str) -> Job:
    """The job with that id, or the only one whose id begins so.

    Raises:
        UsageError: there is none, or there are several.
    """
    from sqlalchemy import select

    from bottega.library import tables

    with database.reading() as session:
        beginning = tables.Job.id.startswith(word, autoescape=True)
        rows = (
            session.scalars(select(tables.Job).where(beginning).order_by(tables.Job.id).limit(2)).all() if word else []
        )
    if len(rows) > 1 and rows[0].id != word:
        raise UsageError(_("Several jobs begin with “{word}”; give more of the number.").format(word=word))
    if not rows:
        raise UsageError(_("There is no job {word}. “bottega queue” lists them.").format(word=word))
    return _job(rows[0])


def find(states: Iterable[str] | None = None, limit: int | None = None, machine: str | None = None) -> list[Job]:
    """Jobs: those that run, those that wait in their order, then the others, the latest first."""
    from sqlalchemy import case, select

    from bottega.library import tables
    from bottega.library.tables import Job as Row

    rank = case((Row.state == "running", 0), (Row.state.in_(("queued", "held")), 1), else_=2)
    place = case((Row.state.in_(("queued", "held")), Row.position), else_=0.0)
    wished = select(tables.Job).order_by(rank, place, Row.ended.desc(), Row.created.desc()).limit(limit)
    if states is not None:
        wished = wished.where(Row.state.in_(tuple(states)))
    if machine is not None:
        wished = wished.where(Row.machine == machine)
    with database.reading() as session:
        return [_job(row) for row in session.scalars(wished)]


def change(id: str, states: Iterable[str] | None = None, **values: Any) -> Job | None:
    """Changes a job that is in one of some states, in the database and in its folder; None when it is in none."""
    return transact(id, lambda job: values if states is None or job.state in states else None)


def transact(id: str, decide: Callable[[Job], dict[str, Any] | None]) -> Job | None:
    """Looks at a job and changes it, in one step.

    Args:
        decide: told how it stands; says what changes, or None for nothing.
    """
    from bottega.library import tables

    with database.session() as session:
        row = session.get(tables.Job, id)
        if row is None:
            return None
        job = _job(row)
        values = decide(job)
        if values is None:
            return None
        for name, value in values.items():
            setattr(row, name, value)
        job = replace(job, **values)
    keep(job)
    return job


def beat(id: str, pid: int, values: dict[str, Any]) -> None:
    """Says where a running job is; nothing when it no longer is this process's."""
    from sqlalchemy import update

    from bottega.library.tables import Job as Row

    mine = (Row.id == id, Row.state == "running", Row.pid == pid)
    with database.session() as session:
        session.execute(update(Row).where(*mine).values(**values))


def first_place() -> float:
    """A place in the queue before all that wait."""
    from sqlalchemy import func, select

    from bottega.library import tables

    with database.reading() as session:
        places = select(func.min(tables.Job.position)).where(tables.Job.state.in_(WAITING))
        return (session.scalar(places) or 0.0) - 1


def put_last(job: Job) -> Job:
    """Enters a job behind those that wait."""
    from sqlalchemy import func, select

    from bottega.library import tables

    with database.session() as session:
        waiting = select(func.max(tables.Job.position)).where(tables.Job.state.in_(WAITING))
        job = replace(job, position=(session.scalar(waiting) or 0.0) + 1)
        session.merge(tables.Job(**_values(job)))  # a scan may have found its folder just now
    keep(job)
    return job


def claim(machine: str, places: Callable[[str], list[str]], pid: int, started: float) -> Job | None:
    """Takes the first job in line whose device is free, for the process that will start it; in one step.

    Args:
        places: the devices on which a job of a verb may run.
    """
    from sqlalchemy import select

    from bottega.library import tables
    from bottega.library.tables import Job as Row

    with database.session() as session:
        active = select(tables.Job).where(Row.machine == machine, Row.state.in_(("queued", "running")))
        rows = session.scalars(active.order_by(Row.position, Row.created)).all()
        busy = {row.device for row in rows if row.state == "running"}
        for row in rows:
            free = [place for place in places(row.verb) if place not in busy] if row.state == "queued" else []
            if free:
                row.state, row.device, row.pid, row.started, row.begun = "running", free[0], pid, started, None
                return _job(row)
    return None


def move(id: str, before: str | None) -> None:
    """Puts a waiting job before another one, or at the end."""
    from sqlalchemy import select

    from bottega.library import tables

    with database.session() as session:
        wished = select(tables.Job).where(tables.Job.state.in_(WAITING)).order_by(tables.Job.position)
        waiting = list(session.scalars(wished))
        ids = [row.id for row in waiting if row.id != id]
        ids.insert(ids.index(before) if before in ids else len(ids), id)
        for row in waiting:
            row.position = float(ids.index(row.id) + 1)


def forget(ids: Iterable[str]) -> None:
    """Takes rows out of the list; the folders of their jobs stay."""
    from sqlalchemy import delete

    from bottega.library import tables

    with database.session() as session:
        session.execute(delete(tables.Job).where(tables.Job.id.in_(tuple(ids))))


def recover() -> int:
    """Enters jobs of which only the folder is left, as after the loss of the database. How many there were."""
    known, found = {job.id for job in find()}, 0
    folders = sorted(home.runs().iterdir()) if home.runs().is_dir() else []
    for folder in folders:
        job = None if (folder / CLEARED).exists() else kept(folder)
        if job is not None and job.id not in known:
            put(job)
            found += 1
    return found


def _values(job: Job) -> dict[str, Any]:
    values = {name: getattr(job, name) for name in NAMES}
    place = job.folder.absolute()
    inside = place.is_relative_to(home.home().absolute())
    values["folder"] = place.relative_to(home.home().absolute()).as_posix() if inside else str(place)
    return values


def _job(row: Any) -> Job:
    values = {name: getattr(row, name) for name in NAMES}
    return Job(**values | {"folder": home.home().absolute() / Path(row.folder)})

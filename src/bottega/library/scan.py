"""Looking through the files: whatever the database does not know, or knows wrongly, is put right.

Only files whose size or time of change is another than last time are read. Links are not followed, so that nothing
outside Bottega's home gets in by one; folders elsewhere are looked through when Bottega itself put works there.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bottega import home
from bottega.errors import DataError, UnreadableWork
from bottega.events import Listener, Preparing, nobody
from bottega.library import database, journal, models, rows
from bottega.library.files import ENDINGS, TRASH, Found, located, look, stored
from bottega.library.tables import Fact, File, Model, Tag, Work

BATCH = 200
"""Files that are read before they are written into the database at once."""
DEEPEST = 20
SCANNED = "scanned"


@dataclass
class Report:
    """What a scan came upon.

    Attributes:
        found: works that are there, without sheets.
        new: of these, the ones that the library did not know.
        gone: works whose files are no longer there; what was said of them is kept.
        models: models that are there.
        unreadable: files that could not be read, and why.
        set_aside: where a damaged database was moved to.
    """

    found: int = 0
    new: int = 0
    gone: int = 0
    models: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    set_aside: Path | None = None


@dataclass(frozen=True)
class Seen:
    """A file in one of the folders, as the file system tells of it."""

    path: Path
    kept: str
    bytes: int
    stamp: int
    original: bool = False


def scan(on_event: Listener = nobody) -> Report:
    """Brings the library up to date with the files; makes it anew where the database is lost or damaged.

    Args:
        on_event: told ``Preparing`` while files are read.

    Raises:
        LibraryClosed: the database cannot be used now.
    """
    from bottega.library.jobs import rows as jobs

    report = Report(set_aside=database.set_aside())
    with database.reading() as session:
        known = {row.path: row for row in session.scalars(select(File))}
        before = set(session.scalars(select(Work.id)))
    notes = journal.read()
    elsewhere = [located(place) for place in notes.places]
    report.models = _models(elsewhere)
    seen = {one.kept: one for one in (*_files(elsewhere, report), *_originals(notes.originals))}
    unread = [one for one in seen.values() if not _same(one, known.get(one.kept))]
    for begin in range(0, len(unread), BATCH):
        on_event(Preparing(begin, len(unread)))
        _take(unread[begin : begin + BATCH])
    with database.session() as session:
        _forget(session, [path for path in known if path not in seen])
        _settle(session)
        _recall(session, journal.read())  # once more: a person may have spoken meanwhile
        _count(session, report, before)
        session.merge(Fact(name=SCANNED, value=str(time.time())))
    if unread:
        on_event(Preparing(len(unread), len(unread)))
    jobs.recover()
    return report


def first(on_event: Listener = nobody) -> Report | None:
    """A scan where there was none yet: at the first start, and after the database was lost. None otherwise."""
    with database.reading() as session:
        if session.get(Fact, SCANNED):
            return None
    return scan(on_event)


def _same(one: Seen, row: File | None) -> bool:
    return row is not None and (row.bytes, row.stamp) == (one.bytes, one.stamp)


def _files(elsewhere: Iterable[Path], report: Report) -> Iterator[Seen]:
    """Every file that could be a work."""
    for place, depth in [(home.works(), DEEPEST), (home.trash(), DEEPEST), *((place, 0) for place in elsewhere)]:
        for entry in _below(place, depth):
            if os.path.splitext(entry.name)[1].lower() not in ENDINGS:
                continue
            try:
                status = entry.stat(follow_symlinks=False)
                yield Seen(Path(entry.path), stored(Path(entry.path)), status.st_size, status.st_mtime_ns)
            except UnreadableWork as error:
                report.unreadable.append((Path(entry.path), str(error)))
            except OSError:  # gone since it was listed
                continue


def _originals(kept: Iterable[str]) -> Iterator[Seen]:
    """A person's own files from which works were made, as far as they are still there."""
    for path in map(located, kept):
        with suppress(OSError):
            status = path.stat()
            yield Seen(path, stored(path), status.st_size, status.st_mtime_ns, original=True)


def _below(place: str | Path, depth: int) -> Iterator[os.DirEntry[str]]:
    """Files in a folder and, so many folders deep, below it; neither links nor hidden ones, nor models."""
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError:  # not there, or not ours to read
        return
    if any(entry.name == models.WEIGHTS for entry in entries):  # the pictures within a model are no works
        return
    for entry in entries:
        with suppress(OSError):
            if entry.name.startswith("."):
                continue
            if entry.is_file(follow_symlinks=False):
                yield entry
            elif depth and entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path, depth - 1)


def _take(batch: list[Seen]) -> None:
    """Reads some files, and writes what they tell; nobody waits while they are read."""
    read: list[tuple[Seen, Found | None, str]] = []
    for one in batch:
        try:
            read.append((one, look(one.path, one.original), ""))
        except UnreadableWork as error:
            read.append((one, None, str(error)))
    with database.session() as session:
        rows.put(session, [found for _one, found, _why in read if found])
        for one, found, why in read:
            if found is None:
                session.merge(File(path=one.kept, bytes=one.bytes, stamp=one.stamp, work=None, sha256=None, why=why))


def _forget(session: Session, paths: Iterable[str]) -> None:
    """Files that are no longer there; one that was moved or thrown away meanwhile has another row by now."""
    gone = [path for path in paths if not located(path).exists()]
    for begin in range(0, len(gone), BATCH):
        session.execute(delete(File).where(File.path.in_(gone[begin : begin + BATCH])))


def _settle(session: Session) -> None:
    """Every work is shown where one of its files lies, one outside the trash if there is such a one."""
    places: dict[str, list[str]] = {}
    for path, work in session.execute(select(File.path, File.work).where(File.work.is_not(None)).order_by(File.path)):
        places.setdefault(work or "", []).append(path)
    changed = []
    for id, path, trashed, missing in session.execute(select(Work.id, Work.path, Work.trashed, Work.missing)).all():
        here = places.get(id, [])
        live = [one for one in here if not one.startswith(TRASH)] or here
        goal = path if path in live or not live else live[0]
        told = {"path": goal, "trashed": goal.startswith(TRASH), "missing": not here}
        if told != {"path": path, "trashed": trashed, "missing": missing}:
            session.execute(update(Work).where(Work.id == id).values(**told))
            changed.append(id)
    for begin in range(0, len(changed), BATCH):
        some = select(Work).where(Work.id.in_(changed[begin : begin + BATCH]))
        rows.reword(session, list(session.scalars(some.execution_options(populate_existing=True))))


def _recall(session: Session, notes: journal.Notes) -> None:
    """What a person said, from the journal into a database that has lost it."""
    tagged: dict[str, set[str]] = {}
    for work, name in session.execute(select(Tag.work, Tag.name)):
        tagged.setdefault(work, set()).add(name)
    told = []
    for work in _named(session, list(notes.of)):
        said, has = notes.of[work.hash], tagged.get(work.id, set())
        if (work.rating, work.title, has) == (said.rating, said.title, said.tags):
            continue
        work.rating, work.title = said.rating, said.title
        session.execute(delete(Tag).where(Tag.work == work.id))
        session.add_all(Tag(work=work.id, name=name) for name in sorted(said.tags))
        told.append(work)
    session.flush()
    rows.reword(session, told)


def _named(session: Session, hashes: list[str]) -> Iterator[Work]:
    for begin in range(0, len(hashes), BATCH):
        yield from session.scalars(select(Work).where(Work.hash.in_(hashes[begin : begin + BATCH]))).all()


def _count(session: Session, report: Report, before: set[str]) -> None:
    for id, missing in session.execute(select(Work.id, Work.missing).where(Work.role == "work")):
        report.found += not missing
        report.new += not missing and id not in before
        report.gone += missing
    unreadable = select(File.path, File.why).where(File.why != "").order_by(File.path)
    report.unreadable += [(located(path), why) for path, why in session.execute(unreadable)]


def _models(elsewhere: Iterable[Path]) -> int:
    """Models in their folder, in the trash and elsewhere; how many there are."""
    with database.reading() as session:
        known = {row.path: row for row in session.scalars(select(Model))}
    read, here = [], set()
    for place, depth in [(home.models(), 4), (home.trash(), 6), *((place, 1) for place in elsewhere)]:
        for folder in _model_folders(place, depth):
            with suppress(DataError):
                row = known.get(stored(folder))
                here.add(stored(folder))
                if row is None or row.missing or row.stamp != models.stamp(folder):
                    read.append(models.look(folder))
    with database.session() as session:
        for model in read:
            put = models.put(session, model)
            rows.reword(session, list(session.scalars(select(Work).where(Work.model == put.hash))))
        for row in session.scalars(select(Model)):
            row.missing = row.path not in here and not (located(row.path) / models.WEIGHTS).is_file()
            row.trashed = row.path.startswith(TRASH)
        session.flush()
        return len(session.scalars(select(Model.id).where(Model.missing.is_(False), Model.inner.is_(False))).all())


def _model_folders(place: Path, depth: int) -> Iterator[Path]:
    """Folders that hold a model, so many folders deep; no links and nothing hidden."""
    try:
        entries = sorted(os.scandir(place), key=lambda entry: entry.name)
    except OSError:
        return
    names = {entry.name for entry in entries}
    if {models.WEIGHTS, models.CONFIG} <= names:
        yield place
        if models.CODEC in names:
            yield from _model_folders(place / models.CODEC, 0)
        return
    for entry in entries:
        with suppress(OSError):
            if depth and entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from _model_folders(Path(entry.path), depth - 1)

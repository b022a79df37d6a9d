"""The rows of works: written from what files tell, found by their names, and turned into what others see."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bottega.errors import UsageError
from bottega.language import _
from bottega.library.files import ID, LONGEST_WORDS, TRASH, Found, folded, located, placed, plain, said, stored
from bottega.library.tables import File, Model, Parent, Tag, Work


@dataclass(frozen=True)
class Entry:
    """A work in the library.

    Attributes:
        id: what it is called in URLs and on the command line; the beginning of its hash.
        hash: SHA-256 of the content before it was signed, by which other works name it as a parent.
        path: the file; where it was last seen when it is missing.
        role: ``"work"``; ``"sheet"`` for several works on one picture; ``"beside"`` for a score's sound and its roll;
            ``"original"`` for a person's own file from which a work was made. Only the first is found by ``find``.
        title: what the person calls it, or nothing.
        model: content hash of the model, whether that is in the library or not.
        model_name: the name of its folder, where it is in the library.
        made: when the file was written.
        rating: 0 (none) to 5.
        record: what the file says of how it was made; the disclosure alone where its maker keeps the rest.
    """

    id: str
    hash: str
    path: Path
    role: str
    medium: str
    title: str
    operation: str
    model: str | None
    model_name: str | None
    seed: int | None
    made: datetime
    bytes: int
    width: int | None
    height: int | None
    seconds: float | None
    rating: int
    tags: tuple[str, ...]
    trashed: bool
    missing: bool
    record: dict[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """What it is shown as: its title, or the name of its file without the ending."""
        return self.title or plain(self.path.stem)


def put(session: Session, found: list[Found]) -> list[Work]:
    """The rows of contents that were found in files; what a person said of them stays.

    All of them together cost a handful of questions, so that a scan is quick.
    """
    ids, kept = {one.id for one in found}, {one.path: stored(one.path) for one in found}
    rows = {row.id: row for row in session.scalars(select(Work).where(Work.id.in_(ids)))}
    files = {row.path: row for row in session.scalars(select(File).where(File.path.in_(kept.values())))}
    session.execute(delete(Parent).where(Parent.work.in_(ids)))
    for one in found:
        place = kept[one.path]
        if one.id not in rows:
            rows[one.id] = Work(id=one.id, hash=one.hash, path=place, made=one.stamp / 1e9, title="", rating=0)
        elif rows[one.id].path != place and _better(place, rows[one.id].path):
            rows[one.id].path = place
        _describe(rows[one.id], one)
    reword(session, list(rows.values()))
    session.add_all(rows.values())
    session.flush()  # before what refers to them
    for one in found:
        row = files.setdefault(kept[one.path], File(path=kept[one.path]))
        row.work, row.sha256, row.bytes, row.stamp, row.why = one.id, one.sha256, one.bytes, one.stamp, ""
    session.add_all(files.values())
    for one in {one.id: one for one in found}.values():
        session.add_all(Parent(work=one.id, place=i, hash=parent) for i, parent in enumerate(one.parents))
    session.flush()
    return [rows[one.id] for one in found]


def _describe(work: Work, found: Found) -> None:
    """What the file says of a work, into its row."""
    work.role, work.medium, work.record, work.bytes = found.role, found.medium, found.record, found.bytes
    work.operation, work.seed = found.operation, found.seed
    work.model, work.collection = found.named("model"), found.named("collection")
    (work.width, work.height, work.seconds), work.excerpt = found.size, plain(found.excerpt)
    work.trashed, work.missing = work.path.startswith(TRASH), False


def reword(session: Session, rows: list[Work]) -> None:
    """Writes anew by which words works are found."""
    tagged, named = _tags_and_models(session, rows)
    for work in rows:
        path = located(work.path)
        told = [work.title, *tagged.get(work.id, ()), path.stem, path.parent.name, work.operation, work.medium]
        told += [named.get(work.model or "", ""), *said(work.record.get("parameters")), work.excerpt]
        work.words = folded("\n".join(told))[:LONGEST_WORDS]


def _tags_and_models(session: Session, rows: list[Work]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The tags of works by their ids, in order, and the names of their models by their hashes."""
    ids, hashes = [work.id for work in rows], {work.model for work in rows if work.model}
    tagged: dict[str, list[str]] = {}
    for work, word in session.execute(select(Tag.work, Tag.name).where(Tag.work.in_(ids)).order_by(Tag.name)):
        tagged.setdefault(work, []).append(word)
    return tagged, names(session, hashes)


def names(session: Session, hashes: Iterable[str]) -> dict[str, str]:
    """The names of the models in the library among these."""
    return {hash: name for hash, name in session.execute(select(Model.hash, Model.name).where(Model.hash.in_(hashes)))}


def row(session: Session, name: str | Path) -> Work:
    """A work by its id, the beginning of it, or one of its files.

    Raises:
        UsageError: no such work, or several ids begin so.
    """
    word = str(name)
    if ID.fullmatch(word):
        rows = list(session.scalars(select(Work).where(Work.hash.startswith(word)).limit(2)))
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise UsageError(_("Several works begin with “{id}”; give more of it.").format(id=word))
    kept = placed(Path(word))
    work = session.scalar(select(Work).join(File, File.work == Work.id).where(File.path == kept))
    if work is None:
        message = _("There is no work “{id}” in the library. “bottega library scan” looks through your files.")
        raise UsageError(message.format(id=plain(word)[:200]))
    return work


def entries(session: Session, rows: list[Work]) -> list[Entry]:
    """Rows as what the rest of Bottega sees, their tags and models asked for at once."""
    tagged, named = _tags_and_models(session, rows)
    return [
        Entry(
            work.id, work.hash, located(work.path), work.role, work.medium, work.title, work.operation, work.model,
            named.get(work.model or ""), work.seed, datetime.fromtimestamp(work.made, UTC), work.bytes, work.width,
            work.height, work.seconds, work.rating, tuple(tagged.get(work.id, ())), work.trashed, work.missing,
            work.record,
        )
        for work in rows
    ]  # fmt: skip


def _better(new: str, old: str) -> bool:
    """Whether a work is shown at a new place: it was moved there, or lay in the trash. A mere copy changes nothing."""
    return not located(old).is_file() or (old.startswith(TRASH) and not new.startswith(TRASH))

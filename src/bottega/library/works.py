"""The index of works: noting, finding, and what a person says of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.library import database, journal
from bottega.library.files import ID, LONGEST_WORDS, Found, folded, located, look, placed, plain, said, stored, there
from bottega.library.tables import File, Model, Parent, Tag, Work

if TYPE_CHECKING:
    from bottega.library.lineage import Lineage

LONGEST_TITLE, LONGEST_TAG, MOST_TAGS, MOST_WORDS = 200, 60, 100, 20
Order = Literal["newest", "oldest", "best", "name"]
ORDERS = {
    "newest": (Work.made.desc(), Work.id),
    "oldest": (Work.made, Work.id),
    "best": (Work.rating.desc(), Work.made.desc(), Work.id),
    "name": (func.lower(Work.title), Work.path),
}
TRASH = "trash/"


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


@dataclass(frozen=True)
class Page:
    """Some of the works that were found, and how many there are in all."""

    entries: list[Entry]
    total: int


def note(path: str | Path) -> Entry:
    """Puts one file into the index, or brings what is known of it up to date.

    Raises:
        DataError: there is no such file, or it carries no record.
        UnreadableWork: it is no work.
        LibraryClosed: the database cannot be used now.
    """
    found = look(there(Path(path)))
    if found is None:
        message = _("{file} carries no record: Bottega did not make it, or another program took the record out.")
        raise DataError(message.format(file=path))
    with database.session() as session:
        _remember_place(session, found.path.absolute().parent)
        return entries(session, put(session, [found]))[0]


def original(path: str | Path) -> Entry:
    """Puts a person's own file into the index, from which a work was made, so that the lineage of that can show it.

    The file stays what and where it is, and is not among the works; one that Bottega wrote is noted as what it is.

    Raises:
        DataError: there is no such file, or it is no work.
        LibraryClosed: the database cannot be used now.
    """
    found = look(there(Path(path)), original=True)
    if found is None:
        raise DataError(_("{path} is no work that can be read.").format(path=path))
    with database.session() as session:
        row = put(session, [found])[0]
        if row.role == "original":
            journal.add(original=row.path)
        return entries(session, [row])[0]


def _remember_place(session: Session, folder: Path) -> None:
    """Notes that works were put into a folder of the person's own, where the next scan must look as well."""
    kept = stored(folder)
    if f"{kept}/".startswith(("works/", "trash/")):
        return
    if session.scalar(select(File.path).where(File.path.startswith(f"{kept}/", autoescape=True)).limit(1)) is None:
        journal.add(place=kept)


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
    tagged, names = _tags_and_models(session, rows)
    for work in rows:
        path = located(work.path)
        told = [work.title, *tagged.get(work.id, ()), path.stem, path.parent.name, work.operation, work.medium]
        told += [names.get(work.model or "", ""), *said(work.record.get("parameters")), work.excerpt]
        work.words = folded("\n".join(told))[:LONGEST_WORDS]


def _tags_and_models(session: Session, rows: list[Work]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The tags of works by their ids, in order, and the names of their models by their hashes."""
    ids, hashes = [work.id for work in rows], {work.model for work in rows if work.model}
    tagged: dict[str, list[str]] = {}
    for work, word in session.execute(select(Tag.work, Tag.name).where(Tag.work.in_(ids)).order_by(Tag.name)):
        tagged.setdefault(work, []).append(word)
    return tagged, _names(session, hashes)


def _names(session: Session, hashes: Iterable[str]) -> dict[str, str]:
    """The names of the models in the library among these."""
    return {hash: name for hash, name in session.execute(select(Model.hash, Model.name).where(Model.hash.in_(hashes)))}


def find(
    words: str = "",
    *,
    medium: str | None = None,
    operation: str | None = None,
    model: str | None = None,
    tag: str | None = None,
    least: int = 0,
    trashed: bool = False,
    order: Order = "newest",
    offset: int = 0,
    limit: int = 60,
) -> Page:
    """Works that fit everything asked for; sheets are none, nor are files that are gone.

    Args:
        words: all of them must stand somewhere: in the title, the name of the file or of its folder, the tags, the
            operation, the name of the model, what was asked for, the beginning of a text. Parts of words count, large
            and small letters do not.
        model: its content hash, or its id in the library.
        least: the rating they have at least, 0 to 5.
        trashed: those in the trash, instead of those that are not.
        limit: how many at most, 1 to 1000; the total counts all.

    Raises:
        LibraryClosed: the database cannot be used now.
    """
    asked = select(Work).where(Work.role == "work", Work.trashed == trashed, Work.missing.is_(False))
    for word in folded(plain(words)).split()[:MOST_WORDS]:
        asked = asked.where(Work.words.contains(word, autoescape=True))
    asked = asked.where(Work.medium == medium) if medium else asked
    asked = asked.where(Work.operation == operation) if operation else asked
    asked = asked.where(Work.model.startswith(model, autoescape=True)) if model else asked
    asked = asked.where(Work.id.in_(select(Tag.work).where(Tag.name == plain(tag)))) if tag else asked
    asked = asked.where(Work.rating >= least) if least else asked
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
        page = asked.order_by(*ORDERS[order]).offset(max(offset, 0)).limit(min(max(limit, 1), 1000))
        return Page(entries(session, list(session.scalars(page))), total)


def get(name: str | Path) -> Entry:
    """A work by its id, the beginning of its id (4 digits or more), or one of its files.

    Raises:
        UsageError: no such work, or several ids begin so.
        LibraryClosed: the database cannot be used now.
    """
    with database.reading() as session:
        return entries(session, [row(session, name)])[0]


def row(session: Session, name: str | Path) -> Work:
    """The same as a row of the session that is open."""
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


def rate(name: str | Path, stars: int) -> Entry:
    """Gives a work 1 to 5 stars, or takes them away with 0. Raises UsageError for other numbers."""
    if not 0 <= stars <= 5:
        raise UsageError(_("A work has 0 to 5 stars; {stars} are too many or too few.").format(stars=stars))
    with database.session() as session:
        work = row(session, name)
        work.rating = stars
        journal.add(of=work.hash, rating=stars)
        return entries(session, [work])[0]


def tag(name: str | Path, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Entry:
    """Gives tags to a work and takes others away; a tag has at most 60 characters.

    Raises:
        UsageError: a tag that is empty or too long, or more than 100 of them.
    """
    new, gone = [_tag(one) for one in add], [_tag(one) for one in remove]
    with database.session() as session:
        work = row(session, name)
        has = set(session.scalars(select(Tag.name).where(Tag.work == work.id)))
        if len(has | set(new)) > MOST_TAGS:
            raise UsageError(_("A work has at most {most} tags.").format(most=MOST_TAGS))
        session.execute(delete(Tag).where(Tag.work == work.id, Tag.name.in_(gone)))
        session.add_all(Tag(work=work.id, name=one) for one in dict.fromkeys(new) if one not in has)
        session.flush()
        reword(session, [work])
        journal.add(of=work.hash, tags=new, untag=gone)
        return entries(session, [work])[0]


def name(name: str | Path, title: str) -> Entry:
    """Calls a work something, in at most 200 characters; nothing takes the title away."""
    title = plain(title).strip()
    if len(title) > LONGEST_TITLE:
        raise UsageError(_("A title has at most {most} characters.").format(most=LONGEST_TITLE))
    with database.session() as session:
        work = row(session, name)
        work.title = title
        reword(session, [work])
        journal.add(of=work.hash, title=title)
        return entries(session, [work])[0]


def tags() -> dict[str, int]:
    """All tags and how many works bear each, the most used first."""
    shown = select(Work.id).where(Work.trashed.is_(False), Work.missing.is_(False))
    count = func.count().label("count")
    with database.reading() as session:
        asked = select(Tag.name, count).where(Tag.work.in_(shown)).group_by(Tag.name).order_by(count.desc(), Tag.name)
        return {name: count for name, count in session.execute(asked)}


@dataclass(frozen=True)
class Choices:
    """What the works that are shown can be narrowed down to.

    Attributes:
        media: of works, in the order of their number.
        operations: likewise.
        models: their names by their hash; the beginning of the hash where a model is not in the library.
    """

    media: list[str]
    operations: list[str]
    models: dict[str, str]


def choices() -> Choices:
    """What a person can choose among: only what leads to works."""
    shown = (Work.role == "work", Work.trashed.is_(False), Work.missing.is_(False))
    with database.reading() as session:

        def most(column: Any) -> list[str]:
            asked = select(column).where(*shown).group_by(column).order_by(func.count().desc(), column)
            return [value for value in session.scalars(asked) if value]

        hashes = most(Work.model)
        names = _names(session, hashes)
        return Choices(most(Work.medium), most(Work.operation), {one: names.get(one, one[:12]) for one in hashes})


def lineage(name: str | Path) -> "Lineage":
    """What a work was made from and what was made from it; see ``bottega.library.lineage.of``."""
    from bottega.library import lineage

    return lineage.of(name)


def export(names: Iterable[str | Path], to: str | Path) -> Path:
    """A zip of works with a readable index; see ``bottega.library.export.export``."""
    from bottega.library import export

    return export.export(names, to)


def trash(name: str | Path) -> Entry:
    """Moves a work to the trash; see ``bottega.library.trash.trash``."""
    from bottega.library import trash

    return trash.trash(name)


def restore(name: str | Path) -> Entry:
    """Moves a work from the trash to where it was; see ``bottega.library.trash.restore``."""
    from bottega.library import trash

    return trash.restore(name)


def _tag(word: str) -> str:
    word = " ".join(plain(word).split())
    if not 0 < len(word) <= LONGEST_TAG:
        raise UsageError(_("A tag has 1 to {most} characters.").format(most=LONGEST_TAG))
    return word


def _better(new: str, old: str) -> bool:
    """Whether a work is shown at a new place: it was moved there, or lay in the trash. A mere copy changes nothing."""
    return not located(old).is_file() or (old.startswith(TRASH) and not new.startswith(TRASH))


def entries(session: Session, rows: list[Work]) -> list[Entry]:
    """Rows as what the rest of Bottega sees, their tags and models asked for at once."""
    tagged, names = _tags_and_models(session, rows)
    return [
        Entry(
            work.id, work.hash, located(work.path), work.role, work.medium, work.title, work.operation, work.model,
            names.get(work.model or ""), work.seed, datetime.fromtimestamp(work.made, UTC), work.bytes, work.width,
            work.height, work.seconds, work.rating, tuple(tagged.get(work.id, ())), work.trashed, work.missing,
            work.record,
        )
        for work in rows
    ]  # fmt: skip

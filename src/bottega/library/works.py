"""The index of works: noting, finding, and what a person says of them; all that the rest of Bottega asks of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.library import database, journal
from bottega.library.export import export
from bottega.library.files import folded, look, plain, stored, there
from bottega.library.lineage import of as lineage
from bottega.library.rows import Entry, entries, names, put, reword, row
from bottega.library.tables import File, Tag, Work
from bottega.library.trash import restore, trash

__all__ = [
    "Choices",
    "Entry",
    "Page",
    "choices",
    "export",
    "find",
    "get",
    "lineage",
    "name",
    "note",
    "original",
    "rate",
    "restore",
    "tag",
    "tags",
    "trash",
]

LONGEST_TITLE, LONGEST_TAG, MOST_TAGS, MOST_WORDS = 200, 60, 100, 20
Order = Literal["newest", "oldest", "best", "name"]
ORDERS = {
    "newest": (Work.made.desc(), Work.id),
    "oldest": (Work.made, Work.id),
    "best": (Work.rating.desc(), Work.made.desc(), Work.id),
    "name": (func.lower(Work.title), Work.path),
}


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
        known = session.get(File, stored(found.path))
        work = put(session, [found])[0]
        if work.role == "original" and known is None:
            journal.add(original=stored(found.path))
        return entries(session, [work])[0]


def _remember_place(session: Session, folder: Path) -> None:
    """Notes that works were put into a folder of the person's own, where the next scan must look as well."""
    kept = stored(folder)
    if f"{kept}/".startswith(("works/", "trash/")):
        return
    if session.scalar(select(File.path).where(File.path.startswith(f"{kept}/", autoescape=True)).limit(1)) is None:
        journal.add(place=kept)


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
    asked = select(Work.id).where(Work.role == "work", Work.trashed == trashed, Work.missing.is_(False))
    for word in folded(plain(words)).split()[:MOST_WORDS]:
        asked = asked.where(Work.words.contains(word, autoescape=True))
    asked = asked.where(Work.medium == plain(medium)) if medium else asked
    asked = asked.where(Work.operation == plain(operation)) if operation else asked
    asked = asked.where(Work.model.startswith(plain(model), autoescape=True)) if model else asked
    asked = asked.where(Work.id.in_(select(Tag.work).where(Tag.name == plain(tag)))) if tag else asked
    asked = asked.where(Work.rating >= least) if least else asked
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
        page = asked.order_by(*ORDERS[order]).offset(max(offset, 0)).limit(min(max(limit, 1), 1000))
        ids = list(session.scalars(page))  # sorted without the records, which are long
        rows = {work.id: work for work in session.scalars(select(Work).where(Work.id.in_(ids)))}
        return Page(entries(session, [rows[id] for id in ids if id in rows]), total)


def get(name: str | Path) -> Entry:
    """A work by its id, the beginning of its id (4 digits or more), or one of its files.

    Raises:
        UsageError: no such work, or several ids begin so.
        LibraryClosed: the database cannot be used now.
    """
    with database.reading() as session:
        return entries(session, [row(session, name)])[0]


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
        operations: by which they were made, in the order of their number.
        models: their names by their hash; the beginning of the hash where a model is not in the library.
    """

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
        named = names(session, hashes)
        return Choices(most(Work.operation), {one: named.get(one, one[:12]) for one in hashes})


def _tag(word: str) -> str:
    word = " ".join(plain(word).split())
    if not 0 < len(word) <= LONGEST_TAG:
        raise UsageError(_("A tag has 1 to {most} characters.").format(most=LONGEST_TAG))
    return word

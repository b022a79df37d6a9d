"""What the library knows, as tables.

Everything but the rows of jobs that wait can be found again in the files: see ``bottega.library.scan``. Times are
seconds since 1970, as ``time.time()`` gives them. A path inside Bottega's home is kept relative to it, with ``/``, so
that the home can be moved; any other is absolute.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID = 20
"""Hexadecimal digits of an id: the beginning of the hash of the content."""


class Table(DeclarativeBase):
    """The base of all tables."""


class Work(Table):
    """A content that Bottega wrote, wherever its files lie.

    Attributes:
        hash: SHA-256 of the content, before it was signed.
        role: ``"work"``; ``"sheet"`` for the sheet of several; ``"beside"`` for a score's sound and its roll;
            ``"original"`` for a person's own file from which a work was made.
        excerpt: the first words of a text.
        words: everything by which it can be found, folded to small letters.
        missing: whether no file of it is there any more.
    """

    __tablename__ = "works"
    __table_args__ = (Index("works_shown", "role", "trashed", "missing", "made"),)

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(10))
    medium: Mapped[str] = mapped_column(String(10), index=True)
    title: Mapped[str] = mapped_column(Text, default="")
    operation: Mapped[str] = mapped_column(String(60), default="", index=True)
    model: Mapped[str | None] = mapped_column(String(64), index=True)
    collection: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    made: Mapped[float] = mapped_column(Float, index=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    seconds: Mapped[float | None] = mapped_column(Float)
    rating: Mapped[int] = mapped_column(Integer, default=0)
    trashed: Mapped[bool] = mapped_column(Boolean, default=False)
    missing: Mapped[bool] = mapped_column(Boolean, default=False)
    excerpt: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(Text, default="")
    record: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class File(Table):
    """A file that was looked at, so that it is read again only when it has changed.

    Attributes:
        stamp: when it was last changed, in nanoseconds.
        work: the content in it; None for a file that is none of Bottega's.
        sha256: of the file as it lies there, signed or not.
        why: the reason why it could not be read; empty when it could.
    """

    __tablename__ = "files"

    path: Mapped[str] = mapped_column(Text, primary_key=True)
    bytes: Mapped[int] = mapped_column(BigInteger)
    stamp: Mapped[int] = mapped_column(BigInteger)
    work: Mapped[str | None] = mapped_column(String(ID), ForeignKey("works.id"), index=True)
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    why: Mapped[str] = mapped_column(Text, default="")


class Tag(Table):
    """A word that a person gave to a work."""

    __tablename__ = "tags"

    work: Mapped[str] = mapped_column(String(ID), ForeignKey("works.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)


class Parent(Table):
    """That a work was made from a content; which need not be in the library."""

    __tablename__ = "parents"

    work: Mapped[str] = mapped_column(String(ID), ForeignKey("works.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)


class Model(Table):
    """A trained model: its folder, and what its ``config.json`` tells.

    Attributes:
        collection, codec: hashes of what it learned from and of what it stands on.
        stamp: numbers that change whenever its folder does.
        inner: whether it is a codec within the folder of another model.
    """

    __tablename__ = "models"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    path: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    recipe: Mapped[str] = mapped_column(String(60))
    medium: Mapped[str] = mapped_column(String(10))
    classes: Mapped[list[str]] = mapped_column(JSON, default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    evaluation: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    collection: Mapped[str | None] = mapped_column(String(64), index=True)
    codec: Mapped[str | None] = mapped_column(String(64))
    made: Mapped[float] = mapped_column(Float)
    stamp: Mapped[str] = mapped_column(String(120), default="")
    inner: Mapped[bool] = mapped_column(Boolean, default=False)
    trashed: Mapped[bool] = mapped_column(Boolean, default=False)
    missing: Mapped[bool] = mapped_column(Boolean, default=False)


class Collection(Table):
    """Works that a model learned from, by the fingerprint of their content."""

    __tablename__ = "collections"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="")
    medium: Mapped[str] = mapped_column(String(10))
    works: Mapped[int] = mapped_column(Integer, default=0)
    classes: Mapped[list[str]] = mapped_column(JSON, default=list)


class Job(Table):
    """A long action: see ``bottega.library.jobs``, whose ``Job`` tells what each column means."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    verb: Mapped[str] = mapped_column(String(20))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    language: Mapped[str] = mapped_column(String(10), default="en")
    origin: Mapped[str] = mapped_column(String(10), default="line")
    machine: Mapped[str] = mapped_column(String(255), default="")
    machine: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked: Mapped[str | None] = mapped_column(String(20))
    asked_at: Mapped[float | None] = mapped_column(Float)
    device: Mapped[str] = mapped_column(String(20), default="")
    position: Mapped[float] = mapped_column(Float, default=0.0)
    pid: Mapped[int | None] = mapped_column(Integer)
    started: Mapped[float | None] = mapped_column(Float)
    progress: Mapped[float | None] = mapped_column(Float)
    left: Mapped[float | None] = mapped_column(Float)
    message: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
    results: Mapped[list[Any]] = mapped_column(JSON, default=list)
    folder: Mapped[str] = mapped_column(Text, default="")
    created: Mapped[float] = mapped_column(Float, index=True)
    begun: Mapped[float | None] = mapped_column(Float)
    ended: Mapped[float | None] = mapped_column(Float)
    asked: Mapped[str | None] = mapped_column(String(20))
    asked_at: Mapped[float | None] = mapped_column(Float)


class Fact(Table):
    """Small things to remember, such as when the files were last looked through."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text, default="")

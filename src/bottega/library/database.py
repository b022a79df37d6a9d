"""The one SQL database of the library: ``library.db`` in Bottega's home, or the one that ``BOTTEGA_DATABASE`` names.

One process writes at a time, in SQLite by its own lock and in PostgreSQL by an advisory one, so that whoever reads and
then writes in one ``session()`` never meets a change in between. Readers never wait.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega import home
from bottega.errors import DataError
from bottega.language import _
from bottega.places import unused

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

FILE = "library.db"
REVISION = "0001"
"""The newest of ``migrations/versions``; a test holds the two together."""
PATIENCE = 30
"""Seconds that a writer waits for another one."""
WRITERS = 0x626F7474  # “bott”: the number of the advisory lock, the same in every process

_engines: dict[tuple[str, int], "Engine"] = {}
_opening = threading.Lock()


class LibraryClosed(DataError):
    """The database cannot be used now: locked, damaged, of a newer Bottega, on a full disk, or its server is away.

    No verb fails for it: what was made is made, and ``bottega library scan`` finds it later.
    """


def url() -> str:
    """The SQLAlchemy URL of the database, with the file's path from the root; it may hold a password."""
    given = os.environ.get("BOTTEGA_DATABASE") or f"sqlite:///{_path()}"
    kind, begins, path = given.partition(":///")
    is_file = begins and kind.startswith("sqlite") and path and not path.startswith((":memory:", "file:"))
    return f"{kind}:///{Path(path).absolute()}" if is_file else given


def _path() -> Path:
    return home.home().absolute() / FILE


def _is_ours(place: str) -> bool:
    """Whether it is the file in Bottega's home."""
    return place == f"sqlite:///{_path()}"


@contextmanager
def session() -> "Iterator[Session]":
    """A session that may write: the only one of all processes, committed at the end, rolled back on an error.

    Keep it short. Nothing that waits for a person, a model or a large file belongs inside.

    Raises:
        LibraryClosed: the database cannot be used.
    """
    with _session(writes=True) as opened:
        yield opened


@contextmanager
def reading() -> "Iterator[Session]":
    """A session that only reads, and waits for nobody.

    Raises:
        LibraryClosed: the database cannot be used.
    """
    with _session(writes=False) as opened:
        yield opened


@contextmanager
def _session(writes: bool) -> "Iterator[Session]":
    from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
    from sqlalchemy.orm import Session

    with closed_plainly():
        engine = opened()
    try:
        with Session(engine.execution_options(writes=writes), expire_on_commit=False) as made, made.begin():
            if writes:
                made.connection()  # now, and not with the first question, nobody else writes
            yield made
    except DBAPIError as error:
        if isinstance(error, IntegrityError | ProgrammingError):
            raise
        raise closed(error) from error


@contextmanager
def closed_plainly() -> Iterator[None]:
    """Turns what a database says when it cannot be used into one sentence."""
    from sqlalchemy.exc import ArgumentError, DBAPIError

    try:
        yield
    except (DBAPIError, OSError, ArgumentError, ImportError) as error:
        raise closed(error) from error


def closed(error: Exception) -> LibraryClosed:
    """The sentence for an error of the database."""
    why = str(getattr(error, "orig", None) or error).strip().splitlines()
    message = _("The library cannot be used ({why}). Your works are safe; “bottega library scan” indexes them later.")
    return LibraryClosed(message.format(why=(why or [type(error).__name__])[0][:200]))


def opened() -> "Engine":
    """The database of this process, made or brought to the newest revision where it is not."""
    place = url()
    key = (place, os.getpid())  # a connection does not survive a fork
    with _opening:
        lost = _is_ours(place) and not _path().exists()
        if lost and key in _engines:
            _engines.pop(key).dispose()
        if key not in _engines:
            engine = _engine(place)
            _bring_up(engine)
            _engines[key] = engine
        return _engines[key]


def close() -> None:
    """Gives all connections of this process back."""
    with _opening:
        for engine in _engines.values():
            engine.dispose()
        _engines.clear()


def set_aside() -> Path | None:
    """Moves a damaged ``library.db`` out of the way, so that a new one is made; where to, or None when it is sound.

    Raises:
        LibraryClosed: it cannot be looked at or moved.
    """
    import sqlite3

    path = _path()
    if not _is_ours(url()) or not path.exists():
        return None
    with suppress(sqlite3.OperationalError):  # locked, or not ours to read: that is said when it is opened
        try:
            with closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
                if connection.execute("PRAGMA quick_check").fetchone() == ("ok",):
                    return None
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
        close()
        goal = unused(path.with_name(f"damaged-{time.strftime('%Y%m%d-%H%M%S')}.db"))
        with closed_plainly():
            for ending in ("-wal", "-shm", ""):
                if Path(f"{path}{ending}").exists():
                    os.replace(f"{path}{ending}", f"{goal}{ending}")
        return goal
    return None


def _engine(place: str) -> "Engine":
    from sqlalchemy import URL, create_engine, event

    if place.startswith("sqlite"):
        home.home().mkdir(parents=True, exist_ok=True)
        address = URL.create("sqlite", database=str(_path())) if _is_ours(place) else place  # a folder may hold a “?”
        engine = create_engine(address, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(place, pool_pre_ping=True, connect_args={"connect_timeout": 5})
        event.listen(engine, "begin", _begin_elsewhere)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours, see below
    connection.execute(f"PRAGMA busy_timeout = {round(PATIENCE * 1000)}")
    _write_ahead(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, safe from a crash of the process


def _write_ahead(connection: Any) -> None:
    """Sets the mode in which readers wait for nobody; SQLite itself has no patience where two processes do it."""
    from sqlite3 import OperationalError

    end = time.monotonic() + PATIENCE
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Any) -> None:
    """A transaction that reads first and writes later would find that another wrote in between, so it says at once."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_elsewhere(connection: Any) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def _bring_up(engine: "Engine") -> None:
    """Makes the tables, or changes those of an older Bottega; nothing, after one cheap question, where all is well."""
    if _revision(engine) == REVISION:
        return
    from bottega.library import migrations

    with engine.execution_options(writes=True).begin() as connection:  # another process may be doing it: wait
        try:
            migrations.upgrade(connection)
        except DataError as error:
            raise LibraryClosed(str(error)) from error


def _revision(engine: "Engine") -> str | None:
    """The revision that the database is in; None for a new one."""
    from sqlalchemy import inspect

    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

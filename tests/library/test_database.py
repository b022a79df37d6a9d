"""The database: made by itself, by many at once, and never in the way of a verb."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from bottega.library import database, works
from bottega.library.database import LibraryClosed
from bottega.library.migrations import config
from bottega.library.tables import Fact, Table


def test_the_newest_revision_is_the_one_that_is_asked_for():
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(config()).get_current_head() == database.REVISION


def test_migrations_make_the_tables_that_the_program_expects(library):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.opened().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_sqlite_waits_and_lets_readers_go_on(home):
    with database.session() as session:
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        session.add(Fact(name="one", value="1"))
        with database.reading() as other:
            assert other.get(Fact, "one") is None
    with database.reading() as other:
        assert other.get(Fact, "one") is not None


def test_a_session_that_fails_leaves_nothing(library):
    with pytest.raises(ZeroDivisionError), database.session() as session:
        session.add(Fact(name="one", value="1"))
        session.flush()
        raise ZeroDivisionError
    with database.reading() as session:
        assert session.get(Fact, "one") is None


COUNT = """
from bottega.library import database
from bottega.library.tables import Fact
for _ in range(20):
    with database.session() as session:
        row = session.get(Fact, "count") or session.merge(Fact(name="count", value="0"))
        row.value = str(int(row.value) + 1)
"""


def test_several_processes_make_the_tables_at_once_and_lose_no_write(library):
    running = [subprocess.Popen([sys.executable, "-c", COUNT]) for _ in range(3)]
    assert [one.wait(240) for one in running] == [0, 0, 0]
    with database.reading() as session:
        assert session.get_one(Fact, "count").value == "60"


def test_a_lost_file_is_made_again_while_the_program_runs(home):
    works.find()
    for path in home.glob("library.db*"):
        path.unlink()
    assert works.find().total == 0
    assert (home / "library.db").exists()


def test_importing_the_library_loads_neither_torch_nor_alembic(home):
    works.find()
    ask = "import sys; from bottega.library import works; works.find(); print({'torch', 'alembic'} & {*sys.modules})"
    assert subprocess.check_output([sys.executable, "-c", ask], text=True).strip() == "set()"


def test_a_database_of_a_newer_bottega_is_left_alone(library):
    with database.session() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(LibraryClosed, match="newer Bottega"):
        works.find()


def test_a_damaged_file_is_said_in_a_sentence_and_stays_as_it_is(home):
    (home / "library.db").write_bytes(b"no database at all, " * 500)
    with pytest.raises(LibraryClosed, match=r"not a database.*library scan"):
        works.find()
    assert (home / "library.db").read_bytes().startswith(b"no database")


def test_a_folder_that_is_no_folder_is_said_in_a_sentence(home, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "file"))
    with pytest.raises(LibraryClosed, match="cannot be used"):
        works.find()


def test_a_server_that_is_away_is_said_in_a_sentence_without_the_password(tmp_path, monkeypatch):
    monkeypatch.setenv("BOTTEGA_DATABASE", f"postgresql+psycopg://me:hidden@/library?host={tmp_path}")
    with pytest.raises(LibraryClosed) as caught:
        works.find()
    assert "hidden" not in str(caught.value)
    monkeypatch.setenv("BOTTEGA_DATABASE", "nonsense://")
    with pytest.raises(LibraryClosed):
        works.find()


def test_a_locked_database_is_said_in_a_sentence(home, monkeypatch):
    works.find()
    database.close()
    monkeypatch.setattr(database, "PATIENCE", 0.2)
    import sqlite3

    holder = sqlite3.connect(home / "library.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(LibraryClosed, match="locked"), database.session():
            pass
        assert works.find().total == 0  # who only reads does not wait
    finally:
        holder.close()


def test_the_home_may_have_any_name(tmp_path, monkeypatch):
    folder = tmp_path / "a b?c=%41#d 海"
    monkeypatch.setenv("BOTTEGA_HOME", str(folder))
    assert works.find().total == 0
    assert (folder / "library.db").is_file()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    database.close()


def test_the_tables_are_few(library):
    with database.reading() as session:
        names = set(inspect(session.connection()).get_table_names())
    expected = {"alembic_version", "collections", "facts", "files", "jobs", "models", "parents", "tags", "works"}
    assert names == expected


def test_the_url_follows_the_environment(home, monkeypatch):
    assert database.url() == f"sqlite:///{Path(os.environ['BOTTEGA_HOME']) / 'library.db'}"
    monkeypatch.setenv("BOTTEGA_DATABASE", "postgresql+psycopg://server/name")
    assert database.url() == "postgresql+psycopg://server/name"

"""What the tests of the library share: works with records, SQLite, and a real PostgreSQL server of our own."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bottega import home as places
from bottega.library import database
from bottega.media import kinds

Maker = Callable[..., Path]


def record(**more: Any) -> dict[str, Any]:
    """A record as Bottega writes it."""
    return {
        "schema": 1,
        "operation": "generate",
        "model": None,
        "collection": None,
        "parents": [],
        "parameters": {"seed": 1},
        "versions": {"bottega": "0.1.0"},
        "digital_source_type": "trainedAlgorithmicMedia",
    } | more


@pytest.fixture
def picture() -> Maker:
    """Writes a small picture with a record of its own into the works; its place may be any path."""

    def write(name: str | Path, shade: int = 0, told: dict[str, Any] | None = None, **more: Any) -> Path:
        path = places.works() / name
        path.parent.mkdir(parents=True, exist_ok=True)
        kinds.write(path, np.full((8, 12, 3), shade, np.uint8), record(**more) if told is None else told)
        return path

    return write


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server in a temporary folder, reached by its socket alone; the beginning and end of its URLs."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: neither pg_config nor initdb is found")
    owner = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="bottega-postgresql-"))
    if owner:
        shutil.chown(folder, owner)

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run([programs / program, *arguments], user=owner, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    data = str(folder / "data")
    try:
        run("initdb", "-D", data, "-U", "bottega", "-A", "trust", "-E", "UTF8", "--no-sync")
        told = f"-k {folder} -c listen_addresses='' -c fsync=off"
        with open(os.devnull) as nothing:
            command = [programs / "pg_ctl", "-D", data, "-o", told, "-wt", "240", "-l", str(folder / "log"), "start"]
            subprocess.run(command, user=owner, cwd=folder, stdout=nothing, stderr=nothing, check=True)
        yield f"postgresql+psycopg://bottega@/{{name}}?host={folder}"
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty library, in SQLite and in PostgreSQL; its kind."""
    if request.param == "postgresql":
        monkeypatch.setenv("BOTTEGA_DATABASE", _new(request.getfixturevalue("server")))
    else:
        monkeypatch.delenv("BOTTEGA_DATABASE", raising=False)
    yield request.param
    database.close()


def _new(server: str) -> str:
    """The URL of a new database on the server."""
    from sqlalchemy import create_engine

    name = f"library_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.format(name=name)


def _programs() -> Path | None:
    """Where initdb and pg_ctl are."""
    found = [Path(shutil.which(one) or "") for one in ("initdb",)]
    if config := shutil.which("pg_config"):
        found.append(Path(subprocess.check_output([config, "--bindir"], text=True).strip()) / "initdb")
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return next((one.parent for one in found if one.is_file() and (one.parent / "pg_ctl").is_file()), None)


def _unprivileged() -> str | None:
    """The user that the server runs as; PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("PostgreSQL does not run as root, and there is no user postgres or nobody")


@pytest.fixture
def model() -> Maker:
    """Writes a folder that holds what the library reads of a model; its weights are a few bytes."""

    def write(name: str | Path, weights: bytes = b"weights", source: str = "/art/flowers", **facts: Any) -> Path:
        folder = places.models() / name
        (folder / "training").mkdir(parents=True, exist_ok=True)
        (folder / "model.safetensors").write_bytes(weights)
        facts = {"fingerprint": "c0" * 32, "works": {"train": 90, "held_out": 10, "skipped": 1}} | facts
        config = {
            "schema": 1,
            "recipe": {"name": "flow", "medium": "image"},
            "classes": ["rose", "郁金香"],
            "facts": facts,
        }
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        (folder / "training" / "source.json").write_text(json.dumps({"source": source}))
        return folder

    return write

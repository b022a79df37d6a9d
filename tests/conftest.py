"""What every test gets: a home of its own, English, and few threads."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ["BOTTEGA_LANGUAGE"] = "en"
os.environ.setdefault("OMP_NUM_THREADS", "2")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A ``BOTTEGA_HOME`` that only this test uses, also in the processes it starts."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("BOTTEGA_HOME", str(folder))
    monkeypatch.setenv("BOTTEGA_LANGUAGE", "en")
    yield folder


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real works that are not part of the repository."""
    place = os.environ.get("BOTTEGA_TEST_DATA")
    if not place:
        pytest.skip("needs real works: set BOTTEGA_TEST_DATA to their folder")
    if not Path(place).is_dir():
        pytest.fail(f"BOTTEGA_TEST_DATA is {place}, which is no folder")
    return Path(place)

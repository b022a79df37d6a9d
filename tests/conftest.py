"""What every test gets: a home of its own, English, and few threads; for those that look at pages, a real browser."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required", "--mute-audio"),
)
PATIENCE = 180_000  # milliseconds that a page may take to do something on a busy machine

os.environ["BOTTEGA_LANGUAGE"] = "en"
os.environ.setdefault("OMP_NUM_THREADS", "2")


@pytest.fixture(autouse=True, scope="session")
def nobody_s_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where works go that several tests share, and never into the home and the database of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOTTEGA_HOME", str(tmp_path_factory.mktemp("shared-home")))
        patch.delenv("BOTTEGA_DATABASE", raising=False)
        yield


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


def chromium() -> str:
    """The browser of this machine."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return program or pytest.skip("needs Chromium (Debian: apt-get install chromium)")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of this machine, driven by Playwright. Not one for the whole session: its loop would be in the way."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    playwright.expect.set_options(timeout=PATIENCE)
    with playwright.sync_playwright() as driver:
        window = driver.chromium.launch(executable_path=chromium(), args=list(QUIET), timeout=PATIENCE)
        yield window
        window.close()

"""A studio in a process of its own, and a browser in front of it, as its users have them.

    def test_something(studio, visit):
        page = visit("zh")              # logged in, the page of that language, ready
        open_room(page, "train")

A test fails when its page meets an error of a script, says one in its console, or asks anything of another machine.
"""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import PATIENCE
from tests.waiting import free_port, until

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
LEAVING = "addEventListener('beforeunload', () => { console.error = () => {}; }, true)"
"""What Gradio's requests say when a page is left before they are answered is no fault."""
ROOMS = ("make", "train", "gallery", "models", "queue")
READY = 240  # seconds that a start may take on a busy machine; what it should take is measured elsewhere


@dataclass
class Studio:
    """``bottega studio`` on a port of its own.

    Attributes:
        home: its ``BOTTEGA_HOME``.
        address: what it tells a person to open: with the word that lets them in.
    """

    home: Path
    port: int
    address: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def log(self) -> Path:
        """What it says on both of its outputs."""
        return self.home.with_name(self.home.name + ".log")

    @property
    def environment(self) -> dict[str, str]:
        """For commands that are to find the same home."""
        return os.environ | {"BOTTEGA_HOME": str(self.home), "BOTTEGA_LANGUAGE": "en"}

    def start(self) -> None:
        """Start it, and wait until its pages are there in both languages."""
        began = self.log.stat().st_size if self.log.exists() else 0
        command = [sys.executable, "-m", "bottega", "studio", "--no-open", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        for _try in range(READY * 10):
            said = self.log.read_bytes()[began:].decode(errors="replace")
            if (found := ADDRESS.search(said)) and opens(found[0]):
                self.address = found[0]
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.fail(f"the studio did not start:\n{said}")

    def kill(self) -> None:
        """As a power cut does it."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As Ctrl-C does it."""
        self._end(signal.SIGINT)

    def end_jobs(self) -> None:
        """End what works in this home: jobs outlive their studio, but need not outlive the tests."""
        import psutil

        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("BOTTEGA_HOME") == str(self.home):
                    process.kill()

    def _end(self, how: signal.Signals) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            pytest.fail(f"the studio did not end on {how.name}")


def opens(address: str) -> bool:
    """Whether the pages are there for whoever has this address; before, the studio shows that it is opening."""
    caller = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    try:
        caller.open(address, timeout=10).close()
        for language in ("en", "zh"):
            caller.open(urllib.parse.urljoin(address, f"/{language}/"), timeout=10).close()
    except OSError:  # nobody listens yet, or a status that says so
        return False
    return True


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with an empty home, shared by the tests of a module; what they make in it stays for the next test."""
    pytest.importorskip("gradio", reason="needs the extra “studio”")
    home = tmp_path_factory.mktemp("studio") / "Bottega"
    home.mkdir()
    one = Studio(home, free_port())
    one.start()
    yield one
    one.stop()
    one.end_jobs()


def open_room(page: Any, room: str) -> None:
    """Through the tab of a room; a page that is still loading may miss a click."""
    tab = page.locator(f"#room-{room}-button")

    def is_open() -> bool:
        tab.click()
        page.wait_for_timeout(50)
        return tab.get_attribute("aria-selected") == "true"

    until(is_open)
    page.locator(f"#room-{room}").wait_for()


@dataclass
class Watch:
    """What went wrong in the pages of a test.

    Attributes:
        faults: errors of scripts, of the console and of the server, and requests to other machines.
    """

    faults: list[str] = field(default_factory=list)

    def over(self, page: Any, port: int) -> None:
        """Note down what goes wrong in this page from now on."""
        mine = (f"http://127.0.0.1:{port}/", "data:", "blob:", "about:")
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda said: said.type == "error" and self.faults.append(f"console: {said.text}"))
        page.on("request", lambda asked: asked.url.startswith(mine) or self.faults.append(f"asks {asked.url}"))
        page.on("response", lambda got: got.status >= 500 and self.faults.append(f"{got.status}: {got.url}"))

    def forgive(self) -> None:
        """Forget what went wrong, where a test meant it to."""
        self.faults.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Lets the fixtures of a test know that it failed."""
    report = yield
    if call.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test when anything went wrong in one of its pages."""
    one = Watch()
    yield one
    assert one.faults == []


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, studio: Studio, browser: Any, watch: Watch, shots: Path
) -> Iterator[Callable[..., Any]]:
    """``visit(language="en", **context)`` opens the studio in a fresh browser window, logged in, and waits for it.

    Of a test that fails, a screenshot of each window is kept, and what the studio said is shown.
    """
    contexts = []

    def open_page(language: str = "en", **wishes: Any) -> Any:
        locale = "zh-CN" if language == "zh" else "en-GB"
        wishes = {"viewport": {"width": 1280, "height": 860}, "locale": locale} | wishes
        context = browser.new_context(**wishes)
        contexts.append(context)
        context.add_init_script(LEAVING)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        watch.over(page, studio.port)
        page.goto(studio.address)
        page.get_by_role("tab").first.wait_for()
        return page

    yield open_page
    failed = getattr(request.node, "failed", False)
    if failed:
        print(studio.log.read_text(errors="replace")[-8000:])
    for number, context in enumerate(contexts):
        for page in context.pages if failed else ():
            page.screenshot(path=shots / f"failed-{request.node.name}-{number}.png", full_page=True)
        context.close()


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are kept: in the folder that ``BOTTEGA_SCREENSHOTS`` names, or a temporary one."""
    place = os.environ.get("BOTTEGA_SCREENSHOTS")
    folder = Path(place) if place else tmp_path_factory.getbasetemp() / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""Attacks through a real browser: other pages, other names, and scripts in everything that a person can type."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import QUIET, chromium
from tests.studio.asking import Elsewhere, word
from tests.studio.conftest import ROOMS, Studio, open_room

ATTACKER = """<form id=f method=post enctype="text/plain" action="{at}/en/gradio_api/queue/join">
<input name='{{"data":["x","' value='"],"fn_index":0,"session_hash":"evil"}}'></form>
<form id=g method=post enctype="multipart/form-data" action="{at}/en/gradio_api/upload"><input name=files></form>
<img src="{at}/en/gradio_api/file=/etc/passwd"><script src="{at}/en/config"></script><iframe src="{at}/en/"></iframe>
<script>
const got = [], all = [];
for (const method of ["GET", "POST", "PUT"]) for (const mode of ["cors", "no-cors"])
  all.push(fetch("{at}/en/config", {{method, mode, credentials: "include"}}).then(r => got.push(r.status)));
const body = '{{"data": [], "fn_index": 0, "session_hash": "evil"}}';
const headers = {{"Content-Type": "text/plain"}}, sent = {{method: "POST", mode: "no-cors", headers, body}};
all.push(fetch("{at}/en/gradio_api/queue/join", {{credentials: "include", ...sent}}));
new EventSource("{at}/en/gradio_api/queue/data?session_hash=a");
new WebSocket("{at}/en/live".replace("http", "ws"));
Promise.allSettled(all).then(() => {{ window.got = got; window.done = true; }});
</script>"""


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., Elsewhere]]:
    """``elsewhere(page)`` starts another server."""
    started: list[Elsewhere] = []

    def start(page: str = "") -> Elsewhere:
        started.append(Elsewhere(page))
        return started[-1]

    yield start
    for one in started:
        one.server.shutdown()


def test_a_page_elsewhere_can_do_nothing_with_the_cookie(
    studio: Studio, browser: Any, elsewhere: Callable[..., Elsewhere]
) -> None:
    # Another port of this machine is the same site to a browser: the cookie is sent along.
    other = elsewhere(ATTACKER.format(at=f"http://127.0.0.1:{studio.port}"))
    context = browser.new_context()
    page = context.new_page()
    page.goto(studio.address)
    page.get_by_role("tab").first.wait_for()
    answered: list[tuple[int, str]] = []
    attacker = context.new_page()
    attacker.on("response", lambda got: answered.append((got.status, got.url)))
    attacker.goto(f"http://127.0.0.1:{other.port}/")
    attacker.wait_for_function("window.done")
    assert [status for status in attacker.evaluate("got") if status] == []  # nothing could be read
    for name in ("f", "g"):
        attacker.goto(f"http://127.0.0.1:{other.port}/")
        with attacker.expect_navigation():
            attacker.evaluate(f"document.getElementById('{name}').submit()")
    mine = [status for status, url in answered if f":{studio.port}/" in url]
    assert len(mine) >= 5 and set(mine) <= {401, 403}
    assert not list((studio.home / "runs").glob("*")) if (studio.home / "runs").exists() else True
    context.close()


def test_an_address_that_is_made_to_point_here(studio: Studio) -> None:
    pytest.importorskip("playwright.sync_api")
    script = (
        "import sys; from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as driver:\n"
        "    window = driver.chromium.launch(executable_path=sys.argv[1], args=sys.argv[3:])\n"
        "    page = window.new_page()\n"
        "    got = page.goto(sys.argv[2])\n"
        "    print(got.status, page.content())\n"
    )
    told = f"http://rebound.example:{studio.port}/en/?token={word(studio)}"
    rules = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
    done = subprocess.run(
        [sys.executable, "-c", script, chromium(), told, *QUIET, rules], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("421 ") and "set-cookie" not in done.stdout


NASTY = '<img src=x onerror="window.ran=1"><script>window.ran=2</script><svg onload=window.ran=3>\'"`{{7*7}}'
"""Stands in everything that a person or a file can say."""


@pytest.fixture(scope="module")
def nasty(studio: Studio) -> Iterator[list[str]]:
    """Works, a model and a job whose names, titles, tags, prompts and words are scripts."""
    script = """
import json, sys
import numpy as np
from pathlib import Path
from bottega import home
from bottega.library import jobs, works
from bottega.media import kinds
from bottega.provenance import record
nasty = json.loads(sys.argv[1])
ids = []
for name, content in (("a.png", np.full((30, 30, 3), 90, np.uint8)), ("b.md", nasty * 3)):
    path = home.works() / nasty.replace("/", "") / (nasty.replace("/", "") + name)
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds.write(path, content, record.made(nasty, prompt=nasty, label=nasty, **{"said " + nasty: nasty}))
    entry = works.note(path)
    works.name(entry.id, nasty)
    works.tag(entry.id, add=[nasty[:60], "<b>bold</b>"])
    ids.append(entry.id)
for verb, told in (("generate", {"model": nasty}), ("train", {"folder": nasty}), ("edit", {"operation": nasty})):
    try: jobs.submit(verb, told, origin="line")
    except Exception as error: print(error, file=sys.stderr)
print(json.dumps(ids))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(NASTY)], env=studio.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    yield json.loads(done.stdout.splitlines()[-1])


def test_scripts_in_names_titles_tags_prompts_and_texts_do_not_run(
    studio: Studio, visit: Callable[..., Any], nasty: list[str], watch: Any
) -> None:
    page = visit("en")
    page.on("dialog", lambda _dialog: pytest.fail("a script opened a window"))
    seen = ""
    for room in ROOMS:
        open_room(page, room)
        page.wait_for_timeout(1500)
        seen += page.inner_text("body")
        for box in page.locator("input[type=text]:visible, input[type=search]:visible, textarea:visible").all()[:3]:
            box.fill(NASTY)
            page.wait_for_timeout(300)
            box.fill("")
    for id in nasty:
        page.evaluate("id => window.bottega.send({room: 'gallery', works: [id]})", id)
        page.wait_for_timeout(1000)
        page.evaluate("id => window.bottega.send({room: 'make', works: [id]})", id)
        page.wait_for_timeout(1000)
        seen += page.inner_text("body")
    assert page.evaluate("window.ran") is None
    assert page.locator("img[onerror], svg[onload]").count() == 0  # nor do they stand in the page as elements
    assert "onerror" in seen  # they were shown: as words
    assert [fault for fault in watch.faults if "Content Security Policy" in fault] == []
    watch.forgive()


def test_a_script_that_did_get_in_would_not_run(visit: Callable[..., Any], watch: Any) -> None:
    page = visit("en")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<img src=/x onerror='window.ran=1'>`)")
    page.evaluate(
        "const made = document.createElement('script'); made.textContent = 'window.ran=2'; document.body.append(made)"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<a id=evil href='javascript:window.ran=3'>x</a>`)")
    page.click("#evil")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<iframe src='http://example.com/'></iframe>`)")
    while len([fault for fault in watch.faults if "Content Security Policy" in fault]) < 4:
        page.wait_for_event("console")
    assert page.evaluate("window.ran") is None
    watch.forgive()


def test_no_request_leaves_the_machine(studio: Studio, tmp_path: Path) -> None:
    import psutil

    log = tmp_path / "net.json"
    script = (
        "import sys; from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as driver:\n"
        "    window = driver.chromium.launch(executable_path=sys.argv[1], args=sys.argv[3:])\n"
        "    page = window.new_page()\n"
        "    page.goto(sys.argv[2])\n"
        "    page.get_by_role('tab').first.wait_for()\n"
        "    for tab in page.get_by_role('tab').all()[:5]:\n"
        "        tab.click()\n"
        "        page.wait_for_timeout(700)\n"
        "    window.close()\n"
    )
    assert studio.process is not None
    process = psutil.Process(studio.process.pid)
    far: set[str] = set()
    told = [sys.executable, "-c", script, chromium(), studio.address, *QUIET, f"--log-net-log={log}"]
    told.append("--disable-features=AutofillServerCommunication")  # which is the browser's own
    with subprocess.Popen(told) as walking:
        while walking.poll() is None:
            far |= {one.raddr.ip for one in process.net_connections("inet") if one.raddr}
            time.sleep(0.1)
    assert walking.returncode == 0
    assert far <= {"127.0.0.1"}  # the server asks nobody
    events = json.loads(log.read_text())
    kinds = {number: name for name, number in events["constants"]["logEventTypes"].items()}
    asked, looked_up = set(), set()
    for event in events["events"]:
        kind, told = kinds[event["type"]], event.get("params", {})
        if kind == "URL_REQUEST_START_JOB" and told.get("initiator", "not an origin") != "not an origin":
            asked.add(told["url"])
        if kind.startswith("HOST_RESOLVER") and "127.0.0.1" in str(told.get("network_anonymization_key")):
            looked_up.add(told["host"])  # for the page, not for the browser's own ends
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((f"http://127.0.0.1:{studio.port}/", "data:", "blob:"))] == []
    assert looked_up and [host for host in looked_up if "127.0.0.1" not in host] == []

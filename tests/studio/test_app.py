"""The house: the way in, the waiting page, and rooms that do not take each other down."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.studio.conftest import open_room

pytest.importorskip("gradio", reason="needs the extra “studio”")

from bottega.studio import app


@pytest.fixture
def house() -> TestClient:
    """The house before its pages are built."""
    return TestClient(app.Studio(), follow_redirects=False)


def test_the_entrance_leads_to_the_language_of_the_browser(house: TestClient) -> None:
    assert house.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).headers["location"] == "/zh/"
    assert house.get("/", headers={"Accept-Language": "fr"}).headers["location"] == "/en/"
    house.cookies.set("bottega-language", "zh")
    assert house.get("/", headers={"Accept-Language": "en"}).headers["location"] == "/zh/"


def test_whoever_comes_early_waits(house: TestClient) -> None:
    answer = house.get("/en/")
    assert answer.status_code == 503
    assert "reload" in answer.text


def test_a_page_that_could_not_be_built_says_so() -> None:
    answer = app.waiting("en", "a <fault>")
    assert b"a &lt;fault&gt;" in answer.body and b"reload" not in answer.body


@pytest.mark.parametrize("where", ["build", "start"])
def test_a_page_that_fails_while_it_opens_holds_nothing_up(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    @contextlib.asynccontextmanager
    async def failing(_page: FastAPI) -> AsyncIterator[None]:
        raise ValueError("no")
        yield

    def build(*_about: str) -> FastAPI:
        if where == "build":
            raise ValueError("no")
        return FastAPI(lifespan=failing)

    async def opened() -> app.Wing:
        wing, closing = app.Wing("zh"), asyncio.Event()
        await asyncio.wait_for(asyncio.gather(wing.live(closing), wing.settled.wait()), 60)
        return wing

    monkeypatch.setattr(app, "build", build)
    wing = asyncio.run(opened())
    assert wing.page is None and re.search("[一-龥]", wing.fault)


def test_a_fault_in_one_room_leaves_the_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    import gradio as gr

    from bottega.studio.making import room as make

    def broken(_desk: object) -> None:
        raise ValueError("no")

    monkeypatch.setattr(make, "room", broken)
    page = app.blocks("en")
    shown = [one.value for one in page.blocks.values() if isinstance(one, gr.HTML)]
    assert any('role="alert"' in str(value) for value in shown)
    assert len([one for one in page.blocks.values() if isinstance(one, gr.Tab)]) >= 5


def test_only_deliberate_endpoints_are_told_of() -> None:
    names = set(app.blocks("zh").get_api_info()["named_endpoints"])
    assert names == {
        *("/generate", "/edit", "/train", "/evaluate", "/remake"),
        *("/jobs", "/cancel", "/finish", "/works", "/models", "/drop"),
    }


def test_nothing_is_fetched_from_elsewhere(house: TestClient) -> None:
    assert "http" not in house.get("/page.js").text
    assert house.get("/favicon.ico").status_code == 200
    assert house.get("/manifest.json").json()["name"] == "Bottega"


def test_the_make_room_remembers_and_makes(studio, visit) -> None:
    from playwright.sync_api import expect

    page = visit("en")
    page.locator("#sample-picture").click()
    page.get_by_text("A picture that repeats without a seam").click()
    page.locator("#set-down input").uncheck()
    page.locator("#lock input").check()
    page.locator("#start").click()
    page.locator("#make-results .result img").wait_for()
    assert page.locator("#make-results .result a[download]").get_attribute("href").startswith("/media/")
    page.reload()
    expect(page.locator("#set-down input")).not_to_be_checked()
    expect(page.locator("#lock input")).to_be_checked()
    page.locator("#make-results .result button", has_text="Use as parent").first.click()
    page.locator("ul.held img[src^='/media/']").wait_for()


def test_what_was_chosen_before_is_no_longer_begun(studio, visit) -> None:
    page = visit("en")
    page.locator("#sample-picture").click()
    page.locator("#start.for-image-vary").wait_for()
    pressed = page.evaluate("""() => {
        document.querySelector("#acts input[value='image/tile']").click();
        const start = document.getElementById("start");
        let begun = false;
        start.addEventListener("click", () => { begun = true; }, { once: true });
        start.click();
        return [start.matches("[data-waiting]"), begun];
    }""")
    assert pressed == [True, False]
    page.locator("#start.for-image-tile:not([data-waiting])").wait_for()
    assert page.locator("#set-down").count() == 1, "the form is that of the new choice"
    assert page.locator("#make-results .job").count() == 0


def test_however_often_it_looks_the_page_asks_in_one_row(studio, visit) -> None:
    page = visit("en")
    page.locator("#make-results .done").wait_for()
    asked = "performance.getEntriesByType('resource').filter((one) => one.name.includes('/make/results'))"
    many = page.evaluate(f"() => {{ for (let i = 0; i < 9; i++) bottega.look(); return {asked}.length; }}")
    page.wait_for_function(f"{asked}.length >= {many} + 11")  # nine at once, and two in their time
    *_before, last, latest = page.evaluate(f"{asked}.map((one) => one.startTime)")
    assert latest - last > 2000, "it looks every three seconds"


def test_a_page_whose_studio_was_started_anew_says_so(studio, visit, watch) -> None:
    page = visit("zh")
    page.locator("#make-results .done").wait_for()
    page.context.clear_cookies()
    page.evaluate("() => bottega.look()")
    page.locator("#make-results .wrong").wait_for()
    assert "工作室" in page.locator("#make-results .wrong").inner_text()
    page.goto("about:blank")
    watch.forgive()  # the refusal stands in the console


@pytest.mark.parametrize(("code", "locale", "other"), [("zh", "en-GB", "Upload"), ("en", "zh-CN", "上传")])
def test_a_page_speaks_one_language_whatever_the_browser_speaks(studio, visit, code, locale, other) -> None:
    page = visit(code, locale=locale)
    page.goto(f"http://127.0.0.1:{studio.port}/{code}/")  # the entrance leads to the language of the browser
    open_room(page, "train")
    page.locator("#train-files button").first.wait_for()
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[code]
    assert other not in page.locator("#rooms").text_content()

"""The Gallery and the Models room in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.studio.conftest import open_room
from tests.studio.shown import EVIL, model, one_of_each, picture, readme, work
from tests.waiting import until

from bottega.library import works
from bottega.library.works import Entry


@pytest.fixture
def filled(studio: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Entry]]:
    """Works and a model in the home of the studio; what is there already stays."""
    monkeypatch.setenv("BOTTEGA_HOME", str(studio.home))
    if not (studio.home / "models" / "flowers").exists():
        readme(model(), f"# Flowers\n\n{EVIL}\n")
        for i in range(150):
            work(f"many/{i:03d}.png", picture(i + 20), "vary", seed=i, settings={})
    yield one_of_each()  # the newest: they come first


def room(visit: Any, name: str, **wishes: Any) -> Any:
    """The page with a room open."""
    page = visit(**wishes)
    open_room(page, name)
    return page


def test_works_are_found_as_one_types(filled: dict[str, Entry], visit: Any) -> None:
    page = room(visit, "gallery")
    cards = page.locator(".gallery .work")
    page.get_by_text("154 works").wait_for()
    page.get_by_role("searchbox").fill("flowers")
    page.get_by_text("2 works").wait_for()
    assert cards.count() == 2
    page.get_by_label("Operation").select_option("vary")
    page.get_by_text("One work").wait_for()
    page.get_by_role("searchbox").fill("zebra")
    page.get_by_text("Nothing is like that.").wait_for()
    page.get_by_role("button", name="Show all works").click()
    page.get_by_text("154 works").wait_for()


def test_all_works_come_as_one_scrolls_and_the_page_stays_light(filled: dict[str, Entry], visit: Any) -> None:
    page = room(visit, "gallery", viewport={"width": 700, "height": 500})
    page.get_by_text("154 works").wait_for()
    seen: set[str] = set()

    def every_one() -> bool:
        page.mouse.wheel(0, 900)
        alive = page.locator(".gallery .work").evaluate_all("all => all.map((one) => one.dataset.id)")
        assert len(alive) <= 154
        seen.update(alive)
        return len(seen) == 154

    until(every_one)
    page.mouse.wheel(0, 100_000)
    page.wait_for_function("document.querySelectorAll('.gallery .work').length < 154")  # those far above were given up
    page.mouse.wheel(0, -100_000)
    first = page.locator(".gallery .page").first.locator(".work").first
    first.wait_for()  # and come back


def test_a_work_is_rated_by_hand_and_by_key(filled: dict[str, Entry], visit: Any) -> None:
    entry = filled["text"]
    page = room(visit, "gallery")
    card = page.locator(f'.work[data-id="{entry.id}"]')
    card.locator('[data-stars="4"]').click()
    page.wait_for_function(f"document.querySelectorAll('[data-id=\"{entry.id}\"] .lit').length == 4")
    assert works.get(entry.id).rating == 4
    card.focus()
    page.keyboard.press("2")
    page.wait_for_function(f"document.querySelectorAll('[data-id=\"{entry.id}\"] .lit').length == 2")
    assert works.get(entry.id).rating == 2
    page.keyboard.press("Enter")
    look = page.get_by_role("dialog")
    look.get_by_role("slider", name="Rating").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelectorAll('dialog .sides .lit').length == 3")
    assert works.get(entry.id).rating == 3
    page.keyboard.press("Escape")
    look.wait_for(state="hidden")
    page.wait_for_function("card => document.activeElement === card", arg=card.element_handle())


def test_a_work_is_named_and_tagged_and_nothing_of_it_runs(filled: dict[str, Entry], visit: Any) -> None:
    entry = filled["picture"]
    page = room(visit, "gallery")
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    page.locator(f'.work[data-id="{entry.id}"] .face').click()
    look = page.get_by_role("dialog")
    look.get_by_label("Title").fill(EVIL)
    look.get_by_label("Title").blur()
    look.get_by_label("New tag").fill(EVIL)
    page.keyboard.press("Enter")
    look.get_by_role("button", name=EVIL, exact=True).wait_for()
    assert page.locator("img[src=x]").count() == 0
    until(lambda: (works.get(entry.id).title, works.get(entry.id).tags) == (EVIL, (EVIL,)))
    look.get_by_role("button", name=f"Take off the tag {EVIL}").click()
    page.wait_for_function("!document.querySelector('dialog .tags li')")
    assert works.get(entry.id).tags == ()


def test_two_works_stand_side_by_side(filled: dict[str, Entry], visit: Any) -> None:
    page = room(visit, "gallery")
    for name in ("picture", "child"):
        page.locator(f'.work[data-id="{filled[name].id}"]').get_by_label("Choose").check()
    page.get_by_text("2 chosen").wait_for()
    bar = page.locator(".gallery .chosen").bounding_box()
    assert bar["y"] + bar["height"] <= 860  # in sight, wherever one has scrolled to
    page.get_by_role("button", name="Side by side").click()
    shown = page.get_by_role("dialog").locator("figure .shown img")
    shown.nth(1).wait_for()
    page.wait_for_function("[...document.querySelectorAll('dialog figure img')].every((one) => one.naturalWidth)")
    small, large = (shown.nth(k).bounding_box()["width"] for k in (0, 1))
    assert large == pytest.approx(2 * small, rel=0.02)  # 24 and 48 pixels wide


def test_what_is_thrown_away_comes_back_with_undo(filled: dict[str, Entry], visit: Any) -> None:
    entry = filled["sound"]
    page = room(visit, "gallery")
    page.locator(f'.work[data-id="{entry.id}"]').focus()
    page.keyboard.press("Delete")
    page.get_by_text("153 works").wait_for()
    assert works.get(entry.id).trashed
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("154 works").wait_for()
    assert not works.get(entry.id).trashed


def test_a_sound_plays_and_lineage_leads_on(filled: dict[str, Entry], visit: Any) -> None:
    page = room(visit, "gallery")
    page.locator(f'.work[data-id="{filled["sound"].id}"] .face').click()
    player = page.get_by_role("dialog").locator("audio")
    player.evaluate("async (audio) => await audio.play()")
    page.wait_for_function("document.querySelector('dialog audio').currentTime > 0")
    page.keyboard.press("Escape")
    page.locator(f'.work[data-id="{filled["child"].id}"] .face').click()
    parent = page.get_by_role("dialog").locator(f'svg [data-work="{filled["picture"].id}"]')
    shown = page.locator("dialog .sides")

    def leads_on() -> bool:  # what had the keys may have lost them between two moments
        if shown.get_attribute("data-id") == filled["picture"].id:
            return True
        parent.press("Enter")
        return False

    until(leads_on)


def test_a_dropped_file_tells_how_it_was_made(filled: dict[str, Entry], visit: Any, tmp_path: Path) -> None:
    file = tmp_path / "from a friend.png"
    file.write_bytes(filled["child"].path.read_bytes())
    page = room(visit, "gallery")
    page.locator(".gallery .work").first.wait_for()  # its script listens now
    page.locator(".gallery input[type=file]").set_input_files(file)
    look = page.get_by_role("dialog")
    look.get_by_text("from a friend.png").wait_for()
    assert "vary" in look.inner_text()
    look.get_by_role("button", name="Open it").click()
    page.wait_for_function(f"document.querySelector('dialog .sides')?.dataset.id === '{filled['child'].id}'")


def test_a_model_shows_its_card_in_chinese(filled: dict[str, Entry], visit: Any) -> None:
    page = visit("zh")
    page.locator("[role=tab]").nth(3).click()
    page.locator(".plate .face").first.click()
    look = page.get_by_role("dialog")
    look.get_by_role("heading", name="Flowers", exact=True).wait_for()
    assert re.search(r"[一-龥]", look.inner_text())
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_window(filled: dict[str, Entry], visit: Any, width: int) -> None:
    page = room(visit, "gallery", viewport={"width": width, "height": 800})
    page.locator(".gallery .work").first.wait_for()
    wide = "document.documentElement.scrollWidth"
    assert page.evaluate(wide) <= width
    page.locator(f'.work[data-id="{filled["child"].id}"] .face').click()
    page.get_by_role("dialog").locator(".sides").wait_for()
    assert page.locator("dialog .body").evaluate("body => body.scrollWidth - body.clientWidth") <= 0


def test_an_answer_that_is_called_back_half_way_is_no_fault(filled: dict[str, Entry], visit: Any) -> None:
    page = room(visit, "gallery")
    page.get_by_text("154 works").wait_for()
    asked = """async () => {
      window.fetch = async () => ({ ok: true, json: () => Promise.reject(new DOMException("", "AbortError")) });
      const room = document.querySelector("[data-gallery]");
      return await looks.ask("/gallery/works", room).then(() => "", (error) => error.name);
    }"""
    assert page.evaluate(asked) == "AbortError"


def test_a_card_far_away_shows_its_new_stars_when_it_comes_near_again(filled: dict[str, Entry], visit: Any) -> None:
    page, first = room(visit, "gallery", viewport={"width": 700, "height": 500}), filled["picture"].id
    card = page.locator(f'.gallery .work[data-id="{first}"]')
    card.wait_for()

    def is_away() -> bool:
        page.mouse.wheel(0, 2000)
        return card.count() == 0

    until(is_away)
    page.evaluate("(id) => bottega.send({ room: 'gallery', works: [id] })", first)
    look = page.locator("dialog.bottega-look")
    look.locator(".sides").wait_for()
    page.keyboard.press("4")
    look.locator('.stars[aria-valuenow="4"]').wait_for()
    page.keyboard.press("Escape")
    page.evaluate("scrollTo(0, 0)")
    card.locator('.stars[aria-valuenow="4"]').wait_for()

"""The studio as its users have it: a browser walks all five rooms in both languages, with real jobs.

The tests share one studio and run in their order: what the first ones make, the later ones find.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.studio.conftest import ROOMS, Studio, Watch, open_room
from tests.waiting import until

from bottega.media import image

PLAYED = (("sound", "audio/pitch", "audio"), ("film", "video/slow", "video"))
LONG = 240_000
"""Milliseconds that a job may take on a busy machine."""
PLAYS = "player => player.currentTime > 0.05 && !player.error"


def keep(page: Any, shots: Path, name: str) -> None:
    """A screenshot, of which the tests only ask that it can be taken; people look at it."""
    page.wait_for_timeout(300)  # what slides and fades has come to rest
    page.screenshot(path=shots / f"{name}.png")


def told(studio: Studio, *words: str) -> Any:
    """What a command says about the same home, as JSON."""
    command = [sys.executable, "-m", "bottega", *words, "--json"]
    done = subprocess.run(command, env=studio.environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def start(page: Any) -> Any:
    """Start what the Make room is set to, and wait for what comes of it: the newest results."""
    page.locator("#make-results .done > *").first.wait_for()  # what was made before, or the word that nothing was
    results = page.locator("#make-results .done .result")
    before = results.first.get_attribute("data-id") if results.count() else ""
    page.locator("#start").click()
    page.wait_for_function(
        "before => { const one = document.querySelector('#make-results .done .result');"
        " return one && one.dataset.id !== before }",
        arg=before,
        timeout=LONG,
    )
    return page.locator("#make-results .done .job").first


def still(canvas: Any) -> None:
    """Wait until it has stayed where it is for thirty frames."""
    canvas.evaluate("""canvas => new Promise((done) => {
        let before = "", same = 0;
        const look = () => {
            const { x, y, width, height } = canvas.getBoundingClientRect(), now = `${x} ${y} ${width} ${height}`;
            same = now === before ? same + 1 : 0;
            before = now;
            same > 30 ? done() : requestAnimationFrame(look);
        };
        look();
    })""")


def chinese(page: Any, room: str) -> float:
    """The share of its letters that are Chinese."""
    words = page.locator(f"#room-{room}").inner_text()
    letters = re.findall(r"[a-z\u4e00-\u9fff]", words, re.IGNORECASE)
    return sum(letter > "z" for letter in letters) / max(1, len(letters))


def take(page: Any, sample: str, act: str) -> None:
    """Take a sample in hand and choose what to do with it."""
    page.locator(f"#sample-{sample}").click()
    page.locator(f"#acts input[value='{act}']").check()
    page.locator("#start").wait_for()


def test_a_training_outlives_its_tab_and_its_studio(studio: Studio, visit: Callable[..., Any], shots: Path) -> None:
    page = visit("en")
    open_room(page, "train")
    keep(page, shots, "train-empty-en")
    page.locator("#train-kind input[value=builtin]").check()
    page.locator("#train-builtin input[value=paper-cuts]").check()
    page.locator("#train-start").wait_for()
    assert "1,200" in page.locator("#room-train .report").inner_text()
    page.locator("#train-minutes input[type=number]").fill("20")  # it is finished long before
    page.locator("#train-minutes input[type=number]").press("Tab")
    keep(page, shots, "train-report-en")
    page.locator("#train-start").click()
    page.locator(".standing[data-state=running]").wait_for()
    page.locator(".over img").first.wait_for()  # a preview, while it learns
    page.locator(".standing").scroll_into_view_if_needed()
    keep(page, shots, "train-running-en")
    page.context.close()  # the tab is closed,
    studio.kill()  # and then the studio ends as in a power cut
    [job] = told(studio, "queue", "list")
    assert job["state"] == "running", "the training goes on by itself"

    studio.start()
    page = visit("en")
    open_room(page, "queue")
    keep(page, shots, "queue-running-en")
    page.locator("#room-queue li[data-state=running] [data-do=finish]").click()  # it has learned something by then
    page.locator("#room-queue li[data-state=done]").first.wait_for(timeout=LONG)
    page.reload()
    open_room(page, "train")
    page.locator(".standing[data-state=done]").wait_for()
    keep(page, shots, "train-done-en")
    open_room(page, "models")
    page.locator(".plate").wait_for()
    keep(page, shots, "models-en")
    [job] = told(studio, "queue", "list")
    assert (job["state"], job["origin"], job["verb"]) == ("done", "page", "train")
    [model] = (studio.home / "models").iterdir()
    assert (model / "model.safetensors").exists()


def test_a_model_makes_works(visit: Callable[..., Any], shots: Path) -> None:
    page = visit("zh")
    open_room(page, "models")
    page.locator(".plate [data-do=make]").click()
    page.locator("#set-n input[type=number]").fill("3")
    made = start(page)
    assert made.locator(".result img").count() == 3
    keep(page, shots, "make-generated-zh")


def test_a_mask_is_painted(studio: Studio, visit: Callable[..., Any], shots: Path) -> None:
    page = visit("en")
    take(page, "picture", "image/inpaint")
    canvas = page.locator("#mask canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    still(canvas)
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 30, y)
    page.mouse.down()
    for step in range(7):
        page.mouse.move(x - 30 + 10 * step, y + 4 * step)
    page.mouse.up()
    keep(page, shots, "make-mask-en")
    before = image.read(next((studio.home / "dropped").glob("*.png")))
    start(page)
    keep(page, shots, "make-inpainted-en")
    [work] = told(studio, "library", "search", "inpaint")["works"]
    after = image.read(Path(work["path"]))
    changed = (before != after).any(axis=-1)
    assert 0.003 < changed.mean() < 0.2, "only what was painted over is another"
    rows, columns = np.nonzero(changed)
    middle = np.array([rows.mean(), columns.mean()]) / changed.shape
    assert np.abs(middle - 0.5).max() < 0.15, "and it is where it was painted"


def test_painted_frames_are_dropped(visit: Callable[..., Any], shots: Path, tmp_path: Path) -> None:
    rows, columns = np.mgrid[:64, :64].astype(np.uint8)
    for name, blue in (("first", 0), ("last", 200)):
        image.write(tmp_path / f"{name}.png", np.stack([rows * 4, columns * 4, np.full_like(rows, blue)], 2))
    page = visit("en")
    page.locator("#sample-film").click()
    page.locator("#all-acts").check()
    page.locator("#acts input[value='video/stylize']").check()
    place = page.locator("#drop-keyframe")
    place.wait_for()
    page.locator("#start[disabled]").wait_for()
    place.locator("input[type=file]").set_input_files([tmp_path / "first.png", tmp_path / "last.png"])
    page.locator("#start:not([disabled])").wait_for()
    given = page.locator("h4.beside + ul.held li")
    assert given.locator(".name").all_inner_texts() == ["first", "last"]
    place.locator("input[type=file]").wait_for(state="attached")  # there is room for another one
    keep(page, shots, "make-painted-en")
    given.first.locator("button").click()
    given.filter(has_text="first").wait_for(state="detached")
    assert given.count() == 1 and page.locator("#start").is_enabled()


@pytest.mark.parametrize(("sample", "act", "player"), PLAYED)
def test_sounds_and_films_play(sample: str, act: str, player: str, visit: Callable[..., Any], shots: Path) -> None:
    page = visit("zh")
    take(page, sample, act)
    one = start(page).locator(f".result {player}")
    assert one.evaluate("player => player.play().then(() => true)")
    page.wait_for_function(PLAYS, arg=one.element_handle())
    keep(page, shots, f"make-{sample}-zh")


def test_a_work_is_rated_named_and_found(visit: Callable[..., Any], shots: Path) -> None:
    page = visit("en")
    open_room(page, "gallery")
    cards = page.locator("#gallery .work")
    cards.first.wait_for()
    every = cards.count()
    assert every == 6  # three of the model, a picture, a sound and a film
    picture = page.locator("#gallery .work[data-medium=image]").first
    picture.locator("[data-stars='4']").click()
    picture.locator("[data-stars='4'].lit").wait_for()
    picture.locator(".face").click()
    look = page.locator("dialog.bottega-look")
    look.locator("input.title").fill("Café 灯笼 <b>")
    look.locator("input[name=tag]").fill("evening")
    look.locator("input[name=tag]").press("Enter")
    look.locator(".tag", has_text="evening").wait_for()
    cards.filter(has_text="Café 灯笼 <b>").wait_for()  # its name is kept
    keep(page, shots, "gallery-work-en")
    page.keyboard.press("Escape")
    search = page.locator("#gallery input[type=search]")
    for words in ("灯笼", "evening", "café"):
        search.fill(words)
        page.wait_for_function("document.querySelectorAll('#gallery .work').length === 1")
    keep(page, shots, "gallery-found-en")
    search.fill("nothing of that kind")
    page.locator("#gallery .empty").wait_for()
    keep(page, shots, "gallery-nothing-en")
    search.fill("")
    page.wait_for_function("every => document.querySelectorAll('#gallery .work').length === every", arg=every)
    pictures = page.locator("#gallery .work[data-medium=image] [data-do=pick]")
    pictures.nth(0).check()
    pictures.nth(1).check()
    page.locator("#gallery .chosen button").first.click()
    look.locator(".beside figure").nth(1).wait_for()
    keep(page, shots, "gallery-beside-en")


def test_a_dropped_file_tells_how_it_was_made(
    studio: Studio, visit: Callable[..., Any], watch: Watch, shots: Path, tmp_path: Path
) -> None:
    [work] = told(studio, "library", "search", "inpaint")["works"]
    stray = tmp_path / "found on a disk.png"
    stray.write_bytes(Path(work["path"]).read_bytes())
    page = visit("zh")
    open_room(page, "gallery")
    page.locator("#gallery .work").first.wait_for()  # its script listens now
    page.locator("#gallery input[type=file]").set_input_files(stray)
    dropped = page.locator("dialog.bottega-look .dropped")
    assert "inpaint" in dropped.locator(".record").inner_text()
    assert dropped.locator(".relatives").count() >= 1
    keep(page, shots, "gallery-dropped-zh")
    text = tmp_path / "not a picture.png"
    text.write_text("only words")
    page.keyboard.press("Escape")
    page.locator("#gallery input[type=file]").set_input_files(text)
    page.locator(".bottega-toast").wait_for()
    keep(page, shots, "gallery-refused-zh")
    assert [fault for fault in watch.faults if "404" not in fault] == []
    watch.forgive()  # the browser notes the refusal, as it should


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_room_in_this_language(language: str, visit: Callable[..., Any], shots: Path) -> None:
    page = visit(language)
    for room in ROOMS:
        open_room(page, room)
        page.wait_for_timeout(700)  # what the room asks for has come
        page.screenshot(path=shots / f"{room}-{language}.png")
        until(lambda room=room: (chinese(page, room) > 0.2) == (language == "zh"))  # names are in neither
    assert page.evaluate("document.documentElement.lang").startswith(language)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_telephone_need_not_scroll_sideways(scheme: str, visit: Callable[..., Any], shots: Path) -> None:
    page = visit("zh", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    for room in ROOMS:
        page.evaluate("room => bottega.send({room})", room)
        page.locator(f"#room-{room}").wait_for()
        page.wait_for_timeout(700)
        page.screenshot(path=shots / f"{room}-telephone-{scheme}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), room

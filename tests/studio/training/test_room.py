"""The Train and the Queue room in a browser, with a real training."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.studio.conftest import Studio, Watch, open_room

SOON = 240_000
"""Milliseconds that a training may take to begin, to stop or to end on a busy machine."""


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A zip of two dozen pictures in two classes, one of which has a name that is HTML, and a file that is none."""
    path = tmp_path / "holidays.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(24):
            pixels = np.random.default_rng(i).integers(0, 255, (6, 6, 3), np.uint8)
            Image.fromarray(pixels).resize((48, 48), Image.Resampling.NEAREST).save(tmp_path / "one.png")
            archive.write(tmp_path / "one.png", f"{'boats' if i % 2 else '<img src=x onerror=alert(1)>'}/{i}.png")
        archive.writestr("boats/broken.png", b"no picture")
    return path


def minutes(page: Any, many: float) -> None:
    box = page.locator("#train-minutes input[type=number]")
    box.fill(str(many))
    box.press("Enter")


def test_a_training_from_a_dropped_zip_to_its_model(
    visit: Callable[..., Any], works: Path, studio: Studio, shots: Path
) -> None:
    page = visit()
    open_room(page, "train")
    page.locator("#train-files input[type=file]").set_input_files(works)
    report = page.locator(".report")
    report.get_by_text("24").first.wait_for()
    assert "<img src=x onerror=alert(1)>" in report.inner_text()
    report.get_by_text("Skipped files: 1").click()
    report.get_by_text("boats/broken.png").wait_for()
    minutes(page, 0.5)
    page.locator(".advice li.weak").first.wait_for()
    page.screenshot(path=shots / "train-report-en.png", full_page=True)
    minutes(page, 3)  # enough to be stopped in, however slow the machine is; it is finished before they are over
    page.get_by_role("button", name="Start training").click()
    standing = page.locator(".standing")
    page.locator(".over img").first.wait_for(timeout=SOON)  # it has begun
    standing.get_by_role("button", name="Stop and save").click(timeout=SOON)
    standing.get_by_role("button", name="Go on").wait_for(timeout=SOON)
    page.close()

    page = visit("zh", viewport={"width": 390, "height": 844})  # another window: nothing is lost
    open_room(page, "train")
    page.locator(".standing [data-do=resume]").wait_for()
    page.screenshot(path=shots / "train-paused-zh-phone.png", full_page=True)
    open_room(page, "queue")
    row = page.locator(".queue li[data-state=paused]")
    row.locator("[data-do=log]").click()
    row.locator("pre.log").wait_for()
    row.locator("[data-do=resume]").click()
    page.locator(".queue li[data-state=running] [data-do=finish]").click(timeout=SOON)
    page.locator(".queue li[data-state=done]").wait_for(timeout=SOON)
    page.screenshot(path=shots / "queue-done-zh-phone.png", full_page=True)
    page.close()

    page = visit()
    open_room(page, "queue")
    page.locator(".queue li").get_by_role("button", name="Look closer").click()
    page.get_by_role("button", name="Make works with it").wait_for()
    assert page.locator(".over .lapse li").count() >= 2  # when it began, and what it was finished with
    before = page.locator(".compare .seen[data-side=left] img")
    first = before.get_attribute("src")
    page.locator(".compare input[data-side=left]").fill("1")
    assert before.get_attribute("src") != first
    page.locator(".charts svg").first.wait_for()
    page.screenshot(path=shots / "train-done-en.png", full_page=True)
    page.get_by_role("button", name="Make works with it").click()
    page.locator("#room-make").get_by_text("Make new works").first.wait_for()
    assert list(studio.home.glob("models/holidays-*/config.json"))


def test_what_is_no_folder_is_said_and_what_is_one_is_looked_at(
    visit: Callable[..., Any], tmp_path: Path, watch: Watch, shots: Path
) -> None:
    page = visit()
    open_room(page, "train")
    page.locator("#train-kind").get_by_text("Folder").click()
    box = page.locator("#train-folder input")
    box.fill(str(tmp_path / "<b>nowhere"))
    box.press("Enter")
    page.get_by_text(re.compile("<b>nowhere does not exist")).first.wait_for()
    page.screenshot(path=shots / "train-no-folder-en.png")
    watch.forgive()  # Gradio answers errors with 500
    (tmp_path / "poems").mkdir()
    for i in range(12):
        (tmp_path / "poems" / f"{i}.txt").write_text(
            f"The sea is {i} times as wide\nas what I have to say of it.\n" * 4
        )
    box.fill(str(tmp_path / "poems"))
    box.press("Enter")
    page.locator(".report").get_by_text("texts").wait_for()
    page.reload()
    open_room(page, "train")
    box.wait_for()
    page.wait_for_function("document.querySelector('#train-folder input').value.endsWith('poems')")

"""Takes the pictures of the studio in docs/studio/: each room in both languages, by day and once by night.

    python examples/workshop.py my-workshop
    python examples/screenshots.py my-workshop [--only gallery]

Needs Chromium (Debian: apt-get install chromium fonts-noto-cjk). A training, and an edit that waits behind it, are
really started for it and ended again; the rest is as the workshop has it.
"""

import argparse
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

DOCS = Path(__file__).parent.parent / "docs" / "studio"
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")
MOST = 200_000
"""Bytes of a picture: README has many of them."""
WIDE, TELEPHONE = (1280, 860), (390, 844)


@contextmanager
def studio(home: Path) -> Iterator[str]:
    """A studio in this home; its address."""
    command = [sys.executable, "-m", "bottega", "studio", "--no-open", "--port", "7899"]
    environment = os.environ | {"BOTTEGA_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield next(found[0] for line in process.stdout or () if (found := ADDRESS.search(line)))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


@contextmanager
def busy(home: Path) -> Iterator[None]:
    """While something is learned, and something waits behind it."""
    originals = home.with_name(f"{home.name} originals")

    def bottega(*words: str, check: bool = True) -> str:
        environment = os.environ | {"BOTTEGA_HOME": str(home)}
        command = [sys.executable, "-m", "bottega", *words]
        return subprocess.run(command, env=environment, check=check, stdout=subprocess.PIPE, text=True).stdout.strip()

    train = bottega("train", str(originals / "paper cuts"), "--minutes", "20", "--seed", "2", "--queue")
    vary = bottega("edit", "vary", str(originals / "morning mountain.png"), "--distance", "0.4", "--queue")
    try:
        yield
    finally:
        for job in (vary, train):
            bottega("queue", "cancel", job.split()[-1], check=False)  # it may be over


def go(page: Any, room: str) -> None:
    """To a room, also where its tab is behind a menu."""
    page.evaluate("room => bottega.send({room})", room)
    page.locator(f"#room-{room}").wait_for()
    page.wait_for_timeout(1500)


def hold(page: Any, home: Path, original: str) -> None:
    """An original in hand, in the Make room."""
    go(page, "make")
    page.locator("#drop input[type=file]").set_input_files(home.with_name(f"{home.name} originals") / original)


def make(page: Any, home: Path) -> None:
    """A picture in hand, with a part of it painted over."""
    hold(page, home, "paper lanterns.png")
    page.locator("#acts input[value='image/inpaint']").check()
    canvas = page.locator("#mask canvas").first
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(1500)
    box = canvas.bounding_box()
    x, y = box["x"] + box["width"] / 2 - 25, box["y"] + box["height"] / 2 - 130
    page.mouse.move(x - 45, y - 25)
    page.mouse.down()
    for step in range(16):
        page.mouse.move(x - 45 + 6 * step, y + 24 * (-1) ** (step // 2))
    page.mouse.up()
    page.mouse.move(5, 5)
    page.wait_for_timeout(1000)


def hand(page: Any, home: Path) -> None:
    """A sound in hand, and what can be done with it."""
    hold(page, home, "evening bells.wav")
    page.locator("#start").wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1500)


def train(page: Any, _home: Path) -> None:
    """A training as it is watched."""
    go(page, "train")
    page.locator(".over img").first.wait_for(timeout=120_000)
    page.wait_for_timeout(3000)


def gallery(page: Any, _home: Path) -> None:
    """The works, best first."""
    go(page, "gallery")
    page.evaluate(
        "() => { const order = document.querySelector('#gallery [name=order]'); order.value = 'best';"
        " order.dispatchEvent(new Event('input', { bubbles: true })) }"  # on a telephone it is folded away
    )
    page.wait_for_timeout(2500)


def work(page: Any, _home: Path) -> None:
    """One work with all that is known of it."""
    go(page, "gallery")
    page.locator("#gallery input[type=search]").fill("at sea, later")
    page.wait_for_timeout(1500)
    page.locator("#gallery .work .face").first.click()
    page.locator("dialog.bottega-look[open]").wait_for()
    page.wait_for_timeout(1500)


def models(page: Any, _home: Path) -> None:
    """The models, as cards."""
    go(page, "models")
    page.locator(".plate").first.wait_for()
    page.wait_for_timeout(1500)


def model(page: Any, _home: Path) -> None:
    """What is known of one model."""
    go(page, "models")
    page.locator(".plate", has_text="paper-cuts").locator(".face").click()
    page.locator("dialog.bottega-look[open]").wait_for()
    page.wait_for_timeout(1500)


def queue(page: Any, _home: Path) -> None:
    """Jobs of every origin."""
    go(page, "queue")
    page.locator("#room-queue li[data-job]").first.wait_for()
    page.wait_for_timeout(2000)


@dataclass(frozen=True)
class Shot:
    """One picture: a scene, and how it is seen."""

    scene: Callable[[Any, Path], None]
    language: str
    size: tuple[int, int] = WIDE
    scheme: str = "light"

    @property
    def name(self) -> str:
        """As the file is called."""
        words = [self.scene.__name__, self.language]
        words += ["telephone"] if self.size == TELEPHONE else []
        words += ["dark"] if self.scheme == "dark" else []
        return "-".join(words)


SHOTS = (
    *(Shot(one, language) for language in ("en", "zh") for one in (make, train, gallery, work, models, model, queue)),
    Shot(gallery, "en", scheme="dark"),
    Shot(gallery, "zh", TELEPHONE),
    Shot(hand, "en", TELEPHONE),
)


def save(png: bytes, file: Path) -> None:
    """As few colours as it takes to keep the picture small."""
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    for colours in (256, 192, 128, 96, 64, 48, 32):
        few = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(file, optimize=True)
        if file.stat().st_size < MOST:
            break
    print(f"{file.name}: {colours} colours, {file.stat().st_size / 1000:.0f} kB", flush=True)


def take(browser: Any, address: str, home: Path, shot: Shot) -> None:
    """One picture, in a window of its own."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN" if shot.language == "zh" else "en-GB",
        color_scheme=shot.scheme,
    )
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(address)
    page.get_by_role("tab").first.wait_for()
    shot.scene(page, home)
    save(page.screenshot(), DOCS / f"{shot.name}.png")
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("home", type=Path, help="as examples/workshop.py has filled it")
    parser.add_argument("--only", nargs="+", help="scenes or pictures to take anew: gallery, make-zh …")
    chosen = parser.parse_args()
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    DOCS.mkdir(parents=True, exist_ok=True)
    home = chosen.home.resolve()
    with sync_playwright() as driver, busy(home), studio(home) as address:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            if not chosen.only or {shot.scene.__name__, shot.name} & {*chosen.only}:
                take(browser, address, home, shot)
        browser.close()


if __name__ == "__main__":
    main()

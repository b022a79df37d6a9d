"""The demo page in a real browser: it shows everything, in both languages, and asks nothing of the network."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bottega.datasets.builtin import CLASSES, draw
from bottega.demo import DemoFacts, Figure, make_page
from bottega.demo.page import Words
from bottega.media import image

EVIL = '<img src=x onerror="alert(1)">&.png'


def works(first: int, per_class: int, size: int = 32) -> dict[str, np.ndarray]:
    by_class = {}
    for k, name in enumerate(CLASSES):
        numbers = [(first + i) * len(CLASSES) + k for i in range(per_class)]
        by_class[name] = np.stack([draw(n, size)[0] for n in numbers])
    return by_class


def facts(folder: Path) -> DemoFacts:
    random = np.random.default_rng(0)
    originals, new = works(0, 12), works(400, 12)
    clean = image.sheet(np.concatenate([new[c][:8] for c in CLASSES]), columns=8)
    previews = []
    for i, share in enumerate(np.linspace(0, 1, 9)):
        noisy = random.normal(128, 60, clean.shape) * (1 - share) + clean * share
        image.write(folder / f"{i}.png", noisy.clip(0, 255).astype(np.uint8))
        previews.append((i * 250, folder / f"{i}.png"))
    steps = np.arange(1, 2000, 4)
    curves = {
        "velocity.loss": [(s, 0.3 + 0.9 * np.exp(-s / 300) + 0.05 * random.normal()) for s in steps],
        "velocity.early": [(s, float("nan") if s < 9 else 1 / s) for s in steps],
    }
    pairs = np.stack([p for c in CLASSES for p in (new[c][0], originals[c][0])])
    return DemoFacts(
        originals=originals,
        new=new | {EVIL: new["birds"]},
        used=4000,
        held_out=400,
        skipped=[(EVIL, "the file is empty")],
        duplicates=3,
        recipe="flow",
        recipe_title={"en": "Flow matching with a small U-Net", "zh": "流匹配与小型 U-Net"},
        recipe_source="Lipman et al. 2023, arXiv:2210.02747",
        minutes=2.5,
        steps=2000,
        works_seen=128_000,
        works_per_second=853.2,
        machine="Linux x86_64, 2 threads",
        seed=0,
        curves=curves,
        previews=previews,
        figures=[
            Figure("kernel_distance", 0.0312, 0.0004),
            Figure("frechet_distance", 6.18, 0.43),
            Figure("precision", 0.71, 0.93),
            Figure("coverage", 0.52, 0.96),
            Figure("copies", 0.012, 0.01),
        ],
        closest=image.sheet(pairs, columns=8),
        commands={"train": "bottega train FOLDER --to my-model", "demo": "bottega demo"},
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    previews = folder / "previews"
    previews.mkdir()
    return make_page(folder / "out", facts(previews))


def test_every_text_is_there_in_both_languages_and_names_are_escaped(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count('<span lang="en">') == text.count('<span lang="zh-CN">') > 40
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text
    assert "http" not in text.replace("http-equiv", "")


def test_words_mark_code_and_escape_everything_else() -> None:
    assert (
        Words("a `b<c` d", "甲").html() == '<span lang="en">a <code>b&lt;c</code> d</span><span lang="zh-CN">甲</span>'
    )


def test_a_page_without_previews_figures_or_skipped_files(tmp_path: Path) -> None:
    whole = facts(tmp_path)
    bare = DemoFacts(**{**vars(whole), "previews": [], "figures": [], "closest": None, "skipped": [], "curves": {}})
    text = make_page(tmp_path / "bare", bare).read_text(encoding="utf-8")
    assert "time-lapse" not in text
    assert "closest-pairs" not in text


def test_in_a_browser(page: Path, browser: Any) -> None:
    context = browser.new_context(locale="en-GB")
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(page.as_uri())
    tab.wait_for_load_state("networkidle")

    broken = "[...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).map(i => i.src)"
    assert tab.evaluate(broken) == []
    assert tab.evaluate("[...document.images].every(i => i.alt.length > 3)")
    assert tab.evaluate("document.images.length") > 20
    assert tab.locator("svg.chart").count() == 2

    assert tab.locator("h1").inner_text() == "New works in the same hand"
    tab.get_by_role("button", name="中文").click()
    assert tab.locator("h1").inner_text() == "同一手笔的新作"
    assert tab.evaluate("document.documentElement.lang") == "zh-CN"
    assert tab.title() == "同一手笔的新作"
    assert tab.evaluate("document.images[0].alt") == "原作"
    tab.reload()
    assert tab.locator("h1").inner_text() == "同一手笔的新作"  # the choice is remembered

    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    context.close()


def test_a_chinese_browser_begins_in_chinese_and_a_telephone_need_not_scroll_sideways(page: Path, browser: Any) -> None:
    context = browser.new_context(locale="zh-CN", viewport={"width": 360, "height": 740})
    tab = context.new_page()
    tab.goto(page.as_uri())
    assert tab.locator("h1").inner_text() == "同一手笔的新作"
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()

"""The Train and the Queue room as HTML: what is told, and that nothing people named is taken for HTML."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from bottega.language import speaking
from bottega.library.jobs import STATES, Job
from bottega.recipes.recipe import load
from bottega.studio import panels
from bottega.studio.following import Followed, Preview
from bottega.studio.training.looking import Look

NAMED = re.compile(r'"([^"]+)": ')
EVIL = '<img src=x onerror="alert(1)">"\'{{value}}${1}'


def job(folder: Path, state: str = "running", **more: Any) -> Job:
    values = {"arguments": {"to": f"/models/{EVIL}", "minutes": 1.0, "medium": EVIL}, "origin": "page"} | more
    return Job("0123456789abcdef", "train", values.pop("arguments"), "en", values.pop("origin"), "here", state, folder,
               values.pop("created", 1.0), **values)  # fmt: skip


def followed() -> Followed:
    known = Followed(step=40, share=0.5, seconds=20.0, step_rate=2.0, said=[EVIL])
    known.losses = {f"a.{EVIL}": [(1.0, 2.0), (2.0, 1.0)]}
    known.previews = [Preview("preview-000000.png", 0, 0.0), Preview("preview-000040.png", 40, 20.0)]
    return known


class Tags(HTMLParser):
    """Every tag with its attributes, and whether all that was opened is closed."""

    EMPTY = ("img", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in (*self.EMPTY, "line", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(text: str) -> Tags:
    tags = Tags(text)
    assert not [tag for tag, about in tags.found if tag == "script" or any(name.startswith("on") for name in about)]
    assert all(about["src"].startswith("/") for tag, about in tags.found if tag == "img")
    return tags


@pytest.fixture
def found() -> Look:
    return Look(
        Path("/home/works"), "image", 1200, 1080, 120, "32 × 32 pixels each", {EVIL: 700, "b": 500},
        [(EVIL, EVIL)] * 300, 412, [(EVIL, "other")], 1, [EVIL],
    )  # fmt: skip


def test_the_report_tells_all_that_was_found(found: Look) -> None:
    text = panels.report(found)
    harmless(text)
    for said in ("1,200", "32 × 32 pixels each", "1,080 to learn from", "120 kept", "700", "412", "and 212 more"):
        assert said in text, said
    assert text.count("<dt>") == panels.LISTED + 1


def test_a_report_without_classes_or_skipped_files_is_short(found: Look) -> None:
    text = panels.report(replace(found, classes={}, skipped=[], unused=0, duplicates=[], repeats=0, notes=[]))
    assert "No classes" in text
    assert "<details>" not in text


def test_the_advice_names_the_recipe_why_and_its_source() -> None:
    text = panels.advice(load("audio-flow"), "because of " + EVIL, [("weak", EVIL), ("good", "fine")])
    harmless(text)
    assert "audio-flow, because of" in text
    assert load("audio-flow").source.split(",")[0] in text
    assert "First its codec" in text
    assert [about["class"] for tag, about in Tags(text).found if tag == "li"] == ["weak", "good"]


def test_all_that_objectives_measure_has_its_word() -> None:
    sources = [file.read_text() for file in (Path(panels.__file__).parents[1] / "objectives").glob("*.py")]
    phases = {name for text in sources for name in re.findall(r'Phase\("([^"]+)"', text)}
    measured = {name for text in sources for line in re.findall(r'{"loss": .*', text) for name in NAMED.findall(line)}
    parts = {name for text in sources for name in re.findall(r'parts\["([^"]+)"\]', text)}
    assert phases >= {"generator", "velocity"} and measured >= {"told apart"} and "kl" in parts
    assert (phases | measured | parts) - {"loss"} <= set(panels.LOSSES)
    with speaking("zh"):
        known = Followed(losses={"discriminator.told apart": [(1.0, 2.0), (2.0, 1.0)]})
        assert "discriminator" not in panels.losses(known)


@pytest.mark.parametrize("state", list(STATES))
def test_a_training_in_any_state_can_be_shown(state: str, tmp_path: Path) -> None:
    one = job(tmp_path, state, error=EVIL if state == "failed" else "", progress=0.5, left=9.0, message=EVIL)
    harmless(panels.standing(one, followed()))
    harmless(panels.lapse(one, followed()))
    harmless(panels.losses(followed()))


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("running", ["pause"]),
        ("queued", ["pause", "cancel"]),
        ("paused", ["resume"]),
        ("interrupted", ["resume"]),
        ("failed", ["resume"]),
        ("done", ["measure", "longer"]),
    ],
)
def test_only_what_makes_sense_is_offered(state: str, offered: list[str], tmp_path: Path) -> None:
    made = [{"path": "/m", "id": "ab12", "kind": "model"}] if state == "done" else []
    text = panels.standing(job(tmp_path, state, results=made), Followed())
    assert re.findall(r'data-do="(\w+)"', text) == offered
    rooms = [about["data-send"] for tag, about in Tags(text).found if about.get("data-send")]
    assert rooms == (['{"room": "make", "model": "ab12"}', '{"room": "models", "model": "ab12"}'] if made else [])


def test_one_that_is_stopping_can_only_be_pressed(tmp_path: Path) -> None:
    one = job(tmp_path, "running", asked="paused", asked_at=1.0)
    assert re.findall(r'data-do="(\w+)"', panels.standing(one, Followed())) == ["cancel"]


def test_previews_are_seen_side_by_side_and_all_in_a_row(tmp_path: Path) -> None:
    tags = harmless(panels.lapse(job(tmp_path), followed()))
    sources = [about["src"] for tag, about in tags.found if tag == "img"]
    assert sources == [f"/jobs/0123456789abcdef/preview/preview-0000{k}.png" for k in ("00", "40") * 2]
    assert [about["value"] for tag, about in tags.found if tag == "input"] == ["0", "1"]


def test_previews_in_words_are_read(tmp_path: Path) -> None:
    (tmp_path / "preview-000007.txt").write_text("a poem & <b>more</b>")
    known = Followed(previews=[Preview("preview-000007.txt", 7, 1.0)])
    assert "a poem &amp; &lt;b&gt;more&lt;/b&gt;" in panels.lapse(job(tmp_path), known)


def test_only_the_end_of_a_long_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "output.log").write_text("".join(f"line {k}\n" for k in range(1000)))
    text = panels.words(tmp_path / "output.log", 100)
    assert text.startswith("…line")
    assert text.endswith("line 999\n")
    assert len(text) <= 101
    assert panels.words(tmp_path / "none", 100) == ""

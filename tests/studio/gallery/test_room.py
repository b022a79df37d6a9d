"""What the Gallery's script asks and is told."""

import io
import json
import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from tests.studio.shown import EVIL, addresses, one_of_each, picture, work

from bottega import home
from bottega.language import speaking
from bottega.library import jobs, works
from bottega.media import kinds
from bottega.studio.gallery import front, shelf
from bottega.studio.page import asset

pytest.importorskip("fastapi", reason="needs the extra “studio”")


@pytest.fixture
def ask() -> Any:
    return addresses()


def ids(answer: dict) -> list[str]:
    return re.findall(r'<li class="work" data-id="([0-9a-f]+)"', answer["html"])


def test_works_are_found_by_words_and_filters(ask: Any) -> None:
    shown = one_of_each()
    works.rate(shown["child"].id, 4)
    works.tag(shown["text"].id, ["sea"])
    for asked, found in [
        ("", {"picture", "child", "text", "sound"}),
        ("medium=audio", {"sound"}),
        ("operation=vary", {"child"}),
        ("tag=sea", {"text"}),
        ("least=3", {"child"}),
        ("words=flowers", {"picture", "child"}),
        ("words=nothing+of+that+kind", set()),
    ]:
        told = ask.get(f"/gallery/works?{asked}").json()
        assert {name for name, entry in shown.items() if entry.id in told["ids"]} == found, asked
        assert told["total"] == len(found)
        assert ids(told) == told["ids"]


def test_pages_follow_each_other(ask: Any) -> None:
    for i in range(7):
        work(f"many/{i}.png", picture(i), seed=i, settings={})
    pages = [ask.get(f"/gallery/works?order=name&offset={k}&limit=3").json() for k in (0, 3, 6, 9)]
    assert [len(page["ids"]) for page in pages] == [3, 3, 1, 0]
    assert len({one for page in pages for one in page["ids"]}) == 7


@pytest.mark.parametrize(
    "place",
    [
        *("works?order=path", "works?least=9", "works?limit=100000", "works?offset=-1"),
        *("works/../../etc", "works/%2Fetc%2Fpasswd", "works/nothex", "page.py", "page.html"),
        *("beside?ids=/etc/passwd", "export?ids=../a"),
    ],
)
def test_what_makes_no_sense_is_refused(ask: Any, place: str) -> None:
    answer = ask.get(f"/gallery/{place}")
    assert answer.status_code in (404, 422)
    assert "root:" not in answer.text


def test_a_file_is_not_found_by_its_path(ask: Any) -> None:
    entry = one_of_each()["picture"]
    assert ask.get(f"/gallery/works/{entry.id}").status_code == 200
    assert ask.get(f"/gallery/works/{str(entry.path).replace('/', '%2F')}").status_code in (404, 422)


def test_an_unknown_work_is_one_sentence(ask: Any) -> None:
    answer = ask.get("/gallery/works/0123456789abcdef0123?lang=zh")
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_everything_known_of_a_work_is_told(ask: Any) -> None:
    shown = one_of_each()
    html = ask.get(f"/gallery/works/{shown['child'].id}").json()["html"]
    assert "vary" in html and "/media/" in html
    assert f'data-work="{shown["picture"].id}"' in html  # its parent, and in the picture of its lineage
    assert "svg" in html
    assert shown["child"].id in ask.get(f"/gallery/works/{shown['picture'].id}").json()["html"]


def test_what_is_said_of_a_work_stays(ask: Any) -> None:
    entry = one_of_each()["picture"]
    place = f"/gallery/works/{entry.id}"
    told = ask.post(place, json={"stars": 5}).json()
    assert 'aria-valuenow="5"' in told["card"]
    ask.post(place, json={"title": f" {EVIL} "})
    ask.post(place, json={"add": "海边"})
    told = ask.post(place, json={"add": EVIL}).json()
    assert "<img src=x" not in told["card"] + told["tags"]
    now = works.get(entry.id)
    assert (now.rating, now.title, set(now.tags)) == (5, EVIL, {"海边", EVIL})
    ask.post(place, json={"remove": EVIL, "stars": 0})
    now = works.get(entry.id)
    assert (now.rating, now.tags) == (0, ("海边",))


@pytest.mark.parametrize(
    "said", [{"stars": 6}, {"stars": -1}, {"title": "a" * 201}, {"add": "a" * 61}, {"stars": "many"}]
)
def test_what_cannot_be_said_of_a_work_is_refused(ask: Any, said: dict) -> None:
    entry = one_of_each()["picture"]
    answer = ask.post(f"/gallery/works/{entry.id}", json=said)
    assert answer.status_code in (400, 422) and answer.json()["error"]
    assert works.get(entry.id) == entry


def test_the_trash_gives_back(ask: Any) -> None:
    entry = one_of_each()["picture"]
    told = ask.post(f"/gallery/works/{entry.id}/trash?lang=en").json()
    assert entry.name in told["said"]
    assert entry.id not in ask.get("/gallery/works").json()["ids"]
    there = ask.get("/gallery/works?trashed=true").json()
    assert there["ids"] == [entry.id]
    assert 'data-do="restore"' in there["html"]
    ask.post(f"/gallery/works/{entry.id}/restore")
    assert entry.path.is_file()
    assert entry.id in ask.get("/gallery/works").json()["ids"]


def test_side_by_side_takes_two_to_four(ask: Any) -> None:
    shown = [entry.id for entry in one_of_each().values()]
    assert ask.get(f"/gallery/beside?ids={','.join(shown[:2])}").json()["html"].count("<figure") == 2
    assert ask.get(f"/gallery/beside?ids={','.join(shown)}").json()["html"].count("<figure") == 4
    assert ask.get(f"/gallery/beside?ids={shown[0]}").status_code == 400


def test_works_leave_as_they_are(ask: Any) -> None:
    shown = one_of_each()
    entry = shown["picture"]
    alone = ask.get(f"/gallery/works/{entry.id}/file")
    assert alone.content == entry.path.read_bytes()
    assert alone.headers["content-disposition"].startswith("attachment")
    packed = ask.get(f"/gallery/export?ids={entry.id},{shown['text'].id}")
    names = zipfile.ZipFile(io.BytesIO(packed.content)).namelist()
    assert sum(name.endswith((".png", ".md")) for name in names) == 3  # with the index


def test_choices_are_those_that_find_something(ask: Any) -> None:
    shown = one_of_each()
    works.tag(shown["text"].id, [EVIL])
    told = ask.get("/gallery/choices").json()
    assert re.findall(r'value="(\w+)"', told["operation"]) == ["generate", "vary", "waves"]
    assert "<img" not in told["tag"]


def test_a_dropped_work_tells_how_it_was_made(ask: Any, tmp_path: Path) -> None:
    shown = one_of_each()
    html = dropped(ask, shown["child"].path)["html"]
    assert "vary" in html
    assert f'data-id="{shown["child"].id}"' in html  # it is in the library: it can be opened
    assert f'data-work="{shown["picture"].id}"' in html


def test_a_dropped_stranger_says_so(ask: Any, tmp_path: Path) -> None:
    kinds.write(tmp_path / "photo.png", picture(9))
    html = dropped(ask, tmp_path / "photo.png")["html"]
    assert "another program made this file" in html
    assert "<button" not in html


def test_what_is_no_work_is_refused_in_a_sentence(ask: Any, tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html><script>alert(1)</script>")
    answer = ask.post("/gallery/dropped?name=page.png", content=(tmp_path / "page.png").read_bytes())
    assert answer.status_code in (400, 404) and answer.json()["error"]


def test_a_dropped_work_can_be_kept_and_made_again(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.queue, "kick", lambda: None)  # nothing needs to run here
    entry = work("flowers/1.png", picture(1), seed=7, index=0, n=1, controls={})
    entry.path.rename(home.home() / "elsewhere.png")
    content = re.search(r'data-content="([0-9a-f]+)"', dropped(ask, home.home() / "elsewhere.png")["html"])
    assert content
    again = ask.post(f"/gallery/dropped/{content[1]}/again").json()
    job = jobs.get(again["job"])
    assert (job.verb, Path(job.arguments["file"]).stem) == ("remake", content[1])
    kept = ask.post(f"/gallery/dropped/{content[1]}/keep").json()
    assert works.get(kept["work"]).path.is_file()
    assert ask.post(f"/gallery/dropped/{'0' * 64}/keep").status_code == 404
    assert ask.post("/gallery/dropped/..%2F..%2Fetc/keep").status_code in (404, 422)


def dropped(ask: Any, path: Path) -> dict:
    answer = ask.post(f"/gallery/dropped?name={path.name}", content=path.read_bytes())
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("code", ["en", "zh"])
@pytest.mark.parametrize(
    ("room", "scripts"), [(front, ("gallery.js", "works.js", "looks.js")), (shelf, ("shelf.js", "looks.js"))]
)
def test_the_front_carries_the_words_of_its_script(room: Any, scripts: tuple[str, ...], code: str) -> None:
    with speaking(code):
        said = re.search(r'data-said="([^"]+)"', room.front(code))
    assert said
    carried = json.loads(unescape(said[1]))
    words = re.findall(r"\bsaid\.(\w+)|\bwords\(root\)\.(\w+)", re.sub(r"told\.said\b", "", asset(*scripts)))
    more = {"back", "away"} if room is front else set()  # named by a choice
    assert {a or b for a, b in words} | more == set(carried)
    assert code == "en" or not [one for one in carried.values() if re.search("[a-z]{4}", re.sub("{.*?}", "", one))]


def test_the_script_and_the_style_come_in_one_piece(ask: Any) -> None:
    script, style = ask.get("/gallery/page.js"), ask.get("/gallery/page.css")
    assert script.headers["content-type"].startswith("text/javascript") and "looks.begin" in script.text
    assert style.headers["content-type"].startswith("text/css")
    assert not re.search(r"https?://(?!www\.w3\.org)", script.text + style.text)

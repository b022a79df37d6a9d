"""What the Models room tells, and what it does with models."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.studio.gallery.test_cards import read
from tests.studio.shown import EVIL, addresses, model, picture, readme

from bottega import home
from bottega.evaluation.figures import Figure, plainly, too_few
from bottega.library import jobs, models
from bottega.media import kinds
from bottega.studio.gallery import plates

pytest.importorskip("fastapi", reason="needs the extra “studio”")


@pytest.fixture
def ask() -> Any:
    return addresses()


CARD = f"""---
library_name: bottega
---

# A model

![Works](samples.png) ![elsewhere](https://example.org/spy.png) ![within](../../secret.png)

[listen](samples.wav) [elsewhere](https://example.org/) [run](javascript:alert(1)) [file](/etc/passwd)

{EVIL}
<script>alert(1)</script>
"""


def test_models_are_cards(ask: Any) -> None:
    entry = model()
    told = ask.get("/shelf/models").json()
    assert told["count"] == 1
    found = read(told["html"])
    assert f"/models/{entry.id}/thumb?w=640" in {at.get("src") for _tag, at in found}
    assert "270 works" in told["html"] and "1.5 minutes" in told["html"]


def test_a_model_that_writes_shows_what_it_wrote(ask: Any) -> None:
    entry = model("poems", recipe={"name": "rnn", "medium": "text"})
    (entry.path / "samples.png").unlink()
    readme(entry, f"# Poems\n\n> The sea was grey.\n> {EVIL}\n")
    html = ask.get("/shelf/models").json()["html"]
    assert "The sea was grey." in html and "/thumb" not in html
    assert all("onerror" not in at for _tag, at in read(html))


def test_nothing_in_a_card_runs_or_is_fetched_from_elsewhere() -> None:
    entry = model()
    readme(entry, CARD)
    found = read(plates.rendered(plates.readme(entry.path), entry.id).replace(" />", ">"))
    assert "script" not in {tag for tag, _at in found}
    assert all("onerror" not in at for _tag, at in found)
    assert [at["src"] for tag, at in found if tag == "img"] == [f"/shelf/models/{entry.id}/look/samples.png"]
    places = [at.get("href") for tag, at in found if tag == "a"]
    assert places == [f"/shelf/models/{entry.id}/look/samples.wav", "https://example.org/", None]
    readme(entry, "# Flowers\n\n<!-- measured -->\n\n" + "<!--" * 40_000)
    assert "measured" not in plates.readme(entry.path)  # at once


def test_everything_known_of_a_model_is_told(ask: Any) -> None:
    entry = model()
    readme(entry, CARD)
    kinds.write(entry.path / "closest-pairs.png", picture(4, 64))
    html = ask.get(f"/shelf/models/{entry.id}").json()["html"]
    assert "closest-pairs.png" in html and "Not measured yet" in html and "rose" in html
    assert "/home/ada" not in html
    assert all("onerror" not in at for _tag, at in read(html.replace(" />", ">")))
    for name, kind in (("samples.png", "image/png"), ("closest-pairs.png", "image/png")):
        shown = ask.get(f"/shelf/models/{entry.id}/look/{name}")
        assert shown.headers["content-type"] == kind


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "training%2Fsource.json", "..%2F..%2Flibrary.db"])
def test_only_what_is_to_be_seen_of_a_model_is_shown(ask: Any, name: str) -> None:
    entry = model()
    assert ask.get(f"/shelf/models/{entry.id}/look/{name}").status_code in (404, 422)


def test_figures_stand_beside_what_real_works_score() -> None:
    pictures = {"kernel_distance": Figure(0.0512, 0.004, error=0.001).as_json(), "fid": too_few(100, 30).as_json()}
    entry = model(name="measured")
    (entry.path / "evaluation.json").write_text(json.dumps(pictures | {"copies": Figure(0.25, 0.01).as_json()}))
    html = plates.figures(models.note(entry.path))
    assert "0.0512" in html and "0.004" in html and "25.0%" in html and "there are 30" in html
    assert html.count("<tr") == 4


def test_figures_of_other_media_are_read_too() -> None:
    told = plainly({"nats_per_char": Figure(1.5, 1.25), "copies": too_few(8, 2)}, "floors", "reasons")
    entry = model("poems", recipe={"name": "rnn", "medium": "text"})
    (entry.path / "evaluation.json").write_text(json.dumps(told | {"samples": 8, "seed": 0}))
    html = plates.figures(models.note(entry.path))
    assert "1.5" in html and "1.25" in html and "there are 2" in html
    assert html.count("<tr") == 3


@pytest.mark.parametrize(
    "facts", [{"works": {"train": "many"}, "minutes": "x"}, {"minutes": [1]}, {"steps": True}, {"minutes": 10**400}]
)
def test_a_strange_card_does_not_take_the_others_along(ask: Any, facts: dict) -> None:
    model("tulips")
    entry = model("odd", facts=facts)
    told = ask.get("/shelf/models").json()
    assert told["count"] == 2 and "270 works" in told["html"]
    assert ask.get(f"/shelf/models/{entry.id}").status_code == 200


def test_what_was_copied_is_told_and_no_link_is_followed(ask: Any, tmp_path: Path) -> None:
    entry = model("poems", recipe={"name": "rnn", "medium": "text"})
    (tmp_path / "secret.md").write_text("a secret")
    (entry.path / "copies.md").symlink_to(tmp_path / "secret.md")
    assert "a secret" not in ask.get(f"/shelf/models/{entry.id}").json()["html"]
    (entry.path / "copies.md").unlink()
    (entry.path / "copies.md").write_text(f"> the sea was grey {EVIL}")
    html = ask.get(f"/shelf/models/{entry.id}").json()["html"]
    assert "the sea was grey" in html and EVIL not in html


@pytest.mark.parametrize("told", [{"kernel_distance": 3}, {"a": {"value": "x"}}, {"floors": [], "reasons": "b"}, {}])
def test_a_strange_evaluation_is_none(told: dict) -> None:
    entry = model()
    (entry.path / "evaluation.json").write_text(json.dumps(told))
    assert "Not measured yet" in plates.figures(models.note(entry.path))


def test_a_model_leaves_without_its_training(ask: Any) -> None:
    entry = model()
    (entry.path / "link.txt").symlink_to("/etc/passwd")
    names = zipfile.ZipFile(io.BytesIO(ask.get(f"/shelf/models/{entry.id}/zip").content)).namelist()
    assert sorted(names) == ["flowers/config.json", "flowers/model.safetensors", "flowers/samples.png"]


def test_the_trash_gives_models_back(ask: Any) -> None:
    entry = model()
    ask.post(f"/shelf/models/{entry.id}/trash")
    assert ask.get("/shelf/models").json()["count"] == 0
    there = ask.get("/shelf/models?trashed=true").json()
    assert there["count"] == 1 and 'data-do="restore"' in there["html"]
    ask.post(f"/shelf/models/{entry.id}/restore")
    assert (home.models() / "flowers" / "config.json").is_file()


def test_measuring_is_a_job(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs.queue, "kick", lambda: None)  # nothing needs to run here
    entry = model()
    told = ask.post(f"/shelf/models/{entry.id}/measure").json()
    job = jobs.get(told["job"])
    assert (job.verb, job.arguments["model"], job.origin) == ("evaluate", str(entry.path), "page")
    assert ask.post(f"/shelf/models/{entry.id}/burn").status_code == 422
    assert ask.post(f"/shelf/models/{'0' * 20}/measure").status_code == 400

"""Texts from a folder to new ones, as the verbs do it, with a model that learns for a moment."""

import json
from dataclasses import replace

import pytest

from bottega import crafts, origins, verbs
from bottega.crafts import text as craft
from bottega.errors import DataError, UsageError
from bottega.events import Said, Written
from bottega.media import text
from bottega.models import load_model
from bottega.recipes.recipe import load
from bottega.training.budget import Budget

SMALL = {
    "networks.model.width": "32",
    "networks.model.layers": "1",
    "networks.model.heads": "2",
    "networks.model.context": "48",
    "rows.length": "48",
    "objective.lengths": "[48]",
    "tokens.size": "320",
}
SENTENCE = "the old harbour sleeps under a low moon and no gull calls while grey boats turn with the slow tide"
WORDS = SENTENCE.split()
SIGNS = "山水花月春风江夜雨天云人"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty little texts in two classes: English ones and Chinese ones."""
    place = tmp_path_factory.mktemp("texts")
    for i in range(40):
        kind = "sea" if i % 2 else "山"
        (place / kind).mkdir(exist_ok=True)
        words = [WORDS[(i * 7 + k * (3 + i % 5)) % len(WORDS)] for k in range(24)]
        signs = [SIGNS[(i * 5 + k * (1 + i % 7)) % len(SIGNS)] for k in range(20)]
        lines = [" ".join(words[k : k + 6]) for k in range(0, 24, 6)]
        verse = ["".join(signs[k : k + 5]) for k in range(0, 20, 5)]
        (place / kind / f"{i:02}.txt").write_text("\n".join(lines if kind == "sea" else verse), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A model that learned from them for six steps, and what was said on the way."""
    told = []
    place = tmp_path_factory.mktemp("models") / "small"
    verbs.train(folder, to=place, steps=6, recipe="gpt", settings=SMALL, on_event=told.append)
    return place, " ".join(event.text for event in told if isinstance(event, Said))


def test_a_folder_of_texts_is_recognised_and_its_model_kept(trained):
    place, said = trained
    assert "40" in said and load_model(place).recipe.medium == "text"
    kept = {path.name for path in place.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "lexicon.txt", "README.md"} <= kept
    assert any((place / "training" / "previews").glob("*.txt"))
    model = load_model(place)
    assert set(model.classes) == {"sea", "山"} and "harbour" in model.lexicon


def test_new_texts_are_reproducible_and_carry_their_origin(trained, tmp_path):
    place, _said = trained
    *works, sheet = verbs.generate(place, 3, to=tmp_path, seed=5, label="sea", prompt="the old", length=12)
    assert all(text.read(path).startswith("the old") for path in works)
    record = text.read_record(works[1])
    assert record["parameters"]["controls"]["prompt"] == "the old" and record["parameters"]["label"] == "sea"
    assert record["model"] == load_model(place).hash
    again = verbs.generate(place, 3, to=tmp_path / "again", seed=5, label="sea", prompt="the old", length=12)
    assert [one.read_bytes() for one in works] == [one.read_bytes() for one in again[:-1]]
    assert sheet.exists() and origins.remake(works[2], look_in=[place.parent]).same


def test_what_is_streamed_is_what_is_written(trained):
    place, _said = trained
    told = []
    works = verbs.make_works(load_model(place), 2, seed=3, label="山", length=20, on_event=told.append)
    for number, work in enumerate(works):
        pieces = [event.text for event in told if isinstance(event, Written) and event.number == number]
        assert "".join(pieces).strip() == work.content


def test_a_form_is_kept_and_an_impossible_one_refused(trained):
    from bottega import forms

    model = load_model(trained[0])
    with pytest.raises(UsageError, match="There is no form"):
        verbs.make_works(model, 1, seed=0, label=None, form="haku")
    with pytest.raises(UsageError):
        verbs.make_works(model, 1, seed=0, label=None, form="quatrain7", prompt="x")
    assert "quatrain7" in forms.FORMS


def test_novel_texts_need_the_works_and_keep_their_distance(trained, folder, tmp_path):
    model = load_model(trained[0])
    made = verbs.make_works(model, 4, seed=1, label="sea", novel=True, length=40)
    library = [path.read_text() for path in (folder / "sea").iterdir()]
    for work in made:
        words = work.content.split()
        runs = [" ".join(words[i : i + 8]) for i in range(len(words) - 7)]
        assert not any(run in " ".join(one.split()) for run in runs for one in library)
    with pytest.raises(DataError, match="say with --works"):
        verbs.make_works(model, 1, seed=1, label=None, novel=True, works=tmp_path / "nowhere")


def test_a_work_in_one_piece_gives_texts_that_begin_at_a_line(tmp_path):
    (tmp_path / "long.txt").write_text("\n\n".join(SENTENCE for _paragraph in range(60)), encoding="utf-8")
    model = verbs.train(
        tmp_path / "long.txt", to=tmp_path / "m", separate="file", steps=1, recipe="gpt", settings=SMALL
    )
    assert load_model(tmp_path / "m").lead == "\n\n"
    told = []
    work = verbs.make_works(model, 1, seed=0, label=None, length=8, on_event=told.append)[0]
    assert told[0] == Written(0, "\n\n") and not work.content.startswith("\n")


def test_what_has_learned_single_lines_begins_as_they_do(tmp_path):
    (tmp_path / "long.txt").write_text("\n\n".join(SENTENCE for _paragraph in range(60)), encoding="utf-8")
    verbs.train(tmp_path / "long.txt", to=tmp_path / "m", separate="file", steps=1, recipe="rnn-vae")
    assert load_model(tmp_path / "m").lead == ""


def test_evaluate_measures_likelihood_and_copies(trained, folder):
    place, _said = trained
    verbs.evaluate(place, against=folder, n=4)
    kept = json.loads((place / "evaluation.json").read_text())
    assert 0.5 < kept["nats_per_char"] < 8 and "copies" in kept and kept["samples"] == 4


def test_a_draft_is_carried_on(trained, tmp_path):
    edited = verbs.edit("continue", "the old harbour", model=trained[0], to=tmp_path / "more.md", length=8)
    assert text.read(edited.files[0]).startswith("the old harbour")
    record = text.read_record(edited.files[0])
    assert record["parameters"]["said"] == {"0": "the old harbour"} and record["parents"] == []
    assert origins.remake(edited.files[0], look_in=[trained[0].parent]).same


def test_a_file_that_is_not_there_is_no_text(trained):
    with pytest.raises(DataError):
        verbs.edit("continue", "nowhere.txt", model=trained[0])


def test_pairs_are_for_recipes_that_answer(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(f"line number {i} of many" for i in range(30)))
    (tmp_path / "b.txt").write_text("\n".join(f"Zeile Nummer {i} von vielen" for i in range(30)))
    given = {"target": str(tmp_path / "b.txt"), "steps": 1}
    with pytest.raises(UsageError, match="cannot learn from pairs"):
        verbs.train(tmp_path / "a.txt", recipe="gpt", to=tmp_path / "m", **given)
    data, _prepared = craft.prepare(
        tmp_path / "a.txt", craft.Preparation(target=given["target"]), None, lambda event: None
    )
    assert craft.choose(data, Budget(steps=1))[0] == "seq2seq"


def test_characters_for_chinese_byte_pairs_for_english_and_more_for_both(folder):
    recipe = load("gpt")
    english, _prepared = craft.prepare(folder / "sea", craft.Preparation(), None, lambda event: None)
    chinese, _prepared = craft.prepare(folder / "山", craft.Preparation(), None, lambda event: None)
    both, _prepared = craft.prepare(folder, craft.Preparation(), None, lambda event: None)
    assert craft.vocabulary(recipe, english) == {"kind": "bpe", "size": 1024}
    assert craft.vocabulary(recipe, chinese) == {"kind": "characters", "size": 8192}
    assert craft.vocabulary(recipe, both) == {"kind": "bpe", "size": 4096}


def test_the_medium_is_that_of_most_files(folder, tmp_path):
    assert crafts.medium_for(folder) == "text"
    (tmp_path / "one.png").write_bytes(b"")
    assert crafts.medium_for(tmp_path) == "image" and crafts.medium_for(tmp_path, "text") == "text"
    assert crafts.medium_for(folder, wishes=["size"]) == "image"
    with pytest.raises(UsageError, match="Did you mean “text”"):
        crafts.medium_for(tmp_path, "texts")
    with pytest.raises(DataError, match="does not exist"):
        crafts.medium_for(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("characters", "minutes", "recipe"),
    [(1_000_000, 3, "gpt"), (1_000_000, 10, "gpt-large"), (60_000, 3, "gpt-small"), (10_000_000, 10, "gpt")],
)
def test_the_recipe_follows_from_how_often_all_is_read(folder, monkeypatch, characters, minutes, recipe):
    data, _prepared = craft.prepare(folder / "sea", craft.Preparation(), None, lambda event: None)
    monkeypatch.setattr(data, "report", replace(data.report, characters=characters))
    assert craft.choose(data, Budget(minutes=minutes))[0] == recipe

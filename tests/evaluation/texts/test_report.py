"""What ``evaluate`` says of a model of texts: figures beside floors, and the longest copies beside their sources."""

import json

import pytest
from collection import Collection, Writer, verses

from bottega.evaluation.texts.report import TextEvaluation, evaluate

NAMES = ["nats_per_char", "bits_per_byte", "copies", "longest_copy", "repetition"]


@pytest.fixture(scope="module")
def data() -> Collection:
    return Collection(verses(1, 40), verses(2, 10))


@pytest.fixture(scope="module")
def fresh(data: Collection) -> TextEvaluation:
    return evaluate(Writer(verses(3, 8)), data, n=8)


def test_new_texts_reach_the_floor(data: Collection, fresh: TextEvaluation) -> None:
    found = fresh.as_json()
    assert list(found)[:5] == NAMES
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["copies"] == 0 and found["floors"]["copies"] == 0
    assert found["longest_copy"] <= 5 and found["floors"]["longest_copy"] <= 5
    assert 2 < found["nats_per_char"] < 6 and found["errors"]["nats_per_char"] > 0
    assert found["nats_per_char"] == pytest.approx(found["floors"]["nats_per_char"], rel=0.1)  # nothing was learned
    assert found["bits_per_byte"] == pytest.approx(found["nats_per_char"] / 0.6931, rel=1e-3)
    assert found["foreseen"] == sum(map(len, data.texts(data.held_out)))
    assert found["samples"] == 8 and found["held_out"] == 10 and found["train"] == 40


def test_copies_are_found_and_shown_beside_their_source(data: Collection) -> None:
    stolen = data.text(7)
    found = evaluate(Writer([f"new\n{stolen.upper()}", *verses(3, 3)]), data, n=4)
    assert 0.2 < found.as_json()["copies"] < 0.3
    assert found.as_json()["longest_copy"] == 24
    lines = found.closest.splitlines()
    assert "7.txt" in lines[4]
    first = stolen.splitlines()[0]
    assert f"> **{first}**  " in lines and f"> **{first.upper()}**  " in lines


def test_loops_are_found(data: Collection, fresh: TextEvaluation) -> None:
    loop = evaluate(Writer(["the sea the moon " * 20]), data, n=2)
    assert loop.as_json()["repetition"] > 0.9 > 0.05 > fresh.as_json()["repetition"]


def test_people_read_every_figure(fresh: TextEvaluation) -> None:
    lines = fresh.text().splitlines()
    assert len(lines) == 2 + len(NAMES)
    assert lines[0].startswith("8 new texts")
    assert all("(" in line for line in lines[2:])


def test_the_same_seed_gives_the_same_figures(data: Collection, fresh: TextEvaluation) -> None:
    again = evaluate(Writer(verses(3, 8)), data, n=8)
    assert again.as_json() == fresh.as_json() and again.closest == fresh.closest


def test_a_model_that_knows_no_likelihood_says_so(data: Collection) -> None:
    writer = Writer(verses(3, 8))
    writer.objective = object()
    found = evaluate(writer, data, n=3)
    assert found.as_json()["nats_per_char"] is None
    assert "cannot say" in found.text() and found.as_json()["copies"] == 0


def test_classes_and_targets_are_told(data: Collection) -> None:
    labels = [0, 1] * 25
    writer = Writer(verses(3, 4), classes=("class 0", "class 1"))
    told = evaluate(writer, Collection(data.all[:40], data.all[40:], labels), n=2).as_json()
    untold = evaluate(writer, data, n=2).as_json()
    assert told["nats_per_char"] != untold["nats_per_char"]


def test_all_of_a_text_from_elsewhere_is_foreseen(data: Collection) -> None:
    other = Collection(verses(5, 9), verses(6, 1))
    other.fingerprint = "other works"
    found = evaluate(Writer(verses(3, 4)), other, n=2).as_json()
    assert found["foreseen"] == sum(map(len, other.all))
    assert "nats_per_char" not in found["floors"] and found["nats_per_char"] > 2


def test_hardly_any_works() -> None:
    found = evaluate(Writer(["sea"]), Collection(["the sea"], []), n=2)
    assert found.as_json()["nats_per_char"] is None and "floors" in found.as_json()
    assert json.dumps(found.as_json(), allow_nan=False) and found.text()


class Echo:
    """Answers every text with itself in capitals, and foresees nothing else."""

    def __init__(self, tokens) -> None:
        self.tokens = tokens

    def source(self, ids):
        return ids

    def answers(self, sources):
        return [self.tokens.encode(self.tokens.decode(ids).upper()) for ids in sources]

    def nats(self, targets, sources):
        answers = zip(self.answers(sources), targets, strict=True)
        assert all(self.tokens.decode(answer).startswith(self.tokens.decode(ids)) for answer, ids in answers)
        return [float(len(ids)) for ids in targets]


def test_a_model_that_answers_is_measured_by_its_answers(data: Collection) -> None:
    writer, pairs = Writer([]), Collection(data.all[:40], data.all[40:])
    writer.objective, writer.makes_works = Echo(writer.representation), False
    alone = evaluate(writer, data, n=6).as_json()
    assert alone["copies"] is alone["nats_per_char"] is None and alone["samples"] == 0
    pairs.pairs = True
    found = evaluate(writer, pairs, n=6).as_json()
    assert found["samples"] == 6 and found["copies"] == 0 and found["nats_per_char"] > 0


def test_the_sheet_lies_beside_the_card(fresh: TextEvaluation, tmp_path) -> None:
    assert "copies.md" in fresh.show(tmp_path)[0]
    assert (tmp_path / "copies.md").read_text(encoding="utf-8") == fresh.closest


def test_a_model_of_lines_is_asked_about_lines():
    from types import SimpleNamespace

    def figures(rows) -> dict:
        model = Writer(verses(8, 2))
        model.recipe = SimpleNamespace(rows=rows)
        return evaluate(model, Collection(verses(3, 24), verses(4, 6)), n=2).figures

    rows = SimpleNamespace(name="lines", numbers=lambda: {"length": 16})
    whole, lines = figures(None)["nats_per_char"].value, figures(rows)["nats_per_char"].value
    assert whole is not None and lines is not None and whole != lines

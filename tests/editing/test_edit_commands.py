"""The commands of ``bottega edit`` are drawn from the descriptions of the operations."""

import json

import pytest
from typer.testing import CliRunner

from bottega import editing
from bottega.cli import app
from bottega.editing import perform
from bottega.errors import UsageError
from bottega.media import image

pytestmark = pytest.mark.usefixtures("negative")


def bottega(*words):
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "120"})


def test_a_setting_becomes_an_option_with_its_bounds_and_its_default():
    shown = bottega("edit", "negative", "--help").output
    for words in (
        "--strength",
        "0<=x<=1",
        "[default: 1.0]",
        "--count",
        "-n",
        "--film",
        "--area",
        "--mask",
        "--model",
    ):
        assert words in shown
    assert "{PICTURE} [OTHERS]..." in shown
    assert "bottega edit negative cat.png --strength 0.5" in shown


def test_what_a_person_types_arrives(cat, tmp_path):
    done = bottega("edit", "negative", cat, "--strength", 0.5, "-n", 2, "--channel", "red", "--to", tmp_path, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert len(told["works"]) == 2 and told["measured"] == {"strength": 0.5}
    settings = image.read_record(tmp_path / "cat-negative-1.png")["parameters"]["settings"]
    assert settings == {"strength": 0.5, "count": 2, "channel": "red", "film": False, "weights": [], "area": None}


def test_lists_are_given_by_repeating_and_files_in_order(cat, tmp_path):
    done = bottega("edit", "negative", cat, cat, cat, "--weights", 1, "--weights", 2.5, "--to", tmp_path / "o.png")
    assert done.exit_code == 0 and done.stdout.strip() == str(tmp_path / "o.png")
    record = image.read_record(tmp_path / "o.png")
    assert record["parameters"]["settings"]["weights"] == [1.0, 2.5]
    assert record["parameters"]["inputs"] == {"picture": 1, "others": 2, "mask": 0}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["negative"], 2, "Missing argument 'PICTURE'"),
        (["negative", "cat.png", "--strength", "7"], 2, "Input should be less than or equal to 1"),
        (["negative", "nowhere.png"], 3, "nowhere.png cannot be read"),
        (["negative", "cat.png", "--model", "nowhere"], 3, "nowhere does not exist"),
        (["negatve", "cat.png"], 2, "No such command 'negatve'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(cat, monkeypatch, words, code, sentence):
    monkeypatch.chdir(cat.parent)
    done = bottega("edit", *words)
    assert done.exit_code == code
    assert sentence in " ".join(done.output.replace("│", " ").split())
    assert "Traceback" not in done.output


@pytest.mark.parametrize("words", [("continue", ""), ("morph", " ", "a line"), ("infill", "")])
def test_no_words_at_all_are_said_to_be_none(words):
    with pytest.raises(UsageError, match="One of the works given is empty"):
        editing.meant(words[0], words[1:], None)


def test_words_longer_than_any_name_are_words(cat, monkeypatch):
    monkeypatch.chdir(cat.parent)
    words = "a sentence of many words " * 30
    assert editing.meant("continue", [words], None).medium == "text"
    assert perform._words_or_file(words) == words and perform._words_or_file("cat.png") == cat.relative_to(cat.parent)
    done = bottega("edit", "continue", words, "--model", "nowhere")
    assert done.exit_code == 3 and "nowhere does not exist" in done.output

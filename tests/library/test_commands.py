"""``bottega library``, as a person types it and another program reads it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bottega.cli import app
from bottega.library import database, models, scan, works


def bottega(*words: str | Path, code: int = 0) -> Result:
    """Runs the command line in this process; its exit code must be as expected."""
    done = CliRunner().invoke(app, ["library", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


def told(*words: str | Path) -> dict:
    """What a command says to another program."""
    return json.loads(bottega(*words, "--json").stdout)


def test_files_that_lie_there_are_listed_without_being_asked_for(picture):
    picture("flowers/a.png", shade=1, parameters={"controls": {"prompt": "dawn"}})
    picture("sea/b.png", shade=2, operation="style")
    done = bottega("list")
    assert "flowers/a" in done.stdout and "sea/b" in done.stdout
    assert "a.png" not in bottega("search", "boat").stdout
    assert "flowers/a" in bottega("search", "DAWN", "flow").stdout
    found = told("list", "--order", "name", "-n", "1", "--skip", "1")
    assert (found["total"], len(found["works"]), found["works"][0]["operation"]) == (2, 1, "style")
    assert "2 to 2 of 2." in bottega("list", "-n", "1", "--skip", "1").stdout


def test_a_work_is_rated_tagged_and_named(picture):
    path = picture("a.png")
    id = told("list")["works"][0]["id"]
    assert "★★★★☆" in bottega("rate", id[:8], "4").stdout
    assert bottega("tag", id, "sea", "for the show").stdout == "for the show, sea\n"
    assert bottega("tag", path, "--remove", "sea").stdout == "for the show\n"
    assert bottega("name", path, "Dawn 黎明").stdout == "Dawn 黎明\n"
    assert told("tag") == {"for the show": 1}
    assert "for the show" in bottega("tag").stdout
    shown = bottega("show", id).stdout
    assert all(words in shown for words in (id, "Dawn 黎明", "★★★★☆", "for the show", "12×8", "seed"))
    assert told("show", id)["rating"] == 4
    assert told("search", "--least", "5")["total"] == 0
    assert bottega("name", id).stdout == "a\n"


def test_a_file_from_elsewhere_is_taken_in_when_it_is_named(picture, tmp_path):
    works.find()
    path = picture(tmp_path / "elsewhere.png")
    assert told("rate", path, "2")["path"] == str(path)
    assert told("list")["total"] == 1


def test_works_and_models_are_thrown_away_and_taken_back(home, picture, model):
    model("flowers")
    path = picture("a.png")
    id = told("list")["works"][0]["id"]
    assert bottega("trash", id, "flowers").stdout.splitlines() == [
        str(home / "trash" / "works" / "a.png"),
        str(home / "trash" / "models" / "flowers"),
    ]
    assert told("list")["total"] == 0
    assert told("list", "--trashed")["total"] == 1
    assert told("list", "models") == []
    assert [one["name"] for one in told("list", "models", "--trashed")] == ["flowers"]
    hash = models.all(trashed=True)[0].id
    assert bottega("restore", path.name, code=2)
    assert bottega("restore", id, hash).stdout.splitlines() == [str(path), str(home / "models" / "flowers")]


def test_models_and_collections_are_listed(model):
    model("flowers")
    assert all(word in bottega("list", "models").stdout for word in ("flowers", "flow", "rose, 郁金香"))
    assert "/art/flowers" in bottega("list", "collections").stdout
    assert told("list", "collections")[0]["works"] == 100
    assert "Nothing fits" in bottega("search", "--model", "flowers").stdout
    assert "no model" in bottega("search", "--model", "unknown", code=2).stderr


def test_lineage_is_told_as_a_tree(picture, model):
    model("flowers")
    scan.scan()
    parent = works.note(picture("a.png", shade=1, model=models.all()[0].hash))
    child = works.note(picture("b.png", shade=2, operation="vary", parents=[parent.hash, "ee" * 32]))
    lines = bottega("lineage", parent.path).stdout.splitlines()
    assert lines == [
        f"a (work {parent.id[:8]})",
        "",
        "comes from",
        f"  flowers (model {models.all()[0].id[:8]})",
        "    flowers (collection c0c0c0c0)",
        "",
        "led to",
        f"  b (work {child.id[:8]})",
    ]
    assert "not here" in bottega("lineage", child.id).stdout
    assert told("lineage", "flowers")["nodes"][0]["kind"] == "model"
    assert "Nothing is known" in bottega("lineage", works.note(picture("c.png", shade=9)).id).stdout


def test_works_are_exported(home, picture, tmp_path):
    id = works.note(picture("a.png")).id
    assert bottega("export", id).stdout == f"{home / 'works.zip'}\n"
    assert told("export", id, "--to", tmp_path / "b.zip") == {"file": str(tmp_path / "b.zip")}


def test_a_scan_says_what_it_found(home, picture):
    picture("a.png")
    (home / "works" / "bad.png").write_bytes(b"nothing")
    done = bottega("scan")
    assert done.stdout == "Works: 1 (1 new, 0 no longer there). Models: 0.\n"
    assert "bad.png cannot be read" in done.stderr
    report = told("scan")
    assert (report["found"], report["new"], report["unreadable"][0]["file"]) == (1, 0, str(home / "works" / "bad.png"))
    database.close()
    for path in home.glob("library.db*"):
        path.unlink()
    (home / "library.db").write_bytes(b"no database, " * 500)
    assert "library scan" in bottega("list", code=3).stderr
    assert "set aside" in bottega("scan").stderr
    assert told("list")["total"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nothing"), "no work “nothing”"),
        (("rate", "nothing", "3"), "no work “nothing”"),
        (("trash", "nothing"), "no work “nothing”"),
        (("lineage", "nothing"), "no work “nothing”"),
        (("export", "nothing"), "no work “nothing”"),
    ],
)
def test_mistakes_are_said_in_a_sentence(words, said):
    done = bottega(*words, code=2)
    assert said in done.stderr and done.stdout == ""


def test_an_empty_library_says_what_to_do():
    assert "bottega generate" in bottega("list").stdout
    assert "bottega train" in bottega("list", "models").stdout
    assert "trash is empty" in bottega("list", "--trashed").stdout
    assert "Nothing fits" in bottega("search", "sea").stdout
    assert "No tags yet" in bottega("tag").stdout


def test_names_of_others_are_only_text(picture):
    picture("[red]a[bold] \x1b[31m.png")
    shown = bottega("list").stdout
    assert "[red]a[" in shown and "\x1b" not in shown
    assert "\x1b" not in bottega("show", told("list")["works"][0]["id"]).stdout


def test_the_commands_speak_chinese_too(picture):
    picture("a.png")
    command = [sys.executable, "-m", "bottega", "library"]
    speaking = os.environ | {"BOTTEGA_LANGUAGE": "zh"}
    done = subprocess.run([*command, "list"], capture_output=True, text=True, env=speaking, timeout=240)
    assert done.returncode == 0, done.stderr
    assert "图画" in done.stdout


def test_to_look_at_an_edit_nothing_heavy_is_loaded(picture):
    path = picture("a.png", operation="vary", parameters={"seed": 1, "settings": {}, "inputs": {}})
    code = "import sys; from bottega.cli import app; app(sys.argv[1:], standalone_mode=False)"
    command = [sys.executable, "-c", f"{code}; print('torch' in sys.modules)", "library", "show", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert "vary" in done.stdout and done.stdout.splitlines()[-1] == "False", done.stderr

"""A job and its file."""

from pathlib import Path

import pytest
from tests.library.jobs.conftest import make

from bottega.language import speaking
from bottega.library.jobs.job import FILE, STATES, keep, kept


def test_a_job_is_its_file(tmp_path: Path) -> None:
    job = make("a1", verb="train", arguments={"source": "/art", "size": [16, 16]}, folder=tmp_path, progress=0.5)
    assert keep(job) and kept(tmp_path) == job
    moved = tmp_path.rename(tmp_path.with_name("moved"))
    found = kept(moved)
    assert found is not None and found.folder == moved


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"id": "a"}', '{"created": {}}'])
def test_a_damaged_file_is_no_job(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(content)
    assert kept(tmp_path) is None


def test_a_full_disk_is_told_not_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert not keep(make("a1", folder=tmp_path / "file" / "job"))


@pytest.mark.parametrize(
    ("verb", "arguments", "title"),
    [
        ("train", {"source": "/art/my-works"}, "Train my-works"),
        ("train", {"source": "/art/my-works", "to": "/m/flowers"}, "Train flowers"),
        ("generate", {"model": "/m/flowers", "n": 4}, "Make 4 works with flowers"),
        ("edit", {"operation": "vary", "works": ["/art/cat.png"]}, "Edit cat.png: vary"),
        ("edit", {"operation": "continue", "works": ["It was a dark and stormy night, and the rain"]}, None),
        ("evaluate", {"model": "/m/flowers"}, "Evaluate flowers"),
        ("remake", {"file": "/art/rose.png"}, "Remake rose.png"),
        ("export", {}, "Export –"),
        ("scan", {}, "Look through the library"),
    ],
)
def test_a_title_is_a_sentence(verb: str, arguments: dict, title: str | None) -> None:
    said = make("a1", verb=verb, arguments=arguments).title
    assert len(said) < 80 and (title is None or said == title)


def test_words_of_states_follow_the_language() -> None:
    assert {make("a", state=state).word for state in STATES} == set(STATES.values())
    assert make("a", state="running", asked="stopped").word == "stopping"
    with speaking("zh"):
        assert make("a", state="running").word != "running"

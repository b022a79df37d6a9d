"""What a job tells, from the events of a verb."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bottega.events import Editing, Preparing, Said, Written
from bottega.library.jobs import journal, telling
from bottega.library.jobs.journal import Journal
from bottega.library.jobs.telling import Teller
from bottega.media import image
from bottega.training import events


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it happens within a second, however busy the machine is."""
    monkeypatch.setattr(telling, "time", SimpleNamespace(monotonic=lambda: 7.0))


def told(folder: Path, *happened: object) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The journal and the row after some events."""
    row: dict[str, Any] = {}
    teller = Teller(folder, Journal(folder), row.update)
    for event in happened:
        teller(event)
    teller.close()
    return journal.read(folder)[0], row


def test_sentences_and_progress(tmp_path: Path) -> None:
    stepped = events.Stepped(7, 0.5, {"generator.loss": 0.25}, 100.0, "works", 60.0)
    found, row = told(tmp_path, Preparing(3, 9), Said("hello"), stepped, events.Finished(14, 65.0, 1.0))
    assert [event["what"] for event in found] == ["progress", "said", "said"], "two reports within a second"
    assert found[0]["share"] is None and "3" in found[0]["line"]
    assert found[-1]["text"] == row["message"] == "Trained 14 steps in 1:05."
    assert (row["progress"], row["left"]) == (0.5, 60.0)


def test_losses_and_the_end_are_always_told(tmp_path: Path) -> None:
    stepped = events.Stepped(14, 1.0, {"generator.loss": float("nan")}, 100.0, "works", 0.0)
    found, _row = told(tmp_path, Preparing(1, 9), stepped)
    assert found[-1]["step"] == 14 and found[-1]["losses"] == {"generator.loss": None}


def test_previews_lie_in_the_folder(tmp_path: Path) -> None:
    drawn = tmp_path / "model" / "000123.png"
    drawn.parent.mkdir()
    image.write(drawn, np.zeros((4, 4, 3), np.uint8))
    pictures = [np.full((4, 4, 3), shade, np.uint8) for shade in (10, 20)]
    happened = [events.Previewed(123, drawn), *(Editing(0.5, one) for one in pictures)]
    found, _row = told(tmp_path, *happened)
    names = [event["file"] for event in found if event["what"] == "preview"]
    assert names == ["preview-000123.png", "preview.png"], "one of two within a second"
    assert image.read(tmp_path / "preview.png").max() == 10 and (tmp_path / names[0]).is_file()


def test_texts_are_told_as_they_are_written(tmp_path: Path) -> None:
    letters = [Written(i % 2, letter) for i, letter in enumerate("abcdef")]
    found, _row = told(tmp_path, *letters, Editing(0.2, "so far"))
    written = {n: "".join(e["text"] for e in found if e["what"] == "written" and e["number"] == n) for n in (0, 1)}
    assert written == {0: "ace", 1: "bdf"} and len(found) < 6
    assert (tmp_path / "preview.txt").read_text() == "so far"


def test_nothing_that_goes_wrong_reaches_the_verb(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    teller = Teller(gone, Journal(tmp_path), lambda values: None)
    teller(events.Previewed(1, tmp_path / "no such picture.png"))
    teller(Editing(0.5, np.zeros((4, 4, 3), np.uint8)))
    teller(events.Previewed(2, None, "no room"))
    teller.close()
    assert journal.read(tmp_path)[0][-1]["text"] == "The preview could not be drawn: no room"

"""From a look at the works to a training in the queue."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.errors import UsageError
from bottega.library import jobs
from bottega.library.jobs import queue
from bottega.studio.training import lesson, looking
from bottega.studio.training.lesson import Asked


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """Two dozen pictures."""
    folder = tmp_path / "my works"
    folder.mkdir()
    for i in range(24):
        pixels = np.random.default_rng(i).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((40, 40), Image.Resampling.NEAREST).save(folder / f"{i}.png")
    return folder


PLACES = [("image", "size"), ("image", "fit"), ("image", "alpha"), ("audio", "rate")]


def asked(**more: object) -> Asked:
    given = {"found": None, "ours": ("", ""), "minutes": 10, "medium": "", "recipe": None, "name": ""} | more
    return Asked.of([*given.values(), "24", "pad", False, 8000], PLACES)


def test_only_what_a_person_changed_is_asked_for() -> None:
    assert lesson.preparation("image", asked().wishes) == {"size": "24", "fit": "pad"}
    assert lesson.preparation("audio", asked().wishes) == {"rate": 8000}


def test_a_look_uses_the_controls_of_its_medium(works: Path) -> None:
    assert asked().look(works, lambda _event: None).amount == "24 × 24 pixels each"


def test_what_a_person_chose_stays_for_the_same_works(works: Path) -> None:
    found = asked().look(works, lambda _event: None)
    first = asked().suggestions(found)
    assert first[3] == ("flow-few", "my-works-flow-few")
    assert first[6] == "my-works-flow-few"
    chosen = {"found": found, "ours": first[3], "recipe": "gan", "name": "mine"}
    again = asked(**chosen).suggestions(found)
    assert (again[4].value, again[6]) == ("gan", "mine")
    other = asked(**chosen | {"found": looking.look(works, "image", {}, 10)}).suggestions(found)
    assert other[4].value == "gan", "the same folder looked at in another way"
    new = asked(**chosen | {"found": None}).suggestions(found)
    assert (new[4].value, new[6]) == ("flow-few", "my-works-flow-few")


def test_a_training_is_put_into_the_queue(works: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "kick", lambda: None)  # it shall wait
    found = asked().look(works, lambda _event: None)
    ours = ("flow-few", "my-works-flow-few")

    def start(name: str) -> tuple[jobs.Job, str]:
        number, _seen, following, _ours = lesson.start(
            PLACES, found, ours, "flow-few", 0.5, name, 7, "24", "pad", False, 8000
        )
        return jobs.get(number), following

    job, following = start("my-works-flow-few")
    assert (job.verb, job.origin, job.state) == ("train", "page", "queued")
    assert job.arguments == {
        "source": str(works), "to": str(home / "models" / "my-works-flow-few"), "medium": "image",
        "recipe": "flow-few", "minutes": 0.5, "seed": 7, "size": "24", "fit": "pad",
    }  # fmt: skip
    assert following == "my-works-flow-few-1"
    job, _following = start("my-works-flow-few")
    assert Path(job.arguments["to"]).name == "my-works-flow-few-1", "the name that was suggested is taken meanwhile"
    job, _following = start("../../<b>elsewhere</b>")
    assert Path(job.arguments["to"]).parent == home / "models", "a name is no way out"
    start("mine")
    with pytest.raises(UsageError, match="already"):
        start("mine")


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(UsageError, match="First"):
        lesson.start([], None, ("", ""), "flow", 10, "", 0)

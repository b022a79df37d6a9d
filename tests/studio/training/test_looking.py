"""The report of what is usable, the suggestion, and what can be expected."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.errors import DataError
from bottega.recipes.recipe import catalogue, load
from bottega.studio.training import looking


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twenty-four pictures of two classes, one of them twice, and two files that are none."""
    for i in range(24):
        folder = tmp_path / "works" / ("birds" if i % 2 else "boats")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(max(i, 1)).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((40, 40), Image.Resampling.NEAREST).save(folder / f"{i}.png")
    (tmp_path / "works" / "birds" / "broken.png").write_bytes(b"no picture")
    (tmp_path / "works" / "birds" / "empty.png").touch()
    return tmp_path / "works"


def test_a_look_tells_what_is_usable(pictures: Path) -> None:
    told = []
    found = looking.look(pictures, None, {"size": (16, 16), "rate": 8000}, 10, told.append)
    assert (found.medium, found.used, found.unused) == ("image", 24, 2)
    assert found.train + found.held_out == 24
    assert found.amount == "16 × 16 pixels each"
    assert found.classes == {"birds": 12, "boats": 12}
    assert {Path(name).name for name, _why in found.skipped} == {"broken.png", "empty.png"}
    assert all(why for _name, why in found.skipped)
    assert found.repeats == len(found.duplicates) == 1
    assert told, "progress is told"


def test_a_long_training_looks_closer(pictures: Path) -> None:
    assert looking.look(pictures, None, {}, 5).amount == "32 × 32 pixels each"
    assert looking.look(pictures, None, {}, 45).amount == "64 × 64 pixels each"


def test_a_look_can_be_ended(pictures: Path) -> None:
    class Enough(Exception):
        pass

    def enough(_event: object) -> None:
        raise Enough

    with pytest.raises(Enough):
        looking.look(pictures, None, {"size": (24, 24)}, 10, enough)


def test_an_empty_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        looking.look(tmp_path, None, {}, 10)


def test_the_suggestion_is_what_train_would_choose(pictures: Path) -> None:
    found = looking.look(pictures, None, {}, 10)
    assert looking.suggest(found, 10)[0] == "flow-few"
    name, why = looking.suggest(found, 0.25)
    assert name == "flow-few" if "varies" in why else name == "flow"


def test_every_recipe_that_was_measured_exists() -> None:
    assert set(looking.MEASURED) <= set(catalogue())


def test_expectations_are_honest(pictures: Path) -> None:
    found = looking.look(pictures, None, {}, 10)
    few = looking.expectation(replace(found, train=5), load("flow"), 10, cores=2)
    assert [verdict for verdict, said in few if "too few" in said] == ["weak"]
    short = looking.expectation(replace(found, train=3000), load("flow"), 0.5, cores=2)
    assert [verdict for verdict, said in short if "sketches" in said] == ["weak"]
    long = looking.expectation(replace(found, train=3000), load("flow"), 60, cores=2)
    assert {verdict for verdict, _said in long} == {"good"}
    uneven = looking.expectation(
        replace(found, train=3000, classes={"a": 2990, "b": 10, "c<i>": 3}), load("flow"), 9, 2
    )
    assert any("c<i>" in said and "b" not in said.split(":")[1] for verdict, said in uneven if verdict == "weak")


def test_a_recipe_of_two_stages_has_less_time(pictures: Path) -> None:
    found = replace(looking.look(pictures, None, {}, 10), medium="audio", train=300)
    recipe = load("audio-flow")
    assert recipe.codec is not None
    minutes = looking.SHORT["audio"] / (1 - recipe.codec.share)
    assert any("sketches" in said for _verdict, said in looking.expectation(found, recipe, minutes * 0.95, 2))
    assert not any("sketches" in said for _verdict, said in looking.expectation(found, recipe, minutes * 1.05, 2))

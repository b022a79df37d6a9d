"""What ``evaluate`` says of a model: figures beside floors, copies found, an honest answer when works are few."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bottega.datasets.builtin import draw, write_collection
from bottega.datasets.prepared import Prepared, prepare
from bottega.evaluation.report import Evaluation, evaluate
from bottega.media import image

NAMES = ["kernel_distance", "frechet_distance", "precision", "recall", "density", "coverage", "copies"]


class Painter:
    """Makes what it is told to: a model as far as ``evaluate`` can see."""

    def __init__(self, paint: Callable[[int], np.ndarray]) -> None:
        self.paint = paint

    def generate_pixels(self, n: int, *, seed: int = 0, on_progress=None) -> np.ndarray:
        if on_progress:
            on_progress(n, n)
        return self.paint(n)


def drawings(start: int, count: int) -> np.ndarray:
    return np.stack([draw(index, 32)[0] for index in range(start, start + count)])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("works")
    write_collection(folder / "in", count=1_100, size=32)
    return prepare(folder / "in", size=(32, 32), cache=folder / "cache")


@pytest.fixture(scope="module")
def good(data: Prepared) -> Evaluation:
    return evaluate(Painter(lambda n: drawings(5_000, n)), data, n=250)


def test_new_works_of_the_same_hand_reach_the_floor(good: Evaluation) -> None:
    found = good.as_json()
    assert [name for name in found if name in NAMES] == NAMES
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    kernel = found["kernel_distance"]
    assert abs(kernel["value"] - kernel["floor"]) < 5 * kernel["error"] + 0.02
    assert found["frechet_distance"]["value"] < 1.4 * found["frechet_distance"]["floor"]
    assert found["coverage"]["value"] > 0.75 and found["precision"]["value"] > 0.75
    assert found["copies"]["value"] < 0.06 and 0 < found["copies"]["floor"] < 0.03
    assert (found["samples"], found["compared"], found["feature_space"]["name"]) == (250, 250, "scattering-32")


def test_worse_works_are_told_from_good_ones(data: Prepared, good: Evaluation) -> None:
    random = np.random.default_rng(0)
    noise = evaluate(Painter(lambda n: random.integers(0, 256, (n, 32, 32, 3), np.uint8)), data, n=250)
    for name in ("kernel_distance", "frechet_distance"):
        assert noise.figures[name].value > 5 * abs(good.figures[name].value) + 1
    assert noise.figures["coverage"].value == 0
    assert noise.figures["copies"].value == 0
    one = evaluate(Painter(lambda n: drawings(5_000, 2)[np.arange(n) % 2]), data, n=250)
    assert one.figures["coverage"].value < 0.4 * good.figures["coverage"].value


def test_copies_are_found(data: Prepared) -> None:
    copied = evaluate(Painter(lambda n: data.rows(data.train[:n])[:, :, ::-1]), data, n=60)
    assert copied.figures["copies"].value == 1
    assert (copied.closest_pairs == (214, 48, 49)).all(2).any()


def test_the_same_seed_gives_the_same_figures(data: Prepared, good: Evaluation) -> None:
    again = evaluate(Painter(lambda n: drawings(5_000, n)), data, n=250)
    assert again.as_json() == good.as_json()
    assert np.array_equal(again.closest_pairs, good.closest_pairs)


def test_people_read_every_figure_with_its_floor(good: Evaluation) -> None:
    lines = good.text().splitlines()
    assert len(lines) == 3 + len(NAMES)
    assert "250 new works" in lines[0]
    assert all("(" in line for line in lines[2:-1])


@pytest.mark.parametrize("count", [2, 3, 30])
def test_a_small_collection_gets_an_honest_answer(count: int, tmp_path: Path) -> None:
    for index in range(count):
        image.write(tmp_path / "in" / f"{index}.png", draw(index, 32)[0])
    data = prepare(tmp_path / "in", size=(32, 32), cache=tmp_path / "cache")
    found = evaluate(Painter(lambda n: drawings(900, n)), data, n=16)
    for name in NAMES[:-1]:
        assert found.figures[name].value is None
        assert "too few works" in found.figures[name].reason
    assert "too few works" in found.text()
    assert json.dumps(found.as_json(), allow_nan=False)
    assert found.closest_pairs.ndim == 3
    if count == 30:
        copies = found.figures["copies"]
        assert copies.floor == pytest.approx(1 / (1 + len(data.held_out)))


def test_progress_is_told(data: Prepared) -> None:
    seen = []
    evaluate(Painter(lambda n: drawings(0, n)), data, n=5, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(5, 5)]

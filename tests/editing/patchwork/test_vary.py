"""Operations from patches, as a person runs them."""

import numpy as np
import pytest

from bottega import editing
from bottega.editing.operation import Job
from bottega.errors import UsageError
from bottega.patches import variation


def run(name, works, seed=0, **settings):
    operation = editing.find(name)
    job = Job(seed)
    return operation.run(works, operation.settings(**settings), job), job


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(variation, "TRIES", 3)
    monkeypatch.setattr(variation, "MENDS", 2)


@pytest.fixture
def blotches():
    """uint8 (28, 36, 3)."""
    small = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return small.repeat(7, 0).repeat(6, 1)


@pytest.fixture
def leaf(blotches):
    """Premultiplied, (28, 36, 4): opaque in the middle."""
    opacity = np.zeros((28, 36, 1), np.uint8)
    opacity[6:22, 8:30] = 255
    opacity[5, 8:30] = 128
    return np.concatenate([np.minimum(blotches, opacity), opacity], 2)


def test_vary_makes_as_many_as_asked_and_says_how_far(blotches):
    made, _ = run("vary", {"picture": [blotches]}, count=2, distance=0.8)
    assert [p.shape for p in made.works] == [blotches.shape] * 2
    assert not np.array_equal(*made.works)
    assert 0 < made.facts["distance"] <= 1 and 0 <= made.facts["coverage"] <= 1
    again, _ = run("vary", {"picture": [blotches]}, count=2, distance=0.8)
    assert np.array_equal(again.works[1], made.works[1])


@pytest.mark.parametrize("name", ["vary", "retarget", "tile", "collage", "analogy"])
def test_transparency_stays_premultiplied(leaf, name):
    works = {"picture": [leaf, leaf[:, ::-1]]} if name == "collage" else {"picture": [leaf]}
    works |= {"patches": [leaf[::-1]]} if name == "analogy" else {}
    made, _ = run(name, works, **({"size": "48x28"} if name == "retarget" else {}))
    picture = made.works[0]
    assert picture.shape[2] == 4 and (picture[..., :3] <= picture[..., 3:]).all()
    assert picture[..., 3].max() > 200 and picture[..., 3].min() < 50


def test_previews_come_while_it_works(blotches):
    operation, seen = editing.find("retarget"), []
    job = Job(0, listen=lambda share, preview: seen.append((share, preview.shape[2])))
    operation.run({"picture": [blotches]}, operation.settings(size="2:1"), job)
    shares = [share for share, _ in seen]
    assert len(seen) > 3 and shares == sorted(shares) and shares[-1] == pytest.approx(1)


@pytest.mark.parametrize(("text", "shape"), [("50x20", (20, 50)), ("1:1", (32, 32)), ("4:1", (16, 63))])
def test_retarget_understands_sizes_and_shapes(blotches, text, shape):
    made, _ = run("retarget", {"picture": [blotches]}, size=text)
    assert made.works[0].shape[:2] == shape


@pytest.mark.parametrize("text", ["", "wide", "3:0", "0x5", "16:9:4", "1000:1", "90000x90000"])
def test_retarget_refuses_what_is_no_size(blotches, text):
    with pytest.raises(UsageError):
        run("retarget", {"picture": [blotches]}, size=text)


def test_retarget_says_when_it_had_to_enlarge(blotches):
    _, job = run("retarget", {"picture": [blotches]}, size="72x70")
    assert "softer" in job.notes[0]


def test_tile_closes_the_seam_and_shows_it(blotches):
    made, _ = run("tile", {"picture": [blotches]}, preview=True)
    assert made.works[1].shape == (56, 72, 3)
    assert made.facts["seam"] < made.facts["seam_before"]
    with pytest.raises(UsageError, match="at least one"):
        run("tile", {"picture": [blotches]}, across=False, down=False)


@pytest.mark.parametrize("text", ["1", "1,2,3", "1,0", "a,b", "1,nan"])
def test_collage_refuses_wrong_weights(blotches, text):
    with pytest.raises(UsageError, match="weights"):
        run("collage", {"picture": [blotches, blotches]}, weights=text)


def test_analogy_keeps_light_and_dark(blotches):
    other = np.random.default_rng(3).integers(0, 256, (30, 30, 3), dtype=np.uint8)
    made, _ = run("analogy", {"picture": [blotches], "patches": [other]}, likeness=1)
    assert made.works[0].shape == blotches.shape and made.facts["likeness"] > 0.5


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 5)])
@pytest.mark.parametrize("name", ["vary", "tile", "analogy"])
def test_tiny_and_one_coloured_pictures(name, size):
    picture = np.full((*size, 3), 90, np.uint8)
    made, _ = run(name, {"picture": [picture], "patches": [picture]})
    assert np.abs(made.works[0].astype(int) - 90).max() <= 1
    assert all(np.isfinite(value) for value in made.facts.values())

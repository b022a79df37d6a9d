import numpy as np
import pytest

from bottega.crafts.moods import named, nearest, steering, unknown

MOODS = np.array([[v, a] for v in (1, 5, 9) for a in (2, 4, 6)] * 4, float)
EVERY = np.arange(len(MOODS))


def test_moods_become_classes_where_there_are_none():
    found = steering([], None, MOODS, EVERY)
    assert len(found.classes) == 9 and found.classes[0] == "dark-calm" and found.classes[-1] == "bright-wild"
    assert found.labels is not None and np.bincount(found.labels).tolist() == [4] * 9
    assert found.moods["bright-calm"] == [9, 2]


def test_a_work_whose_mood_is_not_told_has_no_class():
    moods = MOODS.copy()
    moods[3] = np.nan
    found = steering([], None, moods, EVERY)
    assert found.labels is not None and found.labels[3] == len(found.classes)


def test_classes_of_their_own_stay_and_learn_their_moods():
    labels = (MOODS[:, 0] > 4).astype(np.int64)
    found = steering(["sad", "glad"], labels, MOODS, EVERY)
    assert found.classes == ["sad", "glad"] and found.moods == {"sad": [1, 4], "glad": [7, 4]}
    assert nearest(found.moods, (8, 4)) == "glad" and nearest(found.moods, (2, 9)) == "sad"


@pytest.mark.parametrize(
    ("classes", "wanted", "found"),
    [
        (["1", "2", "3", "4", "5"], (0.9, 0.7), "5"),
        (["1", "2", "3", "4", "5"], (-0.6, -0.7), "2"),
        (["bright", "calm", "sad"], (0.5, -0.7), "calm"),
        (["Joy", "Grief", "Poems"], (-0.5, -0.2), "Grief"),
        (["喜", "怒", "哀"], (-0.2, 0.9), "怒"),
        (["negative", "neutral", "positive"], (0.1, 0.0), "neutral"),
    ],
)
def test_names_of_classes_tell_a_mood(classes: list[str], wanted: tuple[float, float], found: str):
    assert nearest(named(classes), wanted) == found


def test_arousal_that_is_always_the_same_decides_nothing():
    assert nearest({"low": [1, 3], "high": [2, 3]}, (1.9, -50)) == "high"


@pytest.mark.parametrize("classes", [[], ["haiku", "sonnet"], ["2019", "spring"], ["sad", "haiku"], ["1", "1.0"]])
def test_names_that_tell_no_mood(classes: list[str]):
    assert named(classes) == {}


def test_what_is_asked_of_a_model_without_moods():
    assert steering(["a"], np.zeros(36, np.int64), None, EVERY).moods == {}
    assert "--class: haiku, sonnet." in str(unknown(["haiku", "sonnet"]))
    assert "neither moods nor classes" in str(unknown([]))

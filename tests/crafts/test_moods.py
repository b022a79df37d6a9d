import numpy as np
import pytest

from bottega.crafts.moods import nearest, steering
from bottega.errors import UsageError

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


def test_what_is_asked_of_a_model_without_moods():
    assert steering(["a"], np.zeros(36, np.int64), None, EVERY).moods == {}
    with pytest.raises(UsageError, match="knows no moods"):
        nearest({}, (0, 0))

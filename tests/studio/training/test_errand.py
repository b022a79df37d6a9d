"""Something long in a thread of its own."""

import threading

import pytest

from bottega.events import Listener, Preparing
from bottega.language import language, speaking
from bottega.studio.training.errand import CalledBack, Errand

LONG = 240  # seconds that a thread may take to begin on a busy machine


def test_an_errand_tells_how_far_it_is_and_what_came_of_it() -> None:
    told, go_on = threading.Event(), threading.Event()

    def work(say: Listener) -> str:
        say(Preparing(3, 12))
        told.set()
        go_on.wait(LONG)
        return language()

    with speaking("zh"):
        errand = Errand(work)
    assert told.wait(LONG) and not errand.over(0.05)
    assert (errand.done, errand.total) == (3, 12)
    go_on.set()
    assert errand.result() == "zh", "it speaks as whoever began it"
    assert errand.over(0)


def test_what_goes_wrong_is_told_where_one_waits() -> None:
    def work(_say: Listener) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Errand(work).result()


def test_an_errand_can_be_called_back() -> None:
    began = threading.Event()

    def work(say: Listener) -> None:
        for k in range(10_000):
            began.set()
            threading.Event().wait(0.005)
            say(Preparing(k, 10_000))

    errand = Errand(work)
    assert began.wait(LONG)
    errand.call_back()
    with pytest.raises(CalledBack):
        errand.result()

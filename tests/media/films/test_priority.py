"""What a library makes more urgent becomes ordinary again."""

import os
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest

from bottega.media.films.priority import ordinary_priority

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux schedules so")


def policies() -> set[int]:
    return {os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir()}


def test_this_thread_and_those_begun_meanwhile_are_ordinary_afterwards() -> None:
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _number in range(2)]
    try:
        threads[0].start()
        with ordinary_priority():
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))  # which anybody may ask for
            threads[1].start()  # as its parent
            assert policies() == {os.SCHED_OTHER, os.SCHED_BATCH}
        assert policies() == {os.SCHED_OTHER}
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_an_encoder_that_wants_to_be_more_urgent_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVT_LOG", "1")
    context = av.CodecContext.create("libsvtav1", "w")
    context.width, context.height, context.pix_fmt, context.framerate = 64, 64, "yuv420p10le", Fraction(24)
    with ordinary_priority():
        context.open()
    assert policies() == {os.SCHED_OTHER}

"""Is it still the process that was started?"""

import os
import signal
import subprocess
import sys
import time

from tests.waiting import until

from bottega.library.jobs import process


def sleeper(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", *words])


def test_a_living_process_is_alive_and_a_dead_one_is_not() -> None:
    child = sleeper()
    started = process.began(child.pid)
    assert process.alive(child.pid, started, "job-id")
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not process.alive(child.pid, started, "job-id"))  # a zombie: nobody has waited for it yet
    child.wait()
    assert not process.alive(child.pid, started, "job-id") and process.began(child.pid) is None


def test_a_recycled_number_is_not_the_job() -> None:
    pid, started = process.me()
    assert process.alive(pid, started, "job-id")
    assert not process.alive(pid, started - 3600, "job-id")
    assert not process.alive(None, None, "job-id") and not process.alive(pid, None, "job-id")


def test_a_clock_set_anew_does_not_kill_a_worker() -> None:
    child = sleeper("job-id")
    try:
        until(lambda: process.alive(child.pid, time.time() - 3600, "job-id"))  # its command is there a moment later
    finally:
        child.kill()
        child.wait()


def test_kill_takes_the_children_along() -> None:
    code = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    parent = subprocess.Popen([sys.executable, "-c", code + "print(p.pid, flush=True); time.sleep(600)"], stdout=-1)
    assert parent.stdout is not None
    grandchild = int(parent.stdout.readline())
    started = process.began(grandchild)
    process.kill(parent.pid)
    parent.wait()
    until(lambda: not process.alive(grandchild, started, "-"))

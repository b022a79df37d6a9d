"""What the tests of jobs share: a small collection, and jobs that run and end as a test wants."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bottega.library import jobs
from bottega.library.jobs import process, queue, rows


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve small pictures."""
    folder, random = tmp_path_factory.mktemp("twelve"), np.random.default_rng(0)
    for i in range(12):
        Image.fromarray(random.integers(0, 255, (20, 20, 3), dtype=np.uint8)).save(folder / f"{i:02}.png")
    return folder


@pytest.fixture
def busy(library: str) -> Iterator[Callable[[], None]]:
    """A job that runs in this process, so that nothing else starts on its device; call it to end that job."""
    pid, started = process.me()
    rows.put(make("busy", state="running", device="cpu", pid=pid, started=started, begun=time.time()))
    yield lambda: rows.change("busy", state="done", ended=time.time())


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """Ends what a failed test leaves running."""
    yield
    for job in jobs.all(("queued", "running")):
        rows.change(job.id, state="stopped")
        if job.pid and job.pid != os.getpid() and process.alive(job.pid, job.started, job.id):
            process.kill(job.pid)


def make(id: str, **values: object) -> jobs.Job:
    """A job with some values; the others do not matter."""
    from bottega import home

    plain = {"id": id, "verb": "scan", "arguments": {}, "language": "en", "origin": "page", "state": "queued"}
    plain |= {"machine": queue.machine(), "created": time.time(), "folder": home.runs() / id}
    return jobs.Job(**plain | values)  # type: ignore[arg-type]

"""Jobs in processes of their own: killed, cancelled, paused, resumed, and never hurt by the end of who started them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.library.jobs.conftest import make
from tests.waiting import until

from bottega.library import jobs
from bottega.library.jobs import rows

START = """
import json, sys, time
from bottega.library import jobs
print(jobs.submit(sys.argv[1], json.loads(sys.argv[2])).id, flush=True)
time.sleep(600)
"""


def training(collection: Path, to: Path, steps: int) -> dict[str, Any]:
    settings = {"training.batch": "4"} | {f"networks.{one}.widths": "[32]" for one in ("generator", "discriminator")}
    small = {"recipe": "dense-gan", "size": [16, 16], "settings": settings}
    return {"source": str(collection), "to": str(to), "steps": steps, **small}


def steps_of(id: str) -> int:
    return max((event.get("step", 0) for event in jobs.events(id)[0]), default=0)


def ended(id: str) -> bool:
    jobs.kick()
    return jobs.get(id).state not in ("running", "queued")


def test_killed_in_the_middle_resumed_and_finished(collection: Path, tmp_path: Path) -> None:
    """Both are killed: who started the training, which does not touch it, and then the training itself."""
    arguments = json.dumps(training(collection, tmp_path / "model", 1_000_000))  # ends after it is killed
    starter = subprocess.Popen([sys.executable, "-c", START, "train", arguments], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    id = starter.stdout.readline().strip()
    until(lambda: steps_of(id) > 0)
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    before = steps_of(id)
    until(lambda: steps_of(id) > before)
    assert jobs.cancel(id).asked == "stopped"  # saves, so that there is more to go on from than the first checkpoint
    until(lambda: ended(id))
    assert jobs.get(id).state == "stopped" and "Saved" in jobs.get(id).message
    saved = steps_of(id)
    jobs.resume(id)
    until(lambda: steps_of(id) > saved)
    job = jobs.get(id)
    assert job.pid is not None and os.getpgid(job.pid) == job.pid
    os.kill(job.pid, signal.SIGKILL)
    until(lambda: ended(id))
    assert jobs.get(id).state == "interrupted"
    goal = steps_of(id) + 300
    rows.change(id, arguments=job.arguments | {"steps": goal})
    jobs.resume(id)
    until(lambda: ended(id))
    job = jobs.get(id)
    assert job.state == "done", job.error
    assert job.results[0]["kind"] == "model" and job.results[0]["id"]
    said = [event["text"] for event in jobs.events(id)[0] if event["what"] == "said"]
    assert sum("going on from step" in text for text in said) == 2 and steps_of(id) == goal


def test_pause_saves_and_the_next_job_takes_the_device(collection: Path, tmp_path: Path) -> None:
    first = jobs.submit("train", training(collection, tmp_path / "model", 100_000))
    edit = {"operation": "upscale", "works": [str(collection / "00.png")], "to": str(tmp_path / "large.png")}
    second = jobs.submit("edit", edit, language="zh")
    until(lambda: steps_of(first.id) > 0)
    assert jobs.get(second.id).state == "queued"
    assert jobs.pause(first.id).asked == "paused"
    until(lambda: ended(first.id))
    paused = jobs.get(first.id)
    assert paused.state == "paused" and list((tmp_path / "model" / "training" / "checkpoints").glob("step-*"))
    until(lambda: ended(second.id))
    assert jobs.get(second.id).state == "done" and (tmp_path / "large.png").is_file()
    assert (second.folder / "preview.png").is_file()


def test_finished_while_it_runs_and_when_it_was_saved(collection: Path, tmp_path: Path) -> None:
    """Both make their models, the second although it was stopped before."""
    first, second = (jobs.submit("train", training(collection, tmp_path / name, 100_000)).id for name in "ab")
    until(lambda: jobs.get(first).progress)
    assert jobs.finish(first).state == "running"
    until(lambda: ended(first))
    until(lambda: steps_of(second) > 0)
    jobs.cancel(second)
    until(lambda: ended(second))
    assert jobs.get(second).state == "stopped" and not (tmp_path / "b" / "config.json").exists()
    jobs.finish(second)
    until(lambda: ended(second))
    for id, name in ((first, "a"), (second, "b")):
        job = jobs.get(id)
        assert job.state == "done" and job.results[0]["kind"] == "model", job.error
        facts = json.loads((tmp_path / name / "config.json").read_text())["facts"]
        assert facts["budget"] == {"steps": 100_000} and 0 < facts["steps"] < 100_000
        assert facts["progress"] == round(facts["steps"] / 100_000, 4) and facts["losses"]
        assert "Ended early" in (tmp_path / name / "README.md").read_text()


def test_an_edit_is_cancelled_at_once(collection: Path, tmp_path: Path) -> None:
    from PIL import Image

    Image.effect_noise((1600, 1600), 60).convert("RGB").save(tmp_path / "noise.png")
    edit = {"operation": "style", "works": [str(tmp_path / "noise.png"), str(collection / "00.png")]}
    id = jobs.submit("edit", edit).id
    until(lambda: any(event["what"] == "begun" for event in jobs.events(id)[0]))
    jobs.cancel(id)
    until(lambda: ended(id))
    assert jobs.get(id).state == "stopped" and jobs.get(id).results == []


def test_a_process_that_dies_before_it_begins_is_interrupted(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    id = jobs.submit("scan", {}).id
    until(lambda: ended(id))
    assert jobs.get(id).state == "interrupted"
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    jobs.resume(id)
    assert jobs.get(id).state == "failed" and "could not be started" in jobs.get(id).error


def test_cancelled_before_it_begins_it_never_does(home: Path) -> None:
    rows.put(make("early", state="running", asked="paused", asked_at=1.0))
    assert subprocess.run([sys.executable, "-m", "bottega.library.jobs.worker", "early"], timeout=240).returncode == 4
    assert jobs.get("early").state == "paused" and jobs.events("early") == ([], 0)


def test_the_database_of_a_worker_is_that_of_its_queue(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOTTEGA_DATABASE", "sqlite:///own.db")
    id = jobs.submit("scan", {}).id
    until(lambda: ended(id))
    assert jobs.get(id).state == "done" and (tmp_path / "own.db").is_file()


def test_a_second_worker_of_one_job_does_nothing(home: Path) -> None:
    id = jobs.submit("scan", {}).id
    until(lambda: ended(id))
    assert subprocess.run([sys.executable, "-m", "bottega.library.jobs.worker", id], timeout=240).returncode == 0
    assert [event["what"] for event in jobs.events(id)[0]].count("begun") == 1
    assert jobs.get(id).pid is None

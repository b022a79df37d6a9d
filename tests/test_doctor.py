"""The doctor tells what is, and what to do about it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bottega import doctor


def test_a_whole_examination_for_machines() -> None:
    done = subprocess.run([sys.executable, "-m", "bottega", "doctor", "--json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    found = {one["name"]: one for one in json.loads(done.stdout)}
    assert {"Python", "PyTorch", "threads", "free memory", "free disk", "speed", "BOTTEGA_HOME", "numpy"} <= set(found)
    assert found["speed"]["value"].endswith("GFLOP/s")
    assert all(one["verdict"] in ("good", "weak", "bad") for one in found.values())


def test_a_home_that_is_a_file_is_bad(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not a folder", encoding="utf-8")
    environment = {**os.environ, "BOTTEGA_HOME": str(home), "COLUMNS": "200"}  # so that the advice is on one line
    done = subprocess.run([sys.executable, "-m", "bottega", "doctor"], capture_output=True, text=True, env=environment)
    assert done.returncode == 3
    assert "set BOTTEGA_HOME" in " ".join(done.stdout.split()) and "Not ready" in done.stdout


def test_the_verdict_follows_the_worst() -> None:
    good, weak, bad = (doctor.Finding("disk", "1 GiB", verdict) for verdict in ("good", "weak", "bad"))
    assert doctor.verdict([good]) == "Ready."
    assert "!" in doctor.verdict([good, weak])
    assert "✗" in doctor.verdict([good, weak, bad])

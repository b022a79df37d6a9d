"""Many at once, some of them hostile: a short run of the benchmark, which fails when anything was read or lost."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="needs the extra “studio”")

ROOT = Path(__file__).parents[3]


def test_a_crowd_reads_nothing_and_loses_nothing() -> None:
    command = [sys.executable, "-m", "benchmarks", "studio_crowd", "--clients", "30", "--seconds", "3", "--works", "20"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing read, nothing lost" in done.stdout

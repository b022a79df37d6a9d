"""Works of every medium are made again by another process, with other threads; the benchmark of the same name does it
for every operation and recipe."""

import os
import subprocess
import sys

import pytest

remakes = pytest.importorskip("benchmarks.remakes", reason="needs the repository")

CHOSEN = (
    "image-generate-gan-label", "image-tile.webp", "image-inpaint-mask", "image-analogy", "image-walk-gan-fps-music",
    "audio-stretch.flac", "audio-pitch.ogg", "audio-repair-at-noise",
    "score-re-mood-mood",
    "text-generate-char-rnn-length",
    "video-slow.gif", "video-interpolate.webp",
)  # fmt: skip


def test_every_operation_is_tried():
    remakes.cases()


def test_works_are_made_again_by_another_process(tmp_path, monkeypatch):
    monkeypatch.setenv("BOTTEGA_HOME", str(tmp_path / "home"))
    remakes.collections(tmp_path)
    cases = {case.name: case for case in remakes.cases()}
    assert set(CHOSEN) <= set(cases), set(CHOSEN) - set(cases)
    for name in CHOSEN:
        remakes.make(cases[name], tmp_path)
    command = [sys.executable, remakes.__file__, str(tmp_path), "--again", "--only", *CHOSEN]
    other = os.environ | {"OMP_NUM_THREADS": "3", "PYTHONHASHSEED": "7"}
    done = subprocess.run(command, env=other, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CHOSEN)} of {len(CHOSEN)} works" in done.stdout

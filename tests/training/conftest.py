"""Makes the toys of this folder importable, and children cheap."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Two threads gain nothing on toys and make tests beside each other slow."""
    torch.set_num_threads(1)


@pytest.fixture
def children() -> Callable[[list[dict]], list[int]]:
    """Train in processes of their own, one after the other; gives the signal that ended each (0 for none)."""

    def run(tasks: list[dict]) -> list[int]:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, str(HERE / "children.py")]
        done = subprocess.run(
            command, input=json.dumps(tasks), capture_output=True, text=True, env=environment, timeout=400
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run

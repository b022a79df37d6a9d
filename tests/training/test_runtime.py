import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from toys import TinyGAN, stop_after_step, train, train_recipe

from bottega.errors import Interrupted
from bottega.recipes.recipe import names
from bottega.training import checkpoint
from bottega.training.log import read
from bottega.training.runtime import _buckets, started


def two_processes(folder: Path, act: str) -> None:
    """One act of ``processes.py`` under torchrun."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    program = [str(Path(__file__).with_name("processes.py")), str(folder), act]
    done = subprocess.run([*launcher, *program], capture_output=True, text=True, env=environment, timeout=400)
    assert done.returncode == 0, done.stderr[-3000:]


def losses(folder: Path) -> dict[int, list[float]]:
    return {r["step"]: list(r["losses"].values()) for r in read(folder) if r["what"] == "step"}


def last_weights(folder: Path) -> dict[str, torch.Tensor]:
    groups, _state = checkpoint.load(folder / "checkpoints", lambda path, reason: None)
    return groups["model"] | groups["average"]


def close(one: dict, other: dict, tolerance: float = 1e-4) -> bool:
    return one.keys() == other.keys() and all(
        torch.allclose(torch.as_tensor(one[k]), torch.as_tensor(other[k]), atol=tolerance, rtol=tolerance) for k in one
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs of one process, of two, and one that changes 2 → 1 → 2 on its way."""
    folder = tmp_path_factory.mktemp("processes")
    train(folder / "single", TinyGAN(norm=False))
    two_processes(folder, "1")
    with pytest.raises(Interrupted):
        train(folder / "changing", TinyGAN(norm=False), resume=True, on_event=stop_after_step(13))
    two_processes(folder, "2")
    return folder


def test_two_processes_give_the_losses_and_weights_of_one(folder):
    assert len(losses(folder / "single")) == 20
    assert close(losses(folder / "single"), losses(folder / "whole"))
    assert close(last_weights(folder / "single"), last_weights(folder / "whole"))


@pytest.mark.parametrize("name", names("image"))
def test_every_recipe_gives_the_losses_of_one_process(folder, name):
    train_recipe(folder / f"{name}-single", name)
    one, two = losses(folder / f"{name}-single"), losses(folder / name)
    assert len(one) == 3
    assert close(one, two, tolerance=2e-3)  # Adam's first steps are signs, which enlarge the last bit of a float


def test_from_two_to_one_to_two(folder):
    starts = [r for r in read(folder / "changing") if r["what"] == "started"]
    assert [(r["step"], r["processes"]) for r in starts] == [(0, 2), (7, 1), (13, 2)]
    assert close(losses(folder / "single"), losses(folder / "changing"))
    assert close(last_weights(folder / "single"), last_weights(folder / "changing"))


def test_bad_numbers_in_one_process_are_bad_for_all(folder):
    story = [r["what"] for r in read(folder / "bad")]
    assert story.count("skipped") == 5 and story.count("rolled_back") == 1 and story[-1] == "finished"
    assert all(bool(t.isfinite().all()) for t in last_weights(folder / "bad").values())


def test_processes_agree(folder):
    first, second = (json.loads((folder / f"seen{rank}.json").read_text()) for rank in (0, 1))
    assert first == second  # every one was stopped, though only the first was asked to
    assert "saved at step 7" in first["said"] and "multiple of 2" in first["said"]
    assert first["any"] == [False, True]
    assert first["agree"] == [0.25, [False, True]]
    assert first["shared"] == [1.5, 2.0]
    assert first["average"] == [[0.5] * 6, [2.0]]


def test_one_process_knows_nothing_of_others():
    with started() as alone:
        assert (alone.rank, alone.world, alone.first) == (0, 1, True)
        assert alone.agree(0.5, True) == (0.5, [True])
        assert not torch.distributed.is_initialized()


def test_messages_hold_neighbours_of_one_kind():
    tensors = [torch.zeros(4), torch.zeros(4), torch.zeros(4), torch.zeros(100), torch.zeros(1, dtype=torch.int64)]
    assert [len(bucket) for bucket in _buckets(tensors, limit=40)] == [2, 1, 1, 1]

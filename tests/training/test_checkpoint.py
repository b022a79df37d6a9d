import errno
import json
import resource
import signal
import subprocess

import pytest
import torch
from toys import TinyGAN, train, train_recipe, weights

from bottega.errors import DataError, OutOfRoom
from bottega.recipes.recipe import names
from bottega.training import checkpoint
from bottega.training.events import SetAside, Stepped

POINTS = ("before_write", "after_model", "after_average", "after_optimizer", "after_state", "after_manifest")
STATE = {"step": 3, "seconds": 0.1 + 0.2}


def groups(value: float = 1.0) -> checkpoint.Groups:
    """Tensors as a run has them: floats in any memory order, whole numbers, an empty group."""
    pictures = torch.full((2, 3, 4, 4), value).contiguous(memory_format=torch.channels_last)
    return {"model": {"a.weight": pictures, "steps": torch.tensor(7)}, "average": {}}


def never(path, reason):
    raise AssertionError(f"{path}: {reason}")


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


# ---- one checkpoint --------------------------------------------------------------------------------------------------


def test_what_is_saved_comes_back_and_two_are_kept(tmp_path):
    for step in range(4):
        checkpoint.save(tmp_path, step, groups(step), STATE | {"step": step})
    assert [path.name for path in checkpoint.found(tmp_path)] == ["step-00000002", "step-00000003"]
    loaded, state = checkpoint.load(tmp_path, never)
    assert state == STATE
    assert all(same(loaded[name], tensors) for name, tensors in groups(3).items())


def test_nothing_saved_is_nothing_loaded(tmp_path):
    assert checkpoint.load(tmp_path / "missing", never) is None


def remove(path):
    path.unlink()


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [remove, truncate, flip])
@pytest.mark.parametrize("file", ["model.safetensors", "state.json", "MANIFEST.json"])
def test_a_damaged_checkpoint_is_set_aside_and_the_one_before_is_used(tmp_path, damage, file):
    for step in (1, 2):
        last = checkpoint.save(tmp_path, step, groups(step), STATE | {"step": step})
    damage(last / file)
    told = []
    _tensors, state = checkpoint.load(tmp_path, lambda path, reason: told.append((path, reason)))
    assert state["step"] == 1
    assert told[0][0] == tmp_path / "broken" / last.name and told[0][0].exists() and told[0][1]


def test_several_broken_ones_of_the_same_step_are_all_kept(tmp_path):
    for _time in range(3):
        remove(checkpoint.save(tmp_path, 5, groups(), STATE) / "state.json")
        assert checkpoint.load(tmp_path, lambda path, reason: None) is None
    assert len(list((tmp_path / "broken").iterdir())) == 3


def test_the_checkpoint_of_another_network_is_refused():
    with pytest.raises(DataError, match=r"a\.weight"):
        checkpoint.copy_into({"model": {"a.weight": torch.zeros(1)}}, {"model": {"a.weight": torch.zeros(3)}})
    with pytest.raises(DataError, match=r"b\.weight"):
        checkpoint.copy_into({"model": {}}, {"model": {"b.weight": torch.zeros(3)}})


# ---- no room ---------------------------------------------------------------------------------------------------------


def test_a_write_that_fails_leaves_the_last_good_one_and_no_rubbish(tmp_path):
    good = checkpoint.save(tmp_path, 1, groups(), STATE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        with pytest.raises(OSError) as caught:
            checkpoint.save(tmp_path, 2, groups(), STATE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.errno == errno.EFBIG
    assert list(tmp_path.iterdir()) == [good]


@pytest.fixture
def small_disk(tmp_path):
    """A real disk of 2 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_in_one_sentence_and_the_run_goes_on_later(tmp_path, small_disk):
    whole, resumed = TinyGAN(), TinyGAN()
    train(tmp_path / "whole", whole)
    ballast = small_disk / "ballast"

    def fill(event):  # someone else fills the disk after the first checkpoint
        if isinstance(event, Stepped):
            ballast.write_bytes(bytes(1 << 20))

    with pytest.raises(OutOfRoom, match="last good checkpoint is kept"):
        train(small_disk / "run", on_event=fill, checkpoint_minutes=0)
    kept = checkpoint.found(small_disk / "run" / "checkpoints")
    assert kept and kept == list((small_disk / "run" / "checkpoints").iterdir())
    ballast.unlink()
    train(small_disk / "run", resumed, resume=True)
    assert same(weights(whole), weights(resumed))


# ---- killed ----------------------------------------------------------------------------------------------------------


def test_killed_anywhere_a_run_resumes_to_the_same_weights(tmp_path, children):
    whole = TinyGAN()
    train(tmp_path / "whole", whole)
    kills = [{"failpoint": f"{point}:{time}"} for point in (*POINTS, "after_rename") for time in (1, 6)]
    kills += [{"kill_at": step} for step in (1, 13)]
    tasks = [
        {"folder": str(tmp_path / f"run{number}"), "wishes": {"checkpoint_minutes": 0}} | kill
        for number, kill in enumerate(kills)
    ]
    assert children(tasks) == [signal.SIGKILL] * len(tasks)
    for task in tasks:
        resumed = TinyGAN()
        outcome = train(tmp_path / task["folder"], resumed, resume=True)
        assert same(weights(whole), weights(resumed)), task
        assert outcome.steps == 20 and outcome.works_seen == 20 * 16
        assert not list((tmp_path / task["folder"]).rglob(".writing*"))


def test_every_recipe_resumes_to_the_same_weights(tmp_path, children):
    points = [*POINTS, "after_rename"]
    tasks = [
        {
            "recipe": name,
            "folder": str(tmp_path / name),
            "failpoint": f"{points[number % len(points)]}:3",  # the third is that of step 2
            "wishes": {"checkpoint_minutes": 0},
        }
        for number, name in enumerate(names("image"))
    ]
    assert children(tasks) == [signal.SIGKILL] * len(tasks)
    for name in names("image"):
        whole = train_recipe(tmp_path / f"{name}-whole", name)
        resumed = train_recipe(tmp_path / name, name, resume=True)
        assert same(weights(whole), weights(resumed)), name


def test_killed_twice_and_a_checkpoint_damaged_in_between(tmp_path, children):
    whole, resumed, events = TinyGAN(), TinyGAN(), []
    train(tmp_path / "whole", whole)
    task = {"folder": str(tmp_path / "run"), "wishes": {"checkpoint_minutes": 0}}
    assert children([task | {"kill_at": 9}, task | {"resume": True, "kill_at": 15}]) == [signal.SIGKILL] * 2
    flip(checkpoint.found(tmp_path / "run" / "checkpoints")[-1] / "optimizer.safetensors")
    train(tmp_path / "run", resumed, resume=True, events=events)
    assert any(isinstance(event, SetAside) for event in events)
    assert same(weights(whole), weights(resumed))


# ---- plain files -----------------------------------------------------------------------------------------------------


def test_a_run_holds_only_plain_files(tmp_path):
    train(tmp_path / "run", previews=3)
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".safetensors", ".json", ".jsonl", ".png"}
    for path in files:
        assert b"\x80\x04\x95" not in path.read_bytes()[:16] and not path.read_bytes().startswith(b"PK")
    state = json.loads((checkpoint.found(tmp_path / "run" / "checkpoints")[-1] / "state.json").read_text())
    assert state["step"] == 20 and state["previews"] == 3

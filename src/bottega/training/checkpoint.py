"""Checkpoints that survive a power cut: safetensors and JSON, never pickle.

Written to a folder beside the final one, every file flushed to the disk, a manifest with sizes and SHA-256 last, then
one rename. So a checkpoint is either whole or not there. A damaged one is moved to ``broken/``, never deleted, and the
one before it is used.
"""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from bottega.errors import DataError, OutOfRoom
from bottega.language import _

KEEP = 2
MANIFEST, STATE, SCHEMA = "MANIFEST.json", "state.json", 1
MARGIN = 1 << 20
_WRITING = ".writing-"
_passed: dict[str, int] = {}

Groups = dict[str, dict[str, Tensor]]
"""Tensors by file and name: ``{"model": {"generator.weight": …}, "optimizer": …}``."""


def save(folder: Path, step: int, groups: Groups, state: dict[str, Any]) -> Path:
    """Write the checkpoint of ``step`` into ``folder`` and keep the last ``KEEP``.

    Returns:
        Its folder, ``step-00000123``.

    Raises:
        OutOfRoom: the disk is too full to begin.
        OSError: writing failed; what was there before is untouched.
    """
    final = folder / f"step-{step:08d}"
    if final.exists():  # the same step of the same run: the same content
        return final
    folder.mkdir(parents=True, exist_ok=True)
    _check_room(folder, sum(t.nbytes for tensors in groups.values() for t in tensors.values()))
    writing = folder / f"{_WRITING}{final.name}-{os.getpid()}"
    failpoint("before_write")
    try:
        writing.mkdir()
        files = {}
        for group, tensors in groups.items():
            on_disk = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
            files[f"{group}.safetensors"] = _write(writing / f"{group}.safetensors", tensors_to_bytes(on_disk))
            failpoint(f"after_{group}")
        files[STATE] = _write(writing / STATE, _json(state))
        failpoint("after_state")
        _write(writing / MANIFEST, _json({"schema": SCHEMA, "step": step, "files": files}))
        failpoint("after_manifest")
        _flush_folder(writing)
        os.rename(writing, final)
    except BaseException:
        shutil.rmtree(writing, ignore_errors=True)
        raise
    _flush_folder(folder)
    failpoint("after_rename")
    for old in found(folder)[:-KEEP]:
        shutil.rmtree(old)
    return final


def load(folder: Path, on_broken: Callable[[Path, str], None]) -> tuple[Groups, dict[str, Any]] | None:
    """The newest checkpoint that is whole, or ``None``.

    Args:
        on_broken: told about every damaged one, with the place it was moved to and the reason.
    """
    for path in reversed(found(folder)):
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            on_broken(_set_aside(path), str(error))
    return None


def found(folder: Path) -> list[Path]:
    """All checkpoints of a run, oldest first."""
    return sorted(folder.glob("step-*"))


def clear_unfinished(folder: Path) -> None:
    """Remove what a killed process left half written. Call it only while holding the run's lock."""
    for path in folder.glob(f"{_WRITING}*"):
        shutil.rmtree(path)


def failpoint(name: str) -> None:
    """Kill this process here if ``BOTTEGA_FAILPOINT`` says so; ``after_state:2`` means the second time.

    For tests of what a power cut leaves behind.
    """
    wished, _colon, time = os.environ.get("BOTTEGA_FAILPOINT", "").partition(":")
    if wished == name:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(time or 1):
            os.kill(os.getpid(), signal.SIGKILL)


def _check_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + MARGIN:
        raise OutOfRoom(
            _("A checkpoint needs {need} MB and the disk of {folder} has {free} MB left. ").format(
                need=(size + MARGIN) >> 20, folder=folder, free=free >> 20
            )
            + _("Make room and run the same command with --resume; ")
            + _("the last good checkpoint is kept.")
        )


def _write(path: Path, content: bytes) -> dict[str, Any]:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1, allow_nan=False).encode()


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows has no handle to flush a folder with; its rename is journaled
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> tuple[Groups, dict[str, Any]]:
    manifest = json.loads((path / MANIFEST).read_bytes())
    content = {name: _verified(path / name, entry) for name, entry in manifest["files"].items()}
    state = json.loads(content.pop(STATE))
    return {name.removesuffix(".safetensors"): tensors_from_bytes(data) for name, data in content.items()}, state


def _verified(path: Path, entry: dict[str, Any]) -> bytes:
    content = path.read_bytes()
    if len(content) != entry["bytes"]:
        raise ValueError(_("{file} is cut short").format(file=path.name))
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ValueError(_("{file} has changed since it was written").format(file=path.name))
    return content


def _set_aside(path: Path) -> Path:
    broken = path.parent / "broken"
    broken.mkdir(exist_ok=True)
    target, number = broken / path.name, 1
    while target.exists():
        number += 1
        target = broken / f"{path.name}-{number}"
    return path.rename(target)


@torch.no_grad()
def copy_into(target: Groups, source: Groups) -> None:
    """Put the tensors of a checkpoint into those of a run.

    Raises:
        DataError: they are not those of the same network.
    """
    for group, tensors in target.items():
        saved = source.get(group, {})
        for name in tensors.keys() | saved.keys():
            if name not in tensors or name not in saved or tensors[name].shape != saved[name].shape:
                raise DataError(
                    _("The checkpoint belongs to another network: {name} does not fit. Start a new run.").format(
                        name=name
                    )
                )
        for name, tensor in tensors.items():
            tensor.copy_(saved[name])

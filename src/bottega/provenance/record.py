"""The record inside every work: how it was made, without a word about whose machine it was."""

import hashlib
import platform
import re
from contextlib import suppress
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import bottega

SCHEMA = 1
LIBRARIES = ("numpy", "scipy", "pillow", "av", "opencv-python-headless", "soundfile", "soxr", "symusic")
"""Whose versions the exact numbers, or the bytes of files, depend on, beside those of torch and Python."""
HASH, NAME = re.compile("[0-9a-f]{64}"), re.compile(r"[\w-]{1,60}")


def sha256(file: Path) -> str:
    """The content hash of a file, in hexadecimal; of a folder, that of its files in the order of their names."""
    if file.is_dir():
        return of_folder(sha256(one) for one in sorted(file.iterdir()) if one.is_file())
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_folder(hashes: Any) -> str:
    """The content hash of a folder whose files, in the order of their names, have these hashes."""
    return hashlib.sha256("".join(hashes).encode()).hexdigest()


def versions() -> dict[str, str]:
    """The versions that a person is told of."""
    import torch

    return {"bottega": bottega.__version__, "torch": torch.__version__, "python": platform.python_version()}


@cache
def libraries() -> dict[str, str]:
    """The versions of the other libraries."""
    found = {}
    for name in LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def machine() -> dict[str, str | int]:
    """What else the last bits of a number depend on; none of it tells whose machine it is."""
    import torch

    graphics = {"graphics": torch.cuda.get_device_name()} if torch.cuda.is_available() else {}
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        **graphics,
    }


def made(
    operation: str,
    *,
    model: str | None = None,
    recipe: str | None = None,
    collection: str | None = None,
    parents: tuple[str, ...] = (),
    **parameters: Any,
) -> dict[str, Any]:
    """A record of one operation.

    Args:
        operation: the verb, such as ``"generate"``.
        model: content hash of the model, if one was used.
        recipe: its recipe.
        collection: content hash of the works that model learned from.
        parents: content hashes of the works it was made from.
        parameters: everything needed to make it again: the seed, the place in the run, the controls.
    """
    return {
        "schema": SCHEMA,
        "operation": operation,
        "model": model,
        "recipe": recipe,
        "collection": collection,
        "parents": list(parents),
        "parameters": parameters,
        "versions": versions() | libraries(),
        "machine": machine(),
        **says(composite=bool(parents)),
    }


def says(*, composite: bool = False) -> dict[str, Any]:
    """The least that every file says, in the words of IPTC: wholly made by a model, or with works that were there."""
    source = "compositeWithTrainedAlgorithmicMedia" if composite else "trainedAlgorithmicMedia"
    return {"schema": SCHEMA, "digital_source_type": source}


def disclosed(record: dict[str, Any]) -> dict[str, Any]:
    """What a record says when its maker keeps the rest: that a model made the work."""
    return {word: record[word] for word in ("schema", "digital_source_type") if word in record}


def holds(found: dict[str, Any]) -> bool:
    """Whether a record that stood in some file has the form of ours, so that it can be told and followed."""
    named = [found.get("model"), found.get("collection")]
    parents, index = found.get("parents", []), found.get("index", 0)
    return (
        isinstance(source := found.get("digital_source_type"), str)
        and source.isalnum()
        and isinstance(found.get("schema", SCHEMA), int)
        and (found.get("operation") is None or _matches(NAME, found["operation"]))
        and (found.get("recipe") is None or _matches(NAME, found["recipe"]))
        and all(one is None or _matches(HASH, one) for one in named)
        and isinstance(parents, list)
        and all(_matches(HASH, one) for one in parents)
        and isinstance(index, int)
        and index >= 0
        and all(isinstance(found.get(word, {}), dict) for word in ("parameters", "versions", "machine"))
    )


def _matches(form: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and form.fullmatch(value) is not None

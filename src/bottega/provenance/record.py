"""The record inside every work: how it was made, without a word about whose machine it was."""

import hashlib
import platform
from pathlib import Path
from typing import Any

import bottega

SCHEMA = 1


def sha256(file: Path) -> str:
    """The content hash of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """The versions on which the exact numbers depend."""
    import torch

    return {"bottega": bottega.__version__, "torch": torch.__version__, "python": platform.python_version()}


def made(
    operation: str,
    *,
    model: str | None = None,
    collection: str | None = None,
    parents: tuple[str, ...] = (),
    **parameters: Any,
) -> dict[str, Any]:
    """A record of one operation.

    Args:
        operation: the verb, such as ``"generate"``.
        model: content hash of the model, if one was used.
        collection: content hash of the works that model learned from.
        parents: content hashes of the works it was made from.
        parameters: everything needed to make it again: the seed, the place in the run, the controls.
    """
    return {
        "schema": SCHEMA,
        "operation": operation,
        "model": model,
        "collection": collection,
        "parents": list(parents),
        "parameters": parameters,
        "versions": versions(),
        # IPTC's words for it: wholly made, or made from works that were there
        "digital_source_type": "compositeWithTrainedAlgorithmicMedia" if parents else "trainedAlgorithmicMedia",
    }


def disclosed(record: dict[str, Any]) -> dict[str, Any]:
    """What a record says when its maker keeps the rest: that a model made the work."""
    return {word: record[word] for word in ("schema", "digital_source_type") if word in record}

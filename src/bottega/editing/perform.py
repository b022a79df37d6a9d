"""From files to finished works: read what an operation takes, check its settings, run it, and note how it was done."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationError

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media import image
from bottega.parts import nearest
from bottega.provenance import record

if TYPE_CHECKING:
    from bottega.models import Model


@dataclass
class Given:
    """The works of one run, read.

    Attributes:
        works: by the name of the input.
        hashes: content hashes of the files, by the name of the input.
        profile: ICC profile of the first picture.
    """

    works: Works = field(default_factory=dict)
    hashes: dict[str, list[str]] = field(default_factory=dict)
    profile: bytes | None = None


def perform(operation: Operation, files: list[Path], masks: list[Path], settings: dict[str, Any], job: Job):
    """Run an operation on files.

    Args:
        operation: which.
        files: the pictures, in the order of the operation's inputs.
        masks: files for its masks.
        settings: by field of ``operation.settings``; fields left out have their defaults.
        job: seed, model, and who listens.

    Returns:
        ``(made, record, profile)``: what it made, the record to write into each file, the ICC profile of its colours.

    Raises:
        UsageError: too few or too many works, a setting it does not have or that is out of bounds, a model missing.
        UnreadableWork: a file that is no picture.
    """
    chosen = checked(operation, settings)
    _check_model(operation, job.model)
    given = _read(operation, files, masks)
    made: Made = operation.run(given.works, chosen, job)
    note = record.made(
        operation.name,
        model=job.model.hash if job.model else None,
        parents=tuple(one for hashes in given.hashes.values() for one in hashes),
        seed=job.seed,
        inputs={name: len(hashes) for name, hashes in given.hashes.items()},
        settings=chosen.model_dump(mode="json"),
        measured=made.facts,
    )
    return made, note, given.profile


def checked(operation: Operation, settings: dict[str, Any]) -> Settings:
    """The settings of an operation from plain values. Raises UsageError with the first thing that does not hold."""
    try:
        return operation.settings(**settings)
    except ValidationError as error:
        first = error.errors()[0]
        word = str(first["loc"][0]) if first["loc"] else ""
        accepted = list(operation.settings.model_fields)
        if first["type"] == "extra_forbidden":
            message = _("“{operation}” has no setting “{word}”; it has: {accepted}.")
            message = message.format(operation=operation.name, word=word, accepted=", ".join(accepted) or "–")
            raise UsageError(message + nearest(word, accepted)) from error
        message = _("The setting “{word}” of “{operation}” cannot be {value}: {why}.")
        raise UsageError(
            message.format(word=word, operation=operation.name, value=first["input"], why=first["msg"])
        ) from error


def _check_model(operation: Operation, model: "Model | None") -> None:
    if operation.model == "required" and model is None:
        message = _("“{operation}” needs a trained model: give one with --model.")
        raise UsageError(message.format(operation=operation.name))
    if operation.model == "none" and model is not None:
        raise UsageError(_("“{operation}” takes no model.").format(operation=operation.name))


def _read(operation: Operation, files: list[Path], masks: list[Path]) -> Given:
    given = Given()
    for one, paths in _shared_out(operation, files, masks):
        given.works[one.name] = [_read_one(path, one.kind) for path in paths]
        given.hashes[one.name] = [record.sha256(path) for path in paths]
    pictures = [picture for one in operation.inputs if one.kind == "picture" for picture in given.works[one.name]]
    if any(picture.shape[2] == 4 for picture in pictures):
        for one in operation.inputs:
            if one.kind == "picture":
                given.works[one.name] = [_with_alpha(picture) for picture in given.works[one.name]]
    given.profile = image.read_profile(files[0]) if files else None
    return given


def _shared_out(operation: Operation, files: list[Path], masks: list[Path]) -> list[tuple[Input, list[Path]]]:
    """Which files are for which input: each takes its least, the last of each kind whatever is left."""
    shares = []
    for kind, left in (("picture", list(files)), ("mask", list(masks))):
        inputs = [one for one in operation.inputs if one.kind == kind]
        for i, one in enumerate(inputs):
            count = len(left) if i == len(inputs) - 1 else max(one.least, 1)
            shares.append((one, left[:count]))
            left = left[count:]
            _check_count(operation, one, len(shares[-1][1]))
        if left:
            message = _("“{operation}” takes no mask.") if kind == "mask" else _("“{operation}” takes no pictures.")
            raise UsageError(message.format(operation=operation.name))
    return shares


def _check_count(operation: Operation, one: Input, count: int) -> None:
    if count < one.least or (one.most is not None and count > one.most):
        wanted = str(one.least) if one.least == one.most else f"{one.least}–{'∞' if one.most is None else one.most}"
        message = _("“{operation}” takes {wanted} works as “{input}”; there are {count}.")
        raise UsageError(message.format(operation=operation.name, wanted=wanted, input=one.name, count=count))


def _read_one(path: Path, kind: str) -> np.ndarray:
    """A mask, or a picture with its transparency if it has any."""
    try:
        pixels = image.read(path, alpha=True) if kind == "picture" else image.read_mask(path)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    if kind == "mask":
        return pixels
    return np.ascontiguousarray(pixels[..., :3]) if (pixels[..., 3] == 255).all() else pixels


def _with_alpha(picture: np.ndarray) -> np.ndarray:
    if picture.shape[2] == 4:
        return picture
    return np.concatenate([picture, np.full_like(picture[..., :1], 255)], axis=2)

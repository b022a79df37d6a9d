"""From files to finished works: read what an operation takes, check its settings, run it, and note how it was done."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.editing.operation import MEDIUM_OF, Input, Job, Made, Operation, Works
from bottega.errors import UnreadableWork, UsageError
from bottega.language import _
from bottega.media import image, kinds, synthesis, text
from bottega.media.video import Film
from bottega.provenance import credentials, record
from bottega.wishes import asked

if TYPE_CHECKING:
    from bottega.models import Model


@dataclass
class Given:
    """The works of one run, read.

    Attributes:
        works: by the name of the input.
        hashes: content hashes of the files, by the name of the input.
        said: texts that are no files but the words themselves, by their place among the arguments.
        profile: ICC profile of the first picture.
    """

    works: Works = field(default_factory=dict)
    hashes: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    profile: bytes | None = None


def perform(
    operation: Operation,
    files: Sequence[Path | str],
    more: Mapping[str, Sequence[Path]],
    settings: dict[str, Any],
    job: Job,
):
    """Run an operation on files.

    Args:
        operation: which.
        files: the works, in the order of the operation's inputs; for a text, words will do.
        more: files for its inputs that are options, by their names.
        settings: by field of ``operation.settings``; fields left out have their defaults.
        job: seed, model, and who listens.

    Returns:
        ``(made, record, profile)``: what it made, the record to write into each file, the ICC profile of its colours.

    Raises:
        UsageError: too few or too many works, a setting it does not have or that is out of bounds, a model missing.
        UnreadableWork: a file that is no such work.
    """
    chosen = asked(operation.settings, settings, operation.name)
    _check_model(operation, job.model)
    given = _read(operation, files, more)
    for work in (work for works in given.works.values() for work in works):
        if isinstance(work, Film) and work.note:
            job.say(_("Not all of the film could be read: {why}.").format(why=work.note))
    made: Made = operation.run(given.works, chosen, job)
    note = record.made(
        operation.name,
        model=job.model.hash if job.model else None,
        recipe=job.model.recipe.name if job.model else None,
        collection=job.model.facts.get("fingerprint") if job.model else None,
        parents=tuple(one for hashes in given.hashes.values() for one in hashes),
        medium=operation.medium,
        seed=job.seed,
        inputs={name: len(works) for name, works in given.works.items()},
        **({"said": given.said} if given.said else {}),
        settings=chosen.model_dump(mode="json"),
        measured=made.facts,
    )
    return made, note, given.profile


def _check_model(operation: Operation, model: "Model | None") -> None:
    if operation.model == "required" and model is None:
        message = _("“{operation}” needs a trained model: give one with --model.")
        raise UsageError(message.format(operation=operation.name))
    if operation.model == "none" and model is not None:
        raise UsageError(_("“{operation}” takes no model.").format(operation=operation.name))


def _read(operation: Operation, files: Sequence[Path | str], more: Mapping[str, Sequence[Path]]) -> Given:
    given, number = Given(), 0
    for one, named in _shared_out(operation, files, more):
        given.works[one.name], given.hashes[one.name] = [], []
        for place in named:
            place = _words_or_file(place) if one.kind == "text" else Path(place)
            if isinstance(place, str):
                given.said[str(number)] = place
                given.works[one.name].append(place)
            else:
                given.works[one.name].append(_read_one(place, _kind_of(operation, one, place)))
                given.hashes[one.name].append(credentials.digest(place))
            number += 1
    pictures = [picture for one in operation.inputs if one.kind == "picture" for picture in given.works[one.name]]
    if any(picture.shape[2] == 4 for picture in pictures):
        for one in operation.inputs:
            if one.kind == "picture":
                given.works[one.name] = [_with_alpha(picture) for picture in given.works[one.name]]
    given.profile = image.read_profile(Path(files[0])) if pictures and operation.inputs[0].kind == "picture" else None
    return given


def _words_or_file(place: Path | str) -> Path | str:
    """A file where there is one or where its ending says that there should be; otherwise the words themselves."""
    words, path = str(place), Path(place)
    if os.path.isfile(path) or (path.suffix.lower() in text.WRITTEN and not any(map(str.isspace, path.name))):
        return path
    return words


def _shared_out(
    operation: Operation, files: Sequence[Path | str], more: Mapping[str, Sequence[Path]]
) -> list[tuple[Input, Sequence[Path | str]]]:
    """Which files are for which input: each takes its least, the last one whatever is left; then the options."""
    arguments, left = [one for one in operation.inputs if not one.option], list(files)
    shares: list[tuple[Input, Sequence[Path | str]]] = []
    for i, one in enumerate(arguments):
        count = len(left) if i == len(arguments) - 1 else max(one.least, 1)
        shares.append((one, left[:count]))
        left = left[count:]
    if left:
        raise UsageError(_("“{operation}” takes no works.").format(operation=operation.name))
    shares += [(one, more.get(one.name, ())) for one in operation.inputs if one.option]
    for one, named in shares:
        _check_count(operation, one, len(named))
    return shares


def _check_count(operation: Operation, one: Input, count: int) -> None:
    if count < one.least or (one.most is not None and count > one.most):
        wanted = str(one.least) if one.least == one.most else f"{one.least}–{'∞' if one.most is None else one.most}"
        message = _("“{operation}” takes {wanted} works as “{input}”; there are {count}.")
        raise UsageError(message.format(operation=operation.name, wanted=wanted, input=one.name, count=count))


def _kind_of(operation: Operation, one: Input, path: Path) -> str:
    """What a file is read as: the mask of a film may be a film."""
    moves = one.kind == "mask" and operation.medium == "video" and kinds.medium_of_file(path) == "video"
    return "film" if moves else one.kind


def _read_one(path: Path, kind: str) -> Any:
    """A mask, or a work of its medium: a picture with its transparency if it has any, a score played where a sound is
    wanted."""
    try:
        if kind == "sound" and kinds.medium_of_file(path) == "score":
            return synthesis.render(kinds.read(path))
        work = image.read_mask(path) if kind == "mask" else kinds.read_as(MEDIUM_OF[kind], path)
    except UnreadableWork as error:
        raise UnreadableWork(_("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    if kind == "picture" and (work[..., 3] == 255).all():
        return np.ascontiguousarray(work[..., :3])
    return work


def _with_alpha(picture: np.ndarray) -> np.ndarray:
    if picture.shape[2] == 4:
        return picture
    return np.concatenate([picture, np.full_like(picture[..., :1], 255)], axis=2)

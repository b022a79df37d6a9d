"""A work made again from its record, and what stands in the way said exactly."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bottega import crafts, home, verbs
from bottega.errors import DataError
from bottega.events import Listener, nobody
from bottega.language import _
from bottega.media import kinds
from bottega.media.audio import Sound
from bottega.media.score import Score, tidy
from bottega.media.video import Film
from bottega.models import Model, load_model
from bottega.origins import searching
from bottega.origins.telling import ingredients, operation_of, origin
from bottega.places import unused
from bottega.provenance import credentials, record
from bottega.wishes import asked

MOST_WORKS, MOST_THREADS = 100_000, 1024


@dataclass(frozen=True)
class Remade:
    """A work made again.

    Attributes:
        file: the new one.
        same: whether the work is the old one bit for bit: every pixel, sample, note and letter.
        why: sentences on what may have made a difference, in the work or only in the file around it; empty when the
            files are the same, byte for byte.
    """

    file: Path
    same: bool
    why: list[str]


def remake(
    file: str | Path,
    *,
    to: str | Path | None = None,
    look_in: Iterable[str | Path] = (),
    on_event: Listener = nobody,
) -> Remade:
    """Makes a work again from its record.

    Args:
        file: the work.
        to: where the new one goes; beside your works by default. Nothing is overwritten.
        look_in: folders in which models and parents are sought, besides the work's own and those of Bottega.
        on_event: told what happens.

    Raises:
        DataError: no record, or the model or a parent is not found: the message says all that is missing.
    """
    file, found = Path(file), origin(file)
    if "operation" not in found:
        message = _("How {file} was made is kept by its maker: it was written with --private.")
        raise DataError(message.format(file=file))
    if found.get("schema", 1) > record.SCHEMA:
        raise DataError(_("{file} was made by a newer Bottega; this one cannot follow its record.").format(file=file))
    places = [Path(place) for place in look_in]
    to = Path(to) if to else home.works() / f"{file.stem}-remade{file.suffix}"
    with _threads(found):
        model, files = _all_of(found, file, places)
        if found["operation"] == "generate":
            made = _generated(found, model, to, places, on_event)
        else:
            made = _edited(found, files, model, to, file, on_event)
    if credentials.digest(made) == credentials.digest(file):
        return Remade(made, True, [])
    return _compared(found, file, made)


def _all_of(found: dict[str, Any], file: Path, places: list[Path]) -> tuple[Model | None, dict[str, Path]]:
    """The model and the parents. Raises DataError with a sentence on each that is missing."""
    mine, missing = [home.models(), *places], []
    folder = searching.model(found["model"], mine) if found.get("model") else None
    if found.get("model") and folder is None:
        missing.append(_no_model(found, mine))
    files = searching.works(found.get("parents", []), [file.parent, home.works(), *places])
    if set(found.get("parents", [])) - set(files):
        missing.append(_no_parents(found, files))
    if missing:
        changed = _changes(found)
        raise DataError(" ".join([*missing, _("Say with --from in which folder to look."), *changed]))
    return load_model(folder) if folder else None, files


def _no_model(found: dict[str, Any], places: list[Path]) -> str:
    recipe, collection = found.get("recipe"), found.get("collection")
    known = {"hash": found["model"][:16], "recipe": recipe, "collection": (collection or "")[:16]}
    if recipe and collection:
        said = _("The model {hash} (recipe {recipe}, learned from the works {collection}) is not among yours.")
    elif collection:
        said = _("The model {hash} (learned from the works {collection}) is not among yours.")
    else:
        said = _("The model {hash} is not among yours.")
    others = searching.of_collection(collection, places)
    other = _("From the same works learned, but are not it: {names}.").format(names=", ".join(others[:5]))
    return " ".join([said.format(**known), *([other] if others else [])])


def _no_parents(found: dict[str, Any], files: dict[str, Path]) -> str:
    used = [(name, one) for name, one, words in ingredients(found) if not words]
    lost = [f"{name} {one[:16]}" for name, one in used if one not in files]
    said = _("Of {count} works it was made from, {lost} are not here: {hashes}.")
    more = ["…"] if len(lost) > 10 else []
    return said.format(count=len(used), lost=len(lost), hashes=", ".join([*lost[:10], *more]))


def _generated(found: dict[str, Any], model: Model | None, to: Path, places: list[Path], on_event: Listener) -> Path:
    given = found.get("parameters", {})
    if model is None:
        raise DataError(_("The record names no model."))
    n, index, seed = (given.get(word) for word in ("n", "index", "seed"))
    controls, label = given.get("controls"), given.get("asked")
    whole = isinstance(n, int) and isinstance(index, int) and isinstance(seed, int) and isinstance(controls, dict)
    if not whole or not 0 <= index < n <= MOST_WORKS or not isinstance(label, str | None):
        raise DataError(_("How it was made cannot be followed: its record is damaged, or of another version."))
    wishes = asked(crafts.of(model.recipe.medium).Making, controls, "generate")
    works = verbs.make_works(
        model,
        n,
        seed=seed,
        label=label,
        works=_collection(given, model, wishes, places),
        on_event=on_event,
        **wishes.model_dump(include=set(controls)),
    )
    made = works[index].save(unused(to))
    credentials.sign(made, works[index].record)
    return made


def _collection(given: dict[str, Any], model: Model, wishes: Any, places: list[Path]) -> Path | None:
    """The folder of the works that were looked at while it was made; None where none were."""
    if "works" not in given:
        return None
    source = verbs.source_of(model)
    for place in ([Path(source)] if source else []) + places:
        with suppress(DataError):
            if crafts.of(model.recipe.medium).collection(model, place, wishes, nobody).fingerprint == given["works"]:
                return place
    message = _("The works {hash} that it learned from are needed and not found. Say with --from in which folder.")
    raise DataError(message.format(hash=str(given["works"])[:16]))


def _edited(
    found: dict[str, Any], files: dict[str, Path], model: Model | None, to: Path, original: Path, on_event: Listener
) -> Path:
    """The edit done again; of several results, the one that the record numbers. Its name says how a film is coded."""
    operation, used = operation_of(found), ingredients(found)
    assert operation is not None  # or there would be no ingredients
    given = found["parameters"]
    if not isinstance(given.get("seed"), int):
        raise DataError(_("How it was made cannot be followed: its record is damaged, or of another version."))
    settings = asked(operation.settings, given["settings"], operation.name).model_dump(include=set(given["settings"]))
    settings |= _eyes(operation.settings.model_fields.keys(), given)
    works: list[Path | str] = []
    more: dict[str, list[Path]] = {}
    options = {one.name for one in operation.inputs if one.option}
    for name, one, words in used:
        if name in options:
            more.setdefault(name, []).append(files[one])
        else:
            works.append(one if words else files[one])
    with tempfile.TemporaryDirectory() as folder:
        edited = verbs.edit(
            operation.name,
            *works,
            to=Path(folder) / original.name,
            seed=given["seed"],
            model=model,
            on_event=on_event,
            **more,
            **settings,
        )
        made = unused(to.with_suffix(original.suffix))
        made.parent.mkdir(parents=True, exist_ok=True)
        index = found.get("index", 0)
        if not 0 <= index < len(edited.files):
            raise DataError(_("How it was made cannot be followed: its record is damaged, or of another version."))
        shutil.copyfile(edited.files[index], made)
    return made


def _eyes(settings: Iterable[str], given: dict[str, Any]) -> dict[str, str]:
    """The weights with which an operation looked at works, where it looks with such: whose file is not recorded."""
    if "vgg" not in settings:
        return {}
    if (given.get("measured") or {}).get("features") != "vgg19":
        return {"vgg": "off"}
    from bottega.editing.styling import vgg

    file = vgg.find().file
    if file is None:
        raise DataError(_("It was painted with the weights of VGG-19, and they are not here: see edit style --help."))
    return {"vgg": str(file)}


@contextmanager
def _threads(found: dict[str, Any]) -> Iterator[None]:
    """Computes with as many threads as then: sums round differently with another number."""
    import torch

    then, now = found.get("machine", {}).get("threads"), torch.get_num_threads()
    if type(then) is int and 0 < then <= MOST_THREADS:
        torch.set_num_threads(then)
    try:
        yield
    finally:
        torch.set_num_threads(now)


def _compared(found: dict[str, Any], file: Path, made: Path) -> Remade:
    """What is different in the file that was made again, and why."""
    before, now = kinds.read(file), kinds.read(made)
    changes = _changes(found)
    if alike(before, now):
        written = _("Another program wrote the file around it anew.")
        return Remade(made, True, changes or [written])
    if _shape(before) != _shape(now):
        message = _("The file was changed after it was made: it holds {before}, and its record makes {now}.")
        return Remade(made, False, [message.format(before=_shape(before), now=_shape(now)), *changes])
    changed = _("Version and machine are those of then: so the file was changed after it was made.")
    return Remade(made, False, changes or [changed])


def alike(one: kinds.Content, other: kinds.Content) -> bool:
    """Whether two works are the same bit for bit."""
    if isinstance(one, Sound) and isinstance(other, Sound):
        return one.rate == other.rate and np.array_equal(one.samples, other.samples)
    if isinstance(one, Film) and isinstance(other, Film):
        return (one.rate, one.sound) == (other.rate, other.sound) and np.array_equal(one.frames, other.frames)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, Score) and isinstance(other, Score):
        return tidy(one) == tidy(other)
    return isinstance(one, str) and one == other


def _shape(content: kinds.Content) -> str:
    """How large a work is."""
    if isinstance(content, Sound):
        return _("{seconds:.3f} s at {rate:,} Hz").format(seconds=content.seconds, rate=content.rate)
    if isinstance(content, Score):
        notes = sum(len(track.notes) for track in content.tracks)
        return _("{notes:,} notes in {bars:,} bars").format(notes=notes, bars=len(content.bars))
    if isinstance(content, str):
        return _("{letters:,} letters").format(letters=len(content))
    height, width = content.size if isinstance(content, Film) else content.shape[:2]
    if isinstance(content, Film):
        return _("{frames:,} frames of {width}×{height}").format(frames=len(content), width=width, height=height)
    return _("{width}×{height} pixels").format(width=width, height=height)


def _changes(found: dict[str, Any]) -> list[str]:
    """Sentences on the versions and the machine that are others than then."""
    said = []
    for word, now, sentence in (
        ("versions", record.versions() | record.libraries(), _("Other versions than then: {changes}.")),
        ("machine", record.machine(), _("Another machine than then: {changes}.")),
    ):
        before = found.get(word, {})
        names = [name for name in now if name in before and before[name] != now[name] and name != "threads"]
        names += [name for name in before if name not in now and name in (*record.LIBRARIES, "graphics")]
        changes = [f"{name} {str(before[name])[:40]} → {now.get(name, '–')}" for name in names]
        if changes:
            said.append(sentence.format(changes=", ".join(changes)))
    return said

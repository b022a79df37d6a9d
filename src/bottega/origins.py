"""Where a work comes from: its record told as a person reads it, and the work made again from it."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega import crafts, editing, home, verbs
from bottega.errors import DataError
from bottega.events import nobody
from bottega.language import _
from bottega.media import kinds
from bottega.models import Model, load_model
from bottega.places import unused
from bottega.provenance import credentials, record
from bottega.wishes import asked

ENDINGS = {ending for module in kinds.MODULES.values() for ending in module.READ}
MODELS_AND_WORKS = 20_000
"""Files looked at in search of a model or a parent, at most: enough for a life's work, and an end in a home folder."""


@dataclass(frozen=True)
class Remade:
    """A work made again.

    Attributes:
        file: the new one.
        same: whether it is the old one bit for bit.
        why: sentences on what may have made the difference; empty when there is none.
    """

    file: Path
    same: bool
    why: list[str]


def origin(file: str | Path) -> dict[str, Any]:
    """The record inside a work.

    Raises:
        DataError: there is none: the work was not made by Bottega, or the record was taken out.
        UnreadableWork: the file is no work.
    """
    found = kinds.read_record(Path(file))
    if found is None or "digital_source_type" not in found:
        message = _("{file} carries no record: Bottega did not make it, or another program took the record out.")
        raise DataError(message.format(file=file))
    return found


def told(found: dict[str, Any]) -> list[tuple[str, str]]:
    """A record as pairs of a word and what it says, in the language in use."""
    given = found.get("parameters", {})
    rows = [(_("operation"), str(found.get("operation", _("kept by its maker"))))]
    if found.get("model"):
        rows.append((_("model"), found["model"][:16]))
    if found.get("collection"):
        rows.append((_("learned from"), found["collection"][:16]))
    rows += [(_("made from"), parent[:16]) for parent in found.get("parents", [])]
    plain = {word: given[word] for word in ("seed", "label", "asked", "n") if given.get(word) is not None}
    numbers = given.get("settings") or given.get("controls") or {}
    rows += [(word, _said(value)) for word, value in {**plain, **numbers}.items() if value not in (None, "", [])]
    if "index" in {**given, **found}:
        rows.append((_("number"), str({**given, **found}["index"])))
    measured = given.get("measured") or {}
    rows += [(_("measured: {what}").format(what=_(word)), _said(value)) for word, value in measured.items()]
    if "versions" in found:
        rows.append((_("made with"), ", ".join(f"{name} {one}" for name, one in found["versions"].items())))
    rows.append((_("kind of source"), str(found.get("digital_source_type", "–"))))
    return rows


def remake(file: str | Path, *, to: str | Path | None = None, look_in: Iterable[str | Path] = ()) -> Remade:
    """Makes a work again from its record.

    Args:
        file: the work.
        to: where the new one goes; beside your works by default. Nothing is overwritten.
        look_in: folders in which models and parents are sought, besides the work's own and those of Bottega.

    Raises:
        DataError: no record, or the model or a parent is not found: the message says which.
    """
    file, found = Path(file), origin(file)
    if "operation" not in found:
        message = _("How {file} was made is kept by its maker: it was written with --private.")
        raise DataError(message.format(file=file))
    places = [Path(place) for place in look_in]
    model = _model(found["model"], [home.models(), *places]) if found.get("model") else None
    to = Path(to) if to else home.works() / f"{file.stem}-remade{file.suffix}"
    if found["operation"] == "generate":
        made = _generated(found, model, to, places)
    else:
        files = _parents(found["parents"], [file.parent, home.works(), *places])
        made = _edited(found, files, model, to, file.suffix)
    same = credentials.digest(made) == credentials.digest(file)
    return Remade(made, same, [] if same else _differences(found))


def _generated(found: dict[str, Any], model: Model | None, to: Path, places: list[Path]) -> Path:
    given = found["parameters"]
    if model is None:
        raise DataError(_("The record names no model."))
    works = verbs.make_works(
        model,
        given["n"],
        seed=given["seed"],
        label=given.get("asked"),
        works=_collection(given, model, places),
        **given["controls"],
    )
    return works[given["index"]].save(unused(to))


def _collection(given: dict[str, Any], model: Model, places: list[Path]) -> Path | None:
    """The folder of the works that were looked at while it was made; None where none were."""
    if "works" not in given:
        return None
    craft = crafts.of(model.recipe.medium)
    wishes = asked(craft.Making, given["controls"], "generate")
    source = verbs.source_of(model)
    for place in ([Path(source)] if source else []) + places:
        with contextlib.suppress(DataError):
            if craft.collection(model, place, wishes, nobody).fingerprint == given["works"]:
                return place
    raise DataError(_("The works it learned from are needed and not found. Say with --from in which folder they are."))


def _edited(found: dict[str, Any], files: dict[str, Path], model: Model | None, to: Path, ending: str) -> Path:
    """The edit done again; of several results, the one that the record numbers."""
    given, parents = found["parameters"], [files[parent] for parent in found["parents"]]
    operation = editing.meant(found["operation"], parents, model.recipe.medium if model else None)
    more: dict[str, list[Path]] = {}
    for one in reversed(operation.inputs):  # files that are options stand last
        count = given["inputs"].get(one.name, 0)
        if one.option and count:
            parents, more[one.name] = parents[:-count], parents[-count:]
    works: list[Path | str] = [*parents]
    for place, words in sorted(given.get("said", {}).items(), key=lambda one: int(one[0])):
        works.insert(int(place), words)
    with tempfile.TemporaryDirectory() as folder:
        edited = verbs.edit(
            found["operation"],
            *works,
            to=Path(folder) / f"again{ending}",
            seed=given["seed"],
            model=model,
            **more,
            **given["settings"],
        )
        made = unused(to.with_suffix(ending))
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(edited.files[found.get("index", 0)], made)
    return made


def _model(wanted: str, places: list[Path]) -> Model:
    """The model with that hash, by looking at the weights of every model below some places."""
    for place in places:
        for weights in _below(place, {".safetensors"}):
            if weights.name == "model.safetensors" and record.sha256(weights) == wanted:
                return load_model(weights.parent)
    message = _("The model {hash} is not among yours. Say with --from in which folder it is.")
    raise DataError(message.format(hash=wanted[:16]))


def _parents(wanted: list[str], places: list[Path]) -> dict[str, Path]:
    """The files with those hashes."""
    files: dict[str, Path] = {}
    for place in places:
        for path in _below(place, ENDINGS):
            if not set(wanted) - set(files):
                return files
            files.setdefault(record.sha256(path), path)
    missing = [one for one in wanted if one not in files]
    if missing:
        message = _("It was made from works that are not here: {hashes}. Say with --from in which folder they are.")
        raise DataError(message.format(hashes=", ".join(one[:16] for one in missing)))
    return files


def _below(place: Path, endings: set[str]) -> Iterator[Path]:
    """Files with such an ending in a folder and below, nearest first."""
    folders, seen = [place], 0
    while folders:
        folder = folders.pop(0)
        for path in sorted(folder.iterdir()) if folder.is_dir() else []:
            seen += 1
            if seen > MODELS_AND_WORKS:
                return
            if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
                folders.append(path)
            elif path.suffix.lower() in endings and path.is_file():
                yield path


def _differences(found: dict[str, Any]) -> list[str]:
    now, before = record.versions(), found.get("versions", {})
    changed = [f"{name} {before.get(name, '–')} → {now[name]}" for name in now if before.get(name) != now[name]]
    if changed:
        return [_("Other versions than then: {changes}.").format(changes=", ".join(changed))]
    return [_("The versions are those of then; another processor or number of threads rounds differently.")]


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

"""The verbs behind jobs: how each is called, what it made, and how the library hears of that."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bottega.errors import BottegaError, UsageError
from bottega.events import Listener
from bottega.language import _


def perform(verb: str, arguments: Mapping[str, Any], on_event: Listener) -> Any:
    """Does it, and returns what the verb returns.

    Raises:
        BottegaError: whatever the verb says.
    """
    given = dict(arguments)
    if verb == "scan":
        from bottega.library import scan

        return scan.scan(on_event)
    if verb == "remake":
        from bottega import origins

        file = Path(given.pop("file"))
        look_in = [*given.pop("look_in", ()), *places_of(file)]
        return origins.remake(file, look_in=look_in, **given, on_event=on_event)
    from bottega import verbs

    match verb:
        case "train":
            return verbs.train(given.pop("source"), **given, on_event=on_event)
        case "generate":
            return verbs.generate(given.pop("model"), **given, on_event=on_event)
        case "edit":
            return verbs.edit(given.pop("operation"), *given.pop("works"), **given, on_event=on_event)
        case "evaluate":
            return verbs.evaluate(given.pop("model"), **given, on_event=on_event)
        case "export":
            return verbs.export(given.pop("model"), **given)
    raise UsageError(_("There is no verb “{verb}” that could be a job.").format(verb=verb))


def made(verb: str, arguments: Mapping[str, Any], value: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The files that a verb made, as ``{"path", "kind"}``, and what it measured."""
    match verb:
        case "train":
            return [_result(value.folder, "model")], {"recipe": value.recipe.name}
        case "generate":
            *files, sheet = value
            return [_result(file, "work") for file in files] + [_result(sheet, "sheet")], {}
        case "edit":
            sheets = [_result(value.sheet, "sheet")] if value.sheet else []
            return [_result(file, "work") for file in value.files] + sheets, dict(value.facts)
        case "evaluate":
            return [_result(arguments["model"], "model")], value.as_json()
        case "remake":
            return [_result(value.file, "work")], {"same": value.same, "why": list(value.why)}
        case "export":
            return [_result(value, "file")], {}
        case "scan":
            return [], {"found": value.found, "new": value.new, "gone": value.gone, "unreadable": len(value.unreadable)}
    return [], {}


def left_behind(verb: str, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is there although the verb did not come to its end: the model that a training was to better."""
    folder = arguments.get("to") if verb == "train" else None
    return [_result(folder, "model")] if folder and (Path(folder) / "config.json").exists() else []


def index(results: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], Exception | None]:
    """Tells the library of works and models; the same list with their ids, and what kept it from listening."""
    from bottega.library import models, works
    from bottega.library.database import LibraryClosed

    found: list[dict[str, Any]] = []
    trouble: Exception | None = None
    for result in results:
        id = None
        if result["kind"] != "file" and not isinstance(trouble, LibraryClosed):
            note = models.note if result["kind"] == "model" else works.note
            try:
                id = note(Path(result["path"])).id
            except Exception as error:  # it is made, and that is what counts
                trouble = error
        found.append({**result, "id": id})
    return found, trouble


def index_parents(arguments: Mapping[str, Any]) -> None:
    """Tells the library of the files that an edit was made from, so that it can show where the works come from."""
    from bottega.library import works

    given = [value for name, value in arguments.items() if name != "to"]
    several = [one for value in given for one in (value if isinstance(value, list) else [value])]
    for file in dict.fromkeys(one for one in several if _is_file(one)):
        with contextlib.suppress(Exception):  # a pattern is no work; and the edit itself is done
            works.original(file)


def places_of(file: Path) -> list[Path]:
    """Where the library knows the model and the works to lie that a work was made with."""
    from bottega.library import models, works
    from bottega.media import kinds

    found: list[Path] = []
    with contextlib.suppress(Exception):  # whatever is wrong with the file is said when it is made again
        record = kinds.read_record(file) or {}
        found += [Path(one.path) for one in models.all() if one.hash == record.get("model")]
        for parent in record.get("parents", []):
            with contextlib.suppress(BottegaError):  # the library does not know it
                found.append(works.get(parent).path)
    return found


def recorded(value: Any) -> Any:
    """Arguments as plain JSON: paths, and those of an edit's works that are names of files, from the root."""
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, Mapping):
        named = {name: _files_of(inner) if name == "works" else inner for name, inner in value.items()}
        return {str(name): recorded(inner) for name, inner in named.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [recorded(one) for one in value]
    return value


def _files_of(works: Any) -> Any:
    """The works of an edit, the names of files among them as paths."""
    return [Path(one) if _is_file(one) else one for one in works] if isinstance(works, list | tuple) else works


def _is_file(word: Any) -> bool:
    """Whether a work is given as a file rather than as the words of a text."""
    try:
        return isinstance(word, str) and Path(word).is_file()
    except (OSError, ValueError):  # a poem is too long for the name of a file
        return False


def _result(path: Any, kind: str) -> dict[str, Any]:
    return {"path": str(Path(path).absolute()), "kind": kind}

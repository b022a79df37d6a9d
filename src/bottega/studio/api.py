"""The studio for programs: a few deliberate tools over HTTP, which are tools of its MCP server too.

Works are named by their ids, dropped files by the name that ``drop`` gave them, models by id or name; no path is taken
or told, except for the folder that ``train`` learns from. What is long answers at once with a job.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gradio import Blocks, FileData
from gradio import api as offer

from bottega.errors import UsageError
from bottega.language import _
from bottega.studio.making import hand
from bottega.studio.routes import DIGITS

if TYPE_CHECKING:
    from bottega.library.jobs import Job
    from bottega.library.models import ModelEntry
    from bottega.library.works import Entry

Medium = Literal["", "image", "audio", "score", "text", "video"]
MOST = 200
"""Works that are told of at once."""


def tools(speaks: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Opens the endpoints, each under its own name; within ``gr.Blocks``."""
    for tool in (generate, edit, train, evaluate, remake, jobs, cancel, finish, works, models, drop):
        offer(speaks(tool), api_name=tool.__name__, api_description=tool.__doc__, concurrency_limit=4)


def give_key(page: Blocks, address: str, token: str) -> None:
    """Lets the MCP server of a page through the door: it asks the page's own endpoints as any program does."""
    from gradio_client import Client

    server, known = page.mcp_server_obj, []

    def client() -> Client:
        if not known:
            headers = {"x-gradio-user": "mcp", "Authorization": f"Bearer {token}"}
            quiet: dict[str, Any] = {"download_files": False, "verbose": False, "analytics_enabled": False}
            known.append(Client(address, headers=headers, _skip_components=False, **quiet))
        return known[0]

    if server:
        server._get_or_create_client = client  # its own would come without a key


def generate(
    model: str, n: int = 8, seed: int = 0, label: str = "", settings: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Make new works with a trained model. Returns a job at once; ask “jobs” for its results.

    Args:
        model: id or name of a model, from “models”.
        n: how many works, 1 to 1000.
        seed: the same seed makes the same works.
        label: the class to draw from; any when empty.
        settings: wishes such as {"guidance": 2.0, "temperature": 0.9, "prompt": "The sea"}.
    """
    from bottega.crafts.schemas import MAKINGS
    from bottega.wishes import asked

    entry = model_named(model)
    wishes = allowed(settings)
    asked(MAKINGS[entry.medium], wishes, "generate")
    if not 1 <= n <= 1000:
        raise UsageError(_("How many works: a number from 1 to 1000."))
    return submitted("generate", {"model": str(entry.path), "n": n, "seed": seed, "label": label or None, **wishes})


def edit(
    operation: str,
    works: list[str] | None = None,
    words: str = "",
    seed: int = 0,
    model: str = "",
    settings: dict[str, Any] | None = None,
    files: dict[str, str | list[str]] | None = None,
) -> dict[str, Any]:
    """Change works with an operation such as vary, inpaint, style, continue or repair; the originals stay.

    Returns a job at once; ask “jobs” for its results.

    Args:
        operation: its name; where several media have it, that of the first work is meant.
        works: ids of works, or names that “drop” gave, in the order in which the operation takes them.
        words: a text to change, instead of a work.
        seed: everything random follows from it.
        model: id or name of a model, for operations that take one.
        settings: of the operation, such as {"distance": 0.3, "count": 4}.
        files: works for inputs that are options, such as {"mask": "drop-…"}; several as a list.
    """
    from bottega import editing
    from bottega.wishes import asked

    entry = model_named(model) if model else None
    held = [*map(hand.item, works or []), *hand.items([], words)]
    medium = held[0].medium if held else entry.medium if entry else None
    media = editing.media(operation)
    chosen = editing.find(operation, medium if medium in media else media[0])
    wishes = allowed(settings)
    asked(chosen.settings, wishes, operation)
    given = {name: [one] if isinstance(one, str) else one for name, one in (files or {}).items()}
    more = {name: [hand.item(one).argument for one in several] for name, several in given.items()}
    unknown = set(more) - {one.name for one in chosen.inputs if one.option}
    if unknown:
        message = _("“{operation}” takes no file as “{name}”.")
        raise UsageError(message.format(operation=operation, name=", ".join(sorted(unknown))))
    places = [hand.spoken(one.words) if one.file is None else one.argument for one in held]
    to = hand.goal(chosen, held[0] if held else None)
    arguments = {"operation": operation, "works": places, "to": to, "seed": seed, **wishes, **more}
    return submitted("edit", arguments | ({"model": str(entry.path)} if entry else {}))


def train(
    source: str, minutes: float = 10, recipe: str = "", seed: int = 0, settings: dict[str, str] | None = None
) -> dict[str, Any]:
    """Train a model on a folder of works on the studio's machine, or on one of its built-in collections.

    Returns a job at once; ask “jobs” how far it is.

    Args:
        source: a folder, as a path on the studio's machine, or the name of a built-in collection such as paper-cuts.
        minutes: how long it may take.
        recipe: its name; chosen from the works and the time when empty.
        seed: everything random follows from it.
        settings: numbers of the recipe set anew, such as {"training.batch": "32"}.
    """
    from bottega.studio.training.collecting import BUILTIN, write_builtin

    place = write_builtin(source) if source in BUILTIN else Path(os.path.expanduser(source))
    if not place.is_absolute() or not os.path.exists(place):
        raise UsageError(_("There is no folder {path} on the studio's machine.").format(path=source))
    if not 0 < minutes <= 7 * 24 * 60:
        raise UsageError(_("How many minutes: more than 0, and a week at most."))
    more = {"recipe": recipe or None, "settings": settings or None}
    return submitted("train", {"source": str(place), "minutes": minutes, "seed": seed, **more})


def evaluate(model: str, n: int = 0, seed: int = 0) -> dict[str, Any]:
    """Measure a model on works it has not learned from, and look for copies. Returns a job at once.

    Args:
        model: id or name of a model.
        n: how many works to make for it; as many as the medium needs when 0.
        seed: of those works.
    """
    return submitted("evaluate", {"model": str(model_named(model).path), "n": n or None, "seed": seed})


def remake(work: str) -> dict[str, Any]:
    """Make a work again from the record inside its file, bit for bit where that can be. Returns a job at once.

    Args:
        work: its id.
    """
    return submitted("remake", {"file": hand.item(work).argument})


def jobs(id: str = "", limit: int = 20) -> list[dict[str, Any]]:
    """Tell of one job, or of those that run, wait and ended lately: state, progress, sentences, ids of the results.

    Args:
        id: of one job; all when empty.
        limit: how many, 1 to 200.
    """
    from bottega.library import jobs as queue

    return [told(queue.get(id))] if id else list(map(told, queue.all(limit=max(1, min(limit, MOST)))))


def cancel(id: str) -> dict[str, Any]:
    """Stop a job; what it has made so far is kept.

    Args:
        id: of the job.
    """
    from bottega.library import jobs as queue

    return told(queue.cancel(id))


def finish(id: str) -> dict[str, Any]:
    """End a training early, with a model of what it has learned so far.

    Args:
        id: of the job.
    """
    from bottega.library import jobs as queue

    return told(queue.finish(id))


def works(words: str = "", medium: Medium = "", model: str = "", limit: int = 20) -> list[dict[str, Any]]:
    """Find works of the library, the newest first. Each has a “url” under which the studio serves its file.

    Args:
        words: all of them must stand in its name, tags, operation, model or prompt.
        medium: only works of this one.
        model: id or name of a model: only its works.
        limit: how many, 1 to 200.
    """
    from bottega.library import works as library

    of_model = model_named(model).hash if model else None
    found = library.find(words, medium=medium or None, model=of_model, limit=max(1, min(limit, MOST)))
    return [shown(entry) for entry in found.entries]


def models() -> list[dict[str, Any]]:
    """Tell which trained models there are: id, name, medium, recipe, classes."""
    from bottega.library import models as library

    return [
        {"id": one.id, "name": one.name, "medium": one.medium, "recipe": one.recipe, "classes": list(one.classes)}
        for one in library.all()
    ]


def drop(file: FileData) -> str:
    """Hand over a file (a picture, sound, tune, text or film). Returns the name under which “edit” takes it.

    Args:
        file: the file.
    """
    return hand.drop(file["path"] if isinstance(file, dict) else file.path).name


def model_named(word: str) -> "ModelEntry":
    """A model by its name, or by the beginning of its id. Raises UsageError."""
    from bottega.library import models as library

    every, by_id = library.all(), re.fullmatch(DIGITS, word)
    found = [one for one in every if one.name == word] or [one for one in every if by_id and one.id.startswith(word)]
    if not found:
        raise UsageError(_("There is no model “{name}” in the library.").format(name=word))
    return found[0]


def allowed(settings: dict[str, Any] | None) -> dict[str, Any]:
    """Settings, without those that name files of the studio's machine. Raises UsageError."""
    from bottega.studio.controls import FILES

    if named := [name for name in settings or {} if name in FILES]:
        raise UsageError(_("“{name}” is a setting of the command line alone.").format(name=", ".join(named)))
    return settings or {}


def submitted(verb: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The job that was begun, or waits."""
    from bottega.language import language
    from bottega.library import jobs as queue

    given = {name: value for name, value in arguments.items() if value is not None}
    return told(queue.submit(verb, given, origin="api", language=language()))


def told(job: "Job") -> dict[str, Any]:
    """A job, without places of this machine."""
    told = {name: getattr(job, name) for name in ("id", "verb", "state", "progress", "left", "message")}
    results = [
        {"id": one["id"], "kind": one["kind"], **({"url": f"/media/{one['id']}"} if one["kind"] == "work" else {})}
        for one in job.results
        if one.get("id")
    ]
    return {**told, "error": job.why, "title": job.title, "results": results}


def shown(entry: "Entry") -> dict[str, Any]:
    """A work, without places of this machine."""
    plain = {"id": entry.id, "medium": entry.medium, "name": entry.name, "operation": entry.operation}
    known = {"model": entry.model_name, "seed": entry.seed, "rating": entry.rating, "tags": list(entry.tags)}
    return {**plain, **known, "made": entry.made.isoformat(), "url": f"/media/{entry.id}"}

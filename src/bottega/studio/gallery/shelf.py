"""The Models room: what each model learned from, how well, what it repeats, and what can be done with it."""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from bottega.errors import DataError
from bottega.language import _, language
from bottega.studio.gallery import plates
from bottega.studio.gallery.front import frame, hang, trash_box
from bottega.studio.gallery.room import drawn
from bottega.studio.routes import Id, Spoken, packed

if TYPE_CHECKING:
    from bottega.library.models import ModelEntry
    from bottega.studio.desk import Desk

TRAINING = "training"
"""The folder of a model that other people have no use for; it says where the works lay."""

routes = APIRouter(prefix="/shelf", route_class=Spoken, include_in_schema=False)
"""The addresses that the Models room asks, all under ``/shelf``; to be included behind the guard."""


def room(desk: "Desk") -> None:
    """The Models room, built inside an open ``gr.Tab``."""
    hang("shelf", front(desk.language))


@routes.get("/models")
def shown(trashed: bool = False) -> dict[str, Any]:
    """All models as cards: ``{"html", "count"}``."""
    from bottega.library import models

    entries = models.all(trashed)
    return {"html": "".join(plates.card(entry, trashed) for entry in entries), "count": len(entries)}


@routes.get("/models/{id}")
def detail(id: Id) -> dict[str, str]:
    """Everything that is known of one model: ``{"html", "name"}``."""
    from bottega.library import lineage as kinship

    entry = _here(id)
    kin = kinship.of(entry.id)
    return {"html": plates.whole(entry) + drawn(kin, entry.id), "name": entry.name}


@routes.get("/models/{id}/look/{name}")
def look(id: Id, name: Literal[plates.LOOKS]) -> Response:
    """A picture or a sound that lies beside a model's card."""
    from bottega.studio import serving

    return serving.served(_here(id).path / name, "", serving.NOW)


@routes.get("/models/{id}/zip")
def download(id: Id) -> FileResponse:
    """The folder of a model as a zip, for another machine or another person: without its training."""
    entry = _here(id)

    def pack(to: Path) -> None:
        with zipfile.ZipFile(to, "w") as zipped:  # weights cannot be packed any tighter
            for path in sorted(entry.path.rglob("*")):
                inside = path.relative_to(entry.path)
                if TRAINING not in inside.parts and path.is_file() and not path.is_symlink():
                    zipped.write(path, Path(entry.name) / inside)

    return packed(pack, f"{entry.name}.zip")


@routes.post("/models/{id}/{do}")
def do(id: Id, do: Literal["measure", "gguf", "trash", "restore"]) -> dict[str, str]:
    """Measures a model, writes it as GGUF, or puts it away: ``{"said"}``, with the ``job`` where there is one."""
    from bottega.library import jobs, trash

    if do == "trash":
        return {"said": _("The model “{name}” lies in the trash.").format(name=trash.trash_model(id).name)}
    if do == "restore":
        return {"said": _("The model “{name}” is back.").format(name=trash.restore_model(id).name)}
    verb = {"measure": "evaluate", "gguf": "export"}[do]
    job = jobs.submit(verb, {"model": str(_here(id).path)}, origin="page", language=language())
    return {"said": _("It is in the Queue: “{title}”.").format(title=job.title), "job": job.id}


def _here(id: str) -> "ModelEntry":
    from bottega.library import models

    entry = models.get(id)
    if not entry.path.is_dir():
        raise DataError(_("The folder of this model is no longer there."))
    return entry


def front(code: str) -> str:
    """The room before any model is in it."""
    said = {
        "count": _("{total} models"),
        "one": _("One model"),
        "none": _("There are no models here yet. Train one on works of your own."),
        "train": _("Go to Train"),
        "clean": _("No model lies in the trash."),
    }
    tools = f'<p class="tools"><span class="count soft" role="status"></span>{trash_box()}</p>'
    return frame("shelf", code, said, f'{tools}<ul class="plates"></ul>')

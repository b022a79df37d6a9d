"""The Gallery: every work, found as one types, looked at whole and side by side, rated, tagged and put away.

The room is one piece of HTML with a script of its own (``gallery.js``) which asks the addresses below for pages of
cards: thousands of works are never in the page at once.
"""

import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import FileResponse, Response

from bottega.errors import UsageError
from bottega.language import _, language
from bottega.studio import serving, small
from bottega.studio.gallery import cards, dropped, lineage, plates
from bottega.studio.gallery.front import front, hang, options
from bottega.studio.page import asset
from bottega.studio.routes import DIGITS, Id, Spoken, packed

if TYPE_CHECKING:
    from bottega.library.lineage import Lineage, Node
    from bottega.library.works import Entry
    from bottega.studio.desk import Desk

PAGE = 240
"""Works that are asked for at once, at most."""
KIN = 24
"""Parents and children shown as pictures, at most; their lineage tells of more."""
BESIDE = (2, 4)
"""Works that can be looked at side by side."""
ASSETS = {
    "css": ("text/css", ("gallery.css", "shelf.css")),
    "js": ("text/javascript", ("looks.js", "works.js", "gallery.js", "shelf.js")),
}
"""What the page loads, each kind in one piece: scripts that Gradio adds run in any order."""

Ids = Annotated[str, Query(pattern=f"^{DIGITS}(,{DIGITS})*$")]
Order = Literal["newest", "oldest", "best", "name"]

routes = APIRouter(prefix="/gallery", route_class=Spoken, include_in_schema=False)
"""The addresses that the Gallery's script asks, all under ``/gallery``; to be included behind the guard."""


def room(desk: "Desk") -> None:
    """The Gallery, built inside an open ``gr.Tab``."""
    hang("gallery", front(desk.language))


@routes.get("/page.{kind}")
def files(kind: Literal["css", "js"]) -> Response:
    """The scripts or the style sheets of the Gallery and of the Models room."""
    medium, names = ASSETS[kind]
    return Response(asset(*names), media_type=medium, headers={"Cache-Control": "no-cache"})


@routes.get("/works")
def found(
    words: str = "",
    medium: str = "",
    operation: str = "",
    model: str = "",
    tag: str = "",
    least: Annotated[int, Query(ge=0, le=5)] = 0,
    order: Order = "newest",
    trashed: bool = False,
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = 60,
) -> dict[str, Any]:
    """A page of cards: ``{"html", "ids", "total"}``."""
    from bottega.library import works

    page = works.find(
        words, medium=medium or None, operation=operation or None, model=model or None, tag=tag or None, least=least,
        trashed=trashed, order=order, offset=offset, limit=limit,
    )  # fmt: skip
    html = cards.cards(page.entries, trashed)
    return {"html": html, "ids": [entry.id for entry in page.entries], "total": page.total}


@routes.get("/works/{number}")
def detail(number: Id) -> dict[str, Any]:
    """Everything that is known of one work: ``{"html"}``."""
    from bottega.library import lineage as kinship
    from bottega.library import works

    entry = works.get(number)
    kin = kinship.of(entry.id)
    here = {node.id for node in kin.nodes if node.kind == "work" and not node.missing}
    parents = [parent for child, parent in kin.edges if child == entry.id and parent in here]
    children = [child for child, parent in kin.edges if parent == entry.id and child in here]
    return {"html": _detail(entry, kin, *(list(map(works.get, some[:KIN])) for some in (parents, children)))}


def _detail(entry: "Entry", kin: "Lineage", parents: list["Entry"], children: list["Entry"]) -> str:
    title = escape(entry.name)
    rename, names = escape(_("Title")), {node.id: node.name for node in kin.nodes if not node.missing}
    return (
        f'<div class="sides" data-id="{escape(entry.id)}"><div class="shown">{cards.whole(entry)}</div>'
        f'<div class="known"><input class="title" data-do="name" maxlength="200" value="{title}" aria-label="{rename}">'
        f'<p class="soft">{escape(cards.facts(entry))}</p>{cards.stars(entry.rating)}'
        f'<div class="tagged">{cards.tags(entry)}</div><p class="buttons">{cards.buttons(entry)}</p>'
        f"<h4>{escape(_('How it was made'))}</h4>{cards.record(entry.record, names)}"
        f"{dropped.signature(entry.path)}"
        f"{cards.relatives(_('Made from'), parents)}{cards.relatives(_('Made from it'), children)}</div></div>"
        f"{drawn(kin, entry.id)}"
    )


def drawn(kin: "Lineage", here: str) -> str:
    """The picture of a lineage with its title; nothing for what came from nowhere and led to nothing."""
    if not kin.edges:
        return ""
    picture = lineage.drawing(kin.nodes, kin.edges, here, _look)
    return f'<h4>{escape(_("Where it comes from"))}</h4><div class="drawn">{picture}</div>'


def _look(node: "Node") -> tuple[str, str]:
    """Where the picture of a work or a model lies; of one that has none, what it begins with."""
    from bottega.media import text

    if node.path is None:
        return "", ""
    if node.kind == "model":
        has_sheet = any((node.path / sheet).is_file() for sheet in small.SHEETS)
        return (f"/models/{node.id}/thumb?w=320", "") if has_sheet else ("", plates.written(node.path))
    if node.path.suffix.lower() in text.READ:
        return "", small.begins(node.path, cards.FIRST)
    return f"/media/{node.id}/thumb?w=320", ""


@routes.post("/works/{number}")
def note(
    number: Id,
    stars: Annotated[int | None, Body(ge=0, le=5)] = None,
    title: Annotated[str | None, Body(max_length=200)] = None,
    add: Annotated[str | None, Body(max_length=60)] = None,
    remove: Annotated[str | None, Body(max_length=60)] = None,
) -> dict[str, Any]:
    """What a person says of a work: stars, a title, a tag; its card and its tags as they are then."""
    from bottega.library import works

    if stars is not None:
        works.rate(number, stars)
    if title is not None:
        works.name(number, title.strip())
    if add or remove:
        works.tag(number, add=(add.strip(),) if add and add.strip() else (), remove=(remove,) if remove else ())
    entry = works.get(number)
    return {"card": cards.card(entry), "tags": cards.tags(entry), "title": entry.name}


@routes.post("/works/{number}/trash")
def throw_away(number: Id) -> dict[str, Any]:
    """Puts a work into the trash; nothing is deleted."""
    from bottega.library import trash

    return {"said": _("“{name}” lies in the trash.").format(name=trash.trash(number).name)}


@routes.post("/works/{number}/restore")
def take_back(number: Id) -> dict[str, Any]:
    """Takes a work out of the trash again."""
    from bottega.library import trash

    return {"said": _("“{name}” is back.").format(name=trash.restore(number).name)}


@routes.post("/works/{number}/remake")
def remake(number: Id) -> dict[str, Any]:
    """A job that makes the work again from its record."""
    from bottega.library import works

    return dropped.again(works.get(number).path)


@routes.get("/works/{number}/file")
def download(number: Id) -> FileResponse:
    """The file itself, to be kept, under its own name."""
    from bottega.library import works

    path = serving.there(works.get(number).path)
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


@routes.get("/beside")
def beside(ids: Ids) -> dict[str, Any]:
    """Two to four works side by side: ``{"html"}``; ``ids`` parted by commas."""
    from bottega.library import works

    chosen = [works.get(one) for one in ids.split(",")]
    if not BESIDE[0] <= len(chosen) <= BESIDE[1]:
        raise UsageError(_("Choose two to four works to see them side by side."))
    return {"html": cards.beside(chosen)}


@routes.get("/export")
def exported(ids: Ids) -> FileResponse:
    """A zip of works with a readable index; ``ids`` parted by commas."""
    from bottega.library import works

    return packed(lambda to: works.export(ids.split(","), to), "works.zip")


@routes.get("/choices")
def choices() -> dict[str, str]:
    """What can be chosen among, as ``<option>``s: ``{"operation", "model", "tag"}``."""
    from bottega.library import works

    found = works.choices()
    return {
        "operation": options(_("every operation"), by_name({one: cards.done(one) for one in found.operations})),
        "model": options(_("every model"), by_name(found.models)),
        "tag": options(_("every tag"), {name: f"{name} ({count:,})" for name, count in works.tags().items()}),
    }


def by_name(offered: dict[str, str]) -> dict[str, str]:
    """Choices in the order of what they are called."""
    return dict(sorted(offered.items(), key=lambda one: one[1].lower()))


@routes.post("/scan")
def scan() -> dict[str, str]:
    """A job that looks through the files for works that the library does not know."""
    from bottega.library import jobs

    job = jobs.submit("scan", {}, origin="page", language=language())
    return {"job": job.id, "said": _("It is in the Queue: “{title}”.").format(title=job.title)}


@routes.post("/dropped")
async def drop(request: Request, name: str) -> dict[str, Any]:
    """The record of a file that was dropped, whose bytes are the body: ``{"html"}``."""
    from starlette.concurrency import run_in_threadpool

    with tempfile.TemporaryDirectory(prefix="bottega-dropped-") as folder:
        path = Path(folder) / f"dropped{Path(name).suffix[:10]}"
        with path.open("wb") as file:
            async for block in request.stream():
                file.write(block)
        return {"html": await run_in_threadpool(dropped.told, path, Path(name).name)}


@routes.post("/dropped/{content}/{do}")
def do_with_dropped(content: str, do: str) -> dict[str, Any]:
    """What can be done with a dropped file: make it ``again``, or ``keep`` it among the works."""
    path = dropped.stored(content)
    if do not in ("again", "keep"):
        raise UsageError(_("The page asked for something that makes no sense; load it again."))
    return dropped.again(path) if do == "again" else dropped.keep(path)

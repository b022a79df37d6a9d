"""The Gallery: every work, found as one types, looked at whole and side by side, rated, tagged and put away.

The room is one piece of HTML with a script of its own (``gallery.js``) which asks the addresses below for pages of
cards: thousands of works are never in the page at once.
"""

import json
import shutil
import tempfile
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import FileResponse, Response

from bottega.errors import UsageError
from bottega.language import _
from bottega.studio import cards, dropped, lineage
from bottega.studio.routes import Spoken

if TYPE_CHECKING:
    from bottega.library.works import Entry
    from bottega.studio.desk import Desk

PAGE = 240
"""Works that are asked for at once, at most."""
BESIDE = (2, 4)
"""Works that can be looked at side by side."""
ASSETS = {"gallery.css": "text/css", "gallery.js": "text/javascript"}
HEAD = '<link rel="stylesheet" href="/gallery/gallery.css"><script src="/gallery/gallery.js" defer></script>'
"""What the page needs in its head for the Gallery and the Models room."""

routes = APIRouter(prefix="/gallery", route_class=Spoken, include_in_schema=False)


def router() -> APIRouter:
    """The addresses that the Gallery's script asks, all under ``/gallery``; to be included behind the guard."""
    return routes


def room(desk: "Desk") -> None:
    """The Gallery, built inside an open ``gr.Tab``."""
    import gradio as gr  # not above: the addresses answer before the page is built

    gr.HTML(front(desk.language), head=HEAD, js_on_load=None, apply_default_css=False, elem_id="gallery")


@routes.get("/{name}.{kind}")
def asset(name: str, kind: str) -> Response:
    """The script and the style sheet of the room."""
    file = f"{name}.{kind}"
    if file not in ASSETS:
        return Response(status_code=404)
    text = resources.files("bottega.studio").joinpath(file).read_text(encoding="utf-8")
    return Response(text, media_type=ASSETS[file], headers={"Cache-Control": "no-cache"})


@routes.get("/works")
def found(
    words: str = "",
    medium: str = "",
    operation: str = "",
    model: str = "",
    tag: str = "",
    least: Annotated[int, Query(ge=0, le=5)] = 0,
    order: str = "newest",
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
def detail(number: str) -> dict[str, Any]:
    """Everything that is known of one work: ``{"html"}``."""
    from bottega.library import works

    entry = works.get(number)
    kin = works.lineage(entry.id)
    parents = _present([parent for child, parent in kin.edges if child == entry.id])
    children = _present([child for child, parent in kin.edges if parent == entry.id])
    return {"html": _detail(entry, kin, parents, children)}


def _present(ids: list[str]) -> list["Entry"]:
    """Works among these that are in the library; models and what was lost are shown in the picture alone."""
    from bottega.errors import BottegaError
    from bottega.library import works

    here = []
    for one in ids[:24]:
        try:
            here.append(works.get(one))
        except BottegaError:
            continue
    return here


def _detail(entry: "Entry", kin: Any, parents: list["Entry"], children: list["Entry"]) -> str:
    title = escape(cards.titled(entry))
    rename = escape(_("Title"))
    picture = lineage.drawing(kin.nodes, kin.edges, entry.id) if kin.edges else ""
    drawn = f'<h4>{escape(_("Where it comes from"))}</h4><div class="drawn">{picture}</div>' if picture else ""
    return (
        f'<div class="sides" data-id="{escape(entry.id)}"><div class="shown">{cards.whole(entry)}</div>'
        f'<div class="known"><input class="title" data-do="name" maxlength="200" value="{title}" aria-label="{rename}">'
        f'<p class="soft">{escape(cards.facts(entry))}</p>{cards.stars(entry.rating)}'
        f'<div class="tagged">{cards.tags(entry)}</div><p class="buttons">{cards.buttons(entry)}</p>'
        f"<h4>{escape(_('How it was made'))}</h4>{cards.record(entry.record)}{dropped.signature(entry.path)}"
        f"{cards.relatives(_('Made from'), parents)}{cards.relatives(_('Made from it'), children)}</div></div>{drawn}"
    )


@routes.post("/works/{number}")
def note(
    number: str,
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
    return {"card": cards.card(entry), "tags": cards.tags(entry), "title": cards.titled(entry)}


@routes.post("/works/{number}/trash")
def trash(number: str) -> dict[str, Any]:
    """Puts a work into the trash; nothing is deleted."""
    from bottega.library import works

    name = cards.titled(works.get(number))
    works.trash(number)
    return {"said": _("“{name}” lies in the trash.").format(name=name)}


@routes.post("/works/{number}/restore")
def restore(number: str) -> dict[str, Any]:
    """Takes a work out of the trash again."""
    from bottega.library import works

    works.restore(number)
    return {"said": _("“{name}” is back.").format(name=cards.titled(works.get(number)))}


@routes.post("/works/{number}/remake")
def remake(number: str) -> dict[str, Any]:
    """A job that makes the work again from its record."""
    from bottega.library import works

    return dropped.again(works.get(number).path)


@routes.get("/works/{number}/file")
def download(number: str) -> FileResponse:
    """The file itself, to be kept, under its own name."""
    from bottega.library import works

    path = works.get(number).path
    return FileResponse(path, filename=path.name, media_type="application/octet-stream")


@routes.get("/beside")
def beside(ids: str) -> dict[str, Any]:
    """Two to four works side by side: ``{"html"}``; ``ids`` parted by commas."""
    from bottega.library import works

    chosen = [works.get(one) for one in ids.split(",") if one]
    if not BESIDE[0] <= len(chosen) <= BESIDE[1]:
        raise UsageError(_("Choose two to four works to see them side by side."))
    return {"html": cards.beside(chosen)}


@routes.get("/export")
def export(ids: str) -> FileResponse:
    """A zip of works with a readable index; ``ids`` parted by commas."""
    from starlette.background import BackgroundTask

    from bottega.library import works

    folder = Path(tempfile.mkdtemp(prefix="bottega-export-"))
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        packed = works.export([one for one in ids.split(",") if one], folder / "works.zip")
    except Exception:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(packed, filename=packed.name, media_type="application/zip", background=gone)


@routes.get("/choices")
def choices() -> dict[str, str]:
    """What can be chosen among, as ``<option>``s: ``{"operation", "model", "tag"}``."""
    from bottega.library import works

    told = works.choices()
    return {
        "operation": options(_("every operation"), {one: one for one in told.operations}),
        "model": options(_("every model"), told.models),
        "tag": options(_("every tag"), {name: f"{name} ({count:,})" for name, count in works.tags().items()}),
    }


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


def options(every: str, offered: dict[str, str]) -> str:
    """Choices for a ``<select>``, the first of them any."""
    each = "".join(f'<option value="{escape(one)}">{escape(said)}</option>' for one, said in offered.items())
    return f'<option value="">{escape(every)}</option>{each}'


def front(language: str) -> str:
    """The room before any work is in it: the tools, and the words that its script says."""
    media = {medium: _(said) for medium, said in cards.SAID.items()}
    least = {str(k): "★" * k + " +" * (k < cards.STARS) for k in range(1, cards.STARS + 1)}
    orders = {
        "newest": _("newest first"), "oldest": _("oldest first"), "best": _("best first"), "name": _("by name"),
    }  # fmt: skip
    filters = [
        ("medium", _("Medium"), options(_("every medium"), media)),
        ("operation", _("Operation"), options(_("every operation"), {})),
        ("model", _("Model"), options(_("every model"), {})),
        ("tag", _("Tag"), options(_("every tag"), {})),
        ("least", _("Rating"), options(_("any rating"), least)),
        ("order", _("Order"), options(_("newest first"), orders).split("</option>", 1)[1]),
    ]
    selects = "".join(
        f'<select name="{name}" aria-label="{escape(said)}">{offered}</select>' for name, said, offered in filters
    )
    search = escape(_("Search: names, titles, tags, words that were asked for"))
    return (
        f'<div class="gallery" data-gallery lang="{"zh-CN" if language == "zh" else "en"}" data-lang="{language}" '
        f'data-said="{escape(json.dumps(said(), ensure_ascii=False))}">'
        f'<form class="tools" role="search"><input type="search" name="words" placeholder="{search}" '
        f'aria-label="{search}" autocomplete="off"><details class="filters"><summary>{escape(_("Filters"))}</summary>'
        f'<div>{selects}<label class="trashed"><input type="checkbox" name="trashed"> {escape(_("Trash"))}</label>'
        f'</div></details><label class="open"><input type="file" name="file"><span>{escape(_("How was it made? …"))}'
        f"</span></label></form>"
        f'<p class="count soft" role="status" aria-live="polite"></p><div class="pages"></div>'
        f'<datalist id="bottega-tags"></datalist></div>'
    )


def said() -> dict[str, str]:
    """What the script says, in the language in use."""
    return {
        "count": _("{total} works"),
        "one": _("One work"),
        "none": _("There are no works here yet. Make some, or train a model of your own."),
        "make": _("Go to Make"),
        "nothing": _("Nothing is like that. Search for less, or take a filter away."),
        "clean": _("The trash is empty."),
        "chosen": _("{count} chosen"),
        "beside": _("Side by side"),
        "parents": _("Use as parents"),
        "export": _("Export"),
        "trash": _("Trash"),
        "clear": _("Choose none"),
        "undo": _("Undo"),
        "close": _("Close"),
        "before": _("The work before"),
        "after": _("The work after"),
        "many": _("Two to four works can be seen side by side."),
        "lost": _("The studio does not answer. Is it still running?"),
        "again": _("Try again"),
        "reading": _("Reading the file …"),
        "drop": _("Drop the file to see how it was made"),
    }

"""What comes of the Make room: jobs on their way with their previews, and the works that were made, with players.

The page asks ``/make/results`` again and again by itself, so that it goes on after a server that was started anew.
"""

import json
from html import escape
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as Part
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from bottega.errors import BottegaError
from bottega.language import _
from bottega.studio import small
from bottega.studio.gallery import cards
from bottega.studio.making.hand import DROPPED, VARIES, item
from bottega.studio.panels import titled
from bottega.studio.routes import Id, Spoken
from bottega.studio.serving import player

if TYPE_CHECKING:
    from bottega.library.jobs import Job
    from bottega.library.works import Entry

SHOWN = ("generate", "edit", "remake")
JOBS, WORKS, WORDS = 6, 24, 1200
"""Jobs that are shown, works of each, and characters of a text that is being written."""
FEW = 3
"""Works that are shown large."""
ACTIVE = ("queued", "running")
Name = Annotated[str, Part(pattern=f"^{DROPPED.pattern}$")]

routes = APIRouter(prefix="/make", route_class=Spoken, include_in_schema=False)
"""The addresses that the room's script asks; to be included behind the guard."""


@routes.get("/results")
def results(seen: Annotated[str, Query(max_length=2000)] = "") -> dict[str, Any]:
    """What is going on, and what was made if that is not what the page has seen already."""
    from bottega.library import jobs

    shown = [job for job in jobs.all(limit=60) if job.verb in SHOWN]
    active = [job for job in shown if job.state in ACTIVE]
    ended = sorted((job for job in shown if job.state not in ACTIVE), key=lambda job: job.ended or 0, reverse=True)[
        :JOBS
    ]
    now = ",".join(f"{job.id}:{job.state}:{len(job.results)}" for job in ended)
    answer: dict[str, Any] = {"seen": now, "active": "".join(map(under_way, active)), "busy": bool(active)}
    if now != seen or not seen:
        answer["done"] = "".join(map(came_of, ended)) if ended or active else nothing_yet()
    return answer


@routes.get("/dropped/{name}")
async def dropped(name: Name) -> Response:
    """What a browser can play of a dropped file."""
    one = await run_in_threadpool(item, name)
    return await player(one.file, one.medium, one.file.stem, {})


@routes.get("/dropped/{name}/thumb")
async def thumb(name: Name, w: Annotated[int, Query(ge=16, le=2000)] = 160) -> Response:
    """A small picture of a dropped file."""
    one = await run_in_threadpool(item, name)
    if one.medium == "text":
        return Response(small.first_words(one.file), media_type="text/plain; charset=utf-8")
    return FileResponse(await small.made(small.thumb, one.file, one.medium, one.file.stem, w), media_type="image/webp")


@routes.post("/cancel/{number}")
def cancel(number: Id) -> dict[str, Any]:
    """Stops a job; what it has made so far is kept."""
    from bottega.library import jobs

    jobs.cancel(number)
    return {}


def under_way(job: "Job") -> str:
    """A job that runs or waits: how far it is, how long it takes, how it looks so far."""
    if job.state == "queued":
        state, share = _("Waiting for its turn"), ""
    else:
        state = _("{share:.0%} done").format(share=job.progress) if job.progress is not None else _("Working …")
        share = f' value="{job.progress:.3f}"' if job.progress is not None else ""
    left = f" · {_('about {time} left').format(time=duration(job.left))}" if job.left else ""
    return (
        f'<article class="job" data-job="{escape(job.id)}"><header><h4>{escape(titled(job))}</h4>'
        f'<button type="button" class="quiet" data-cancel="{escape(job.id)}">{escape(_("Cancel"))}'
        f"</button></header>{_so_far(job)}"
        f'<progress max="1"{share} aria-label="{escape(titled(job))}"></progress>'
        f'<p class="soft">{escape(state)}{escape(left)}</p><p class="soft">{escape(job.message)}</p></article>'
    )


def _so_far(job: "Job") -> str:
    """The preview: the picture, or the text as it is being written."""
    if (job.folder / "preview.png").is_file():
        stamp = (job.folder / "preview.png").stat().st_mtime_ns // 1_000_000
        return f'<img class="preview" src="/jobs/{escape(job.id)}/preview/preview.png?at={stamp}" alt="">'
    if job.state != "running":
        return ""
    from bottega.library import jobs

    events, _next = jobs.events(job.id)
    text = "".join(event.get("text", "") for event in events if event["what"] == "written" and event.get("number") == 0)
    return f'<blockquote class="preview">{escape(text[-WORDS:])}</blockquote>' if text else ""


def came_of(job: "Job") -> str:
    """A job that has ended: its works with their players, or why there are none."""
    entries = made(job)
    shown = "".join(map(result, entries))
    many = " many" if len(entries) > FEW and entries[0].medium in ("image", "video") else ""
    body = f'<ul class="made{many}">{shown}</ul>' if shown else ""
    if job.why:
        body += f'<p class="wrong" role="alert">{escape(job.why)}</p>'
    elif not body:
        body = f'<p class="soft">{escape(job.word)}</p>'
    return f'<article class="job"><header><h4>{escape(titled(job))}</h4></header>{body}</article>'


def made(job: "Job") -> "list[Entry]":
    """The works of a job that are still there."""
    from bottega.library import works

    found = []
    for one in job.results[:WORKS]:
        if one["kind"] != "work" or not one.get("id"):
            continue
        try:
            entry = works.get(one["id"])
        except BottegaError:
            continue
        if not entry.trashed and not entry.missing:
            found.append(entry)
    return found


def result(entry: "Entry") -> str:
    """A work with its player, and what can be done with it next."""
    number = escape(entry.id)
    buttons = [
        ("↻", _("Again"), _("The same settings with a new seed, at once"), {"again": entry.id, "start": True}),
        ("≈", _("Vary this"), _("Relatives of this work"), {"vary": entry.id}),
        ("✎", _("Use as parent"), _("Take it in hand and make something from it"), {"works": [entry.id]}),
    ]
    offered = buttons if entry.medium in VARIES else []
    each = "".join(
        f'<button type="button" title="{escape(why)}" {sending(message)}>{_labelled(sign, said)}</button>'
        for sign, said, why, message in offered
    )
    return (
        f'<li class="result" data-id="{number}" data-medium="{escape(entry.medium)}">{cards.whole(entry)}'
        f'<div class="after">{each}<a href="/media/{number}" download="{escape(entry.path.name)}" '
        f'title="{escape(_("The file, with its record inside"))}">{_labelled("↓", _("Download"))}</a></div></li>'
    )


def _labelled(sign: str, said: str) -> str:
    """A sign and a word; among many works only the sign is seen."""
    return f'<span aria-hidden="true">{sign}</span> <span class="word">{escape(said)}</span>'


def sending(message: dict[str, Any]) -> str:
    """The attribute of a button that sends a message to the Make room."""
    return f'data-send="{escape(json.dumps({"room": "make", **message}))}"'


def nothing_yet() -> str:
    """What stands where works will be."""
    first, then = _("What you make appears here."), _("It is kept: find everything again in the Gallery.")
    return f'<div class="empty"><p>{escape(first)}</p><p class="soft">{escape(then)}</p></div>'


def duration(seconds: float) -> str:
    """Seconds as a person says them: “40 s”, “3 min”."""
    return _("{n:.0f} s").format(n=seconds) if seconds < 90 else _("{n:.0f} min").format(n=seconds / 60)

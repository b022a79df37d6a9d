"""The house around the rooms: one page for each language, a waiting page until they are ready, and the way in.

``import gradio`` takes seconds, so the socket answers before: pages are built in a thread, and whoever comes early sees
a waiting page that opens by itself.
"""

import asyncio
import gc
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Message, Receive, Scope, Send

from bottega.language import LANGUAGES, _, language, speaking
from bottega.studio import small
from bottega.studio.page import asset
from bottega.studio.safety import door

if TYPE_CHECKING:
    import gradio as gr

    from bottega.studio.desk import Desk

PATIENCE = 6
"""Seconds until the second language is opened without being asked for."""
HEARTBEAT = 5
"""Seconds between two looks at the queue."""
ICON = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#1f6b55'/>"
    "<path d='M10 7h7a5 5 0 0 1 2.6 9.2A5.4 5.4 0 0 1 17.4 25H10z' fill='#faf8f4'/></svg>"
)
HEAD = f"""<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,{quote(ICON)}">
<script src="/page.js" defer></script>"""
MODULES = {
    "make": "making.room",
    "train": "training.room",
    "gallery": "gallery.room",
    "models": "gallery.shelf",
    "queue": "queue.room",
}
"""The module of each room."""


class Studio:
    """The whole as one ASGI app: ``/en`` and ``/zh`` are pages of Gradio's, everything else is the house's.

    Args:
        address: where it will be reached, such as ``http://127.0.0.1:7860``; its MCP server asks itself there.
        token: the key that it shows then.
    """

    def __init__(self, address: str = "", token: str = "") -> None:
        self.wings = {code: Wing(code, address, token) for code in LANGUAGES}
        self.house = FastAPI(title="Bottega", docs_url=None, redoc_url=None, openapi_url=None, lifespan=self._lifespan)
        self.house.get("/", include_in_schema=False)(entrance)
        self.house.get("/page.js", include_in_schema=False)(script)
        self.house.get("/favicon.ico", include_in_schema=False)(lambda: Response(ICON, media_type="image/svg+xml"))
        self.house.get("/manifest.json", include_in_schema=False)(lambda: {"name": "Bottega", "start_url": "/"})
        _media(self.house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wing = self.wings.get(scope["path"].split("/")[1]) if scope["type"] in ("http", "websocket") else None
        await (wing or self.house)(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _house: FastAPI) -> AsyncIterator[None]:
        closing = asyncio.Event()
        tasks = [asyncio.create_task(self._open(closing)), asyncio.create_task(beat(closing))]
        yield
        closing.set()
        small.leave()
        await asyncio.gather(*tasks)

    async def _open(self, closing: asyncio.Event) -> None:
        """One wing after the other, that of this machine's language first; the other one when it is asked for, or soon:
        the first is sooner there so, and nobody who looks at it has to wait."""
        tasks = []
        gc.disable()  # what is made until then stays, so that nothing is to be collected
        for wing in sorted(self.wings.values(), key=lambda one: one.language != language()):
            for _moment in range(PATIENCE * 10 if tasks else 0):
                if wing.wanted.is_set() or closing.is_set():
                    break
                await asyncio.sleep(0.1)
            if closing.is_set():
                break
            tasks.append(asyncio.create_task(wing.live(closing)))
            await wing.settled.wait()
        gc.collect()
        gc.enable()
        gc.freeze()  # what is there now stays: to look through it again and again would hold up every answer
        await asyncio.gather(*tasks)


async def beat(closing: asyncio.Event) -> None:
    """Sees to the queue now and then, as long as the house is open: who died, and whose turn it is."""
    from bottega.library import scan
    from bottega.library.jobs.queue import kick_quietly

    with suppress(Exception):  # a library that is new, or was lost, first looks at what is there, if it can
        await asyncio.to_thread(scan.first)
    while not closing.is_set():
        await asyncio.to_thread(kick_quietly)
        with suppress(TimeoutError):
            await asyncio.wait_for(closing.wait(), HEARTBEAT)


class Wing:
    """The page in one language.

    Attributes:
        wanted: set when somebody asks for it.
        settled: set when it is open, or when it could not be opened.
    """

    def __init__(self, language: str, address: str = "", token: str = "") -> None:
        self.language, self.address, self.token, self.settled = language, address, token, asyncio.Event()
        self.wanted = asyncio.Event()
        self.page: FastAPI | None = None
        self.fault = ""

    async def live(self, closing: asyncio.Event) -> None:
        """Build the page, and keep it until the house closes: in one task, as its own tasks want it."""
        try:
            page = await asyncio.to_thread(build, self.language, self.address, self.token)
            async with page.router.lifespan_context(page):
                self.page = page
                self.settled.set()
                await closing.wait()
        except Exception as error:  # whoever comes is told; the other language may still open
            from bottega import faults

            with speaking(self.language):
                self.fault = str(faults.plainly(error))
        self.page = None
        self.settled.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.page:
            front = scope["path"].rstrip("/") == f"/{self.language}"
            await self.page(scope, receive, in_language(self.language, send) if front else send)
        else:
            self.wanted.set()
            await waiting(self.language, self.fault)(scope, receive, send)


def in_language(language: str, send: Send) -> Send:
    """Says in a page of Gradio's which language it speaks; otherwise its own words follow the browser's."""
    code = "zh-CN" if language == "zh" else "en"
    script = f'<head><script>Object.defineProperty(navigator, "language", {{ value: "{code}" }})</script>'

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":  # what follows is longer than it says
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"content-length"]
            return await send({**message, "headers": kept})
        body = message.get("body", b"").replace(b'lang="en"', f'lang="{code}"'.encode(), 1)
        await send({**message, "body": body.replace(b"<head>", script.encode(), 1)})

    return tell


def build(language: str, address: str = "", token: str = "") -> FastAPI:
    """The page in one language, with all rooms, ready to be served under ``/<language>``; see ``Studio``."""
    from bottega.studio.haste import hasten, without_servers

    hasten()
    import gradio as gr

    from bottega.studio import api, theme

    with speaking(language):
        page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        with without_servers():
            rooms = blocks(language)
        gr.mount_gradio_app(
            page,
            rooms,
            path=f"/{language}",
            theme=theme.theme(),
            css=asset("page.css"),
            head=HEAD,
            footer_links=[],
            run_history=False,
            pwa=False,
            show_error=False,
            mcp_server=True,
        )
        if address:
            api.give_key(rooms, f"{address}/{language}/", token)
        return page


def blocks(language: str) -> "gr.Blocks":
    """The rooms on one desk."""
    import gradio as gr

    from bottega.studio import api
    from bottega.studio.desk import ROOMS, Desk

    with gr.Blocks(title="Bottega", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_header(language), elem_id="header", padding=False)
        desk = Desk(language)
        with desk.tabs:
            for room, title in ROOMS.items():
                with gr.Tab(_(title), id=room, elem_id=f"room-{room}"):
                    _furnish(room, desk)
        desk.move_with_sends()
        for told in page.fns.values():  # what the rooms say to themselves is no tool for programs
            told.api_visibility = "private"
        api.tools(desk.speaks)
    return page


def _furnish(room: str, desk: "Desk") -> None:
    """One room; a fault in it leaves the others open."""
    import gradio as gr

    try:
        import_module(f"bottega.studio.{MODULES[room]}").room(desk)
    except Exception as error:
        from bottega import faults

        gr.HTML(f'<p class="wrong" role="alert">{html.escape(str(faults.plainly(error)))}</p>')


def entrance(request: Request) -> RedirectResponse:
    """To the page in the language that was used last, or that the browser prefers."""
    return RedirectResponse(f"/{door.spoken(request)}/", status_code=307)


def script() -> Response:
    """What the page does by itself."""
    text = asset("page.js")
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def waiting(language: str, fault: str = "") -> HTMLResponse:
    """What whoever comes early sees; it looks again by itself."""
    with speaking(language):
        said = html.escape(fault or _("The studio is opening …"))
    again = "" if fault else "<script>setTimeout(() => location.reload(), 120)</script>"
    page = f"""<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Bottega</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>body{{font:1.1rem system-ui,sans-serif;display:grid;place-items:center;height:90vh;margin:0 1.5rem;
background:light-dark(#faf8f4,#161512);color:light-dark(#575146,#d3ccbd)}}</style><p role="status">{said}</p>{again}"""
    return HTMLResponse(page, status_code=503, headers={"Retry-After": "1", "Cache-Control": "no-store"})


def _header(language: str) -> str:
    """The name of the house and the other language."""
    other, name = ("zh", "中文") if language == "en" else ("en", "English")
    return (
        f'<a class="house" href="/{language}/">Bottega</a><span class="motto">{_("A workshop of your own")}</span>'
        f'<a class="language" href="/{other}/" hreflang="{other}" lang="{other}">{name}</a>'
    )


def _media(house: FastAPI) -> None:
    """The addresses of works and of the rooms that ask for more than Gradio gives."""
    for name in ("serving", "gallery.room", "gallery.shelf", "making.results"):
        house.include_router(import_module(f"bottega.studio.{name}").routes)

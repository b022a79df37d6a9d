"""The house around the rooms: one page for each language, a waiting page until they are ready, and the way in.

``import gradio`` takes seconds, so the socket answers before: pages are built in a thread, and whoever comes early sees
a waiting page that opens by itself.
"""

import asyncio
import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module, resources
from importlib.util import find_spec
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from bottega.language import LANGUAGES, _, speaking

if TYPE_CHECKING:
    import gradio as gr

SPOKEN = "bottega-language"
"""The cookie that keeps the language of the page."""
HEAD = """<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' \
height='32' rx='7' fill='%231f6b55'/><path d='M10 7h7a5 5 0 0 1 2.6 9.2A5.4 5.4 0 0 1 17.4 25H10z' fill='%23faf8f4'/>\
</svg>">
<script src="/page.js" defer></script>"""
MODULES = {"make": "make", "train": "training", "gallery": "gallery", "models": "shelf", "queue": "queue"}
"""The module of each room."""


class Studio:
    """The whole as one ASGI app: ``/en`` and ``/zh`` are pages of Gradio's, everything else is the house's."""

    def __init__(self) -> None:
        self.wings = {code: Wing(code) for code in LANGUAGES}
        self.house = FastAPI(title="Bottega", docs_url=None, redoc_url=None, openapi_url=None, lifespan=self._lifespan)
        self.house.get("/", include_in_schema=False)(entrance)
        self.house.get("/page.js", include_in_schema=False)(script)
        _media(self.house)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wing = self.wings.get(scope["path"].split("/")[1]) if scope["type"] in ("http", "websocket") else None
        await (wing or self.house)(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, _house: FastAPI) -> AsyncIterator[None]:
        closing = asyncio.Event()
        open_ = asyncio.create_task(self._open(closing))
        yield
        closing.set()
        await open_

    async def _open(self, closing: asyncio.Event) -> None:
        """One wing after the other: the first is sooner there so."""
        tasks = []
        for wing in self.wings.values():
            tasks.append(asyncio.create_task(wing.live(closing)))
            await wing.settled.wait()
        await asyncio.gather(*tasks)


class Wing:
    """The page in one language.

    Attributes:
        settled: set when it is open, or when it could not be opened.
    """

    def __init__(self, language: str) -> None:
        self.language, self.settled = language, asyncio.Event()
        self.page: FastAPI | None = None
        self.fault = ""

    async def live(self, closing: asyncio.Event) -> None:
        """Build the page, and keep it until the house closes: in one task, as its own tasks want it."""
        try:
            page = await asyncio.to_thread(build, self.language)
        except Exception as error:  # whoever comes is told; the other language may still open
            from bottega import faults

            self.fault = str(faults.plainly(error))
            self.settled.set()
            return
        async with page.router.lifespan_context(page):
            self.page = page
            self.settled.set()
            await closing.wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.page:
            await self.page(scope, receive, send)
        else:
            await waiting(self.language, self.fault)(scope, receive, send)


def build(language: str) -> FastAPI:
    """The page in one language, with all rooms, ready to be served under ``/<language>``."""
    import gradio as gr

    from bottega.studio import theme

    with speaking(language):
        page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        return gr.mount_gradio_app(
            page,
            blocks(language),
            path=f"/{language}",
            theme=theme.theme(),
            css=theme.asset("page.css"),
            head=HEAD,
            footer_links=[],
            run_history=False,
            pwa=False,
            show_error=False,
        )


def blocks(language: str) -> "gr.Blocks":
    """The rooms on one desk."""
    import gradio as gr

    from bottega.studio.desk import ROOMS, Desk

    with gr.Blocks(title="Bottega", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_header(language), elem_id="header", padding=False)
        desk = Desk(language)
        with desk.tabs:
            for room, title in ROOMS.items():
                if not find_spec(f"bottega.studio.{MODULES[room]}"):
                    continue
                with gr.Tab(_(title), id=room, elem_id=f"room-{room}"):
                    import_module(f"bottega.studio.{MODULES[room]}").room(desk)
        desk.move_with_sends()
    return page


def entrance(request: Request) -> RedirectResponse:
    """To the page in the language that was used last, or that the browser prefers."""
    kept = request.cookies.get(SPOKEN)
    wished = next((part for part in request.headers.get("accept-language", "").split(",")), "")
    code = kept if kept in LANGUAGES else "zh" if wished.strip().lower().startswith("zh") else "en"
    return RedirectResponse(f"/{code}/", status_code=307)


def script() -> Response:
    """What the page does by itself."""
    text = resources.files("bottega.studio").joinpath("page.js").read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def waiting(language: str, fault: str = "") -> HTMLResponse:
    """What whoever comes early sees; it looks again by itself."""
    with speaking(language):
        said = html.escape(fault or _("The studio is opening …"))
    again = "" if fault else "<script>setTimeout(() => location.reload(), 300)</script>"
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
    for name in ("serving", "gallery", "shelf", "results"):
        house.include_router(import_module(f"bottega.studio.{name}").router())

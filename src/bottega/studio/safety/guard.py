"""Who may ask the studio for what: everything passes here, before any page, file or tool of it.

A request is looked at in this order: the name it was sent to (an address elsewhere may be made to point here), the
page that sent it, the key, the route, the size. Answers leave with headers that forbid the browser what the studio
does not need, and without the real places of files.
"""

import asyncio
import ipaddress
import json
import re
import socket
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl, quote, unquote, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bottega.language import _, speaking
from bottega.studio.safety import door
from bottega.studio.safety.keys import Secret, Turnstile, is_own, leave, new, opened, same, settle
from bottega.studio.safety.policy import Dressed
from bottega.studio.safety.veil import Refused, Veil

__all__ = ["LARGEST_UPLOAD", "Guard", "Secret", "leave", "new", "opened", "settle"]

LARGEST_UPLOAD = 1 << 30  # bytes of one request with files
LARGEST_DRAWING = 64 << 20  # of what was painted over a picture
LARGEST = 16 << 20  # of any other
LARGEST_PASSWORD = 4 << 10

WING = re.compile(r"/(?:en|zh)(?=/|$)")
ROUTES = {
    "GET": re.compile(
        r"/?|/(?:assets|static)/[\w./-]+|/theme\.css|/config|/gradio_api/(?:info|app_id|startup-events|theme\.css"
        r"|openapi\.json|queue/(?:data|status)|upload_progress|heartbeat/[\w-]+|call/[\w/-]+|file=.+|mcp(?:/[\w/-]*)?)"
    ),
    "POST": re.compile(
        r"/gradio_api/(?:queue/join|cancel|reset|upload|component_server|run/[\w-]+|call/[\w/-]+|mcp(?:/[\w/-]*)?)/?"
    ),
    "DELETE": re.compile(r"/gradio_api/mcp(?:/[\w/-]*)?"),
}
"""What a page of Gradio's may be asked for. All else that Gradio could do (fetch addresses in the net, edit its own
program, record the screen, show who uses it) is not there."""
FILES = re.compile(r"/gradio_api/(?:upload|component_server)/?")
"""Where a page of Gradio's sends forms with files; everything else is JSON, which no page elsewhere sends unasked."""
UNTOLD = (b"forwarded", b"x-forwarded-", b"x-gradio-", b"x-real-ip", b"x-original-", b"accept-encoding")
"""Headers that are not believed, and the one by which answers would be too packed to look into."""


class Guard:
    """The studio with a guard at its door, as an ASGI app.

    Args:
        app: the studio.
        secret: the keys of this start.
        host, port: where it listens.
    """

    def __init__(self, app: ASGIApp, secret: Secret, host: str, port: int) -> None:
        self.app, self.secret, self.port, self.own = app, secret, port, is_own(host)
        self.names = {"localhost", "127.0.0.1", "[::1]", host.lower()}
        if not self.own:
            self.names |= {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"}
        self.veil, self.turnstile = Veil(secret.folder), Turnstile()
        self.cookie = f"bottega-{port}"  # browsers send the cookies of one port to the others too

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # nothing here speaks over sockets
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        asked = Request(scope, receive)
        with speaking(door.spoken(asked)):
            answer = await self.answer(asked)
            path: str = scope["path"]  # not that of asked.url, in which “?” and the name it was sent to can play tricks
            wing = WING.match(path)
            send = Dressed(send, self.veil, not wing or "/file=" in path)
            if answer:
                await answer(scope, receive, send)
            elif wing:
                await self.wing(scope, receive, send)
            else:
                await self.limited(scope, receive, send, most(path))

    async def answer(self, asked: Request) -> Response | None:
        """What is answered at the door; None lets the request in."""
        if not self.is_named(asked.headers):
            return door.told(_("The studio does not go by this name."), 421)
        if not _is_plain(asked.scope):
            return door.told(_("There is nothing at this address."), 404)
        if not self.is_from_here(asked):
            return door.told(_("Another page may not ask the studio for anything."), 403)
        if asked.method == "GET" and (word := asked.query_params.get("token")):
            return self.let_in(asked) if same(word, self.secret.token) else self.refuse(asked)
        path: str = asked.scope["path"]
        if path == "/login" and self.secret.password:
            return await self.login(asked)
        if not self.has_key(asked):
            return self.refuse(asked)
        wing = WING.match(path)
        if wing and not self.is_route(asked.method, path[wing.end() :]):
            return door.told(_("There is nothing at this address."), 404)
        return None

    def is_named(self, headers: Headers) -> bool:
        """Whether the request was sent to a name of this studio, at any port: there may be a tunnel before it. A name
        that is an address cannot be made to point elsewhere: any will do when it listens to other machines."""
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            return False
        name, _colon, port = hosts[0].lower().rpartition(":")
        name = name if port.isdecimal() else hosts[0].lower()
        return name in self.names or (not self.own and _is_address(name))

    def is_from_here(self, asked: Request) -> bool:
        """Whether no other page sent it: pages say so by themselves, programs say nothing."""
        host = asked.headers["host"].lower()
        if any(origin not in (f"http://{host}", f"https://{host}") for origin in asked.headers.getlist("origin")):
            return False
        site = asked.headers.get("sec-fetch-site", "none")
        # To follow a link to here is no harm: it comes without the cookie, and does nothing.
        follows = asked.method in ("GET", "HEAD") and asked.headers.get("sec-fetch-dest") == "document"
        return site in ("none", "same-origin") or follows

    def has_key(self, asked: Request) -> bool:
        """Whether it brings the cookie, or the word as programs bring it."""
        kind, _space, word = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and same(word.strip(), self.secret.token):
            return True
        return same(asked.cookies.get(self.cookie, ""), self.secret.cookie)

    def let_in(self, asked: Request) -> Response:
        """The cookie, and the same address without the word: it is not to stay in the history."""
        rest = urlencode([(name, value) for name, value in asked.query_params.multi_items() if name != "token"])
        return self.welcome(quote(asked.scope["path"]) + ("?" + rest if rest else ""))

    def welcome(self, to: str) -> Response:
        """To that address, with the cookie."""
        answer = RedirectResponse(to, 303, {"Cache-Control": "no-store"})
        answer.set_cookie(self.cookie, self.secret.cookie, httponly=True, samesite="strict", path="/")
        return answer

    def refuse(self, asked: Request) -> Response:
        """What is answered to whoever has no key: a page to a person, a sentence to a program."""
        if asked.headers.get("sec-fetch-mode", "navigate") != "navigate" or "html" not in asked.headers.get(
            "accept", ""
        ):
            return door.told(_("The studio is locked."), 401)
        return RedirectResponse("/login", 303) if self.secret.password else door.shut(quote(asked.scope["path"]))

    async def login(self, asked: Request) -> Response:
        """Asks for the password, and looks whether it is right; not as often as one likes."""
        if asked.method == "GET":
            return door.ask()
        if asked.method != "POST":
            return door.told(_("There is nothing at this address."), 404)
        body = b""
        async for piece in asked.stream():
            body += piece
            if len(body) > LARGEST_PASSWORD:
                return door.told(_("This is too large."), 413)
        who = asked.client.host if asked.client else ""  # from here on nobody else comes between
        if wait := self.turnstile.wait(who):
            message = _("Too many wrong passwords. Try again in {seconds} seconds.")
            return door.ask(message.format(seconds=wait), 429, wait)
        given = dict(parse_qsl(body.decode("utf-8", "replace"))).get("password", "")
        if same(given, self.secret.password):
            return self.welcome("/")
        self.turnstile.failed(who)
        return door.ask(_("This is not the password."), 403)

    @staticmethod
    def is_route(method: str, path: str) -> bool:
        """Whether a page of Gradio's has this route, and needs it."""
        pattern = ROUTES.get("GET" if method == "HEAD" else method)
        return pattern is not None and pattern.fullmatch(path) is not None

    async def wing(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Through to a page of Gradio's: its own files only, and no real place of any file outside."""
        path: str = scope["path"]
        scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if not k.lower().startswith(UNTOLD)]}
        headers = Headers(scope=scope)
        try:
            if "/file=" in path:
                before, _file, name = path.partition("/file=")
                real = str(self.veil.find(name))
                scope = {**scope, "path": f"{before}/file={real}", "raw_path": quote(f"{before}/file={real}").encode()}
            if scope["method"] == "POST":
                kind = headers.get("content-type", "").partition(";")[0].strip().lower()
                files = kind == "multipart/form-data" and FILES.search(path)
                if kind != "application/json" and not files:
                    return await door.told(_("This is not what the page sends."), 415)(scope, receive, send)
                if kind == "application/json":
                    scope, receive = await self.shown(scope, receive)
        except Refused:
            return await door.told(_("This is no file of this page."), 403)(scope, receive, send)
        except TooLarge:
            return await door.told(_("This is too large."), 413)(scope, receive, send)
        await self.limited(scope, receive, send, most(path))

    async def shown(self, scope: Scope, receive: Receive) -> tuple[Scope, Receive]:
        """A request in JSON, with the real places of the files in it.

        Raises:
            Refused, TooLarge.
        """
        receive = counted(scope, receive, LARGEST)
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        try:
            text = await asyncio.to_thread(self.read, body) if body else b""
        except (ValueError, RecursionError):  # no JSON: the app says so in its own way, without having seen any of it
            text = b"}"
        kept = [(k, v) for k, v in scope["headers"] if k.lower() not in (b"content-length", b"transfer-encoding")]
        left = [{"type": "http.request", "body": text, "more_body": False}]

        async def again() -> Message:
            return left.pop() if left else await receive()

        return {**scope, "headers": [*kept, (b"content-length", str(len(text)).encode())]}, again

    def read(self, body: bytearray) -> bytes:
        """JSON with the real places of files. Raises Refused, and ValueError when it is none."""
        return json.dumps(self.veil.show(json.loads(body))).encode()

    async def limited(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """Through to the studio, with a body of so many bytes at most, whether it says its length or not."""
        over, begun = False, False

        async def watch() -> Message:
            nonlocal over
            try:
                return await take()
            except TooLarge:
                over = True
                raise

        async def tell(message: Message) -> None:
            nonlocal begun
            if not over:  # what the app makes of it is not what should be said
                begun = True
                await send(message)

        try:
            take = counted(scope, receive, most)
            await self.app(scope, watch, tell)
        except TooLarge:
            over = True
        except Exception:
            if not over:
                raise
        if over and not begun:
            await door.told(_("This is too large."), 413)(scope, receive, send)


def most(path: str) -> int:
    """How many bytes may be sent there."""
    if path.endswith(("/gradio_api/upload", "/dropped")):
        return LARGEST_UPLOAD
    return LARGEST_DRAWING if path.endswith("/component_server") else LARGEST


class TooLarge(Exception):
    """A request is larger than any that the studio has a use for."""


def counted(scope: Scope, receive: Receive, most: int) -> Callable[[], Awaitable[Message]]:
    """A body that ends in TooLarge when it goes on beyond so many bytes; at once when it says so itself.

    Raises:
        TooLarge: the length in its header is larger.
    """
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > most:
        raise TooLarge
    seen = 0

    async def take() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLarge
        return message

    return take


def _is_plain(scope: Scope) -> bool:
    """Whether a path is written as the studio writes its own: nothing in it can be read as another one."""
    raw, path = scope.get("raw_path") or b"", scope["path"]
    segments = path.split("/")
    odd = "\\" in path or "%" in path or "//" in path or any(ord(letter) < 32 or ord(letter) == 127 for letter in path)
    return path.startswith("/") and not odd and "." not in segments and ".." not in segments and unquote(raw) == path


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True

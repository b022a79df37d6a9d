"""What browsers are told about the studio's answers, and the veil over what is in them."""

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

from bottega.studio.safety.veil import Veil

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with “no-referrer” forms would not say where they come from
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), display-capture=()",
}
FILE = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
)
"""For files and data: whatever is in them, nothing of it runs."""
PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; frame-src 'none'; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'"
)
"""For pages of Gradio's, which compiles the small scripts of its events (``unsafe-eval``). Scripts run only when they
are those that the page left with; attributes such as ``onerror`` never do, whatever a person typed."""
SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
PROGRAMS = re.compile(r"text/css|text/javascript|application/(?:x-)?javascript|application/wasm|font/")
SAID = re.compile(r"text/html|text/plain|text/event-stream|application/(?:[\w.-]+\+)?json")
ACTIVE = re.compile(r"html|xml|svg|pdf", re.IGNORECASE)


def fingerprint(script: bytes) -> str:
    """A script as a policy names it. Browsers read ends of lines as one character."""
    text = script.replace(b"\r\n", b"\n")
    return f" 'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"


class Dressed:
    """What sends an answer, with the headers on and the veil over it.

    Args:
        file: the answer may be somebody's file: its bytes stay as they are, and nothing in it is taken for a page.
    """

    def __init__(self, send: Send, veil: Veil, file: bool = False) -> None:
        self.send, self.veil, self.file = send, veil, file
        self.start: Message | None = None  # held back until the whole page is known
        self.rest = b""
        self.said = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self.begin(message)
        elif self.start is not None:
            await self.page(message)
        elif self.said and message["type"] == "http.response.body":
            await self.words(message)
        else:
            await self.send(message)

    async def begin(self, message: Message) -> None:
        """The headers."""
        message = {**message, "headers": list(message.get("headers", []))}
        headers = MutableHeaders(scope=message)
        for name in ("server", "access-control-allow-origin", "access-control-allow-credentials"):
            del headers[name]
        kind = headers.get("content-type", "")
        for name, value in ALWAYS.items():
            headers.setdefault(name, value)
        known = "content-security-policy" in headers  # a page of the door's
        file = self.file and not known and message["status"] < 400 and not kind.startswith("application/json")
        if file and ACTIVE.search(kind):
            headers["content-type"], headers["content-disposition"] = "application/octet-stream", "attachment"
        self.said = not file and SAID.match(kind) is not None
        if self.said:
            headers.setdefault("Cache-Control", "no-store")
            del headers["content-length"]  # the veil is of another length
        if kind.startswith("text/html") and not file and not known:
            self.start = message
            return
        running = PROGRAMS.match(kind)  # a worker is bound by the policy of its own file
        headers.setdefault("Content-Security-Policy", PAGE.format(scripts="") if running else FILE)
        await self.send(message)

    async def page(self, message: Message) -> None:
        """A page, when it is whole: with a policy that names each of its scripts."""
        self.rest += message.get("body", b"")
        if message.get("more_body"):
            return
        body, start = self.veil.hide(self.rest), self.start or {}
        policy = PAGE.format(scripts="".join(dict.fromkeys(map(fingerprint, SCRIPT.findall(body)))))
        MutableHeaders(scope=start)["Content-Security-Policy"] = policy
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})

    async def words(self, message: Message) -> None:
        """A piece of JSON, of events or of text; what may be half a path waits for the next one."""
        body = self.veil.hide(self.rest + message.get("body", b""))
        waiting = self.veil.undecided(body) if message.get("more_body") else 0
        self.rest = body[len(body) - waiting :]
        await self.send({**message, "body": body[: len(body) - waiting]})

"""How the studio opens: a free port, the server, the address for the person, and the browser."""

import logging
import socket
import threading
import webbrowser
from typing import Any

import uvicorn

from bottega.errors import UsageError
from bottega.language import _
from bottega.studio.app import Studio
from bottega.studio.safety import guard, seal

TRIED = 20
"""Ports after the wished one that are tried when it is taken."""


def run(*, host: str = "127.0.0.1", port: int = 7860, open_page: bool = True) -> None:
    """Serve the studio until it is interrupted.

    Args:
        host: the address to listen on; others than this machine's own need a password.
        port: the wished port, 0 to 65535; the next free one is taken when it is not free.
        open_page: whether to open the page in the browser.

    Raises:
        UsageError: no port is free, or others could ask and there is no password.
    """
    secret = guard.new(host)
    guard.settle(secret)
    seal.close()
    try:
        listener = _listener(host, port)
        port = listener.getsockname()[1]
        address = guard.opened(secret, host, port)
        print(_("The studio is open at {address}").format(address=address), flush=True)
        print(_("Ctrl-C closes it; what is being made goes on."), flush=True)
        if open_page:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # one in a terminal stays
        app = guard.Guard(Studio(address.partition("/?")[0], secret.token), secret, host, port)
        quiet: dict[str, Any] = {"log_level": "warning", "access_log": False, "server_header": False}
        settings = uvicorn.Config(app, proxy_headers=False, timeout_graceful_shutdown=2, **quiet)
        _Server(settings).run(sockets=[listener])
    finally:
        guard.leave(secret)


class _Server(uvicorn.Server):
    """A server that closes without a word about those who still listened."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def _listener(host: str, port: int) -> socket.socket:
    """A socket on the wished port, or on the next free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wished in range(port, min(port + TRIED, 65536)):
        # asyncio sends without a delay (40 ms an answer) only over sockets that say they are TCP
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, wished))
        except OSError:
            listener.close()
            continue
        listener.listen(256)
        return listener
    message = _("No port from {first} to {last} is free; say another one with --port.")
    raise UsageError(message.format(first=port, last=port + TRIED - 1))

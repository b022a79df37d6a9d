"""How the studio opens: a free port, the server, the address for the person, and the browser."""

import socket
import webbrowser

import uvicorn

from bottega.errors import UsageError
from bottega.language import _
from bottega.studio.app import Studio

TRIED = 20
"""Ports after the wished one that are tried when it is taken."""


def run(*, host: str = "127.0.0.1", port: int = 7860, open_page: bool = True) -> None:
    """Serve the studio until it is interrupted.

    Raises:
        UsageError: no port is free.
    """
    listener = _listener(host, port)
    port = listener.getsockname()[1]
    address = f"http://{host}:{port}/"
    print(_("The studio is open at {address}").format(address=address), flush=True)
    print(_("Ctrl-C closes it; what is being made goes on."), flush=True)
    if open_page:
        webbrowser.open(address)
    server = uvicorn.Server(
        uvicorn.Config(Studio(), log_level="warning", access_log=False, timeout_graceful_shutdown=2)
    )
    server.run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    """A socket on the wished port, or on the next free one."""
    for wished in range(port, min(port + TRIED, 65536)):
        listener = socket.socket()
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

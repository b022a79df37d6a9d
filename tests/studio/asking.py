"""Requests as no well-behaved client sends them, and a server that others may be led to."""

import contextlib
import http.server
import json
import socket
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.studio.conftest import Studio


def word(studio: Studio) -> str:
    """The token."""
    return parse_qs(urlsplit(studio.address).query)["token"][0]


def ask(
    studio: Studio, method: str, path: str, body: bytes = b"", *, key: bool = False, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request, byte for byte as it is given: no client mends it."""
    lines = {"Host": f"127.0.0.1:{studio.port}", "Connection": "close"}
    lines |= {"Authorization": f"Bearer {word(studio)}"} if key else {}
    lines |= {"Content-Length": str(len(body))} if body else {}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    with socket.create_connection(("127.0.0.1", studio.port), 30) as line:
        line.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        said = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            line.settimeout(30)
            while piece := line.recv(1 << 16):
                said += piece
                if b"event-stream" in said:
                    break
    start, _end, rest = said.partition(b"\r\n\r\n")
    first, *more = start.decode("latin-1").split("\r\n")
    got = dict(line.lower().split(": ", 1) for line in more)
    if got.get("transfer-encoding") == "chunked":
        rest = joined(rest)
    return (int(first.split()[1]) if first else 0), got, rest


def joined(chunks: bytes) -> bytes:
    """A body that came in pieces."""
    body = b""
    while size := int(chunks.partition(b"\r\n")[0] or b"0", 16):
        start = chunks.index(b"\r\n") + 2
        body, chunks = body + chunks[start : start + size], chunks[start + size + 2 :]
    return body


def send(studio: Studio, path: str, told: Any, **headers: str) -> tuple[int, bytes]:
    """JSON, with the key."""
    got = ask(studio, "POST", path, json.dumps(told).encode(), key=True, Content_Type="application/json", **headers)
    return got[0], got[2]


class Elsewhere:
    """Another server on this machine, which remembers what it is asked."""

    def __init__(self, page: str = "") -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(page.encode())

            do_POST = do_GET

            def log_message(self, *_said: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

"""Attacks on a studio that runs, from outside and with the key in hand: nothing is read, nothing runs."""

import base64
import contextlib
import json
import pickle
import re
import secrets
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.studio.asking import Elsewhere, ask, send, word
from tests.studio.conftest import Studio
from tests.waiting import free_port

CANARY = f"canary-{secrets.token_hex(8)}"
"""Stands in files that nobody may read through the studio."""
FILLED = {"id": "0" * 20, "name": "x", "w": "320", "number": "0" * 16, "page": "x"}
CLIMBS = (
    *("../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
    *("..%252f..%252f..%252fetc%252fpasswd", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "..\\..\\etc\\passwd"),
    *("..%5c..%5cetc%5cpasswd", "file:///etc/passwd", "etc/passwd%00.png", "%00", "....//....//etc/passwd", "~/canary"),
    *("..;/..;/etc/passwd", "%c0%ae%c0%ae/etc/passwd", "%ef%bc%8e%ef%bc%8e/etc/passwd", "{canary}", "%2e", "{link}"),
)


@pytest.fixture(scope="module", autouse=True)
def canary(studio: Studio) -> Path:
    """A file in the home of the studio that is no work, and a link to it among the works."""
    path = studio.home / "canary"
    path.write_text(CANARY)
    (studio.home / "works").mkdir(exist_ok=True)
    (studio.home / "works" / "link.md").symlink_to(path)
    return path


@pytest.fixture(scope="module")
def routes() -> list[tuple[str, str]]:
    """Every address that the house and a page of Gradio's know, with its method."""
    script = """
import json
from starlette.routing import Mount
from bottega.studio.app import Studio, build
def every(routes, prefix=""):
    for route in routes:
        if isinstance(route, Mount): yield from every(getattr(route.app, "routes", []), prefix + route.path)
        elif hasattr(route, "routes"): yield from every(route.routes, prefix)
        elif hasattr(route, "original_router"): yield from every(route.original_router.routes, prefix)
        else:
            for method in getattr(route, "methods", None) or ["GET"]: yield method, prefix + route.path
print(json.dumps([*every(Studio().house.routes), *every(build("en").routes)]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    found = [(method, path) for method, path in json.loads(done.stdout.splitlines()[-1])]
    assert len(found) > 60 and any("/media/" in path for _method, path in found)
    return found


def filled(path: str, value: str | None = None) -> str:
    """A route with something in its holes."""
    return re.sub(r"{(\w+)(:\w+)?}", lambda hole: value or FILLED.get(hole[1], "x"), path)


def test_no_address_answers_without_the_key(studio: Studio, routes: list[tuple[str, str]]) -> None:
    for method, path in {*routes, ("GET", "/docs"), ("GET", "/openapi.json"), ("GET", "/redoc"), ("POST", "/login")}:
        status, headers, body = ask(studio, method, filled(path))
        assert status == 401, (method, path)
        assert len(body) < 100 and "set-cookie" not in headers
    for key in ("", "x", word(studio)[:-1], word(studio).lower(), f"{word(studio)} "):
        headers = {"Authorization": f"Bearer {key}", "Cookie": f"bottega-{studio.port}={key}"}
        assert ask(studio, "GET", "/en/", **headers)[0] == (200 if key.endswith(" ") else 401)
        assert ask(studio, "GET", f"/en/?token={key.strip()}")[0] == (303 if key.endswith(" ") else 401)


def test_gradio_has_no_address_that_was_not_looked_at(routes: list[tuple[str, str]]) -> None:
    from bottega.studio.safety.guard import Guard

    open_ = {path for method, path in routes if path.startswith("/en/") and Guard.is_route(method, filled(path)[3:])}
    dangerous = re.compile(
        "proxy|vibe|monitoring|deep|custom_component|recording|/file/|runs|run-history|stream|dev/|login|token"
    )
    assert not [path for path in open_ if dangerous.search(path)]
    assert {"/en/gradio_api/queue/join", "/en/gradio_api/upload", "/en/assets/{path:path}"} <= open_


def test_no_address_leads_to_another_file(studio: Studio, routes: list[tuple[str, str]], canary: Path) -> None:
    holes = {path for method, path in routes if "{" in path and method == "GET" and "heartbeat" not in path}
    climbs = [climb.format(canary=canary, link=studio.home / "works" / "link.md") for climb in CLIMBS]
    tried = 0
    for path in sorted(holes):
        for climb in climbs:
            status, _headers, body = ask(studio, "GET", filled(path, climb).replace(" ", "%20"), key=True)
            assert status >= 400, (path, climb)
            assert b"root:" not in body and CANARY.encode() not in body and str(studio.home).encode() not in body
            tried += 1
    for climb in climbs:
        for path in (
            f"/{climb}",
            f"/en/{climb}",
            f"/en/?file={climb}",
            f"/media/?id={climb}",
            f"/en/config?page={climb}",
        ):
            body = ask(studio, "GET", path, key=True)[2]
            assert b"root:" not in body and CANARY.encode() not in body
    assert tried > 200


def test_other_hosts_and_other_pages(studio: Studio) -> None:
    for host in ("evil.example", f"evil.example:{studio.port}", "", "0.0.0.0", "127.0.0.1.evil.example", "[::]"):
        assert ask(studio, "GET", "/en/", key=True, Host=host)[0] in (400, 421), host
    for origin in ("http://evil.example", "null", f"http://localhost:{studio.port}", f"http://127.0.0.1:{free_port()}"):
        for method, path in (("POST", "/en/gradio_api/queue/join"), ("GET", "/en/config"), ("OPTIONS", "/en/")):
            status, headers, _body = ask(studio, method, path, key=True, Origin=origin)
            assert status == 403 and not [name for name in headers if name.startswith("access-control")]
    status, headers, body = ask(
        studio, "GET", "/en/", key=True, X_Forwarded_Host="evil.example", Forwarded="host=evil.example"
    )
    assert status == 200 and b"evil.example" not in body
    absolute = f"http://evil.example:{studio.port}/en/"
    assert b"evil.example" not in ask(studio, "GET", absolute, key=True)[2]


def test_bodies_that_are_too_large(studio: Studio) -> None:
    for path in ("/en/gradio_api/queue/join", "/en/gradio_api/upload", "/en/gradio_api/component_server", "/"):
        status, _headers, _body = ask(
            studio, "POST", path, key=True, Content_Type="application/json", Content_Length=str(1 << 40)
        )
        assert status == 413
    # without a length: it goes on until it is cut off
    sent = 0
    with socket.create_connection(("127.0.0.1", studio.port), 30) as line:
        head = (
            f"POST /en/gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1:{studio.port}\r\nConnection: close\r\n"
            f"Authorization: Bearer {word(studio)}\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        )
        line.sendall(head.encode())
        with contextlib.suppress(ConnectionError, TimeoutError):
            while sent < 200 << 20:
                line.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent += 65536
        with contextlib.suppress(ConnectionError):
            assert b" 413 " in line.recv(1000)
    assert sent < 100 << 20
    assert ask(studio, "GET", "/en/", key=True)[0] == 200


def test_two_lengths_smuggle_nothing(studio: Studio) -> None:
    host = f"Host: 127.0.0.1:{studio.port}\r\n"
    inner = f"GET /en/config HTTP/1.1\r\n{host}\r\n"
    head = f"POST /en/ HTTP/1.1\r\n{host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection(("127.0.0.1", studio.port), 30) as line:
        line.sendall((head + "0\r\n\r\n" + inner).encode())
        line.settimeout(1)
        said = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            while piece := line.recv(1 << 16):
                said += piece
    assert b" 200 " not in said


def test_gradio_fetches_nothing_for_anybody(studio: Studio) -> None:
    other = Elsewhere()
    address = f"http://127.0.0.1:{other.port}/secret.png"
    config = json.loads(ask(studio, "GET", "/en/config", key=True)[2])
    assert len(config["dependencies"]) > 5
    tried = 0
    for url in (
        address,
        f"http://localhost:{other.port}/a.png",
        "http://169.254.169.254/latest/",
        "https://example.com/a.png",
    ):
        file = {"path": url, "url": url, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
        inner = {"background": file, "layers": [file], "composite": file}
        for number, told in enumerate(config["dependencies"]):
            for given in (file, [file], inner):
                body = {
                    "data": [given] * max(1, len(told["inputs"])),
                    "fn_index": told["id"],
                    "session_hash": f"s{number}",
                }
                status, _body = send(studio, "/en/gradio_api/queue/join", body)
                assert status in (403, 404), told
                tried += 1
        for path in (f"/en/gradio_api/file={url}", f"/en/gradio_api/proxy={url}", f"/en/gradio_api/file/{url}"):
            assert ask(studio, "GET", path, key=True)[0] in (403, 404)
    assert tried > 50 and other.asked == []
    other.server.shutdown()


def test_files_of_the_machine_are_no_files_of_the_page(studio: Studio, canary: Path) -> None:
    config = json.loads(ask(studio, "GET", "/en/config", key=True)[2])
    for told in config["dependencies"]:
        for path in ("/etc/passwd", str(canary), "../../canary", "~/canary", str(studio.home / "library.db")):
            file = {"path": path, "meta": {"_type": "gradio.FileData"}}
            body = {"data": [file] * max(1, len(told["inputs"])), "fn_index": told["id"], "session_hash": "s"}
            assert send(studio, "/en/gradio_api/queue/join", body)[0] == 403


def form(name: str, data: bytes) -> tuple[bytes, str]:
    """A file as a form sends it."""
    edge = secrets.token_hex(8)
    head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
    return head + data + f"\r\n--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def test_dropped_files_come_back_as_no_page_and_run_nothing(studio: Studio, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "ran",)

    script = b"<script>fetch('/')</script>"
    dropped = {
        "a.html": script,
        "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "a.png": base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        + script,
        "a.xhtml": script,
        "a.pkl": pickle.dumps(Bomb()),
        "../../../canary": b"over",
        "..%2f..%2fcanary": b"over",
        "x/../../canary": b"over",
        "<img src=x onerror=alert(1)>.png": script,
    }
    for name, data in dropped.items():
        body, kind = form(name, data)
        status, _headers, said = ask(studio, "POST", "/en/gradio_api/upload", body, key=True, Content_Type=kind)
        assert status == 200, name
        [path] = json.loads(said)
        assert str(studio.home) not in path and re.match(r"/files-[0-9a-f]{8}/[0-9a-f]{64}/[^/]+$", path)
        status, headers, _body = ask(studio, "GET", f"/en/gradio_api/file={path.replace(' ', '%20')}", key=True)
        assert status in (200, 404)
        if status == 200:
            assert not re.search("html|svg|xml|script", headers["content-type"])
            assert headers["x-content-type-options"] == "nosniff" and "sandbox" in headers["content-security-policy"]
    assert (studio.home / "canary").read_text() == CANARY
    assert not (tmp_path / "ran").exists()

"""The guard around a small house: who gets in, by which name, from which page, with how much."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("fastapi", reason="needs the extra “studio”")

from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from bottega.studio.safety import guard, keys

PORT = 7860
HERE = f"http://127.0.0.1:{PORT}"


def house(folder: Path, seen: list[Any]) -> FastAPI:
    """What stands for the studio: it does whatever it is asked for, and remembers it."""
    app = FastAPI()

    @app.get("/")
    def hall() -> dict[str, str]:
        return {"path": str(folder / "a.png")}

    @app.get("/en/")
    def page() -> HTMLResponse:
        return HTMLResponse(f"<script>fine()</script><script src='x.js'></script>{folder}")

    @app.get("/en/gradio_api/file={path:path}")
    def file(path: str) -> FileResponse:
        seen.append(path)
        return FileResponse(path)

    @app.post("/en/gradio_api/queue/join")
    async def join(request: Request) -> Any:
        seen.append(await request.json())
        return seen[-1]

    @app.post("/en/gradio_api/upload")
    async def upload(files: UploadFile) -> int:
        seen.append(len(await files.read()))
        return seen[-1]

    @app.post("/keep")
    async def keep(request: Request) -> int:
        try:
            seen.append(len(await request.body()))
        except Exception:  # as frameworks do that say something of their own instead
            return -1
        return seen[-1]

    @app.get("/en/gradio_api/queue/data")
    def events() -> StreamingResponse:
        half = len(str(folder)) // 2
        pieces = [f"data: {str(folder)[:half]}", f"{str(folder)[half:]}/a.png\n\n"]
        return StreamingResponse(iter(pieces), media_type="text/event-stream")

    @app.get("/en/gradio_api/proxy={path:path}")
    def proxy(path: str) -> PlainTextResponse:
        seen.append(path)
        return PlainTextResponse("from elsewhere")

    @app.websocket("/en/live")
    async def live(socket: WebSocket) -> None:
        seen.append("socket")
        await socket.accept()

    return app


class Home:
    """A guarded house, and a client that has the key."""

    def __init__(self, host: str = "127.0.0.1", password: str = "") -> None:
        self.secret = keys.new(host, password)
        self.seen: list[Any] = []
        self.guard = guard.Guard(house(self.secret.folder, self.seen), self.secret, host, PORT)
        self.stranger = self.client()
        self.friend = self.client()
        self.friend.headers["authorization"] = f"Bearer {self.secret.token}"

    def client(self, address: str = HERE) -> TestClient:
        return TestClient(self.guard, base_url=address, follow_redirects=False, raise_server_exceptions=False)

    @property
    def word(self) -> str:
        return self.guard.veil.word


@pytest.fixture
def at() -> Iterator[Home]:
    one = Home()
    yield one
    guard.leave(one.secret)
    assert not one.secret.folder.exists()


def test_nothing_opens_without_the_key(at: Home) -> None:
    for path in ("/", "/en/", "/en/gradio_api/file=/etc/passwd", "/docs", "/media/0123", "/nothing", "/login"):
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"):
            assert at.stranger.request(method, path).status_code == 401, (method, path)
    wrong = {"authorization": f"Bearer {at.secret.token[:-1]}"}
    assert at.stranger.get("/", headers=wrong).status_code == 401
    assert at.stranger.get("/", headers={"authorization": f"Basic {at.secret.token}"}).status_code == 401
    assert at.stranger.get("/", headers={"cookie": f"bottega-7860={at.secret.token}"}).status_code == 401
    assert at.stranger.get("/?token=wrong").status_code == 401
    assert at.seen == []


def test_the_word_in_the_address_becomes_a_cookie(at: Home) -> None:
    answer = at.stranger.get(f"/en/?a=1&token={at.secret.token}")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/en/?a=1"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and at.secret.token not in cookie
    assert at.stranger.get("/").status_code == 200  # with the cookie it was given


def test_a_person_without_the_key_reads_a_page_and_a_program_a_sentence(at: Home) -> None:
    page = at.stranger.get("/zh/", headers={"accept": "text/html"})
    assert page.status_code == 401
    assert '<html lang="zh">' in page.text
    other = at.stranger.get("/zh/?lang=en", headers={"accept": "text/html"})
    assert '<html lang="en">' in other.text
    assert "script" not in page.headers["content-security-policy"]
    assert at.stranger.get("/").json() == {"error": "The studio is locked."}
    odd = at.stranger.get("/en/a'b\"c<d", headers={"accept": "text/html"})
    assert "<d" not in odd.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil:1", "", "192.168.1.9"])
def test_it_goes_by_its_own_names_only(at: Home, host: str) -> None:
    assert at.friend.get("/", headers={"host": host}).status_code == 421
    assert at.friend.get(f"/?token={at.secret.token}", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "LOCALHOST:7860", "[::1]:7860", "localhost:9000", "localhost"])
def test_its_own_names_will_do(at: Home, host: str) -> None:
    assert at.friend.get("/", headers={"host": host}).status_code == 200


def test_two_hosts_are_none(at: Home) -> None:
    headers = [("host", "127.0.0.1:7860"), ("host", "evil.example")]
    assert at.friend.get("/", headers=headers).status_code == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:9999", "file://", "http://localhost:7860"]
)
def test_other_pages_may_ask_nothing(at: Home, origin: str) -> None:
    for method in ("GET", "POST"):
        assert at.friend.request(method, "/", headers={"origin": origin}).status_code == 403
    assert "access-control-allow-origin" not in at.friend.get("/", headers={"origin": HERE}).headers


def test_a_browser_says_that_another_page_asks(at: Home) -> None:
    for site in ("cross-site", "same-site"):
        image = {"sec-fetch-site": site, "sec-fetch-dest": "image", "sec-fetch-mode": "no-cors"}
        assert at.friend.get("/", headers=image).status_code == 403
        frame = {"sec-fetch-site": site, "sec-fetch-dest": "iframe", "sec-fetch-mode": "navigate"}
        assert at.friend.get("/", headers=frame).status_code == 403
        link = {"sec-fetch-site": site, "sec-fetch-dest": "document", "sec-fetch-mode": "navigate"}
        assert at.friend.get("/", headers=link).status_code == 200
        assert at.friend.post("/keep", headers=link).status_code == 403
    assert at.friend.get("/", headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_sockets_stay_shut(at: Home) -> None:
    with pytest.raises(WebSocketDisconnect), at.friend.websocket_connect("/en/live"):
        pass
    assert at.seen == []


def test_only_what_a_page_needs_is_there(at: Home) -> None:
    for path in ("proxy=http://a.example/", "monitoring", "vibe-code", "deep_link", "file/etc/passwd", "runs", "user"):
        assert at.friend.get(f"/en/gradio_api/{path}").status_code == 404, path
    for path in ("/en/monitoring/summary", "/en/svelte/a.js", "/en/login", "/en/logout", "/en/docs", "/en/pwa_icon"):
        assert at.friend.get(path).status_code == 404, path
    for path in ("process_recording", "vibe-edit", "undo-vibe-edit/", "stream/x", "login"):
        assert at.friend.post(f"/en/gradio_api/{path}", json={}).status_code == 404, path
    assert at.friend.put("/en/gradio_api/queue/join", json={}).status_code == 404
    assert at.seen == []


def test_answers_name_no_real_place(at: Home) -> None:
    real = str(at.secret.folder)
    assert at.friend.get("/").json() == {"path": f"{at.word}/a.png"}
    assert real not in at.friend.get("/en/").text
    events = at.friend.get("/en/gradio_api/queue/data").text
    assert events == f"data: {at.word}/a.png\n\n"  # though the path came in two pieces


def test_its_own_files_are_found_by_the_word_alone(at: Home) -> None:
    (at.secret.folder / "one").mkdir()
    (at.secret.folder / "one" / "a b.txt").write_text("mine")
    (at.secret.folder / "one" / ".hidden").write_text("hidden")
    (at.secret.folder / "one" / "link.txt").symlink_to("/etc/passwd")
    (at.secret.folder / "away").symlink_to("/etc")
    good = at.friend.get(f"/en/gradio_api/file={at.word}/one/a b.txt")
    assert good.text == "mine"
    assert "sandbox" in good.headers["content-security-policy"]
    away = [
        *("/etc/passwd", f"{at.secret.folder}/one/a b.txt", f"{at.word}/../../../../etc/passwd", "http://a.example/"),
        *(f"{at.word}/one/link.txt", f"{at.word}/away/passwd", f"{at.word}/one/.hidden", f"{at.word}/", at.word),
        *(f"{at.word}/one/%2e%2e/one/a b.txt", f"{at.word}/one/..\\a", f"{at.word}//etc/passwd", f"{at.word}/one/a\0b"),
    ]
    for name in away:
        path = name.replace("%", "%25").replace("\0", "%00")
        assert at.friend.get(f"/en/gradio_api/file={path}").status_code in (403, 404), name
    assert at.seen == [str(at.secret.folder / "one" / "a b.txt")]


def test_requests_name_its_own_files_alone(at: Home) -> None:
    def send(data: Any, **more: Any) -> Any:
        return at.friend.post("/en/gradio_api/queue/join", json={"data": data}, **more)

    own = {"path": f"{at.word}/a.png", "meta": {"_type": "gradio.FileData"}}
    assert send([own]).status_code == 200
    assert at.seen[-1]["data"][0]["path"] == str(at.secret.folder / "a.png")
    assert send([own]).json()["data"][0]["path"] == own["path"]  # and back again
    seen = len(at.seen)
    foreign = ["/etc/passwd", "http://169.254.169.254/", "file:///etc/passwd", str(at.secret.folder), "a.png", "C:\\a"]
    for path in [*foreign, f"{at.word}/../a", f"{at.word}\\..\\a"]:
        assert send([{"path": path}]).status_code == 403, path
        assert send({"a": [[{"b": {"path": path, "meta": {}}}]]}).status_code == 403, path
    assert len(at.seen) == seen
    assert send(["/etc/passwd is only a word here", {"path": None}]).status_code == 200


def test_what_is_no_json_is_not_taken_for_it(at: Home) -> None:
    def send(body: bytes, kind: str) -> int:
        return at.friend.post("/en/gradio_api/queue/join", content=body, headers={"content-type": kind}).status_code

    assert send(b'{"data": []}', "text/plain") == 415
    assert send(b"data=1", "application/x-www-form-urlencoded") == 415
    assert send(b"--a--", "multipart/form-data; boundary=a") == 415
    assert send(b"{", "application/json") >= 400
    assert send(b"[" * 100_000, "application/json") >= 400
    assert at.seen == []


def test_bodies_are_capped_with_and_without_a_length(at: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "LARGEST", 1000)
    monkeypatch.setattr(guard, "LARGEST_UPLOAD", 5000)
    pieces = [b" " * 600] * 3
    for path in ("/keep", "/en/gradio_api/queue/join"):
        headers = {"content-type": "application/json"}
        assert at.friend.post(path, content=b" " * 1001, headers=headers).status_code == 413
        assert at.friend.post(path, content=iter(pieces), headers=headers).status_code == 413
        assert (
            at.friend.post(path, content=b"{}", headers=headers | {"content-length": "99999999999999"}).status_code
            == 413
        )
        assert at.friend.post(path, content=b"{}", headers=headers | {"content-length": "-2"}).status_code in (400, 413)
    assert at.seen == []
    assert at.friend.post("/keep", content=b" " * 999).json() == 999
    assert at.friend.post("/en/gradio_api/upload", files={"files": b" " * 3000}).json() == 3000
    assert at.friend.post("/en/gradio_api/upload", files={"files": b" " * 6000}).status_code == 413


def test_headers_forbid_what_is_not_needed(at: Home) -> None:
    headers = at.friend.get("/en/").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["script-src"].count("sha256-") == 1  # the one that stands in the page
    assert policy["default-src"] == "'self'" and policy["frame-ancestors"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "sandbox" in at.friend.get("/").headers["content-security-policy"]


def test_what_a_proxy_says_is_not_believed(at: Home) -> None:
    asked: list[Any] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        asked.extend(name for name, _value in scope["headers"])
        await PlainTextResponse("")(scope, _receive, send)

    at.guard.app = app
    false = ("x-forwarded-host", "x-forwarded-proto", "forwarded", "x-gradio-server", "x-gradio-user")
    at.friend.get("/en/", headers=dict.fromkeys(false, "evil.example"))
    assert not {name.encode() for name in false} & set(asked)


def test_elsewhere_a_password_is_asked_for() -> None:
    at = Home("0.0.0.0", "a long password")
    lan = at.client("http://192.168.1.9:7860")
    first = lan.get("/zh/", headers={"accept": "text/html"})
    assert (first.status_code, first.headers["location"]) == (303, "/login")
    for language in ("en", "zh"):
        page = lan.get("/login", headers={"accept-language": language})
        assert f'<html lang="{language}">' in page.text and 'type="password"' in page.text
    known = {"password": "a long password"}
    assert lan.post("/login", data={"password": "wrong"}).status_code == 403
    assert lan.post("/login", data={"password": ""}).status_code == 403
    assert lan.post("/login", data=known, headers={"origin": "http://evil.example"}).status_code == 403
    assert lan.post("/login", content=b"password=" + b"a" * 9000).status_code == 413
    right = lan.post("/login", data=known, headers={"origin": "http://192.168.1.9:7860"})
    assert right.status_code == 303 and "HttpOnly" in right.headers["set-cookie"]
    assert lan.get("/").status_code == 200
    assert at.client("http://evil.example:7860").get("/login").status_code == 421
    guard.leave(at.secret)


def test_passwords_cannot_be_tried_for_long() -> None:
    at = Home("0.0.0.0", "a long password")
    answers = [at.stranger.post("/login", data={"password": f"{i}"}).status_code for i in range(8)]
    assert answers == [403] * keys.FAILURES + [429] * 3
    late = at.stranger.post("/login", data={"password": "a long password"})
    assert late.status_code == 429 and int(late.headers["retry-after"]) > 0
    assert at.stranger.get(f"/?token={at.secret.token}").status_code == 303  # whoever sits here is not shut out
    guard.leave(at.secret)


def test_a_fault_of_the_house_is_told_without_its_insides(at: Home) -> None:
    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError(f"secret {at.secret.folder}")

    at.guard.app = app
    assert "secret" not in at.friend.get("/").text


def test_json_goes_through_unchanged(at: Home) -> None:
    given = {"data": [1, 2.5, None, True, '中文 é \\ " </script>', 2**70, {"a": {"b": []}}], "session_hash": "x"}
    assert at.friend.post("/en/gradio_api/queue/join", json=given).json() == json.loads(json.dumps(given))


async def status(app: guard.Guard, path: str, *, host: str = "127.0.0.1", body: bytes = b"", late: int = 0) -> int:
    """What is answered to a request as no client sends it; its body comes when others have had so many turns."""
    headers = [(b"host", host.encode())]
    scope = {
        **{"type": "http", "method": "POST" if body else "GET", "path": path, "raw_path": quote(path).encode()},
        **{"query_string": b"", "headers": headers, "client": ("192.0.2.7", 1), "server": ("127.0.0.1", PORT)},
        **{"scheme": "http", "http_version": "1.1", "root_path": ""},
    }
    told = []

    async def receive() -> dict[str, Any]:
        for _turn in range(late):
            await asyncio.sleep(0)
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return told[0]["status"]


def test_many_passwords_at_once_are_no_more_than_one_after_the_other() -> None:
    at = Home("0.0.0.0", "a long password")

    async def all_at_once() -> list[int]:
        tries = (status(at.guard, "/login", body=b"password=wrong", late=9) for _i in range(20))
        return await asyncio.gather(*tries)

    answers = asyncio.run(all_at_once())
    assert sorted(answers) == [403] * keys.FAILURES + [429] * (20 - keys.FAILURES)
    guard.leave(at.secret)


@pytest.mark.parametrize("path", ["*", "", "en"])
def test_what_is_no_path_is_refused(at: Home, path: str) -> None:
    assert asyncio.run(status(at.guard, path)) == 404


@pytest.mark.parametrize("host", ["[", "a b", "127.0.0.1/en/", "127.0.0.1?", "127.0.0.1#"])
def test_a_host_that_is_none_is_refused(at: Home, host: str) -> None:
    assert asyncio.run(status(at.guard, "/", host=host)) == 421


@pytest.mark.parametrize("sign", ["%3F", "%23"])
def test_the_whole_path_is_looked_at(at: Home, sign: str) -> None:
    assert at.friend.get(f"/en/{sign}gradio_api/proxy=a").json() == {"error": "There is nothing at this address."}

"""Many at once: ``python -m benchmarks studio_crowd [--clients 200] [--seconds 30] [--works 300]``.

A studio with so many works; clients that look at pages and pictures, search, tag, upload, use its tools, leave in the
middle, and, one in ten, attack. Afterwards: was anything answered that should not have been, was anything lost, does it
still answer? Ends with 1 if so.
"""

import argparse
import asyncio
import collections
import json
import os
import random
import re
import secrets
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

CANARY = f"canary-{secrets.token_hex(8)}".encode()
PAUSE = 0.1  # seconds between two wishes of a client, on average
PATIENCE = 60.0  # seconds after which an answer is no answer
WORDS = ("red", "boat", "harbour", "海边", "", "night", "zebra")


class Crowd:
    """What everybody did, and what came of it."""

    def __init__(self, address: str, ids: list[str]) -> None:
        self.base, _query, query = address.partition("?token=")
        self.token, self.ids = query, ids
        self.unused = ssl.create_default_context()  # each client would read all certificates of the world anew
        self.times: dict[str, list[float]] = collections.defaultdict(list)
        self.faults: collections.Counter[str] = collections.Counter()
        self.tagged: set[tuple[str, str]] = set()
        self.dice = random.Random(0)

    def client(self, key: bool = True) -> httpx.AsyncClient:
        """A browser with the key, or somebody without."""
        headers = {"authorization": f"Bearer {self.token}"} if key else {}
        soon = httpx.Limits(keepalive_expiry=1)  # before the studio hangs up on who says nothing for five seconds
        told: dict[str, Any] = {"verify": self.unused, "limits": soon, "timeout": PATIENCE}
        return httpx.AsyncClient(base_url=self.base, headers=headers, **told)

    async def wish(self, name: str, asked: Awaitable[httpx.Response], right: set[int]) -> httpx.Response | None:
        """One request, timed; anything but a right answer is a fault."""
        began = time.perf_counter()
        try:
            got = await asked
        except httpx.HTTPError as error:
            self.faults[f"{name}: {type(error).__name__}"] += 1
            return None
        self.times[name].append(time.perf_counter() - began)
        if got.status_code not in right:
            self.faults[f"{name}: {got.status_code}"] += 1
        if CANARY in got.content or b"root:x:" in got.content:
            self.faults[f"{name}: READ WHAT IT SHOULD NOT"] += 1
        return got

    async def person(self, number: int, until: float) -> None:
        """Somebody who works."""
        async with self.client() as client:
            wishes: list[tuple[int, Callable[..., Awaitable[Any]]]] = [
                (1, self.page), (8, self.small), (4, self.search), (3, self.part), (3, self.tag), (1, self.upload),
                (1, self.tool), (1, self.leave),
            ]  # fmt: skip
            weights, does = zip(*wishes, strict=True)
            while time.perf_counter() < until:
                await self.dice.choices(does, weights)[0](client, number)
                await asyncio.sleep(self.dice.expovariate(1 / PAUSE))

    async def page(self, client: httpx.AsyncClient, _number: int) -> None:
        await self.wish("page", client.get(f"/{self.dice.choice(('en', 'zh'))}/"), {200})

    async def small(self, client: httpx.AsyncClient, _number: int) -> None:
        width = self.dice.choice((160, 320))
        await self.wish("small picture", client.get(f"/media/{self.dice.choice(self.ids)}/thumb?w={width}"), {200})

    async def search(self, client: httpx.AsyncClient, _number: int) -> None:
        words = {"words": self.dice.choice(WORDS), "offset": self.dice.choice((0, 60))}
        await self.wish("search", client.get("/gallery/works", params=words), {200})

    async def part(self, client: httpx.AsyncClient, _number: int) -> None:
        range_ = {"range": f"bytes={self.dice.randrange(500)}-"}
        await self.wish("part of a file", client.get(f"/media/{self.dice.choice(self.ids)}", headers=range_), {206})

    async def tag(self, client: httpx.AsyncClient, number: int) -> None:
        id, tag = self.dice.choice(self.ids), f"tag-{number}-{len(self.tagged)}"
        got = await self.wish("tag", client.post(f"/gallery/works/{id}", json={"add": tag}), {200})
        if got is not None and got.status_code == 200:
            self.tagged.add((id, tag))

    async def upload(self, client: httpx.AsyncClient, number: int) -> None:
        data = secrets.token_bytes(200_000)
        got = await self.wish(
            "upload", client.post("/en/gradio_api/upload", files={"files": (f"{number}.png", data)}), {200}
        )
        if got is not None and got.status_code == 200:
            back = await self.wish("file of the page", client.get(f"/en/gradio_api/file={got.json()[0]}"), {200})
            if back is not None and back.content != data:
                self.faults["upload: came back as another one"] += 1

    async def tool(self, client: httpx.AsyncClient, _number: int) -> None:
        given = {"data": [self.dice.choice(WORDS), "", "", 5]}
        got = await self.wish("tool", client.post("/en/gradio_api/call/works", json=given), {200})
        if got is not None and got.status_code == 200:
            event = got.json()["event_id"]
            told = await self.wish("answer of a tool", client.get(f"/en/gradio_api/call/works/{event}"), {200})
            if told is not None and "event: complete" not in told.text:
                self.faults[f"tool: {told.text[:80]!r}"] += 1

    async def leave(self, client: httpx.AsyncClient, number: int) -> None:
        """In the middle of an answer that never ends, and of one that is long."""
        for path in (f"/en/gradio_api/heartbeat/{number}", f"/media/{self.dice.choice(self.ids)}"):
            async with client.stream("GET", path) as got:
                async for _piece in got.aiter_raw():
                    break

    async def attacker(self, _number: int, until: float) -> None:
        """Somebody who has no key, or a browser that was led here with one."""
        async with self.client(key=False) as without, self.client() as led:
            while time.perf_counter() < until:
                id = self.dice.choice(self.ids)
                await self.wish("attack", without.get(f"/media/{id}"), {401})
                await self.wish("attack", without.get("/?token=" + secrets.token_urlsafe(32)), {401})
                await self.wish("attack", led.get("/en/", headers={"host": "evil.example"}), {421})
                await self.wish("attack", led.post("/gallery/scan", headers={"origin": "http://evil.example"}), {403})
                await self.wish("attack", led.get("/en/gradio_api/file=/etc/passwd"), {403})
                await self.wish("attack", led.get("/en/gradio_api/proxy=http://127.0.0.1:1/"), {404})
                await self.wish("attack", led.get("/media/%2e%2e%2f%2e%2e%2fcanary"), {404, 422})
                file = {"data": [{"path": "/etc/passwd"}], "fn_index": 0, "session_hash": "a"}
                await self.wish("attack", led.post("/en/gradio_api/queue/join", json=file), {403})
                await self.boast()
                await asyncio.sleep(self.dice.expovariate(1 / PAUSE))

    async def boast(self) -> None:
        """Somebody who says that a terabyte follows."""
        place = httpx.URL(self.base)
        reader, writer = await asyncio.open_connection(place.host, place.port)
        head = f"POST /en/gradio_api/upload HTTP/1.1\r\nHost: {place.host}\r\nAuthorization: Bearer {self.token}\r\n"
        writer.write(
            f"{head}Content-Length: {1 << 40}\r\nContent-Type: multipart/form-data; boundary=a\r\n\r\n".encode()
        )
        said = await reader.read(100)
        writer.close()
        if b" 413 " not in said:
            self.faults[f"boast: {said[:30]!r}"] += 1


def prepared(home: Path, works: int) -> list[str]:
    """Works in a home; their ids."""
    script = """
import json, sys
import numpy as np
from bottega import home
from bottega.library import scan, works
from bottega.media import kinds
dice = np.random.default_rng(0)
for i in range(int(sys.argv[1])):
    path = home.works() / "crowd" / f"{i:04}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = dice.integers(0, 255, (8, 8, 3), np.uint8).repeat(48, 0).repeat(48, 1)
    record = {"schema": 1, "operation": "generate", "parameters": {"seed": i, "prompt": "a red boat"}, "versions": {}}
    kinds.write(path, pixels, record | {"digital_source_type": "trainedAlgorithmicMedia"})
scan.scan()
print(json.dumps([entry.id for entry in works.find(limit=10_000).entries]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(works)], env=environment(home), capture_output=True, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def environment(home: Path) -> dict[str, str]:
    """For processes that are to find that home."""
    return os.environ | {"BOTTEGA_HOME": str(home), "BOTTEGA_LANGUAGE": "en"}


def started(home: Path) -> "tuple[subprocess.Popen[str], str]":
    """A studio, and its address, when both pages are there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    command = [sys.executable, "-m", "bottega", "studio", "--no-open", "--port", port]
    studio = subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, text=True)
    address = next(filter(None, (re.search(r"http://\S+", line) for line in studio.stdout or ())))[0]
    base, _query, token = address.partition("?token=")
    for _try in range(600):
        headers = {"authorization": f"Bearer {token}"}
        if all(httpx.get(f"{base}{code}/", headers=headers).status_code == 200 for code in ("en", "zh")):
            return studio, address
        time.sleep(0.1)
    sys.exit("The studio did not open.")


def left(home: Path) -> dict[str, Any]:
    """What the library holds afterwards."""
    script = """
import json
from sqlalchemy import text
from bottega.library import database, works
with database.reading() as session:
    sqlite = session.get_bind().dialect.name == "sqlite"
    whole = [row[0] for row in session.execute(text("pragma integrity_check"))] if sqlite else ["ok"]
entries = works.find(limit=10_000).entries
tags = [[entry.id, tag] for entry in entries for tag in entry.tags]
print(json.dumps({"whole": whole, "works": len(entries), "tags": tags}))
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(home), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Everything, in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("clients", 200), ("seconds", 30), ("works", 300)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "Bottega"
        home.mkdir()
        (home / "canary").write_bytes(CANARY)
        ids = prepared(home, asked.works)
        studio, address = started(home)
        try:
            lost = crowded(Crowd(address, ids), home, studio, asked)
        finally:
            studio.send_signal(signal.SIGINT)
            studio.wait(30)
    sys.exit(1 if lost else 0)


def crowded(crowd: Crowd, home: Path, studio: "subprocess.Popen[str]", asked: argparse.Namespace) -> list[str]:
    """Lets everybody in; what was lost, in words."""
    process = psutil.Process(studio.pid)
    before = process.memory_info().rss >> 20

    async def everybody() -> None:
        until = time.perf_counter() + asked.seconds
        others = [crowd.attacker if number % 10 == 9 else crowd.person for number in range(asked.clients)]
        await asyncio.gather(*(one(number, until) for number, one in enumerate(others)))

    began = time.perf_counter()
    asyncio.run(everybody())
    seconds = time.perf_counter() - began
    after = process.memory_info().rss >> 20
    for name, times in sorted(crowd.times.items()):
        ordered = 1000 * np.sort(times)
        middle, late = statistics.median(ordered), ordered[int(0.99 * len(ordered))]
        print(f"{name:20} {len(times):6} answers   median {middle:7.0f} ms   99 % {late:7.0f} ms")
    count = sum(map(len, crowd.times.values()))
    print(f"{asked.clients} clients, {count:,} answers in {seconds:.0f} s; memory {before} → {after} MB")
    found = left(home)
    missing = crowd.tagged - {(id, tag) for id, tag in found["tags"]}
    lost = [f"{count} × {name}" for name, count in crowd.faults.items()]
    lost += [f"{len(missing)} of {len(crowd.tagged)} tags are gone"] if missing else []
    lost += ["works are gone"] if found["works"] != len(crowd.ids) else []
    lost += ["the database is damaged"] if found["whole"] != ["ok"] else []
    print("\n".join(lost) or f"nothing read, nothing lost: {len(crowd.tagged)} tags are all there")
    return lost


if __name__ == "__main__":
    main()

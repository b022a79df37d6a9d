"""How fast the Gallery answers: ``python -m benchmarks gallery [WORKS]`` (5,000 by default).

``bottega studio`` runs in a process of its own over a home with so many works, and is asked over HTTP what the page
asks when a person scrolls through all of them, types, filters, opens a work and rates it. What counts is the worst
answer: none may take longer than 300 ms. Thumbnails are made when they are first seen; their times stand apart.
"""

import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from library_search import make
from studio_ready import start

STALL = 300  # milliseconds
PAGE = 60
TYPED = ("b", "bo", "boat", "boat dawn", "花", "花月", "night train 4", "zebra", "heron reeds", "quiet harbour")
FILTERS = ("medium=image", "operation=vary", "least=3", "tag=chosen", "trashed=true", "order=best", "order=name")


def timed(name: str, times: list[float]) -> float:
    """One line; returns the worst."""
    print(
        f"{name:34} {len(times):4} ×   median {statistics.median(times):7.1f} ms   max {max(times):7.1f} ms", flush=True
    )
    return max(times)


class Page:
    """A browser as far as the studio can tell."""

    def __init__(self, address: str) -> None:
        self.root = re.match(r"https?://[^/]+", address)[0]  # type: ignore[index]
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))
        with contextlib.suppress(HTTPError):  # the key is taken; the rooms may not be built yet
            self.opener.open(address).read()

    def ask(self, place: str, body: object = None) -> tuple[bytes, float]:
        """An answer, and its milliseconds."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Origin": self.root} | ({"Content-Type": "application/json"} if data else {})
        began = time.perf_counter()
        answer = self.opener.open(Request(self.root + place, data, headers)).read()
        return answer, 1000 * (time.perf_counter() - began)


def main(wanted: int) -> None:
    """Everything, in order."""
    from bottega.library import scan, works

    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOTTEGA_HOME"] = folder
        paths = make(wanted)
        scan.scan()
        for i, path in enumerate(paths[:100]):
            works.tag(path, [f"tag {i % 7}", "chosen"])
            works.rate(path, i % 6)
        studio, address = start(Path(folder), "en")
        try:
            worst = look(page := opened(address), wanted)
            print(f"\nthe worst answer: {worst:.0f} ms, {'a stall' if worst > STALL else 'no stall'}")
            ids = json.loads(page.ask("/gallery/works?limit=60")[0])["ids"]
            timed("thumbnails, first seen", [page.ask(f"/media/{one}/thumb?w=320")[1] for one in ids])
            timed("thumbnails, seen before", [page.ask(f"/media/{one}/thumb?w=320")[1] for one in ids])
        finally:
            studio.kill()
            studio.wait()


def opened(address: str) -> Page:
    """The studio, once its rooms are built: building them takes the processor for seconds."""
    page = Page(address)
    while True:
        try:
            page.ask("/zh/")
            return page
        except HTTPError:  # 503
            time.sleep(0.5)


def look(page: Page, wanted: int) -> float:
    """What a person does; returns the worst answer."""
    pages = [f"/gallery/works?offset={k}&limit={PAGE}" for k in range(0, wanted, PAGE)]
    first = timed("the first page after the start", [page.ask(pages[0])[1]])
    rest = [
        timed("scrolling through all", [page.ask(place)[1] for place in pages]),
        timed("typing", [page.ask(f"/gallery/works?limit={PAGE}&words={quote(word)}")[1] for word in TYPED * 3]),
        timed("filters and orders", [page.ask(f"/gallery/works?limit={PAGE}&{one}")[1] for one in FILTERS * 3]),
        timed("choices of the filters", [page.ask("/gallery/choices")[1] for _k in range(10)]),
    ]
    ids = json.loads(page.ask(pages[len(pages) // 2])[0])["ids"][:20]
    page.ask(f"/gallery/works/{ids[0]}")  # the first one loads what reads records
    rest.append(timed("opening a work", [page.ask(f"/gallery/works/{one}")[1] for one in ids]))
    rest.append(timed("rating", [page.ask(f"/gallery/works/{one}", {"stars": 4})[1] for one in ids]))
    rest.append(timed("side by side", [page.ask(f"/gallery/beside?ids={','.join(ids[:4])}")[1] for _k in range(10)]))
    return max(first, *rest)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)

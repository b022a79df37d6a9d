"""What the page shows: works by their ids, as what is in them, also in parts, and small pictures of them."""

import asyncio
import threading
import time
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import httpx
import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra “studio”")

from fastapi import FastAPI
from PIL import Image
from starlette.testclient import TestClient

from bottega import home
from bottega.library import works
from bottega.library.works import Entry
from bottega.media import kinds
from bottega.media.audio import Sound
from bottega.media.films import records
from bottega.media.score import Score, Track
from bottega.media.video import Film
from bottega.provenance import record
from bottega.studio import serving, small
from bottega.studio.making import hand, results

RNG = np.random.default_rng(0)
TUNE = Score([Track("", 0, False, np.array([[0, 480, 60, 90], [480, 480, 64, 90]]))])
FILM = Film(RNG.integers(0, 255, (6, 48, 64, 3), np.uint8), Fraction(6))
SOUND = Sound(np.sin(np.arange(16_000, dtype=np.float32) / 9)[None] / 2, 16_000)


def house() -> FastAPI:
    app = FastAPI()
    app.include_router(serving.routes)
    app.include_router(results.routes)
    return app


@pytest.fixture
def page() -> Iterator[TestClient]:
    with TestClient(house(), raise_server_exceptions=False) as client:
        yield client


def noise(height: int = 300, width: int = 500, channels: int = 3) -> np.ndarray:
    return RNG.integers(0, 255, (height, width, channels), np.uint8)


def work(name: str, content: kinds.Content) -> Entry:
    path = home.works() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds.write(path, content, record.made("generate", seed=1))
    return works.note(path)


def picture_of(data: bytes) -> Image.Image:
    import io

    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.png", noise(), "image/png"),
        ("a.jpg", noise(), "image/jpeg"),
        ("a.webp", noise(), "image/webp"),
        ("a.wav", SOUND, "audio/wav"),
        ("a.flac", SOUND, "audio/flac"),
        ("a.ogg", SOUND, "audio/ogg"),
        ("a.mp3", SOUND, "audio/mpeg"),
        ("a.md", "ID3 <script>alert(1)</script>", "text/plain; charset=utf-8"),
        ("a.mp4", FILM, "video/mp4"),
        ("a.webm", FILM, "video/webm"),
        ("a.gif", FILM, "image/gif"),
    ],
)
def test_a_work_is_served_as_what_it_is(page: TestClient, name: str, content: kinds.Content, kind: str) -> None:
    entry = work(name, content)
    got = page.get(f"/media/{entry.id}")
    assert got.headers["content-type"] == kind
    assert got.content == entry.path.read_bytes()
    assert "immutable" in got.headers["cache-control"]
    assert "attachment" not in got.headers.get("content-disposition", "")
    part = page.get(f"/media/{entry.id}", headers={"range": "bytes=3-9"})
    assert (part.status_code, part.content) == (206, got.content[3:10])
    assert page.get(f"/media/{entry.id}", headers={"range": f"bytes={10**9}-"}).status_code == 416
    assert page.head(f"/media/{entry.id}").headers["content-length"] == str(len(got.content))


def test_what_a_browser_does_not_show_is_handed_over(page: TestClient) -> None:
    for name, content in (("a.mid", TUNE), ("a.mkv", FILM)):
        got = page.get(f"/media/{work(name, content).id}")
        assert got.headers["content-type"] == "application/octet-stream"
        assert "attachment" in got.headers["content-disposition"]


def test_a_name_does_not_make_a_page_of_it(page: TestClient) -> None:
    entry = work("a.png", noise())
    for data in (b"<html><script>alert(1)</script>", b"<svg onload='alert(1)'/>", b"%PDF-1.4"):
        entry.path.write_bytes(data)  # after it was looked at
        got = page.get(f"/media/{entry.id}")
        assert got.headers["content-type"] == "application/octet-stream"
        assert "attachment" in got.headers["content-disposition"]


def test_small_pictures_of_every_medium(page: TestClient) -> None:
    made = {"a.png": noise(), "b.png": noise(channels=4), "a.wav": SOUND, "a.mid": TUNE, "a.mp4": FILM, "a.gif": FILM}
    for name, content in made.items():
        entry = work(name, content)
        got = page.get(f"/media/{entry.id}/thumb?w=300")
        assert got.headers["content-type"] == "image/webp", got.text
        assert max(picture_of(got.content).size) <= 320
        assert "immutable" in got.headers["cache-control"]
        assert page.get(f"/media/{entry.id}/thumb?w=290").content == got.content
    assert len(list((home.cache() / "thumbs").rglob("*.*"))) == len(made)
    assert picture_of(page.get(f"/media/{works.find(words='b').entries[0].id}/thumb").content).mode == "RGBA"


def test_a_small_picture_keeps_every_pixel_of_a_tiny_one(page: TestClient) -> None:
    pixels = noise(32, 32)
    got = page.get(f"/media/{work('a.png', pixels).id}/thumb")
    assert np.array_equal(np.array(picture_of(got.content).convert("RGB")), pixels)


def test_a_text_shows_its_first_words(page: TestClient) -> None:
    entry = work("a.md", "月 <b> " * 1000)
    got = page.get(f"/media/{entry.id}/thumb")
    assert got.headers["content-type"].startswith("text/plain")
    assert got.text.startswith("月 <b>") and got.text.endswith("…") and len(got.text) <= small.WORDS + 2


def test_players(page: TestClient) -> None:
    tune = page.get(f"/media/{work('a.mid', TUNE).id}/play")
    assert tune.headers["content-type"] == "audio/wav" and tune.content[:4] == b"RIFF"
    film = page.get(f"/media/{work('a.mkv', FILM).id}/play")
    assert film.headers["content-type"] == "video/mp4" and film.content[4:8] == b"ftyp"
    for name in ("a.webm", "a.mp4", "a.mov", "a.av1.mp4"):
        known = work(name, FILM)
        assert page.get(f"/media/{known.id}/play").content == known.path.read_bytes()
    for name in ("a.gif", "moves.webp"):  # which a browser shows, and plays in no player of films
        film = page.get(f"/media/{work(name, FILM).id}/play")
        assert film.headers["content-type"] == "video/mp4" and b"avc1" in film.content
    sound = work("a.flac", SOUND)
    assert page.get(f"/media/{sound.id}/play", headers={"range": "bytes=0-3"}).content == b"fLaC"


def test_a_film_that_browsers_do_not_decode_is_coded_anew(page: TestClient, tmp_path: Path) -> None:
    import av

    file = tmp_path / "from a telephone.mov"
    with av.open(str(file), "w", format="mov") as out:
        sound, stream = out.add_stream("aac", rate=8000), out.add_stream("mpeg4", rate=8)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(4):
            shown = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 60 * number, np.uint8), "rgb24")
            shown.pts = number
            out.mux(stream.encode(shown))
        out.mux(stream.encode(None))
        out.mux(sound.encode(None))
    dropped = hand.drop(file)
    got = page.get(f"/make/dropped/{dropped.name}")
    assert got.headers["content-type"] == "video/mp4" and b"avc1" in got.content
    cut_short = tmp_path / "short.mp4"
    for size in range(0, 2000, 90):
        cut_short.write_bytes(got.content[:size])
        with cut_short.open("rb") as opened:
            assert records.mp4_codec(opened) in (b"", b"avc1")


def test_sixty_works_that_are_first_seen_at_once_do_not_stall_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [work(f"{i}.png", noise(240, 400)) for i in range(60)]

    async def look() -> tuple[float, int]:
        app = house()

        @app.get("/quick")
        async def quick() -> str:
            return ""

        slowest, others = 0.0, 0
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a", timeout=60) as client:
            began = time.perf_counter()
            every = asyncio.gather(*(client.get(f"/media/{entry.id}/thumb") for entry in entries))
            while not every.done():
                start = time.perf_counter()
                await client.get("/quick")
                slowest, others = max(slowest, time.perf_counter() - start), others + 1
                await asyncio.sleep(0.01)
            assert {answer.status_code for answer in await every} == {200}
            first = time.perf_counter() - began
            print(f"sixty small pictures in {first:.2f} s; the slowest other answer took {slowest * 1000:.0f} ms")
            monkeypatch.setattr(small, "_looks", None)  # they are there now, and are not made again
            again = await asyncio.gather(*(client.get(f"/media/{entry.id}/thumb") for entry in entries))
            assert {answer.status_code for answer in again} == {200}
        return slowest / first, others

    share, others = asyncio.run(look())
    assert share < 0.5 and others > 5, "the others waited for the pictures"


def test_a_small_picture_is_made_once_for_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    entry, made = work("a.png", noise()), []
    looks, left = small._looks, threading.Event()
    monkeypatch.setattr(small, "_looks", lambda *of: (made.append(1), left.wait(240), looks(*of))[-1])

    async def look() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(house()), base_url="http://a") as client:
            asked = [asyncio.create_task(client.get(f"/media/{entry.id}/thumb")) for _ in range(8)]
            while not made:
                await asyncio.sleep(0.01)
            asked[0].cancel()  # who asked first leaves
            left.set()
            answers = await asyncio.gather(*asked[1:])
            assert {answer.status_code for answer in answers} == {200}

    asyncio.run(look())
    assert made == [1]


def test_a_large_file_takes_no_memory(page: TestClient) -> None:
    entry = work("a.wav", SOUND)
    with entry.path.open("r+b") as file:
        file.truncate(300 << 20)

    async def run() -> int:
        sent = 0

        async def send(message: dict) -> None:
            nonlocal sent
            sent += len(message.get("body", b""))

        async def receive() -> dict:
            await asyncio.Event().wait()  # nobody leaves, however long it takes
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "GET", "path": f"/media/{entry.id}", "query_string": b"", "headers": []}
        await house()(scope | {"raw_path": scope["path"].encode(), "http_version": "1.1"}, receive, send)
        return sent

    tracemalloc.start()
    assert asyncio.run(run()) == 300 << 20
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 32 << 20


def test_nothing_but_ids_leads_to_a_file(page: TestClient) -> None:
    entry = work("a.png", noise())
    odd = [
        "etc",
        "..",
        "../../etc/passwd",
        "%2e%2e%2fetc",
        entry.id[:-1] + "g",
        "0" * 20,
        entry.id[:6],
        "a.png",
        entry.id + "/../x",
    ]
    for name in [*odd, str(entry.path), entry.path.name, f"{entry.id}%00", f"{entry.id}%0a", f" {entry.id}"]:
        for place in (f"/media/{name}", f"/media/{name}/thumb", f"/media/{name}/play", f"/models/{name}/sheet"):
            got = page.get(place)
            assert got.status_code in (404, 422), place
            assert str(home.home()) not in got.text
    for w in (0, -1, 10**9, "a"):
        assert page.get(f"/media/{entry.id}/thumb?w={w}").status_code == 422


def test_a_link_in_place_of_a_work_leads_nowhere(page: TestClient) -> None:
    entry = work("a.md", "words")
    entry.path.unlink()
    entry.path.symlink_to("/etc/passwd")
    for place in ("", "/thumb", "/play"):
        got = page.get(f"/media/{entry.id}{place}")
        assert got.status_code == 404 and "root:" not in got.text


def test_a_damaged_work_has_no_small_picture_but_a_sentence(page: TestClient) -> None:
    entry = work("a.png", noise())
    entry.path.write_bytes(entry.path.read_bytes()[:200])
    got = page.get(f"/media/{entry.id}/thumb")
    assert got.status_code == 404 and got.json()["error"]
    assert not list((home.cache() / "thumbs").rglob("*.*"))


def test_previews_of_jobs(page: TestClient, tmp_path: Path) -> None:
    from bottega.library import jobs

    job = jobs.submit("scan", {})
    folder = Path(job.folder)
    kinds.write(folder / "preview.png", noise(20, 20))
    (folder / "preview.txt").write_text("<script>alert(1)</script>")
    (folder / "link.png").symlink_to(tmp_path)
    base = f"/jobs/{job.id}/preview"
    assert page.get(f"{base}/preview.png").headers["content-type"] == "image/png"
    assert page.get(f"{base}/preview.txt").headers["content-type"].startswith("text/plain")
    assert "no-cache" in page.get(f"{base}/preview.txt").headers["cache-control"]
    for name in (
        "job.json",
        "events.jsonl",
        "output.log",
        "link.png",
        "..",
        "../job.json",
        "%2e%2e",
        ".hidden",
        "x.png",
    ):
        got = page.get(f"{base}/{name}")
        assert got.status_code in (404, 422), name
    assert page.get("/jobs/0123456789abcdef/preview/preview.png").status_code == 404

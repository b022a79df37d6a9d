"""What the page shows of works, models and jobs: files named by opaque ids, never by their places.

    /media/ID            the file as it is, also in parts (Range)
    /media/ID/thumb?w=   a small picture of it; the first words of a text
    /media/ID/play       what a browser can play of a sound, a score or a film
    /models/ID/sheet     works of a model on one sheet; /thumb: the same, small
    /jobs/ID/preview/NAME

A file is served as what is in it, whatever it is called; what a browser could take for a page or a program is never
shown, only handed over.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as Part
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from bottega import home
from bottega.errors import DataError, UsageError
from bottega.language import _
from bottega.studio import small
from bottega.studio.routes import Spoken

Id = Annotated[str, Part(pattern=r"^[0-9a-f]{16,64}$")]
Name = Annotated[str, Part(pattern=r"^[\w][\w.-]{0,120}$")]
Width = Annotated[int, Query(ge=16, le=4096)]
FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""An id is the hash of what is behind it: it never becomes anything else."""
CODECS = {b"avc1", b"avc3", b"av01", b"vp09"}
"""How the pictures of an MP4 or MOV are coded that browsers play as it is; those of telephones are often others."""
NOW = {"Cache-Control": "private, no-cache"}
START = 64  # bytes that tell what a file is
REMEMBERED = 10_000  # works whose places are kept in memory
_works: dict[tuple[Path, str], Any] = {}
KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM.{12}[\x0c\x28\x6c\x7c]", re.DOTALL), "image/bmp"),
    (re.compile(rb"(?:RIFF|RF64)....WAVE", re.DOTALL), "audio/wav"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"OggS"), "audio/ogg"),
    (re.compile(rb"ID3|\xff[\xe2-\xff]"), "audio/mpeg"),
    (re.compile(rb"....ftypM4A", re.DOTALL), "audio/mp4"),
    (re.compile(rb"....ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3.{0,59}webm", re.DOTALL), "video/webm"),
)
"""How files begin that a browser shows or plays, and what it is told that they are."""


GET = ["GET", "HEAD"]

routes = APIRouter(route_class=Spoken)
"""The addresses of works, of models and of previews; to be included behind the guard."""


@routes.api_route("/media/{id}", methods=GET)
async def whole(id: Id) -> Response:
    """The file of a work."""
    entry = await _work(id)
    return served(entry.path, entry.medium, FOREVER)


@routes.api_route("/media/{id}/thumb", methods=GET)
async def thumb(id: Id, w: Width = 320) -> Response:
    """A small picture of a work; the first words of a text."""
    entry = await _work(id)
    if entry.medium == "text":
        words = await run_in_threadpool(small.first_words, entry.path)
        return Response(words, media_type="text/plain; charset=utf-8", headers=FOREVER)
    return await _made(small.thumb, entry.path, entry.medium, entry.hash, w)


@routes.api_route("/media/{id}/play", methods=GET)
async def play(id: Id) -> Response:
    """What a browser can play of a work: itself, when it can."""
    entry = await _work(id)
    return await player(entry.path, entry.medium, entry.hash, FOREVER)


@routes.api_route("/models/{id}/sheet", methods=GET)
async def sheet(id: Id) -> Response:
    """Works of a model on one sheet."""
    return served(await run_in_threadpool(_sheet, id), "image", NOW)


@routes.api_route("/models/{id}/thumb", methods=GET)
async def model_thumb(id: Id, w: Width = 320) -> Response:
    """The same, small."""
    path = await run_in_threadpool(_sheet, id)
    stat = path.stat()
    return await _made(small.thumb, path, "image", f"{id}-{stat.st_mtime_ns:x}", w)


@routes.api_route("/jobs/{id}/preview/{name}", methods=GET)
async def preview(id: Id, name: Name) -> Response:
    """What a job shows of itself while it works."""
    from bottega.library import jobs

    job = await run_in_threadpool(_known, jobs.get, id)
    path = Path(job.folder) / name
    medium = "text" if path.suffix == ".txt" else ""
    if not medium and kind_of(there(path)) is None:  # its notes and its log are no previews
        raise DataError(_("This file is no longer there."))
    return served(path, medium, NOW)


async def player(path: Path, medium: str, key: str, headers: dict[str, str]) -> Response:
    """What a browser can play of a work; ``key`` is the hash of its content."""
    if medium == "score" or (medium == "video" and not await run_in_threadpool(plays, path)):
        return await _made(small.player, path, medium, key)
    return served(path, medium, headers)


def plays(path: Path) -> bool:
    """Whether a player of films in a browser plays a file as it is: a GIF or a WebP it does not, though they move."""
    kind = kind_of(path)
    if kind != "video/mp4":
        return kind == "video/webm"
    from bottega.media.films import records

    with path.open("rb") as file:
        return records.mp4_codec(file) in CODECS


def served(path: Path, medium: str, headers: dict[str, str]) -> Response:
    """A file as what is in it; as something to keep when a browser is not to show it."""
    kind = "text/plain; charset=utf-8" if there(path) and medium == "text" else kind_of(path)
    if kind:
        return FileResponse(path, media_type=kind, headers=headers)
    return FileResponse(path, media_type="application/octet-stream", headers=headers, filename=path.name)


def kind_of(path: Path) -> str | None:
    """What a browser is told that a file is, by how it begins; None for anything that it is not to show."""
    with path.open("rb") as file:
        start = file.read(START)
    return next((kind for begins, kind in KINDS if begins.match(start)), None)


async def _made(make: Any, *of: Any) -> Response:
    path = await small.made(make, *of)
    if make is small.thumb:  # a few kilobytes are read sooner than a thread is woken
        return Response(path.read_bytes(), media_type="image/webp", headers=FOREVER)
    return FileResponse(path, media_type=kind_of(path), headers=FOREVER)


def _known(get: Callable[[str], Any], id: str) -> Any:
    """What has that id. Raises DataError when nothing has."""
    try:
        return get(id)
    except UsageError as error:
        raise DataError(str(error)) from None


async def _work(id: str) -> Any:
    """The work with that id; remembered, as long as its file stays where it is."""
    known = _works.get((home.home(), id))
    if known and known.path.is_file() and not known.path.is_symlink():
        return known
    from bottega.library import works

    entry = await run_in_threadpool(_known, works.get, id)
    there(entry.path)
    if len(_works) >= REMEMBERED:
        _works.clear()
    _works[home.home(), id] = entry
    return entry


def _sheet(id: str) -> Path:
    from bottega.library import models

    folder = Path(_known(models.get, id).path)
    for name in small.SHEETS:
        if (folder / name).is_file():
            return there(folder / name)
    raise DataError(_("This model has no sheet of works."))


def there(path: Path) -> Path:
    """The file, when it is one: a link could lead anywhere."""
    if path.is_symlink() or not path.is_file():
        raise DataError(_("This file is no longer there."))
    return path

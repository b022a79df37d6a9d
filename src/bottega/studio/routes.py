"""What the page's own addresses share: they answer in the language of who asks, and fail in one kind sentence."""

import shutil
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

from fastapi import Path as InPath
from fastapi import Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from fastapi.routing import APIRoute
from starlette.background import BackgroundTask

from bottega import faults
from bottega.errors import BottegaError, DataError
from bottega.language import LANGUAGES, _, language, speaking

DIGITS = "[0-9a-f]{8,64}"
Id = Annotated[str, InPath(pattern=f"^{DIGITS}$")]
"""An id, and nothing that could be a path: the library would find a work or a model by its place too."""


class Spoken(APIRoute):
    """A route that speaks the language named by ``?lang=``, or the one in use; what goes wrong becomes
    ``{"error": sentence}``.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI asks for it."""
        handle = super().get_route_handler()

        async def spoken(request: Request) -> Response:
            wished = request.query_params.get("lang")
            with speaking(wished if wished in LANGUAGES else language()):
                try:
                    return await handle(request)
                except HTTPException as error:
                    return refused(str(error.detail), error.status_code)
                except RequestValidationError:
                    return refused(_("The page asked for something that makes no sense; load it again."), 422)
                except BottegaError as error:
                    return refused(str(error), 404 if isinstance(error, DataError) else 400)
                except Exception as error:
                    return refused(str(faults.plainly(error)), 500)

        return spoken


def refused(sentence: str, status: int) -> JSONResponse:
    """The answer to what cannot be done."""
    return JSONResponse({"error": sentence}, status)


def packed(pack: Callable[[Path], Any], name: str) -> FileResponse:
    """A zip that is written for whoever asks for it, and gone when it has been sent.

    Args:
        pack: writes it to the place it is given; what it raises goes on, and leaves nothing behind.
        name: what the zip is called where it is kept.
    """
    folder = Path(tempfile.mkdtemp(prefix="bottega-zip-"))
    try:
        pack(folder / "packed.zip")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(folder / "packed.zip", filename=name, media_type="application/zip", background=gone)

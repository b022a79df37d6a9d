"""What the page's own addresses share: they answer in the language of who asks, and fail in one kind sentence."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bottega import faults
from bottega.errors import BottegaError, DataError
from bottega.language import LANGUAGES, _, speaking


class Spoken(APIRoute):
    """A route that speaks the language named by ``?lang=``; what goes wrong becomes ``{"error": sentence}``."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI asks for it."""
        handle = super().get_route_handler()

        async def spoken(request: Request) -> Response:
            wished = request.query_params.get("lang")
            with speaking(wished if wished in LANGUAGES else "en"):
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

"""The Models room: what each model learned from, how well, what it repeats, and what can be done with it."""

from typing import TYPE_CHECKING

from fastapi import APIRouter

from bottega.studio.routes import Spoken

if TYPE_CHECKING:
    from bottega.studio.desk import Desk

routes = APIRouter(prefix="/shelf", route_class=Spoken, include_in_schema=False)


def router() -> APIRouter:
    """The addresses that the Models room asks, all under ``/shelf``; to be included behind the guard."""
    return routes


def room(desk: "Desk") -> None:
    """The Models room, built inside an open ``gr.Tab``."""
    import gradio as gr

    from bottega.studio.gallery import HEAD

    gr.HTML(f'<div class="shelf" data-shelf data-lang="{desk.language}"></div>', head=HEAD, js_on_load=None)

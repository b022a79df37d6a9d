"""What the rooms of the studio share: the language, the way from one to another, and how they say what went wrong."""

import functools
import html
import inspect
import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from bottega import faults
from bottega.errors import BottegaError
from bottega.language import _, later, speaking

ROOMS = {
    "make": later("Make"),
    "train": later("Train"),
    "gallery": later("Gallery"),
    "models": later("Models"),
    "queue": later("Queue"),
}
"""The rooms, in the order of their tabs."""


class Desk:
    """One page in one language, on which the rooms are laid out.

    Attributes:
        language: ``"en"`` or ``"zh"``.
        page: the ``gr.Blocks`` of all rooms: ``desk.page.load(…)`` runs when somebody opens it.
        tabs: the ``gr.Tabs`` around the rooms; ``gr.Tabs(selected="gallery")`` as an output moves a person there.
        sends: for each room a hidden box; ``bottega.send({"room": "make", …})`` in the page writes the message into it.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.page: gr.Blocks = gr.context.Context.root_block  # within which the desk stands
        self.sends = {
            room: gr.Textbox(elem_id=f"send-{room}", visible="hidden", show_label=False, container=False)
            for room in ROOMS
        }
        self.tabs = gr.Tabs(elem_id="rooms")  # the first: naming it could take a person back there while the page loads

    def speaks(self, told: Callable[..., Any]) -> Callable[..., Any]:
        """A callback of Gradio's that runs in the language of this page and fails in one kind sentence."""
        if inspect.isgeneratorfunction(told):

            @functools.wraps(told)
            def steps(*args: Any, **kwargs: Any) -> Any:
                going = told(*args, **kwargs)
                while True:
                    with speaking(self.language):  # not over a yield: another thread may take the next step
                        try:
                            step = next(going)
                        except StopIteration:
                            return
                        except Exception as error:
                            raise said(error) from None
                    yield step

            return steps

        @functools.wraps(told)
        def once(*args: Any, **kwargs: Any) -> Any:
            with speaking(self.language):
                try:
                    return told(*args, **kwargs)
                except Exception as error:
                    raise said(error) from None

        return once

    def on_send(self, room: str, told: Callable[[dict[str, Any]], Any], outputs: Any = None) -> None:
        """Calls ``told(message)`` when something is sent to a room.

        The message is what ``bottega.send`` was given: ``{"room": …, "works": [ids], "model": id, "again": work id,
        "job": id}``, of which all but ``room`` may be missing.
        """

        def heard(text: str) -> Any:
            return told(json.loads(text))

        self.sends[room].change(
            self.speaks(heard), self.sends[room], outputs, show_progress="hidden", api_visibility="private"
        )

    def move_with_sends(self) -> None:
        """Whatever is sent to a room opens its tab too."""
        for room, box in self.sends.items():
            box.change(
                functools.partial(gr.Tabs, selected=room),
                None,
                self.tabs,
                show_progress="hidden",
                api_visibility="private",
            )


def said(error: Exception) -> gr.Error:
    """What went wrong, as the page shows it: one sentence, never a traceback."""
    if isinstance(error, gr.Error):
        return error
    if not isinstance(error, BottegaError):
        error = faults.plainly(error)
    sentence = html.escape(str(error), quote=False)  # the page takes it for HTML, and names of files stand in it
    return gr.Error(sentence, title=_("That did not work"), duration=None, print_exception=False)

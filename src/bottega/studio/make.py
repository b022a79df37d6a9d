"""The Make room: something in hand, what can be done with it, and what came of it."""

import gradio as gr

from bottega.language import _
from bottega.studio.desk import Desk


def room(desk: Desk) -> None:
    """Lays the room out inside an open tab."""
    gr.Markdown(f"## {_('Make something')}")

"""How a room stays up to date: a piece of HTML that asks again while somebody looks at it, and only then.

What is asked for is compared with what was last sent, and only what changed is sent; the browser then changes only what
differs, so nothing flickers.
"""

from typing import Any

import gradio as gr

SECONDS = 1.5
"""Between two looks."""

WATCH = """
const beat = () => {
  if (!element.isConnected) return clearInterval(timer);
  if (!document.hidden && element.offsetParent) trigger("tick", {});
};
const timer = setInterval(beat, %d);
new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && beat()).observe(element);
""" % round(SECONDS * 1000)  # noqa: UP031 -- braces
"""Asks again while the room is open and its window is seen."""

CLICKS = """
element.addEventListener("click", (event) => {
  const pressed = event.target.closest("[data-do]");
  if (pressed) trigger("click", { ...pressed.dataset });
});
"""
"""Tells which button of a piece of HTML was pressed: its ``data-do`` and ``data-job``."""


def pressed(event: gr.EventData) -> tuple[str, str]:
    """What to do, and with which job."""
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("do", "")), str(data.get("job", ""))


def changed(parts: dict[str, Any], seen: dict[str, Any] | None) -> tuple[list[Any], dict[str, Any]]:
    """The parts in order, ``gr.skip()`` for those that this page has already, and what it has now."""
    seen = seen or {}
    return [gr.skip() if seen.get(name, Ellipsis) == part else part for name, part in parts.items()], parts


def same(value: Any) -> bool:
    """Whether it says that the page has this part already."""
    return isinstance(value, dict) and value.get("__type__") == "update" and len(value) == 1

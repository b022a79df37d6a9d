"""What is in hand, and what was given beside it, as small cards."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from bottega.language import _
from bottega.studio import small
from bottega.studio.making.hand import Item
from bottega.studio.making.results import sending
from bottega.words import INPUTS, said

FIRST = 120
"""Characters of a text in hand that are shown."""


def cards(items: Sequence[Item]) -> str:
    """What is in hand; all but the first can become the first."""
    named = [one for one in items if one.name]
    if not named:
        return ""
    each = (
        card(one, {"leave": one.name}, first=_button({"first": one.name}, _("First")) if number else "")
        for number, one in enumerate(named)
    )
    return f'<h3>{html.escape(_("In hand"))}</h3><ul class="held">{"".join(each)}</ul>'


def beside(name: str, items: Sequence[Item]) -> str:
    """What was given for an input that is an option, in the order in which it was given."""
    each = "".join(card(one, {"spare": name, "work": one.name}) for one in items)
    return f'<h4 class="beside">{html.escape(said(name, INPUTS))}</h4><ul class="held">{each}</ul>'


def card(one: Item, away: Mapping[str, Any], first: str = "") -> str:
    """One work; a tune or a sound can be heard.

    Args:
        away: the message that puts it away.
        first: a further button.
    """
    title, put = html.escape(one.title), html.escape(_("Put {name} away").format(name=one.title))
    return (
        f'<li>{face(one)}<span class="name" title="{title}">{title}</span><span class="tools">{first}'
        f'<button type="button" {sending(dict(away))} aria-label="{put}">×</button></span></li>'
    )


def _button(message: dict[str, Any], said: str) -> str:
    return f'<button type="button" {sending(message)}>{html.escape(said)}</button>'


def face(one: Item) -> str:
    """How a work in hand looks; a sound and a tune can be heard."""
    place = f"/make/dropped/{one.name}" if one.name.startswith("drop-") else f"/media/{one.name}"
    if one.medium == "text":
        words = small.begins(one.file, FIRST) if one.file else one.words[:FIRST]
        return f'<span class="words">{html.escape(words)}</span>'
    play = place if one.name.startswith("drop-") else f"{place}/play"
    heard = f'<audio src="{play}" controls preload="none"></audio>' if one.medium in ("audio", "score") else ""
    return f'<img src="{place}/thumb?w=160" alt="{html.escape(one.title)}">{heard}'

"""The Gallery and the Models room before anything is in them: their tools, and the words that their scripts say."""

import json
from html import escape

from bottega.language import _
from bottega.studio.gallery import cards

HEAD = '<link rel="stylesheet" href="/gallery/page.css"><script src="/gallery/page.js"></script>'
"""What the page needs in its head for both rooms."""


def hang(room: str, html: str) -> None:
    """One of the two rooms, inside an open ``gr.Tab``."""
    import gradio as gr  # not above: the addresses answer before the page is built

    gr.HTML(html, head=HEAD, js_on_load=None, apply_default_css=False, elem_id=room)


def frame(room: str, language: str, said: dict[str, str], inside: str, more: str = "") -> str:
    """A room around what is in it, with what its script says; ``more`` are further attributes."""
    common = {
        "undo": _("Undo"),
        "close": _("Close"),
        "queue": _("Show the Queue"),
        "mute": _("This work cannot be played here; download it to hear or see it."),
        "lost": _("The studio does not answer. Is it still running?"),
        "again": _("Try again"),
    }
    return (
        f'<div class="{room}" data-{room} {more}lang="{"zh-CN" if language == "zh" else "en"}" data-lang="{language}" '
        f'data-said="{escape(json.dumps(common | said, ensure_ascii=False))}">{inside}</div>'
    )


def trash_box() -> str:
    """The box that shows the trash instead."""
    return f'<label class="trashed"><input type="checkbox" name="trashed"> {escape(_("Trash"))}</label>'


def options(every: str, offered: dict[str, str]) -> str:
    """Choices for a ``<select>``, the first of them any."""
    each = "".join(f'<option value="{escape(one)}">{escape(said)}</option>' for one, said in offered.items())
    return f'<option value="">{escape(every)}</option>{each}'


def front(language: str) -> str:
    """The room before any work is in it: the tools, and the words that its script says."""
    media = {medium: _(said) for medium, said in cards.SAID.items()}
    least = {str(k): "★" * k + " +" * (k < cards.STARS) for k in range(1, cards.STARS + 1)}
    orders = {
        "newest": _("newest first"), "oldest": _("oldest first"), "best": _("best first"), "name": _("by name"),
    }  # fmt: skip
    filters = [
        ("medium", _("Medium"), options(_("every medium"), media)),
        ("operation", _("Operation"), options(_("every operation"), {})),
        ("model", _("Model"), options(_("every model"), {})),
        ("tag", _("Tag"), options(_("every tag"), {})),
        ("least", _("Rating"), options(_("any rating"), least)),
        ("order", _("Order"), options(_("newest first"), orders).split("</option>", 1)[1]),
    ]
    selects = "".join(
        f'<select name="{name}" aria-label="{escape(said)}">{offered}</select>' for name, said, offered in filters
    )
    how = escape(_("Open a file: how was it made?"))
    drop = escape(_("Let go to see how it was made"))
    search = escape(_("Search: names, titles, tags, words that were asked for"))
    inside = (
        f'<form class="tools" role="search"><input type="search" name="words" placeholder="{search}" '
        f'aria-label="{search}" autocomplete="off"><details class="filters"><summary>{escape(_("Filters"))}</summary>'
        f"<div>{selects}{trash_box()}</div></details>"
        f'<label class="open"><input type="file" name="file"><span>{how}</span></label></form>'
        f'<p class="count soft" role="status"></p><div class="pages"></div><datalist id="bottega-tags"></datalist>'
    )
    return frame("gallery", language, said(), inside, f'data-drop="{drop}" ')


def said() -> dict[str, str]:
    """What the scripts say, in the language in use."""
    return {
        "count": _("{total} works"),
        "one": _("One work"),
        "none": _("There are no works here yet. Make some, or train a model of your own."),
        "make": _("Go to Make"),
        "scan": _("Look through the files"),
        "nothing": _("Nothing is like that."),
        "unfilter": _("Show all works"),
        "clean": _("The trash is empty."),
        "chosen": _("{count} chosen"),
        "beside": _("Side by side"),
        "many": _("Two to four works can be seen side by side."),
        "parents": _("Use as parents"),
        "export": _("Export"),
        "trash": _("Move to trash"),
        "clear": _("Choose none"),
        "away": _("{count} works lie in the trash."),
        "back": _("{count} works are back."),
        "work": _("A work"),
        "before": _("The work before"),
        "after": _("The work after"),
        "reading": _("Reading the file …"),
    }

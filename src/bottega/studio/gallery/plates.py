"""Models as HTML: on a card, and whole with their figures, the pairs that show whether they copy, and their README."""

import re
from collections.abc import Sequence
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega.language import _
from bottega.studio.gallery.cards import FIRST, SAID
from bottega.studio.small import SHEETS

if TYPE_CHECKING:
    from markdown_it.token import Token

    from bottega.evaluation.figures import Figure
    from bottega.library.models import ModelEntry

PICTURES = ("samples.png", "samples.webp", "time-lapse.webp", "closest-pairs.png")
SOUNDS = ("samples.wav", "sample.flac")
LOOKS = (*PICTURES, *SOUNDS)
"""Files beside a model's card that the page shows."""
PAIRS, PASSAGES = "closest-pairs.png", "copies.md"
SIGNS = {"image": "◩", "audio": "∿", "score": "♪", "text": "¶", "video": "▷"}
"""Stand for a model that has nothing to show yet."""
README = 200_000
"""Characters of a README, or of what was copied, that are read, at most."""
BEYOND = 1e15
"""A number of this size is none that was counted or measured."""
REPORTS = {
    "image": "bottega.evaluation.report",
    "audio": "bottega.evaluation.sounds.report",
    "score": "bottega.evaluation.scores.report",
    "text": "bottega.evaluation.texts.report",
    "video": "bottega.evaluation.films.report",
}
"""The module that names the figures of each medium."""


def card(entry: "ModelEntry", trashed: bool = False) -> str:
    """One model: works of it, its name, what it learned from, and what can be done at once."""
    name, number = escape(entry.name), escape(entry.id)
    known, told = numbers(entry), [recipe(entry)]
    if known["train"]:
        told.append(_("{count:,} works").format(count=known["train"]))
    if known["minutes"] is not None:
        told.append(_("{minutes:.4g} minutes").format(minutes=known["minutes"]))
    if trashed:
        tools = _button("restore", _("Put back"))
    else:
        tools = _button("make", _("Make works")) + _button("open", _("Look closer"))
    return (
        f'<li class="plate" data-id="{number}" tabindex="0" aria-label="{name}"><button type="button" class="face" '
        f'data-do="open" tabindex="-1" aria-label="{name}">{_face(entry)}</button><div class="under">'
        f'<span class="name">{name}</span><span class="medium">{escape(medium(entry))}</span>'
        f'<span class="soft">{escape(" · ".join(told))}</span><p class="buttons">{tools}</p></div></li>'
    )


def _button(do: str, said: str, title: str = "") -> str:
    about = f' title="{escape(title)}"' if title else ""
    return f'<button type="button" data-do="{do}"{about}>{escape(said)}</button>'


def _face(entry: "ModelEntry") -> str:
    """Works of the model; of one that writes, how they begin."""
    if any((entry.path / sheet).is_file() for sheet in SHEETS):
        return f'<img src="/models/{escape(entry.id)}/thumb?w=640" alt="" loading="lazy" decoding="async">'
    if text := written(entry.path):
        return f'<span class="words">{escape(text)}</span>'
    return f'<span class="sign" aria-hidden="true">{SIGNS.get(entry.medium, "?")}</span>'


def written(folder: Path) -> str:
    """The first texts on the card of a model that writes."""
    lines = [line[1:].strip() for line in readme(folder).splitlines() if line.startswith(">")]
    return "\n".join(lines)[:FIRST].strip()


def medium(entry: "ModelEntry") -> str:
    """Of what it is a model, in a word."""
    return _(SAID[entry.medium]) if entry.medium in SAID else entry.medium


def recipe(entry: "ModelEntry") -> str:
    """The title of its recipe where this Bottega knows it, and its name otherwise."""
    from bottega.errors import BottegaError
    from bottega.recipes.recipe import load

    try:
        return load(entry.recipe).said("title")
    except BottegaError:
        return entry.recipe


def whole(entry: "ModelEntry") -> str:
    """Everything that is known of a model."""
    return (
        f'<div class="sides" data-id="{escape(entry.id)}"><div class="shown">{_shown(entry)}{copies(entry)}</div>'
        f'<div class="known"><h3>{escape(entry.name)}</h3><p class="soft">{escape(recipe(entry))}</p>'
        f'<p class="buttons">{_buttons(entry)}</p>{_facts(entry)}<h4>{escape(_("Measured"))}</h4>{figures(entry)}'
        f'</div></div><details class="readme" open><summary>{escape(_("The model card"))}</summary>'
        f"{rendered(readme(entry.path), entry.id)}</details>"
    )


def _shown(entry: "ModelEntry") -> str:
    """Works of the model, as large as they are, with their sound."""
    source = f"/shelf/models/{escape(entry.id)}/look"
    sheets = [name for name in ("samples.webp", "samples.png") if (entry.path / name).is_file()]
    sounds = [name for name in SOUNDS if (entry.path / name).is_file()]
    looks = "".join(f'<img src="{source}/{name}" alt="{escape(_("Works of this model"))}">' for name in sheets[:1])
    looks += "".join(f'<audio src="{source}/{name}" controls preload="metadata"></audio>' for name in sounds)
    if not looks and (text := written(entry.path)):
        looks = f'<blockquote class="read">{escape(text)}</blockquote>'
    return looks or f'<p class="soft">{escape(_("There is no sheet of works of this model."))}</p>'


def _buttons(entry: "ModelEntry") -> str:
    offered = [
        ("make", _("Make works"), ""),
        ("measure", _("Measure"), _("Against works it has not learned from, and whether it copies")),
        ("train", _("Go on training"), ""),
        ("works", _("Show its works"), ""),
        ("gguf", _("Export as GGUF"), _("One file for llama.cpp, written beside the model")),
        ("zip", _("Download"), _("Its folder as a zip, without where your works lie")),
        ("trash", _("Move to trash"), _("It can be put back")),
    ]
    return "".join(_button(*one) for one in offered if one[0] != "gguf" or entry.recipe.startswith("gpt"))


def _facts(entry: "ModelEntry") -> str:
    known = numbers(entry)
    rows = [
        (_("makes"), medium(entry)),
        (_("recipe"), entry.recipe),
        (_("learned from"), _("{count:,} works").format(count=known["train"]) if known["train"] else None),
        (_("kept aside"), _("{count:,} works").format(count=known["held_out"]) if known["held_out"] else None),
        (_("classes"), ", ".join(entry.classes)),
        (_("minutes"), f"{known['minutes']:.4g}" if known["minutes"] else None),
        (_("steps"), f"{known['steps']:,}" if known["steps"] else None),
        (_("machine"), entry.facts.get("machine")),
        (_("made on"), entry.made.astimezone().strftime("%Y-%m-%d %H:%M")),
    ]
    each = "".join(f"<dt>{escape(word)}</dt><dd>{escape(str(told))}</dd>" for word, told in rows if told)
    return f'<dl class="facts">{each}</dl>'


def numbers(entry: "ModelEntry") -> dict[str, Any]:
    """The numbers on the card of a model; None for each that a stranger's card has not, or has as something else."""
    works = entry.facts.get("works")
    counts = works if isinstance(works, dict) else {}
    told = {word: number(counts.get(word)) for word in ("train", "held_out")}
    return told | {word: number(entry.facts.get(word)) for word in ("minutes", "steps")}


def number(value: Any) -> int | float | None:
    """A number that a file names; None for anything else, and for one that nobody could read."""
    sensible = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < BEYOND
    return value if sensible else None


# --- what was measured --------------------------------------------------------------------------------------------


def figures(entry: "ModelEntry") -> str:
    """The figures as a table: what each means, its value, and what real works score in its place."""
    rows = []
    module = import_module(REPORTS[entry.medium]) if entry.evaluation and entry.medium in REPORTS else None
    for name, figure in measured(entry.evaluation or {}).items():
        try:
            meaning = module.line(name, type(figure)(None, None, reason="")).rstrip(": ") if module else name
        except KeyError:  # of another version
            continue
        shape = "{:.1%}" if module and name in module.PERCENT else "{:.4g}"
        value, floor = (shape.format(it) if it is not None else "" for it in (figure.value, figure.floor))
        said = f'<td colspan="2">{escape(figure.reason)}</td>' if figure.reason else f"<td>{value}</td><td>{floor}</td>"
        rows.append(
            f'<tr{" class=copies" if name == "copies" else ""}><th scope="row">{escape(meaning)}</th>{said}</tr>'
        )
    if not rows:
        return f'<p class="soft">{escape(_("Not measured yet."))}</p>'
    head = f"<tr><th></th><th>{escape(_('this model'))}</th><th>{escape(_('real works'))}</th></tr>"
    return f'<table class="figures"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def measured(told: dict[str, Any]) -> dict[str, "Figure"]:
    """The figures in an ``evaluation.json``, in either of the two ways in which media write them."""
    from bottega.evaluation.figures import Figure

    found = {}
    floors, reasons = told.get("floors"), told.get("reasons")
    if isinstance(floors, dict) and isinstance(reasons, dict):
        known = [name for name in told if name in floors or name in reasons or isinstance(told[name], float)]
        for name in known:
            reason = str(reasons[name]) if name in reasons else None
            found[name] = Figure(number(told[name]), number(floors.get(name)), reason=reason)
    else:
        for name, one in told.items():
            if isinstance(one, dict) and "value" in one:
                reason = str(one["reason"]) if one.get("reason") else None
                found[name] = Figure(number(one["value"]), number(one.get("floor")), reason=reason)
    return {name: one for name, one in found.items() if one.value is not None or one.reason}


def copies(entry: "ModelEntry") -> str:
    """The audit for copies: the nearest pairs side by side, or the passages that stand in training works."""
    title = f"<h4>{escape(_('Does it copy?'))}</h4>"
    if (entry.path / PAIRS).is_file():
        told = _("What it made beside the work it learned from that is nearest; copies have a red frame.")
        if entry.medium == "video":
            told = _("What it made, each above the passage of a film it learned from that is nearest.")
        return (
            f'{title}<p class="soft">{escape(told)}</p><img src="/shelf/models/{escape(entry.id)}/look/{PAIRS}" '
            f'alt="{escape(told)}">'
        )
    text = _read(entry.path / PASSAGES)
    return f'{title}<div class="passages">{rendered(text, entry.id)}</div>' if text else ""


# --- the card -----------------------------------------------------------------------------------------------------


def readme(folder: Path) -> str:
    """The README of a model without what it tells to machines; nothing where there is none."""
    return re.sub(r"\A---\n.*?\n---\n|<!--[^<>]{0,80}-->", "", _read(folder / "README.md"), flags=re.DOTALL)


def _read(path: Path) -> str:
    """The beginning of a file of text; nothing where there is none. A link could lead anywhere."""
    if not path.is_file() or path.is_symlink():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(README)


def rendered(text: str, id: str) -> str:
    """Markdown from a file as HTML in which nothing runs, and nothing is fetched from elsewhere.

    HTML in it stays text; pictures and sounds are those beside the card, all others leave their words.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(text)
    for token in tokens:
        if token.type == "heading_open" or token.type == "heading_close":
            token.tag = f"h{min(6, int(token.tag[1]) + 3)}"
        token.children = _tame(token.children, f"/shelf/models/{id}/look/") if token.children else token.children
    return f'<div class="markdown">{reader.renderer.render(tokens, reader.options, {})}</div>'


def _tame(tokens: Sequence["Token"], looks: str) -> list["Token"]:
    """Inline pieces with pictures and links that lead to what the page shows, or to a page of their own."""
    kept = []
    for token in tokens:
        if token.type == "image":
            name = str(token.attrGet("src"))
            if name in PICTURES:
                token.attrs = {"src": looks + name, "alt": "", "loading": "lazy"}
            else:
                token.type, token.tag, token.attrs = "text", "", {}
        elif token.type == "link_open":
            name = str(token.attrGet("href"))
            address = looks + name if name in LOOKS else name if re.match(r"https?://", name) else ""
            token.attrs = {"href": address, "target": "_blank", "rel": "noopener noreferrer"} if address else {}
        kept.append(token)
    return kept

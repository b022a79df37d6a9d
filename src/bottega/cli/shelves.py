"""How works, models, collections and lineages are shown on the command line."""

import unicodedata
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bottega import home
from bottega.cli.common import result
from bottega.language import _

if TYPE_CHECKING:
    from bottega.library.lineage import Lineage, Node
    from bottega.library.models import ModelEntry
    from bottega.library.works import Entry

SHORT = 8
"""Digits of an id that a person types."""
WIDEST = 32
"""Columns of a name in a list; a Chinese character takes two."""


def as_data(entry: "Entry | ModelEntry") -> dict[str, Any]:
    """An entry as JSON."""
    return asdict(entry) | {"path": str(entry.path), "made": entry.made.isoformat()}


def paths(entries: "Sequence[Entry | ModelEntry]") -> str:
    """Where they lie, a line each."""
    from bottega.library.files import plain

    return "\n".join(plain(str(one.path)) for one in entries)


def list_works(as_json: bool, **asked: Any) -> None:
    """Works that were asked for, see ``bottega.library.works.find``."""
    from bottega.library import works

    page = works.find(**asked)
    if as_json:
        result({"total": page.total, "works": [as_data(entry) for entry in page.entries]}, "", True)
        return
    if not page.entries:
        narrowed = any(asked.get(word) for word in ("words", "medium", "operation", "model", "tag", "least", "offset"))
        none = _("The trash is empty.") if asked.get("trashed") else _("No works yet. “bottega generate” makes some.")
        print(_("Nothing fits.") if narrowed else none)
        return
    rows = [
        (entry.id[:SHORT], _cut(_name(entry)), _(entry.medium), entry.operation, _cut(entry.model_name or ""),
         stars(entry.rating), _cut(", ".join(entry.tags)), f"{entry.made.astimezone():%Y-%m-%d}")
        for entry in page.entries
    ]  # fmt: skip
    heads = (_("work"), _("name"), _("medium"), _("operation"), _("model"), _("rating"), _("tags"), _("written on"))
    print_rows(rows, heads)
    if page.total > len(rows):
        first = asked["offset"] + 1
        last = asked["offset"] + len(rows)
        print(_("{first:,} to {last:,} of {total:,}.").format(first=first, last=last, total=page.total))


def list_models(trashed: bool, as_json: bool) -> None:
    """All models, or all in the trash."""
    from bottega.library import models

    found = models.all(trashed)
    if as_json or not found:
        none = _("No models in the trash.") if trashed else _("No models yet. “bottega train FOLDER” makes one.")
        result([as_data(one) for one in found], none, as_json)
        return
    rows = [
        (one.id[:SHORT], _cut(one.name), one.recipe, _(one.medium), _cut(", ".join(one.classes)),
         _("yes") if one.evaluation else _("no"), f"{one.made.astimezone():%Y-%m-%d}")
        for one in found
    ]  # fmt: skip
    heads = (_("model"), _("name"), _("recipe"), _("medium"), _("classes"), _("measured"), _("written on"))
    print_rows(rows, heads)


def list_collections(as_json: bool) -> None:
    """All collections from which models learned."""
    from bottega.library import models

    found = models.collections()
    if as_json or not found:
        result([asdict(one) for one in found], _("No collections: no model has learned from any yet."), as_json)
        return
    rows = [(one.id[:SHORT], _cut(one.name), _(one.medium), f"{one.works:,}", one.source) for one in found]
    print_rows(rows, (_("collection"), _("name"), _("medium"), _("works"), _("where it lay")))


def print_rows(rows: list[tuple[str, ...]], heads: tuple[str, ...] | None = None) -> None:
    """A table without the columns in which nothing stands, a line for each row."""
    from bottega import terminal
    from bottega.library.files import plain

    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows)]
    table = [tuple(plain(row[i]) for i in used) for row in rows]
    terminal.print_table(tuple(heads[i] if heads else "" for i in used), table, bare=heads is None)


def told(entry: "Entry") -> list[tuple[str, str]]:
    """What the library knows of a work, as pairs of a word and what it says."""
    rows = [
        (_("work"), entry.id),
        (_("title"), entry.title),
        (_("file"), str(entry.path)),
        (_("medium"), _(entry.medium)),
        (_("size"), size(entry)),
        (_("rating"), stars(entry.rating)),
        (_("tags"), ", ".join(entry.tags)),
        (_("written on"), f"{entry.made.astimezone():%Y-%m-%d %H:%M}"),
        (_("where it is"), where(entry)),
    ]
    return [(word, said) for word, said in rows if said]


def size(entry: "Entry") -> str:
    """How large it is, in the units of its medium."""
    parts = [f"{entry.width}×{entry.height}"] if entry.width else []
    parts += [_("{seconds:.1f} s").format(seconds=entry.seconds)] if entry.seconds else []
    return ", ".join([*parts, _("{kilobytes:,} kB").format(kilobytes=-(-entry.bytes // 1000))])


def where(entry: "Entry") -> str:
    """Nothing for a work that is where works are."""
    if entry.missing:
        return _("its file is gone")
    return _("in the trash") if entry.trashed else ""


def stars(rating: int) -> str:
    """``"★★★☆☆"``, or nothing."""
    return "★" * rating + "☆" * (5 - rating) if rating else ""


def tree(found: "Lineage") -> str:
    """A lineage as lines: above, what it comes from, each parent indented below its child; then what it led to."""
    nodes = {node.id: node for node in found.nodes}
    here = found.nodes[0]
    parents: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for child, parent in found.edges:
        parents.setdefault(child, []).append(parent)
        children.setdefault(parent, []).append(child)
    lines = [_line(here)]
    for title, kin in ((_("comes from"), parents), (_("led to"), children)):
        if here.id in kin:
            lines += ["", title, *_branches(here.id, kin, nodes, 1, {here.id})]
    return "\n".join(lines if len(lines) > 1 else [*lines, _("Nothing is known of where it comes from.")])


def _branches(id: str, kin: dict[str, list[str]], nodes: "dict[str, Node]", depth: int, seen: set[str]) -> list[str]:
    lines = []
    for one in kin.get(id, ()):
        lines.append("  " * depth + _line(nodes[one]))
        if one not in seen:  # a work may come from another in two ways; its own kin is told once
            seen.add(one)
            lines += _branches(one, kin, nodes, depth + 1, seen)
    return lines


def _line(node: "Node") -> str:
    kinds = {"work": _("work"), "model": _("model"), "collection": _("collection")}
    told = _("{name} ({kind} {id})") if not node.missing else _("{name} ({kind} {id}, not here)")
    return told.format(name=node.name, kind=kinds[node.kind], id=node.id[:SHORT])


def _name(entry: "Entry") -> str:
    """Its title, or its file with the folder, without which numbered works all look alike."""
    folder = entry.path.parent
    return entry.title or (entry.path.stem if folder == home.works() else f"{folder.name}/{entry.path.stem}")


def _cut(words: str) -> str:
    """Words in few columns; whatever is longer ends in an ellipsis."""
    width = 0
    for i, letter in enumerate(words):
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > WIDEST:
            return f"{words[: max(i - 1, 0)]}…"
    return words

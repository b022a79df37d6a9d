"""Where a work comes from and what was made from it, as a picture: SVG drawn here, coloured by the page."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol, TypeVar
from unicodedata import east_asian_width

from bottega.language import _

WIDE, HIGH = 132, 138  # of a node
LOOK = 92  # height of its picture
GAP, ROW = 62, 18  # between columns, and between the nodes of one
MARGIN = 10
MOST = 9
"""Nodes in a column, at most; the others are counted in its last one."""
LETTERS = 17  # of a caption, a Chinese character counting for two


class Member(Protocol):
    """A work, a model or a collection: what ``bottega.library.lineage`` tells of each."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def missing(self) -> bool: ...


M = TypeVar("M", bound=Member)


@dataclass(frozen=True)
class Place:
    """Where something is drawn: its column, and its row in it."""

    column: int
    row: float


def drawing(
    nodes: Sequence[M], edges: Sequence[tuple[str, str]], here: str, look: Callable[[M], tuple[str, str]]
) -> str:
    """The lineage as one ``<svg>``; what can be opened is a button with ``data-work`` or ``data-model``.

    Args:
        nodes: in any order; ``missing`` ones are known by their hash alone.
        edges: (child, parent) by id.
        here: the id of the work it is about, which is always shown.
        look: where the picture of a work or a model lies, or else what it begins with, as texts do; asked only for
            those that are drawn.
    """
    known = {node.id: node for node in nodes}
    edges = [(child, parent) for child, parent in edges if child in known and parent in known and child != parent]
    columns = layers(list(known), edges)
    shown, more = fewer(columns, edges, here)
    ordered = untangled(shown, edges)
    tallest = max(len(column) + bool(more[i]) for i, column in enumerate(ordered))
    height = 2 * MARGIN + tallest * (HIGH + ROW) - ROW
    places = {
        node: Place(i, (tallest - len(column) - bool(more[i])) / 2 + k)
        for i, column in enumerate(ordered)
        for k, node in enumerate(column)
    }
    width = 2 * MARGIN + len(ordered) * (WIDE + GAP) - GAP
    lines = [_line(places[parent], places[child]) for child, parent in edges if child in places and parent in places]
    boxes = [
        _box(known[node], place, node == here, *(look(known[node]) if _opens(known[node]) else ("", "")))
        for node, place in places.items()
    ]
    counts = [_count(Place(i, (tallest + len(column) - 1) / 2), more[i]) for i, column in enumerate(ordered) if more[i]]
    title = escape(_("Lineage: what it was made from stands on the left, what was made from it on the right"))
    return (
        f'<svg class="lineage" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" '
        f'aria-label="{title}">{"".join([*lines, *boxes, *counts])}</svg>'
    )


def layers(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Nodes in columns: each one to the right of all its parents. A circle, which only a forged record can claim,
    ends after as many rounds as there are nodes."""
    column = dict.fromkeys(nodes, 0)
    edges = list(edges)
    for _round in range(len(column)):
        moved = False
        for child, parent in edges:
            if column[child] <= column[parent] < len(column) - 1:
                column[child], moved = column[parent] + 1, True
        if not moved:
            break
    children = defaultdict(list)
    for child, parent in edges:
        children[parent].append(child)
    for node in sorted(column, key=lambda one: -column[one]):  # a model stands beside what it made, not far away
        if children[node]:
            column[node] = max(column[node], min(column[child] for child in children[node]) - 1)
    used = sorted(set(column.values()))
    return [[node for node in column if column[node] == one] for one in used]


def fewer(
    columns: list[list[str]], edges: Iterable[tuple[str, str]], here: str
) -> tuple[list[list[str]], dict[int, int]]:
    """At most ``MOST`` nodes in each column, and how many are left out; next of kin of ``here`` stay longest."""
    near = {here} | {a for pair in edges if here in pair for a in pair}
    shown, more = [], {}
    for i, column in enumerate(columns):
        kept = sorted(column, key=lambda node: (node != here, node not in near))
        kept = set(kept[: MOST if len(column) <= MOST else MOST - 1])
        shown.append([node for node in column if node in kept])
        more[i] = len(column) - len(kept)
    return shown, more


def untangled(columns: list[list[str]], edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Each column in the order of its neighbours' middles, to and fro, so that few lines cross."""
    beside = defaultdict(list)
    for child, parent in edges:
        beside[child].append(parent)
        beside[parent].append(child)
    columns = [list(column) for column in columns]
    for sweep in range(4):
        row = {node: k - len(column) / 2 for column in columns for k, node in enumerate(column)}
        for column in columns if sweep % 2 == 0 else reversed(columns):
            middle = {}
            for node in column:
                there = [row[one] for one in beside[node] if one in row]
                middle[node] = sum(there) / len(there) if there else row[node]
            column.sort(key=middle.__getitem__)
            row |= {node: k - len(column) / 2 for k, node in enumerate(column)}
    return columns


def _corner(place: Place) -> tuple[float, float]:
    return MARGIN + place.column * (WIDE + GAP), MARGIN + place.row * (HIGH + ROW)


def _line(start: Place, end: Place) -> str:
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    x1, y1, y2 = x1 + WIDE, y1 + HIGH / 2, y2 + HIGH / 2
    bend = (x2 - x1) / 2
    return f'<path class="of" d="M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"/>'


def _opens(node: Member) -> bool:
    """Whether it can be looked at: a work or a model that is here."""
    return not node.missing and node.kind != "collection"


def _box(node: Member, place: Place, here: bool, picture: str, words: str) -> str:
    """One node: its picture, its name, and what it is."""
    x, y = _corner(place)
    opens = f' data-{node.kind}="{escape(node.id)}"' if _opens(node) else ""
    role = ' role="button" tabindex="0"' if opens else ""
    if node.missing:
        look = '<text class="sign" x="66" y="58">?</text>'
    elif node.kind == "collection":
        look = '<path class="stack" d="M34 30h58v44H34zM40 24h58v44M46 18h58v44"/>'
    elif picture:
        look = f'<image href="{escape(picture)}" x="8" y="8" width="{WIDE - 16}" height="{LOOK - 8}"/>'
    else:
        look = _written(words)
    kinds = {"work": _("work"), "model": _("model"), "collection": _("collection")}
    what = _("not here") if node.missing else kinds[node.kind]
    classes = " ".join(["node", node.kind, *["here"] * here, *["missing"] * node.missing])
    return (
        f'<g class="{classes}" transform="translate({x:g} {y:g})"{opens}{role} aria-label="{escape(what)}: '
        f'{escape(node.name)}"><title>{escape(node.name)}</title><rect width="{WIDE}" height="{HIGH}" rx="8"/>{look}'
        f'<text class="name" x="10" y="{LOOK + 18}">{escape(clipped(node.name))}</text>'
        f'<text class="what" x="10" y="{LOOK + 35}">{escape(what)}</text></g>'
    )


def _written(words: str) -> str:
    """The first lines of a text, as far as they fit."""
    each = "".join(f'<tspan x="10" dy="15">{escape(line)}</tspan>' for line in lines_of(words))
    return f'<text class="words" y="8">{each}</text>'


def lines_of(words: str, letters: int = LETTERS, most: int = 5) -> list[str]:
    """A text in lines of so many letters, broken between words where there are any; the last one ends with “…”."""
    lines, rest = [], " ".join(words.split())
    while rest and len(lines) < most:
        line = clipped(rest, letters)
        if line != rest and len(lines) < most - 1:
            line = line[:-1]
            whole = line.rpartition(" ")[0]
            line = whole if whole and rest[len(line)] != " " and rest[len(line)].isascii() else line
        lines.append(line)
        rest = rest[len(line.removesuffix("…")) :].lstrip() if line != rest else ""
    return lines


def _count(place: Place, count: int) -> str:
    x, y = _corner(place)
    said = escape(_("and {count:,} more").format(count=count))
    return f'<text class="more" x="{x + WIDE / 2:g}" y="{y + HIGH / 2:g}">{said}</text>'


def clipped(name: str, letters: int = LETTERS) -> str:
    """The beginning of a name that fits, wide characters counting for two."""
    room, kept = letters, ""
    for letter in name:
        room -= 2 if east_asian_width(letter) in "WF" else 1
        if room < 0:
            return kept[:-1] + "…"
        kept += letter
    return kept

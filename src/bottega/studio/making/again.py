"""A work made again: what was in hand then, what was done, and with which settings, read from its record."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bottega import home
from bottega.errors import BottegaError, DataError
from bottega.language import _
from bottega.media import kinds
from bottega.studio.making.hand import GENERATE

if TYPE_CHECKING:
    from bottega.library.works import Entry


@dataclass(frozen=True)
class Plan:
    """How a work was made.

    Attributes:
        act: ``"generate"`` or ``medium/operation``.
        works: names of its parents, as the page knows them.
        more: those that were options, such as a mask, by the name of the input.
        model: its id in the library; empty for none.
        words: a text that was typed.
        typed: the settings.
    """

    act: str
    works: list[str] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    model: str = ""
    words: str = ""
    typed: dict[str, Any] = field(default_factory=dict)


def plan(entry: "Entry") -> Plan:
    """How to make a work again.

    Raises:
        DataError: its record does not say, or a parent or the model is gone.
    """
    made = entry.record.get("parameters")
    if not isinstance(made, dict) or not entry.operation:
        raise DataError(_("The record of this work does not say how it was made."))
    model = _model(entry.record["model"]) if entry.record.get("model") else ""
    if entry.operation == GENERATE:
        typed = {"n": made.get("n"), "label": made.get("asked"), **(made.get("controls") or {})}
        return Plan(GENERATE, model=model, typed=typed)
    from bottega import editing

    parents, more = [_parent(one) for one in entry.record.get("parents", [])], {}
    medium = kinds.medium_of_file(_file(parents[0])) if parents else entry.medium
    media = [one for one in editing.OPERATIONS if entry.operation in editing.OPERATIONS[one]]
    if not media:
        raise DataError(_("The record of this work does not say how it was made."))
    operation = editing.find(entry.operation, medium if medium in media else media[0])
    for one in reversed(operation.inputs):  # files that are options stand last
        if one.option and (made.get("inputs") or {}).get(one.name) and parents:
            more[one.name] = parents.pop()
    said = " ".join(str(one) for one in (made.get("said") or {}).values())
    return Plan(f"{operation.medium}/{operation.name}", parents, more, model, said, made.get("settings") or {})


def _model(content: str) -> str:
    """The id of the model with this hash. Raises DataError when it is not in the library."""
    from bottega.library import models

    found = next((one for one in models.all() if one.hash == content and not one.missing), None)
    if found is None:
        raise DataError(_("The model that made this work is not among yours any more."))
    return found.id


def _parent(content: str) -> str:
    """The name of the work or dropped file with this hash. Raises DataError when it is gone."""
    from bottega.library import works

    try:
        return works.get(content).id
    except BottegaError:
        dropped = next(home.dropped().glob(f"{content[:64]}.*"), None) if content.isalnum() else None
        if dropped is None:
            raise DataError(_("A work that this one was made from is not here any more.")) from None
        return f"drop-{dropped.name}"


def _file(name: str) -> Any:
    from bottega.studio.making.hand import item

    return item(name).file

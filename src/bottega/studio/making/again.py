"""A work made again: what was in hand then, what was done, and with which settings, read from its record."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bottega.errors import BottegaError, DataError
from bottega.language import _
from bottega.studio.making.hand import GENERATE

if TYPE_CHECKING:
    from bottega.library.works import Entry


@dataclass(frozen=True)
class Plan:
    """How a work was made.

    Attributes:
        act: ``"generate"`` or ``medium/operation``.
        works: names of its parents, as the page knows them.
        more: those that were options, such as masks, by the name of the input.
        model: its id in the library; empty for none.
        words: a text that was typed.
        typed: the settings.
    """

    act: str
    works: list[str] = field(default_factory=list)
    more: dict[str, list[str]] = field(default_factory=dict)
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
    from bottega.origins import telling

    operation = telling.operation_of(entry.record)
    if operation is None:
        raise DataError(_("The record of this work does not say how it was made."))
    used = telling.ingredients(entry.record)
    files = [(name, _parent(one)) for name, one, words in used if not words]
    options = {name: [] for name in (one.name for one in operation.inputs if one.option)}
    for name, file in files:
        if name in options:
            options[name].append(file)
    return Plan(
        f"{operation.medium}/{operation.name}",
        works=[file for name, file in files if name not in options],
        more={name: each for name, each in options.items() if each},
        model=model,
        words=" ".join(one for _name, one, words in used if words),
        typed=made.get("settings") or {},
    )


def _model(content: str) -> str:
    """The id of the model with this hash. Raises DataError when it is not in the library."""
    from bottega.library import models

    found = next((one for one in models.all() if one.hash == content), None)
    if found is None:
        raise DataError(_("The model that made this work is not among yours any more."))
    return found.id


def _parent(content: str) -> str:
    """The name of the work or dropped file with this hash. Raises DataError when it is gone."""
    from bottega.library import works

    try:
        return works.get(content).id
    except BottegaError:
        from bottega.studio.safety import uploads

        dropped = uploads.kept(content)
        if dropped is None:
            raise DataError(_("A work that this one was made from is not here any more.")) from None
        return f"drop-{dropped.name}"

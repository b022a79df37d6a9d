"""Options drawn from wishes: their type, their bounds, their default and their description."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from bottega.language import _
from bottega.wishes import Wishes

SPELLED = {"count": ["--count", "-n"], "label": ["--class"]}
"""Wishes that are spelled in another way on the command line."""
TYPED = (int, float, bool, str)


def parameter(name: str, kind: Any, about: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """One parameter of a command."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, about])


def option(name: str, field: FieldInfo) -> inspect.Parameter:
    """An option of one operation, with its default; without one, it has to be given."""
    if field.is_required():
        about = typer.Option(*_spelled(name), help=_(field.description or ""), **_limits(field))
        return parameter(name, field.annotation, about)
    default = field.get_default(call_default_factory=True)
    about = typer.Option(
        *_spelled(name), help=_(field.description or ""), show_default=default not in (None, ""), **_limits(field)
    )
    return parameter(name, field.annotation, about, default)


def with_wishes(kinds: Mapping[str, type[Wishes]], panels: Mapping[str, str]) -> Callable[[Callable], Callable]:
    """Gives a command the options of several media, each on a panel of its own; what several have is on none.

    What a person does not say is not handed over, so that each medium has its own defaults.

    Args:
        kinds: the wishes of each medium.
        panels: the title of its options.
    """

    def decorate(command: Callable) -> Callable:
        own = [one for one in inspect.signature(command).parameters.values() if one.kind is not one.VAR_KEYWORD]
        drawn = wishes_of(kinds, panels)
        own = [one.replace(kind=one.KEYWORD_ONLY) for one in own]
        parameters = sorted(own + drawn, key=lambda one: one.name == "as_json")  # which every command has last
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return decorate


def wishes_of(kinds: Mapping[str, type[Wishes]], panels: Mapping[str, str]) -> list[inspect.Parameter]:
    """The options of several media, as ``with_wishes`` gives them to a command."""
    fields: dict[str, tuple[FieldInfo, list[str]]] = {}
    for medium, kind in kinds.items():
        for name, field in kind.model_fields.items():
            fields.setdefault(name, (field, []))[1].append(medium)
    return [
        _quiet(name, field, panels[media[0]] if len(media) == 1 else None) for name, (field, media) in fields.items()
    ]


def spoken(words: Mapping[str, Any]) -> dict[str, Any]:
    """The wishes that a person spoke of."""
    return {word: value for word, value in words.items() if value is not None and value is not False}


def _quiet(name: str, field: FieldInfo, panel: str | None) -> inspect.Parameter:
    """An option without a default of its own; the one of its medium is shown."""
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    shown = str(default) if default not in (None, "", False) else False
    spelled = _spelled(name)
    kind = _plain(field.annotation)
    about = typer.Option(
        *spelled, help=_(field.description or ""), show_default=shown, rich_help_panel=panel, **_limits(field)
    )
    return parameter(name, bool if kind is bool else kind | None, about, False if kind is bool else None)


def _plain(kind: Any) -> Any:
    """A type that can be typed: the first member of a union that is one, and text for everything else."""
    members = get_args(kind) if get_origin(kind) not in (None, Literal) else (kind,)
    return next((one for one in members if one in TYPED or get_origin(one) is Literal), str)


def _spelled(name: str) -> list[str]:
    return SPELLED.get(name) or [f"--{name.replace('_', '-')}"]


def _limits(field: FieldInfo) -> Any:
    bounds = {word: getattr(rule, word) for rule in field.metadata for word in ("ge", "le") if hasattr(rule, word)}
    return {"min": bounds.get("ge"), "max": bounds.get("le")} if bounds else {}

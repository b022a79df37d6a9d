"""``bottega edit``: one command for each operation, drawn from its description."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from pydantic.fields import FieldInfo
from typer.core import TyperCommand

from bottega.editing import OPERATIONS, find
from bottega.editing.operation import Input, Operation
from bottega.language import _

SPELLED = {"count": ["--count", "-n"], "label": ["--class"]}
"""Settings that are spelled in another way on the command line."""

Change = Callable[[Operation, list[Path | str], dict[str, Any]], None]
"""What a command does in the end: ``(operation, files, wishes)``."""


def command(name: str, change: Change, by_example: Callable[..., str]) -> TyperCommand | None:
    """The command of one operation; None when there is none of that name.

    Args:
        change: told in the end what a person wants.
        by_example: formats pairs of a wish and the command that grants it.
    """
    if name not in OPERATIONS:
        return None
    operation = find(name)

    def run(**words: Any) -> None:
        files: list[Path | str] = []
        for one in operation.inputs:
            if one.kind != "mask":
                given = words.pop(one.name)
                files += given if isinstance(given, list) else [given] if given else []
        change(operation, files, words)

    parameters = [_argument(one) for one in operation.inputs if one.kind != "mask"]
    parameters += [_option_of(name, field) for name, field in operation.settings.model_fields.items()]
    parameters += [_masks(one) for one in operation.inputs if one.kind == "mask"]
    parameters += _common(operation)
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    examples = [(_(wish), f"edit {line}") for wish, line in operation.examples]
    alone.command(operation.name, help=_(operation.title), epilog=by_example(*examples) if examples else None)(run)
    made = typer.main.get_command(alone)
    assert isinstance(made, TyperCommand)  # one command alone is no group
    made.name = operation.name
    return made


def _parameter(name: str, kind: Any, about: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, about])


def _argument(one: Input) -> inspect.Parameter:
    about = typer.Argument(metavar=one.name.upper(), help=_(one.about))
    kind: Any = str if one.kind == "text" else Path
    if one.least == 0:
        return _parameter(one.name, list[kind] | None, about, None)
    return _parameter(one.name, kind if one.most == 1 else list[kind], about)


def _masks(one: Input) -> inspect.Parameter:
    return _parameter("masks", list[Path] | None, typer.Option("--mask", metavar="FILE", help=_(one.about)), None)


def _option_of(name: str, field: FieldInfo) -> inspect.Parameter:
    """An option from a setting: its type, its bounds, its default and its description."""
    bounds = {word: getattr(rule, word) for rule in field.metadata for word in ("ge", "le") if hasattr(rule, word)}
    limits: Any = {"min": bounds.get("ge"), "max": bounds.get("le")} if bounds else {}
    spelled = SPELLED.get(name) or [f"--{name.replace('_', '-')}"]
    default = field.get_default(call_default_factory=True)
    about = typer.Option(
        *spelled, help=_(field.description or ""), show_default=default not in (None, [], ()), **limits
    )
    kind: Any = field.annotation
    if default in ([], ()):
        return _parameter(name, kind | None, about, None)
    return _parameter(name, kind, about, default)


def _common(operation: Operation) -> list[inspect.Parameter]:
    """What every operation takes beside its own settings."""
    seed = typer.Option(help=_("Everything random follows from this number."))
    place = typer.Option(
        metavar="FILE|FOLDER",
        help=_("Where the result goes: a file of its medium or a folder; among your works by default."),
    )
    as_json = typer.Option("--json", help=_("Print the result as JSON, for other programs."))
    found = [_parameter("to", Path | None, place, None), _parameter("seed", int, seed, 0)]
    if operation.model != "none":
        about = typer.Option(metavar="MODEL", help=_("A trained model: its folder, or its name among your models."))
        required = operation.model == "required"
        found.insert(0, _parameter("model", Path if required else Path | None, about, *([] if required else [None])))
    return [*found, _parameter("as_json", bool, as_json, False)]

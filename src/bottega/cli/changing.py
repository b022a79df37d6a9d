"""``bottega edit``."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from bottega.cli.common import PANELS, PRIVATE, QUEUE, app, by_example, model_at, queued, result
from bottega.cli.drawn import option, parameter, spoken, wishes_of
from bottega.faults import said_plainly
from bottega.language import _

if TYPE_CHECKING:
    from bottega.editing.operation import Input, Operation


class _Edits(TyperGroup):
    """The commands of ``bottega edit``, drawn from the operations when they are asked for and not before."""

    def list_commands(self, ctx: typer.Context) -> list[str]:
        from bottega import editing

        return editing.names()

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:
        return _command(cmd_name)


edits = typer.Typer(
    cls=_Edits, no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)


@edits.callback()
def edit() -> None:
    """The verb alone shows its help."""


app.add_typer(
    edits,
    name="edit",
    help=_("Change works: vary, inpaint, style, continue, rewrite, repair … The originals stay as they are."),
    epilog=by_example(
        (_("four relatives of a picture"), "edit vary cat.png --distance 0.4 -n 4"),
        (_("a photograph in the manner of a painting"), "edit style photo.jpg painting.jpg"),
        (_("take something out of a picture"), "edit inpaint photo.jpg --mask hole.png"),
        (_("carry a draft on"), "edit continue draft.txt --model models/novels"),
        (_("an old recording without its clicks and noise"), "edit repair tape.wav"),
    ),
)


def _change(name: str, files: "list[Path | str]", wishes: dict[str, Any]) -> None:
    """What every command of ``bottega edit`` does."""
    from bottega import terminal

    as_json, model = wishes.pop("as_json", False), wishes.pop("model", None)
    to, seed, private = wishes.pop("to", None), wishes.pop("seed"), wishes.pop("private", False)
    queue = wishes.pop("queue", False)
    settings = {word: value for word, value in wishes.items() if value is not None}
    arguments = {
        "operation": name,
        "works": files,
        "to": to,
        "seed": seed,
        "model": model_at(model) if model else None,
        "private": private,
        **settings,
    }
    if queue:
        queued("edit", arguments, as_json)
        return
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega.library import jobs

        edited = jobs.run_here("edit", arguments, on_event=watcher)
        for name, value in edited.facts.items():
            said = f"{value:.3g}" if isinstance(value, float) else str(value)
            watcher.say(f"{_(name)}: {said}".replace("_", " "))
    terminal.show_work(screen, edited.sheet or edited.files[0])
    results = [str(path) for path in edited.files]
    data = {"works": results, "sheet": str(edited.sheet) if edited.sheet else None, "measured": edited.facts}
    result(data, "\n".join(results), as_json)


def _command(name: str) -> TyperCommand | None:
    """The command of the operations that have this name, one for each medium; None when there are none."""
    from bottega import editing

    if name not in editing.names():
        return None
    operations = [editing.find(name, medium) for medium in editing.media(name)]
    inputs = _inputs(operations)

    def run(**words: Any) -> None:
        files: list[Path | str] = []
        for one in inputs:
            if not one.option:
                given = words.pop(one.name)
                files += given if isinstance(given, list) else [given] if given else []
        said_plainly(_change)(name, files, spoken(words) if len(operations) > 1 else words)

    parameters = [_argument(one) for one in inputs if not one.option]
    parameters += _options(operations)
    parameters += [_files(one) for one in inputs if one.option]
    parameters += _common(operations)
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    alone = typer.Typer(add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False)
    examples = [(_(wish), f"edit {line}") for operation in operations for wish, line in operation.examples]
    titles = [_(operation.title) for operation in operations]
    about, short, more = "\n\n".join(titles), " · ".join(titles), by_example(*examples) if examples else None
    alone.command(name, help=about, short_help=short, epilog=more)(run)
    made = typer.main.get_command(alone)
    assert isinstance(made, TyperCommand)  # one command alone is no group
    made.name = name
    return made


def _inputs(operations: "list[Operation]") -> "list[Input]":
    """What the operations of one name take: their own inputs when there is one, any works when there are several."""
    from bottega.editing.operation import Input

    if len(operations) == 1:
        return list(operations[0].inputs)
    every = [one for operation in operations for one in operation.inputs]
    about = " ".join(_(one.about) for one in every if not one.option)
    named = {one.name: one for one in every if one.option}
    return [Input("work", about, least=1, most=None, kind="text"), *named.values()]


def _options(operations: "list[Operation]") -> list[inspect.Parameter]:
    """The settings of one operation with their defaults; those of several on panels, each medium's on its own."""
    if len(operations) == 1:
        return [option(name, field) for name, field in operations[0].settings.model_fields.items()]
    return wishes_of({operation.medium: operation.settings for operation in operations}, PANELS)


def _argument(one: "Input") -> inspect.Parameter:
    about = typer.Argument(metavar=one.name.upper(), help=_(one.about))
    kind: Any = str if one.kind == "text" else Path
    if one.least == 0:
        return parameter(one.name, list[kind] | None, about, None)
    return parameter(one.name, kind if one.most == 1 else list[kind], about)


def _files(one: "Input") -> inspect.Parameter:
    """Files given as an option, as often as there are any."""
    about = typer.Option(f"--{one.name}", metavar="FILE", help=_(one.about))
    return parameter(one.name, list[Path], about) if one.least else parameter(one.name, list[Path] | None, about, None)


def _common(operations: "list[Operation]") -> list[inspect.Parameter]:
    """What every operation takes beside its own settings."""
    seed = typer.Option(help=_("Everything random follows from this number."))
    place = typer.Option(
        metavar="FILE|FOLDER",
        help=_("Where the result goes: a file of its medium or a folder; among your works by default."),
    )
    as_json = typer.Option("--json", help=_("Print the result as JSON, for other programs."))
    found = [parameter("to", Path | None, place, None), parameter("seed", int, seed, 0)]
    takes = {operation.model for operation in operations}
    if takes != {"none"}:
        about = typer.Option(metavar="MODEL", help=_("A trained model: its folder, or its name among your models."))
        required = takes == {"required"}
        found.insert(0, parameter("model", Path if required else Path | None, about, *([] if required else [None])))
    found.append(parameter("private", bool, typer.Option("--private", help=PRIVATE), False))
    found.append(parameter("queue", bool, typer.Option("--queue", help=QUEUE), False))
    return [*found, parameter("as_json", bool, as_json, False)]

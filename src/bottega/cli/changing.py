"""``bottega edit``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from bottega.cli.common import app, by_example, model_at, result
from bottega.faults import said_plainly
from bottega.language import _

if TYPE_CHECKING:
    from bottega.editing.operation import Operation


class _Edits(TyperGroup):
    """The commands of ``bottega edit``, drawn from the operations when they are asked for and not before."""

    def list_commands(self, ctx: typer.Context) -> list[str]:
        from bottega.editing import OPERATIONS

        return list(OPERATIONS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:
        from bottega import edit_commands

        return edit_commands.command(cmd_name, said_plainly(_change), by_example)


edits = typer.Typer(
    cls=_Edits, no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)


@edits.callback()
def edit() -> None:
    """The verb alone shows its help."""


app.add_typer(
    edits,
    name="edit",
    help=_("Change works: vary, inpaint, style, dream, continue, rewrite … The originals stay as they are."),
    epilog=by_example(
        (_("four relatives of a picture"), "edit vary cat.png --distance 0.4 -n 4"),
        (_("a photograph in the manner of a painting"), "edit style photo.jpg painting.jpg"),
        (_("take something out of a picture"), "edit inpaint photo.jpg --mask hole.png"),
        (_("carry a draft on"), "edit continue draft.txt --model models/novels"),
    ),
)


def _change(operation: "Operation", files: "list[Path | str]", wishes: dict[str, Any]) -> None:
    """What every command of ``bottega edit`` does."""
    from bottega import terminal

    as_json, model = wishes.pop("as_json"), wishes.pop("model", None)
    to, seed, masks = wishes.pop("to"), wishes.pop("seed"), wishes.pop("masks", None) or []
    settings = {word: value for word, value in wishes.items() if value is not None}
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega import verbs

        edited = verbs.edit(
            operation.name,
            *files,
            to=to,
            seed=seed,
            model=model_at(model) if model else None,
            masks=masks,
            on_event=watcher,
            **settings,
        )
        for name, value in edited.facts.items():
            said = f"{value:.3g}" if isinstance(value, float) else str(value)
            watcher.say(f"{_(name)}: {said}".replace("_", " "))
    terminal.show_work(screen, edited.sheet or edited.files[0])
    results = [str(path) for path in edited.files]
    data = {"works": results, "sheet": str(edited.sheet) if edited.sheet else None, "measured": edited.facts}
    result(data, "\n".join(results), as_json)

"""Every command and option, written down: one is added or taken away on purpose, never by accident."""

from collections.abc import Iterator

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from bottega.cli import app

FROZEN = frozenset(
    {
        "demo --minutes",
        "demo --seed",
        "demo --to",
        "doctor --json",
        "evaluate --against",
        "evaluate --count -n",
        "evaluate --json",
        "evaluate --seed",
        "evaluate MODEL",
        "generate --class",
        "generate --count -n",
        "generate --finish",
        "generate --guidance",
        "generate --json",
        "generate --sampling-steps",
        "generate --seed",
        "generate --temperature",
        "generate --to",
        "generate --truncation",
        "generate --works",
        "generate MODEL",
        "recipes --json",
        "recipes [NAME]",
        "train --alpha",
        "train --epochs",
        "train --fit",
        "train --json",
        "train --minutes",
        "train --recipe",
        "train --resume",
        "train --seed",
        "train --set",
        "train --size",
        "train --steps",
        "train --tensorboard",
        "train --to",
        "train FOLDER",
    }
)


def _options(words: str, command: TyperCommand | TyperGroup) -> Iterator[str]:
    """Every option and argument of a command and of the commands below it."""
    for parameter in command.params:
        is_argument = parameter.param_type_name == "argument"
        yield " ".join([words, *([parameter.metavar] if is_argument else sorted(parameter.opts))]).strip()
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for name in command.list_commands(context):
            yield from _options(f"{words} {name}", command.get_command(context, name))


def test_commands_and_options_are_the_frozen_ones() -> None:
    found = {option.strip() for option in _options("", typer.main.get_command(app))}
    assert found == FROZEN

"""Every command and option, written down: one is added or taken away on purpose, never by accident."""

import typer.main

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
        "generate --guidance",
        "generate --json",
        "generate --sampling-steps",
        "generate --seed",
        "generate --temperature",
        "generate --to",
        "generate --truncation",
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


def test_commands_and_options_are_the_frozen_ones() -> None:
    found = set()
    for verb, command in typer.main.get_command(app).commands.items():
        for parameter in command.params:
            is_argument = parameter.param_type_name == "argument"
            names = [parameter.metavar] if is_argument else sorted(parameter.opts)
            found.add(" ".join([verb, *names]))
    assert found == FROZEN

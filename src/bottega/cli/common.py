"""What the commands share: the program itself, options that several have, and how results are printed."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bottega import __version__
from bottega.errors import UsageError
from bottega.language import _, language

app = typer.Typer(
    help=_("The workshop of one artist: models learn from your works and make new ones."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help=_("Show the version and exit."))
    ] = False,
) -> None:
    """The program itself."""


if language() == "zh":
    from bottega import typer_in_chinese

    typer_in_chinese.install()

PANELS = {
    "image": _("For pictures"),
    "audio": _("For sounds"),
    "score": _("For scores"),
    "text": _("For texts"),
    "video": _("For films"),
}
"""Titles of the options that belong to one medium."""

Json = Annotated[bool, typer.Option("--json", help=_("Print the result as JSON, for other programs."))]
Seed = Annotated[int, typer.Option(help=_("Everything random follows from this number."), show_default=True)]
PRIVATE = _("Write into the files only that a model made them, not how.")
QUEUE = _("Put it behind the other jobs, and give back its number at once.")
Queue = Annotated[bool, typer.Option("--queue", help=QUEUE)]
ModelFolder = Annotated[
    Path, typer.Argument(metavar="MODEL", help=_("A trained model: its folder, or its name among your models."))
]


def by_example(*examples: tuple[str, str]) -> str:
    """The end of a verb's help: what one wants, and the command that does it."""
    lines = [f"[dim]# {wish}[/dim]\nbottega {command}" for wish, command in examples]
    return "\b\n" + "\n".join([f"[bold]{_('Examples')}[/bold]", *lines])


def result(data: Any, text: str, as_json: bool) -> None:
    """The one thing that goes to stdout; a name of a file that is no UTF-8 goes there as it is, or escaped in JSON."""
    said = json.dumps(data, ensure_ascii=False, indent=2) if as_json else text
    try:
        print(said)
    except UnicodeEncodeError:
        sys.stdout.buffer.write(f"{said}\n".encode(errors="backslashreplace" if as_json else "surrogateescape"))


def queued(verb: str, arguments: dict[str, Any], as_json: bool) -> None:
    """Puts a verb behind the other jobs, and says its number."""
    from bottega.library import jobs

    job = jobs.submit(verb, arguments, origin="line")
    place = _("{title}: {state}. Follow it with: bottega queue watch {id}")
    print(place.format(title=job.title, state=job.word, id=job.id[:8]), file=sys.stderr)
    result(job.as_json(), job.id, as_json)


def model_at(place: Path) -> Path:
    """The folder itself, or the model of that name under ``BOTTEGA_HOME``."""
    from bottega import home

    named = home.models() / place
    return named if not place.exists() and named.is_dir() else place


def changes_of(settings: list[str] | None) -> dict[str, str]:
    """``["training.batch=32"]`` as a dictionary."""
    changes = {}
    for setting in settings or []:
        place, equals, value = setting.partition("=")
        if not (place and equals and value):
            message = _("--set takes a place and a value such as training.batch=32; it is “{setting}”.")
            raise UsageError(message.format(setting=setting))
        changes[place.strip()] = value.strip()
    return changes

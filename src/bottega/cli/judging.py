"""``bottega evaluate``, ``show`` and ``remake``: what a model and a work are worth and where they come from."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from bottega.cli.common import Json, ModelFolder, Queue, Seed, app, by_example, model_at, queued, result
from bottega.errors import BottegaError
from bottega.faults import said_plainly
from bottega.language import _


@app.command(
    help=_(
        "Say how good a model is, and how honest: distances to works it has never seen, beside what two halves of the "
        "real works reach, and a search for copies of the works it learned from."
    ),
    epilog=by_example(
        (_("against the works that were held out in training"), "evaluate models/flowers"),
        (_("against other works, for another program"), "evaluate models/flowers --against more-works --json"),
    ),
)
@said_plainly
def evaluate(
    model: ModelFolder,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=_("Other works to compare with; the held-out ones by default.")),
    ] = None,
    n: Annotated[
        int | None, typer.Option("-n", "--count", metavar="N", min=2, help=_("How many works to make and compare."))
    ] = None,
    seed: Seed = 0,
    queue: Queue = False,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    arguments = {"model": model_at(model), "against": against, "n": n, "seed": seed}
    if queue:
        queued("evaluate", arguments, as_json)
        return
    with terminal.Watcher(terminal.console()) as watcher:
        from bottega.library import jobs

        watcher.say(_("Making works and comparing them …"))
        evaluation = jobs.run_here("evaluate", arguments, on_event=watcher)
    result(evaluation.as_json(), evaluation.text(), as_json)


@app.command(
    help=_("Tell how a work was made: the record inside it, as a person reads it."),
    epilog=by_example((_("how was this made?"), "show rose.png"), (_("for another program"), "show rose.png --json")),
)
@said_plainly
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A work that Bottega made."))],
    as_json: Json = False,
) -> None:
    from bottega import origins, terminal

    found = origins.origin(file)
    if as_json:
        result(found, "", True)
    else:
        from bottega.library import lineage

        known: dict[str, str] = {}
        with suppress(BottegaError):  # a library that cannot be opened knows nothing
            known = lineage.called(found)
        terminal.print_table(("", ""), origins.told(found, file, known), bare=True)


@app.command(
    help=_("Make a work again from the record inside it, bit for bit where version and machine are the same."),
    epilog=by_example(
        (_("the same work once more"), "remake rose.png"),
        (_("its model lies elsewhere"), "remake rose.png --from /backup/models"),
    ),
)
@said_plainly
def remake(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A work that Bottega made."))],
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Where it goes; among your works by default."))
    ] = None,
    look_in: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FOLDER", help=_("Where to look for its model and the works it was made from.")),
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    screen = terminal.console()
    with terminal.Watcher(screen) as watcher, screen.status(_("Making it again …")):
        from bottega.library import jobs

        arguments = {"file": file, "to": to, "look_in": look_in or []}
        made = jobs.run_here("remake", arguments, on_event=watcher)
    verdict = _("The same, bit for bit.") if made.same else _("Not quite the same.")
    screen.print(" ".join([verdict, *made.why]), markup=False)
    result({"work": str(made.file), "same": made.same, "why": made.why}, str(made.file), as_json)

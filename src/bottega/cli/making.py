"""``bottega generate``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bottega.cli.common import (
    PANELS,
    PRIVATE,
    Json,
    ModelFolder,
    Queue,
    Seed,
    app,
    by_example,
    model_at,
    queued,
    result,
)
from bottega.cli.drawn import spoken, with_wishes
from bottega.crafts.schemas import MAKINGS
from bottega.faults import said_plainly
from bottega.language import _


@app.command(
    help=_("Make new works, each with its origin written inside, and a sheet of all of them."),
    epilog=by_example(
        (_("sixteen works of a model"), "generate models/flowers"),
        (_("a hundred roses, other ones than before"), "generate models/flowers -n 100 --class rose --seed 7"),
        (_("typical ones rather than surprising ones"), "generate models/flowers --truncation 0.7"),
        (_("large ones, with detail from your own works"), "generate models/flowers --finish 512"),
        (_("four texts that begin as you wish"), 'generate models/novels -n 4 --prompt "The sea"'),
        (_("a haiku, exact in every syllable"), "generate models/poems -n 1 --form haiku"),
    ),
)
@said_plainly
@with_wishes(MAKINGS, PANELS)
def generate(
    model: ModelFolder,
    n: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help=_("How many works."))] = 16,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Where they go; among your works by default."))
    ] = None,
    seed: Seed = 0,
    label: Annotated[str | None, typer.Option("--class", metavar="NAME", help=_("Only works of this class."))] = None,
    works: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=_("Where the works it learned from are now, if they were moved.")),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help=PRIVATE)] = False,
    queue: Queue = False,
    as_json: Json = False,
    **wishes: Any,
) -> None:
    from bottega import terminal

    arguments = {
        "model": model_at(model),
        "n": n,
        "to": to,
        "seed": seed,
        "label": label,
        "works": works,
        "private": private,
        **spoken(wishes),
    }
    if queue:
        queued("generate", arguments, as_json)
        return
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega.library import jobs

        watcher.say(_("Making one work …") if n == 1 else _("Making {n} works …").format(n=n))
        *files, sheet = jobs.run_here("generate", arguments, on_event=watcher)
    if len(files) > 1 or not watcher.streamed:
        terminal.show_work(screen, sheet)
    many = _("{n} works in {folder}; all on one sheet:")
    one = _("One work in {folder}, and its sheet:")
    screen.print((one if len(files) == 1 else many).format(n=len(files), folder=sheet.parent), markup=False)
    result({"works": [str(path) for path in files], "sheet": str(sheet)}, str(sheet), as_json)

"""``bottega recipes``, ``export``, ``doctor`` and ``demo``: the house itself."""

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from bottega.cli.common import Json, ModelFolder, Seed, app, by_example, model_at, result
from bottega.faults import said_plainly
from bottega.language import _


@app.command(
    help=_("List the recipes, or show one with all its numbers."),
    epilog=by_example(
        (_("what there is, and for whom"), "recipes"),
        (_("every number of one of them"), "recipes flow"),
    ),
)
@said_plainly
def recipes(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help=_("The recipe to show."))] = None,
    as_json: Json = False,
) -> None:
    from bottega import terminal
    from bottega.recipes import recipe

    if name:
        chosen = recipe.load(name)
        file = resources.files("bottega.recipes").joinpath(chosen.medium, f"{name}.toml")
        result(chosen.model_dump(), file.read_text(encoding="utf-8").rstrip(), as_json)
        return
    found = [recipe.load(name) for name in recipe.names()]
    rows = [(one.name, _(one.medium), one.said("title"), one.said("when"), one.source) for one in found]
    if as_json:
        result([one.model_dump() for one in found], "", True)
    else:
        terminal.print_table((_("recipe"), _("medium"), _("what it is"), _("for whom"), _("source")), rows)


@app.command(
    help=_(
        "Write a model of texts as one GGUF file for llama.cpp. Hugging Face transformers opens the model's folder "
        "as it is."
    ),
    epilog=by_example((_("beside the model"), "export models/poems"), (_("elsewhere"), "export poems --to poems.gguf")),
)
@said_plainly
def export(
    model: ModelFolder,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("Where it goes; beside the model by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega import verbs

    file = verbs.export(model_at(model), to=to)
    result({"file": str(file)}, str(file), as_json)


@app.command(
    help=_("Look at this machine: is it ready, and how fast is it?"),
    epilog=by_example((_("the examination"), "doctor"), (_("to put into a report of a fault"), "doctor --json")),
)
@said_plainly
def doctor(as_json: Json = False) -> None:
    from bottega import doctor as practice
    from bottega import terminal

    found = practice.examine()
    if as_json:
        result([finding.as_json() for finding in found], "", True)
    else:
        from rich.text import Text

        signs = {"good": Text("✓", "green"), "weak": Text("!", "yellow"), "bad": Text("✗", "red")}
        terminal.print_table(
            ("", "", "", ""), [(signs[one.verdict], one.name, one.value, one.advice) for one in found], bare=True
        )
        print(practice.verdict(found))
    if any(finding.verdict == "bad" for finding in found):
        raise typer.Exit(3)


@app.command(
    help=_(
        "The whole way in some minutes, on pictures and texts that Bottega makes itself; ends with a page to look at."
    ),
    epilog=by_example(
        (_("into the folder demo"), "demo"), (_("somewhere else, and longer"), "demo --to tour --minutes 10")
    ),
)
@said_plainly
def demo(
    to: Annotated[Path, typer.Option(metavar="FOLDER", help=_("Where everything goes."))] = Path("demo"),
    minutes: Annotated[float, typer.Option(metavar="M", help=_("How long it trains."))] = 2.5,
    seed: Seed = 0,
) -> None:
    from bottega import terminal

    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega import demo as tour

        page = tour.run(to, minutes=minutes, seed=seed, on_event=watcher)
    if watcher.preview:
        terminal.show_work(screen, watcher.preview)
    print(page)

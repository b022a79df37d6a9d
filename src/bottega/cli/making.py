"""``bottega generate``."""

from pathlib import Path
from typing import Annotated

import typer

from bottega.cli.common import PICTURES, TEXTS, Json, ModelFolder, Seed, app, by_example, given, model_at, result
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
def generate(
    model: ModelFolder,
    n: Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, help=_("How many works."))] = 16,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Where they go; among your works by default."))
    ] = None,
    seed: Seed = 0,
    label: Annotated[str | None, typer.Option("--class", metavar="NAME", help=_("Only works of this class."))] = None,
    guidance: Annotated[
        float | None, typer.Option(help=_("Above 1: closer to the class. For models that have it."))
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help=_("Below 1: calmer, above 1: wilder. For models that have it."))
    ] = None,
    works: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=_("Where the works it learned from are now, if they were moved.")),
    ] = None,
    truncation: Annotated[
        float | None,
        typer.Option(
            help=_("Below 1: more typical and less varied. For models that have it."), rich_help_panel=PICTURES
        ),
    ] = None,
    sampling_steps: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help=_("More is finer and slower. For models that have it."),
            rich_help_panel=PICTURES,
        ),
    ] = None,
    finish: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS",
            min=32,
            help=_("Finish them at this size, with detail from the works learned from."),
            rich_help_panel=PICTURES,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(metavar="WORDS", help=_("How each text begins."), rich_help_panel=TEXTS),
    ] = None,
    length: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=_("The most tokens a text may have."), rich_help_panel=TEXTS),
    ] = None,
    top_p: Annotated[
        float | None,
        typer.Option(
            metavar="P", min=0, max=1, help=_("Only the likeliest words that hold this share."), rich_help_panel=TEXTS
        ),
    ] = None,
    min_p: Annotated[
        float | None,
        typer.Option(
            metavar="P",
            min=0,
            max=1,
            help=_("Only words at least this share as likely as the likeliest."),
            rich_help_panel=TEXTS,
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=_("A form to keep exactly: haiku, quatrain, sonnet, limerick, quatrain5, quatrain7 …"),
            rich_help_panel=TEXTS,
        ),
    ] = None,
    rhyme: Annotated[
        bool, typer.Option("--rhyme", help=_("Lines of the form also rhyme."), rich_help_panel=TEXTS)
    ] = False,
    novel: Annotated[
        bool,
        typer.Option(
            "--novel",
            help=_("Never more than a few words in a row as in the texts learned from."),
            rich_help_panel=TEXTS,
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    wishes = given(
        guidance=guidance,
        temperature=temperature,
        truncation=truncation,
        steps=sampling_steps,
        finish=finish,
        prompt=prompt,
        length=length,
        top_p=top_p,
        min_p=min_p,
        form=form,
        rhyme=rhyme,
        novel=novel,
    )
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega import verbs

        watcher.say(_("Making {n} works …").format(n=n))
        *files, sheet = verbs.generate(
            model_at(model), n, to=to, seed=seed, label=label, works=works, on_event=watcher, **wishes
        )
    if len(files) > 1 or not watcher.streamed:
        terminal.show_work(screen, sheet)
    screen.print(_("{n} works in {folder}; all on one sheet:").format(n=len(files), folder=sheet.parent), markup=False)
    result({"works": [str(path) for path in files], "sheet": str(sheet)}, str(sheet), as_json)

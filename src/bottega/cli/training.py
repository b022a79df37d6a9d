"""``bottega train``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from bottega.cli.common import PANELS, Json, Queue, Seed, app, by_example, changes_of, model_at, queued, result
from bottega.cli.drawn import spoken, with_wishes
from bottega.crafts.schemas import PREPARATIONS
from bottega.errors import UsageError
from bottega.faults import said_plainly
from bottega.language import _


@app.command(
    help=_(
        "Learn from your own works: a folder of pictures, sounds, scores, texts or films. Sub-folders are classes; the "
        "recipe is chosen."
    ),
    epilog=by_example(
        (_("ten minutes, everything else is chosen and said"), "train my-works"),
        (_("an hour, and a place for the model"), "train my-works --to models/flowers --minutes 60"),
        (_("drawings with transparent ground"), "train emoji --alpha --size 64"),
        (_("poems from a table, with their moods as classes"), "train poems.csv --column poem --class-column mood"),
        (_("sentences and their translations, line by line"), "train english.txt --target german.txt"),
        (_("recordings, with a codec that another training made"), "train field-recordings --codec models/strings"),
        (_("clips, with films of the same kind to come"), "train my-clips --minutes 20 --fps 12"),
        (_("go on after Ctrl-C or a power cut"), "train my-works --to models/flowers --minutes 60 --resume"),
        (_("the previews are good enough: the model now"), "train my-works --to models/flowers --minutes 60 --finish"),
        (_("a recipe of your choice, with a number set anew"), "train my-works --recipe gan --set training.batch=32"),
    ),
)
@said_plainly
@with_wishes(PREPARATIONS, PANELS)
def train(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help=_("A folder or a .zip of works, or one file of texts."))
    ],
    to: Annotated[
        Path | None, typer.Option(metavar="MODEL", help=_("Where the model goes; among your models by default."))
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help=_("One of “bottega recipes”; chosen for you when left out."))
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(metavar="M", help=_("How long, by the clock. 10 when nothing is said."))
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="N", help=_("How long, in steps of the optimizer."))] = None,
    epochs: Annotated[
        float | None, typer.Option(metavar="N", help=_("How long, in times through the whole collection."))
    ] = None,
    seed: Seed = 0,
    medium: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=_("image, audio, score, text or video; that of most of the files when left out.")
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help=_("A number of the recipe set anew; may be given often.")),
    ] = None,
    codec: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help=_("For recipes of two stages: a model whose latents they learn from.")),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help=_("Go on with the run that was interrupted."))] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help=_("Make the model of what an interrupted run has learned, and end it."))
    ] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help=_("Also write TensorBoard scalars."))] = False,
    queue: Queue = False,
    as_json: Json = False,
    **preparation: Any,
) -> None:
    from bottega import terminal

    if sum(budget is not None for budget in (minutes, steps, epochs)) > 1:
        raise UsageError(_("Give one of --minutes, --steps and --epochs, not several."))
    arguments = {
        "source": folder,
        "to": to,
        "medium": medium,
        "recipe": recipe,
        "minutes": minutes,
        "steps": steps,
        "epochs": epochs,
        "seed": seed,
        "settings": changes_of(settings),
        "codec": model_at(codec) if codec else None,
        "resume": resume,
        "finish": finish,
        "tensorboard": tensorboard,
        **spoken(preparation),
    }
    if queue:
        queued("train", arguments, as_json)
        return
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega.library import jobs

        model = jobs.run_here("train", arguments, on_event=watcher)
    if watcher.preview:
        terminal.show_work(screen, watcher.preview)
        watcher.say(_("What it makes: {path}").format(path=watcher.preview))
    if screen.quiet:
        return
    if model.makes_works:
        watcher.say(_("New works: {command}").format(command=f"bottega generate {model.folder}"))
    result({"model": str(model.folder), "recipe": model.recipe.name, "facts": model.facts}, str(model.folder), as_json)

"""The command line: the verbs, and nothing that the verbs do not do.

Results go to stdout, everything a person follows goes to stderr. Heavy imports are inside the verbs, so that
``bottega --help`` answers at once. Exit codes: 0 done, 1 a fault of Bottega's own, 2 usage, 3 data, 4 interrupted and
saved, 5 out of memory or disk.
"""

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

from bottega.errors import UsageError
from bottega.faults import said_plainly
from bottega.language import _, language

if TYPE_CHECKING:
    from bottega.editing.operation import Operation

app = typer.Typer(
    help=_("The workshop of one artist: models learn from your works and make new ones."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

if language() == "zh":
    from bottega import typer_in_chinese

    typer_in_chinese.install()


def _by_example(*examples: tuple[str, str]) -> str:
    """The end of a verb's help: what one wants, and the command that does it."""
    lines = [f"[dim]# {wish}[/dim]\nbottega {command}" for wish, command in examples]
    return "\b\n" + "\n".join([f"[bold]{_('Examples')}[/bold]", *lines])


Json = Annotated[bool, typer.Option("--json", help=_("Print the result as JSON, for other programs."))]
Seed = Annotated[int, typer.Option(help=_("Everything random follows from this number."), show_default=True)]
ModelFolder = Annotated[
    Path, typer.Argument(metavar="MODEL", help=_("A trained model: its folder, or its name among your models."))
]


@app.command(
    help=_("Learn from a folder of pictures. Sub-folders are classes; the recipe and the size are chosen for you."),
    epilog=_by_example(
        (_("ten minutes, everything else is chosen and said"), "train my-works"),
        (_("an hour, and a place for the model"), "train my-works --to models/flowers --minutes 60"),
        (_("drawings with transparent ground"), "train emoji --alpha --size 64"),
        (_("go on after Ctrl-C or a power cut"), "train my-works --to models/flowers --minutes 60 --resume"),
        (_("a recipe of your choice, with a number set anew"), "train my-works --recipe gan --set training.batch=32"),
    ),
)
@said_plainly
def train(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help=_("A folder or a .zip of pictures."))],
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
    size: Annotated[
        str | None,
        typer.Option(metavar="W|WxH", help=_("Size of the works in pixels: 32, or 32x48 (wide x high), up to 256.")),
    ] = None,
    fit: Annotated[
        Literal["crop", "pad", "stretch"], typer.Option(help=_("How pictures of other shapes come to that size."))
    ] = "crop",
    alpha: Annotated[bool, typer.Option("--alpha", help=_("Keep transparency."))] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help=_("A number of the recipe set anew; may be given often.")),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help=_("Go on with the run that was interrupted."))] = False,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help=_("Also write TensorBoard scalars."))] = False,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    if sum(budget is not None for budget in (minutes, steps, epochs)) > 1:
        raise UsageError(_("Give one of --minutes, --steps and --epochs, not several."))
    wanted, changes = _size(size), _changes(settings)
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega import verbs

        model = verbs.train(
            folder,
            to=to,
            recipe=recipe,
            minutes=minutes,
            steps=steps,
            epochs=epochs,
            seed=seed,
            size=wanted,
            fit=fit,
            alpha=alpha,
            settings=changes,
            resume=resume,
            tensorboard=tensorboard,
            on_event=watcher,
        )
    if watcher.preview:
        terminal.show_picture(screen, watcher.preview)
        watcher.say(_("What it makes: {path}").format(path=watcher.preview))
    if screen.quiet:
        return
    if model.makes_works:
        watcher.say(_("New works: {command}").format(command=f"bottega generate {model.folder}"))
    _result({"model": str(model.folder), "recipe": model.recipe.name, "facts": model.facts}, str(model.folder), as_json)


@app.command(
    help=_("Make new works: PNG files, each with its origin written inside, and a contact sheet."),
    epilog=_by_example(
        (_("sixteen works of a model"), "generate models/flowers"),
        (_("a hundred roses, other ones than before"), "generate models/flowers -n 100 --class rose --seed 7"),
        (_("typical ones rather than surprising ones"), "generate models/flowers --truncation 0.7"),
        (_("large ones, with detail from your own works"), "generate models/flowers --finish 512"),
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
    truncation: Annotated[
        float | None, typer.Option(help=_("Below 1: more typical and less varied. For models that have it."))
    ] = None,
    guidance: Annotated[
        float | None, typer.Option(help=_("Above 1: closer to the class. For models that have it."))
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help=_("Below 1: calmer, above 1: wilder. For models that have it."))
    ] = None,
    sampling_steps: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=_("More is finer and slower. For models that have it."))
    ] = None,
    finish: Annotated[
        int | None,
        typer.Option(
            metavar="PIXELS", min=32, help=_("Finish them at this size, with detail from the works learned from.")
        ),
    ] = None,
    works: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Where those works are now, if they were moved."))
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    wishes = {"truncation": truncation, "guidance": guidance, "temperature": temperature, "steps": sampling_steps}
    controls = {name: float(value) for name, value in wishes.items() if value is not None}
    screen = terminal.console()
    with terminal.Watcher(screen) as watcher:
        from bottega import verbs

        watcher.say(_("Making {n} works …").format(n=n))
        *files, sheet = verbs.generate(
            _model(model),
            n,
            to=to,
            seed=seed,
            label=label,
            controls=controls,
            finish=finish,
            works=works,
            on_event=watcher,
        )
    terminal.show_picture(screen, sheet)
    screen.print(_("{n} works in {folder}; all on one sheet:").format(n=len(files), folder=sheet.parent), markup=False)
    _result({"works": [str(path) for path in files], "sheet": str(sheet)}, str(sheet), as_json)


class _Edits(TyperGroup):
    """The commands of ``bottega edit``, drawn from the operations when they are asked for and not before."""

    def list_commands(self, ctx: typer.Context) -> list[str]:
        from bottega.editing import OPERATIONS

        return list(OPERATIONS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> TyperCommand | None:
        from bottega import edit_commands

        return edit_commands.command(cmd_name, said_plainly(_change), _by_example)


edits = typer.Typer(
    cls=_Edits, no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)


@edits.callback()
def edit() -> None:
    """The verb alone shows its help."""


app.add_typer(
    edits,
    name="edit",
    help=_("Change works: vary, retarget, inpaint, style, dream … The originals stay as they are."),
    epilog=_by_example(
        (_("four relatives of a picture"), "edit vary cat.png --distance 0.4 -n 4"),
        (_("a photograph in the manner of a painting"), "edit style photo.jpg painting.jpg"),
        (_("take something out of a picture"), "edit inpaint photo.jpg --mask hole.png"),
    ),
)


def _change(operation: "Operation", files: list[Path], wishes: dict[str, Any]) -> None:
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
            model=_model(model) if model else None,
            masks=masks,
            on_event=watcher,
            **settings,
        )
        for name, value in edited.facts.items():
            said = f"{value:.3g}" if isinstance(value, float) else str(value)
            watcher.say(f"{_(name)}: {said}".replace("_", " "))
    terminal.show_picture(screen, edited.sheet or edited.files[0])
    results = [str(path) for path in edited.files]
    data = {"works": results, "sheet": str(edited.sheet) if edited.sheet else None, "measured": edited.facts}
    _result(data, "\n".join(results), as_json)


@app.command(
    help=_(
        "Say how good a model is, and how honest: distances to works it has never seen, beside what two halves of the "
        "real works reach, and a search for copies of the works it learned from."
    ),
    epilog=_by_example(
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
        int, typer.Option("-n", "--count", metavar="N", min=2, help=_("How many works to make and compare."))
    ] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    from bottega import terminal

    with terminal.Watcher(terminal.console()) as watcher:
        from bottega import verbs

        watcher.say(_("Making {n} works and comparing them …").format(n=f"{n:,}"))
        evaluation = verbs.evaluate(_model(model), against=against, n=n, seed=seed, on_event=watcher)
    _result(evaluation.as_json(), evaluation.text(), as_json)


@app.command(
    help=_("Tell how a work was made: the record inside it, as a person reads it."),
    epilog=_by_example((_("how was this made?"), "show rose.png"), (_("for another program"), "show rose.png --json")),
)
@said_plainly
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A work that Bottega made."))],
    as_json: Json = False,
) -> None:
    from bottega import origins, terminal

    found = origins.origin(file)
    if as_json:
        _result(found, "", True)
    else:
        terminal.print_table(("", ""), origins.told(found), bare=True)


@app.command(
    help=_("Make a work again from the record inside it, bit for bit where version and machine are the same."),
    epilog=_by_example(
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
    from bottega import origins, terminal

    screen = terminal.console()
    with screen.status(_("Making it again …")):
        made = origins.remake(file, to=to, look_in=look_in or [])
    screen.print(_("The same, bit for bit.") if made.same else " ".join([_("Not quite the same."), *made.why]))
    _result({"work": str(made.file), "same": made.same, "why": made.why}, str(made.file), as_json)


@app.command(
    help=_("List the recipes, or show one with all its numbers."),
    epilog=_by_example(
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
        _result(chosen.model_dump(), file.read_text(encoding="utf-8").rstrip(), as_json)
        return
    found = [recipe.load(name) for name in recipe.names()]
    rows = [(one.name, one.said("title"), one.said("when"), one.source) for one in found]
    if as_json:
        _result([one.model_dump() for one in found], "", True)
    else:
        terminal.print_table((_("recipe"), _("what it is"), _("for whom"), _("source")), rows)


@app.command(
    help=_("Look at this machine: is it ready, and how fast is it?"),
    epilog=_by_example((_("the examination"), "doctor"), (_("to put into a report of a fault"), "doctor --json")),
)
@said_plainly
def doctor(as_json: Json = False) -> None:
    from bottega import doctor as practice
    from bottega import terminal

    found = practice.examine()
    if as_json:
        _result([finding.as_json() for finding in found], "", True)
    else:
        signs = {"good": "[green]✓[/green]", "weak": "[yellow]![/yellow]", "bad": "[red]✗[/red]"}
        terminal.print_table(
            ("", "", "", ""), [(signs[one.verdict], one.name, one.value, one.advice) for one in found], bare=True
        )
        print(practice.verdict(found))
    if any(finding.verdict == "bad" for finding in found):
        raise typer.Exit(3)


@app.command(
    help=_("The whole way in a few minutes, on pictures that Bottega draws itself; ends with a page to look at."),
    epilog=_by_example(
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
        terminal.show_picture(screen, watcher.preview)
    print(page)


def _result(data: Any, text: str, as_json: bool) -> None:
    """The one thing that goes to stdout."""
    print(json.dumps(data, ensure_ascii=False, indent=2) if as_json else text)


def _size(text: str | None) -> tuple[int, int] | None:
    """``"32"`` or ``"32x48"`` (wide x high) as (height, width)."""
    if text is None:
        return None
    width, _x, height = text.lower().replace("×", "x").partition("x")
    if not (width.isdecimal() and (height or width).isdecimal()):
        raise UsageError(
            _("A size is a number such as 32, or wide x high such as 32x48; it is “{size}”.").format(size=text)
        )
    return int(height or width), int(width)


def _changes(settings: list[str] | None) -> dict[str, str]:
    """``["training.batch=32"]`` as a dictionary."""
    changes = {}
    for setting in settings or []:
        place, equals, value = setting.partition("=")
        if not (place and equals and value):
            message = _("--set takes a place and a value such as training.batch=32; it is “{setting}”.")
            raise UsageError(message.format(setting=setting))
        changes[place.strip()] = value.strip()
    return changes


def _model(place: Path) -> Path:
    """The folder itself, or the model of that name under ``BOTTEGA_HOME``."""
    from bottega import home

    named = home.models() / place
    return named if not place.exists() and named.is_dir() else place

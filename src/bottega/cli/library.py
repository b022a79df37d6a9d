"""``bottega library``: every work and model, found, rated, tagged, exported, thrown away and taken back."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bottega.cli import shelves
from bottega.cli.common import Json, app, by_example, result
from bottega.errors import UsageError
from bottega.faults import said_plainly
from bottega.language import _

if TYPE_CHECKING:
    from bottega.library.works import Entry

library = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)
app.add_typer(
    library,
    name="library",
    help=_("Find your works and models, rate and tag them, see where they come from, throw them away and back."),
    epilog=by_example(
        (_("the latest works"), "library list"),
        (_("pictures of the sea with four stars or more"), "library search sea --medium image --least 4"),
        (_("say what you think of one"), "library rate 3fa2c81b 5"),
        (_("after moving files around, or when the index is lost"), "library scan"),
    ),
)

Medium = Annotated[
    Literal["image", "audio", "score", "text", "video"] | None, typer.Option(help=_("Only works of this medium."))
]
Operation = Annotated[
    str | None, typer.Option(metavar="NAME", help=_("Only what this operation made, such as generate or style."))
]
ByModel = Annotated[str | None, typer.Option("--model", metavar="MODEL", help=_("Only what this model made."))]
ByTag = Annotated[str | None, typer.Option("--tag", metavar="TAG", help=_("Only works with this tag."))]
Least = Annotated[int, typer.Option(metavar="STARS", min=0, max=5, help=_("Only works with as many stars or more."))]
Order = Annotated[
    Literal["newest", "oldest", "best", "name"], typer.Option(help=_("What comes first."), show_default=True)
]
Count = Annotated[int, typer.Option("-n", "--count", metavar="N", min=1, max=1000, help=_("How many to list."))]
Skip = Annotated[int, typer.Option(metavar="N", min=0, help=_("How many to leave out before the first."))]
WorkName = Annotated[
    str, typer.Argument(metavar="WORK", help=_("A work: its number, the beginning of it, or its file."))
]
Names = Annotated[
    list[str], typer.Argument(metavar="WORK…", help=_("Works: their numbers, the beginnings of them, or their files."))
]

Everything = Annotated[
    list[str], typer.Argument(metavar="WORK…", help=_("Works or models: their numbers, files or names."))
]


@library.callback()
def about() -> None:
    """The word alone shows its help."""


@library.command("list", help=_("List your works, the newest first; or your models, or what they learned from."))
@said_plainly
def list_all(
    what: Annotated[
        Literal["works", "models", "collections"],
        typer.Argument(metavar="[works|models|collections]", help=_("What to list.")),
    ] = "works",
    trashed: Annotated[bool, typer.Option("--trashed", help=_("What lies in the trash instead."))] = False,
    order: Order = "newest",
    n: Count = 30,
    skip: Skip = 0,
    as_json: Json = False,
) -> None:
    _look_first()
    if what == "models":
        shelves.list_models(trashed, as_json)
    elif what == "collections":
        shelves.list_collections(as_json)
    else:
        shelves.list_works(as_json, trashed=trashed, order=order, limit=n, offset=skip)


@library.command(
    help=_("Find works by words: of the title, the file, the tags, the operation, the model, or what was asked for."),
    epilog=by_example(
        (_("every word must be there, in any order"), "library search dawn boat"),
        (_("the best ones of a model"), "library search --model flowers --order best"),
    ),
)
@said_plainly
def search(
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORD…]", help=_("What to look for."))] = None,
    medium: Medium = None,
    operation: Operation = None,
    model: ByModel = None,
    tag: ByTag = None,
    least: Least = 0,
    order: Order = "newest",
    n: Count = 30,
    skip: Skip = 0,
    as_json: Json = False,
) -> None:
    _look_first()
    if model:
        from bottega.library import models

        model = models.get(model).hash
    shelves.list_works(
        as_json, words=" ".join(words or []), medium=medium, operation=operation, model=model, tag=tag, least=least,
        order=order, limit=n, offset=skip,
    )  # fmt: skip


@library.command(help=_("Show what is known of one work."))
@said_plainly
def show(work: WorkName, as_json: Json = False) -> None:
    from bottega import origins
    from bottega.library import lineage

    entry = _work(work)
    if as_json:
        result(shelves.as_data(entry), "", True)
    else:
        shelves.print_rows([*shelves.told(entry), *origins.told(entry.record, None, lineage.called(entry.record))])


@library.command(help=_("Give a work 1 to 5 stars; 0 takes them away."))
@said_plainly
def rate(
    work: WorkName,
    stars: Annotated[int, typer.Argument(metavar="STARS", help=_("0 to 5."))],
    as_json: Json = False,
) -> None:
    from bottega.library import works

    entry = works.rate(_work(work).id, stars)
    result(shelves.as_data(entry), f"{shelves.stars(entry.rating) or '–'}  {entry.name}", as_json)


@library.command(
    help=_("Give a work tags, or take them away; without a work, list all tags."),
    epilog=by_example(
        (_("two tags"), 'library tag 3fa2c81b sea "for the show"'),
        (_("one away again"), "library tag 3fa2c81b --remove sea"),
    ),
)
@said_plainly
def tag(
    work: Annotated[
        str | None, typer.Argument(metavar="[WORK]", help=_("A work: its number, the beginning of it, or its file."))
    ] = None,
    words: Annotated[list[str] | None, typer.Argument(metavar="[TAG…]", help=_("Tags to give it."))] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help=_("A tag to take away; may be repeated."))
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega.library import works

    if work is not None:
        entry = works.tag(_work(work).id, words or (), remove or ())
        result(shelves.as_data(entry), ", ".join(entry.tags) or _("No tags."), as_json)
        return
    _look_first()
    found = works.tags()
    if as_json or not found:
        result(found, _("No tags yet. “bottega library tag WORK TAG” gives one."), as_json)
    else:
        shelves.print_rows([(one, f"{count:,}") for one, count in found.items()], (_("tag"), _("works")))


@library.command(help=_("Call a work something; without a title, it goes by the name of its file again."))
@said_plainly
def name(
    work: WorkName,
    title: Annotated[str, typer.Argument(metavar="[TITLE]", help=_("What it is called."))] = "",
    as_json: Json = False,
) -> None:
    from bottega.library import works

    entry = works.name(_work(work).id, title)
    result(shelves.as_data(entry), entry.name, as_json)


@library.command(help=_("Show what a work or a model was made from, and what was made from it."))
@said_plainly
def lineage(
    work: Annotated[
        str, typer.Argument(metavar="WORK", help=_("A work or a model: its number, its file, or the model's name."))
    ],
    as_json: Json = False,
) -> None:
    from bottega.library import lineage

    _look_first()
    if Path(work).is_file():
        work = _work(work).id
    found = lineage.of(work)
    nodes = [asdict(node) | {"path": node.path and str(node.path)} for node in found.nodes]
    result({"nodes": nodes, "edges": found.edges}, shelves.tree(found), as_json)


@library.command(
    help=_("Put works into one zip, with an index that can be read."),
    epilog=by_example((_("two works for a friend"), "library export 3fa2c81b 90d7e2 --to for-ada.zip")),
)
@said_plainly
def export(
    works_named: Names,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help=_("The zip; works.zip in Bottega's folder by default."))
    ] = None,
    as_json: Json = False,
) -> None:
    from bottega import home
    from bottega.library import works

    file = works.export([_work(one).id for one in works_named], to or home.home() / "works.zip")
    result({"file": str(file)}, str(file), as_json)


@library.command(help=_("Throw works or models into the trash. Nothing is deleted: restore takes them back."))
@said_plainly
def trash(
    works_named: Everything,
    as_json: Json = False,
) -> None:
    from bottega.library import trash

    _each(works_named, trash.trash, trash.trash_model, as_json)


@library.command(
    help=_("Take works or models back from the trash."),
    epilog=by_example((_("what is there?"), "library list --trashed"), (_("this one"), "library restore 3fa2c81b")),
)
@said_plainly
def restore(
    works_named: Everything,
    as_json: Json = False,
) -> None:
    from bottega.library import trash

    _each(works_named, trash.restore, trash.restore_model, as_json)


@library.command(help=_("Look through your files and bring the library up to date; also when its index is lost."))
@said_plainly
def scan(as_json: Json = False) -> None:
    from bottega import terminal
    from bottega.library import scan

    with terminal.Watcher(terminal.console()) as watcher:
        report = scan.scan(watcher)
    if report.set_aside:
        watcher.say(_("The damaged index was set aside as {path}.").format(path=report.set_aside))
    for path, why in report.unreadable:
        watcher.say(why if str(path) in why else f"{path}: {why}", "yellow")
    said = _("Works: {found:,} ({new:,} new, {gone:,} no longer there). Models: {models:,}.")
    unreadable = [{"file": str(path), "why": why} for path, why in report.unreadable]
    set_aside = report.set_aside and str(report.set_aside)
    result(asdict(report) | {"unreadable": unreadable, "set_aside": set_aside}, said.format(**asdict(report)), as_json)


# ---- what the commands share ---------------------------------------------------------------------------------------


def _look_first() -> None:
    """Looks through the files when that was never done, so that the first list is not empty."""
    from bottega import terminal
    from bottega.library import scan

    with terminal.Watcher(terminal.console()) as watcher:
        scan.first(watcher)


def _work(named: str) -> "Entry":
    """A work by its number or its file; a file that the library does not know yet is put into it."""
    from bottega.library import works

    _look_first()
    try:
        return works.get(named)
    except UsageError:
        if Path(named).is_file():
            return works.note(named)
        raise


def _each(named: list[str], of_work: Any, of_model: Any, as_json: bool) -> None:
    """Does one thing to works and models, each named by whatever is known of it."""
    from bottega.library import models

    changed = []
    for one in named:
        try:
            changed.append(of_work(_work(one).id))
        except UsageError as error:
            try:
                changed.append(of_model(models.get(one).id))
            except UsageError:
                raise error from None
    result([shelves.as_data(one) for one in changed], shelves.paths(changed), as_json)

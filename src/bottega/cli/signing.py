"""``bottega identity`` and ``bottega verify``: signatures under works."""

from pathlib import Path
from typing import Annotated

import typer

from bottega.cli.common import Json, app, by_example, result
from bottega.faults import said_plainly
from bottega.language import _

identity = typer.Typer(
    no_args_is_help=True, rich_markup_mode="rich", context_settings={"help_option_names": ["-h", "--help"]}
)
app.add_typer(identity, name="identity", help=_("Sign your works, so that others see whose they are (C2PA)."))


@identity.callback()
def about() -> None:
    """The word alone shows its help."""


@identity.command(
    help=_("Make a key and a certificate with a name; from then on every work is signed with it."),
    epilog=by_example((_("sign as Ada Lovelace"), 'identity create "Ada Lovelace"')),
)
@said_plainly
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("The name that stands under your works."))],
    as_json: Json = False,
) -> None:
    from bottega.provenance import credentials

    folder = credentials.create(name)
    said = _("Your works are signed as {name} from now on. Keep {folder} to yourself, and a copy of it.")
    result({"folder": str(folder)}, said.format(name=name, folder=folder), as_json)


@app.command(
    help=_("Tell who signed a work, and whether it was changed since."),
    epilog=by_example((_("whose is this?"), "verify rose.png")),
)
@said_plainly
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("A work, by Bottega or another program."))],
    as_json: Json = False,
) -> None:
    from bottega.provenance import credentials

    found = credentials.credentials(file)
    said = found.said if found else _("{file} bears no signature.").format(file=file)
    data = {"signed": bool(found), "by": found and found.by, "intact": found and found.intact}
    result(data, said, as_json)
    if found is None or not found.intact:
        raise typer.Exit(3)

"""``bottega studio``: the page."""

from typing import Annotated

import typer

from bottega.cli.common import app, by_example
from bottega.faults import said_plainly
from bottega.language import _


@app.command(
    help=_("Open the studio: a page on this machine to make, train, look and wait in."),
    epilog=by_example((_("in your browser"), "studio"), (_("without opening the browser"), "studio --no-open")),
)
@said_plainly
def studio(
    host: Annotated[
        str, typer.Option(help=_("Where it listens; elsewhere than on this machine only with BOTTEGA_PASSWORD set."))
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help=_("Its port; the next free one when it is taken."), min=0, max=65535)
    ] = 7860,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help=_("Open the page in the browser."))] = True,
) -> None:
    from bottega.studio import opening

    opening.run(host=host, port=port, open_page=open_page)

"""How the tables came to be what they are, one step a file, for Alembic."""

from pathlib import Path
from typing import TYPE_CHECKING

from bottega.errors import DataError
from bottega.language import _

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection


def config() -> "Config":
    """What Alembic is told; there is no ``alembic.ini``, as everything follows from where this file lies."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return made


def upgrade(connection: "Connection") -> None:
    """Brings the database to the newest revision, within the transaction of the connection.

    Raises:
        DataError: it is of a newer Bottega.
    """
    from alembic import command
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError

    told = config()
    told.attributes["connection"] = connection
    try:
        command.upgrade(told, "head")
    except CommandError as error:
        if not isinstance(error.__cause__, ResolutionError):
            raise
        raise DataError(_("The library was made by a newer Bottega; update to open it.")) from error

"""Where the works are that a model learned from."""

from pathlib import Path

from bottega.errors import DataError
from bottega.language import _


def at_hand(works: Path | None) -> Path:
    """The folder itself. Raises DataError when nobody says where it is, or it is not there."""
    if works is None or not works.exists():
        raise DataError(_("The works this model learned from are not found; say with --works where they are."))
    return works

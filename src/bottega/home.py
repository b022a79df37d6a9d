"""Where Bottega keeps what it makes: plain folders under ``BOTTEGA_HOME`` (``~/Bottega``)."""

import os
from pathlib import Path


def home() -> Path:
    """The folder a person browses: its parts are the functions below."""
    return Path(os.environ.get("BOTTEGA_HOME") or Path.home() / "Bottega")


def models() -> Path:
    """Trained models, a folder each."""
    return home() / "models"


def works() -> Path:
    """Generated works, a folder for each model."""
    return home() / "works"


def dropped() -> Path:
    """Files that were dropped on the page, by content hash; kept, as works made from them can be made again."""
    return home() / "dropped"


def collections() -> Path:
    """What came together on the page to learn from, and built-in collections; a plain folder each."""
    return home() / "collections"


def cache() -> Path:
    """Prepared collections; safe to delete, they are made again when needed."""
    return home() / "cache"


def runs() -> Path:
    """What was done: a folder for each long action, with its events and what it said."""
    return home() / "runs"


def trash() -> Path:
    """What a person threw away; nothing in it is ever deleted by Bottega, and everything can be restored."""
    return home() / "trash"


def brief(sentence: str) -> str:
    """A sentence for those who see the page and not this machine: places in the home without what leads there."""
    return sentence.replace(f"{home()}{os.sep}", f"{home().name}{os.sep}")

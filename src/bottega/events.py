"""What a person is told while a verb works, beside the events of training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Listener = Callable[[Any], None]
"""Told each event: one of these, or one of ``bottega.training.events``."""


@dataclass(frozen=True)
class Said:
    """A sentence for the person: a choice that was made, or where something lies."""

    text: str


@dataclass(frozen=True)
class Preparing:
    """Progress of preparing a collection."""

    done: int
    total: int


@dataclass(frozen=True)
class Editing:
    """Progress of an operation on works: the share done, and now and then the work so far: a picture or a text."""

    share: float
    preview: "np.ndarray | str | None"


@dataclass(frozen=True)
class Written:
    """A piece of a text, as it is being written.

    Attributes:
        number: of the text, when several are written at once.
        text: what is new.
    """

    number: int
    text: str


def nobody(event: Any) -> None:
    """Listens when nobody else does."""

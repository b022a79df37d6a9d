"""What the loop tells whoever watches: a progress bar, a studio, a test."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Started:
    """Training starts, or goes on from ``step``."""

    step: int
    works: int
    parameters: int
    processes: int
    device: str


@dataclass(frozen=True)
class Stepped:
    """About twice a second: where training is; ``losses`` are means since the last report.

    ``rate`` is in ``unit`` (``"works"``, ``"tokens"``) a second.
    """

    step: int
    progress: float
    losses: dict[str, float]
    rate: float
    unit: str
    seconds_left: float | None


@dataclass(frozen=True)
class Previewed:
    """A picture was drawn or a text written, or could not be (then ``path`` is ``None`` and ``problem`` says why)."""

    step: int
    path: Path | None
    problem: str = ""


@dataclass(frozen=True)
class Saved:
    """A checkpoint is on disk."""

    step: int
    path: Path


@dataclass(frozen=True)
class SetAside:
    """A damaged checkpoint was moved to ``path``; the one before it is used."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Skipped:
    """A step whose loss or gradient was not finite changed nothing."""

    step: int
    phase: str


@dataclass(frozen=True)
class RolledBack:
    """Training went back from ``step`` to ``to``, with learning rates multiplied by ``scale`` from now on."""

    step: int
    to: int
    scale: float


@dataclass(frozen=True)
class Finished:
    """Everything is saved: the budget is used, or somebody had seen enough at ``progress`` of it."""

    step: int
    seconds: float
    progress: float


Event = Started | Stepped | Previewed | Saved | SetAside | Skipped | RolledBack | Finished

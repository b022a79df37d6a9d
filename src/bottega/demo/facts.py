"""Everything the demo page tells, as plain values: whoever has them can make the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bottega.demo.changes import Change
from bottega.demo.telling import Told
from bottega.demo.writing import Writing


@dataclass(frozen=True)
class Figure:
    """One measured figure; ``floor`` is what real works score against other real works, where that makes sense."""

    name: str  # kernel_distance, frechet_distance, precision, coverage, copies
    value: float
    floor: float | None = None


@dataclass(frozen=True)
class DemoFacts:
    """What went in, how training went, what came out.

    Attributes:
        originals, new: by class (or under one name when there are no classes), uint8 ``(n, H, W, 3)`` or ``(…, 4)``.
        used, held_out: works learned from, and works kept aside.
        skipped: file name and reason of each file that was not used.
        recipe_title, recipe_source: the title by language (``en``, ``zh``), and the paper.
        curves: losses by name, each (step, value).
        previews: the preview picture of each step it was drawn at, in order.
        figures: what ``evaluate`` measured; empty when it was not asked.
        closest: sheet of new works beside their nearest training works, uint8 ``(H, W, 3)``.
        commands: command lines by what they do: train, generate, evaluate, demo.
        changes: operations on single drawings, with the files they made and the seconds they took.
        writing: the same with texts.
        sounds, tunes, films: what is heard and seen.
    """

    originals: Mapping[str, np.ndarray]
    new: Mapping[str, np.ndarray]
    used: int
    held_out: int
    skipped: Sequence[tuple[str, str]]
    duplicates: int
    recipe: str
    recipe_title: Mapping[str, str]
    recipe_source: str
    minutes: float
    steps: int
    works_seen: int
    works_per_second: float
    machine: str
    seed: int
    curves: Mapping[str, Sequence[tuple[float, float]]]
    previews: Sequence[tuple[int, Path]]
    figures: Sequence[Figure] = ()
    closest: np.ndarray | None = None
    commands: Mapping[str, str] = field(default_factory=dict)
    changes: Sequence[tuple[Change, Sequence[Path], float]] = ()
    writing: Writing | None = None
    sounds: Told | None = None
    tunes: Told | None = None
    films: Told | None = None

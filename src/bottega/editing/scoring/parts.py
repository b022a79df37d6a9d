"""What the edits of scores share: what the model hears of a score, and how new notes come into it.

Whatever is not asked for stays as it was, to the tick; only the model hears it on its grid.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from bottega.errors import UsageError
from bottega.language import _
from bottega.media.score import Score, Track, tidy
from bottega.representations.grid import STEPS, Grid, laid_out

if TYPE_CHECKING:
    from bottega.editing.operation import Job
    from bottega.models.scores import ScoreModel

HEARD = 1600
"""Events on each side that a model listens to, about."""


def scoring(job: "Job") -> "ScoreModel":
    """The model of the job. Raises UsageError for one of another medium."""
    from bottega.models.scores import ScoreModel

    if not isinstance(job.model, ScoreModel):
        message = _("This needs a model of scores; “{recipe}” makes something else.")
        raise UsageError(message.format(recipe=job.model.recipe.name if job.model else "–"))
    return job.model


def label_of(model: "ScoreModel", name: str) -> int | None:
    """The number of a class. Raises UsageError for one the model does not know."""
    return int(model.labels(1, 0, name)[0]) if name else None


def heard(model: "ScoreModel", score: Score) -> Grid:
    """A score as the model hears it, every bar from the beginning. Raises UsageError where it knows no such bars."""
    grid = laid_out(score)
    model.check_meters(grid.meters)
    return grid


def near(bars: Sequence[np.ndarray], last: bool) -> tuple[list[np.ndarray], bool]:
    """As many of the last, or of the first, bars as a model listens to; and whether any were left out."""
    kept, events = [], 0
    for bar in reversed(bars) if last else bars:
        events += len(bar)
        if kept and events > HEARD:
            break
        kept.append(bar)
    return (kept[::-1] if last else kept), len(kept) < len(bars)


def with_notes(model: "ScoreModel", score: Score, notes: np.ndarray, begin: int = 0) -> Score:
    """A score and new notes, each in the track that plays its part, or in a new one.

    Args:
        notes: int64 ``(N, 5)`` as ``Grid.notes``, with parts for tracks.
        begin: the step at which they begin.
    """
    kinds = laid_out(score).tracks
    voices = dict(reversed([(part, i) for i, part in enumerate(model.events.voices(kinds)) if part is not None]))
    sounding = [i for i, track in enumerate(score.tracks) if len(track.notes)]
    scale = score.quarter / STEPS
    tracks = list(score.tracks)
    for part in np.unique(notes[:, 4]).tolist():
        own = notes[notes[:, 4] == part]
        start = np.rint((own[:, 0] + begin) * scale)
        stop = np.rint((own[:, 0] + own[:, 1] + begin) * scale)
        new = np.stack([start, stop - start, own[:, 2], own[:, 3]], 1).astype(np.int32)
        if part in voices:
            track = tracks[sounding[voices[part]]]
            tracks[sounding[voices[part]]] = replace(track, notes=np.concatenate([track.notes, new]))
        else:
            kind = model.events.parts[part]
            tracks.append(Track("", kind["program"], kind["drums"], new))
    return tidy(replace(score, tracks=tracks))


def without(score: Score, begin: int, end: int) -> Score:
    """A score without the notes that begin from step ``begin`` to step ``end``; tracks stay, even empty."""
    scale = score.quarter / STEPS
    tracks = []
    for track in score.tracks:
        steps = np.rint(track.notes[:, 0] / scale)
        tracks.append(replace(track, notes=track.notes[(steps < begin) | (steps >= end)]))
    return replace(score, tracks=tracks)


def loudness(model: "ScoreModel", grid: Grid, notes: np.ndarray) -> np.ndarray:
    """New notes as loud as those of the score they come into, part by part."""
    known = model.events.settled(grid)
    notes = notes.copy()
    for part in np.unique(notes[:, 4]).tolist():
        beside = known[known[:, 4] == part] if (known[:, 4] == part).any() else known
        if len(beside):
            mine = notes[:, 4] == part
            shift = beside[:, 3].mean() - notes[mine, 3].mean()
            notes[mine, 3] = np.clip(np.rint(notes[mine, 3] + shift), 1, 127).astype(np.int64)
    return notes


def controls(model: "ScoreModel", temperature: float | None) -> dict[str, float]:
    """What the objective is asked for: what the recipe says, and what a person does."""
    return model.recipe.controls | ({} if temperature is None else {"temperature": temperature})


def cost(model: "ScoreModel", opening: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """How unlikely each of some events is after an opening, nats float64 ``(T,)``."""
    import torch
    from torch.nn.functional import cross_entropy

    objective = model.objective.eval()
    row = torch.from_numpy(np.concatenate([opening, ids]))[None]
    with torch.inference_mode():
        logits, _state = cast("torch.nn.Module", objective.model)(row[:, :-1])
        nats = cross_entropy(logits[0], row[0, 1:], reduction="none")
    return nats[len(opening) - 1 :].double().numpy()

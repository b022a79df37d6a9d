"""A score carried on by a model, and some of its bars written anew so that both sides fit."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import CLASS, SCORE, TEMPERATURE, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.models.scores import ScoreModel
    from bottega.representations.grid import Grid


class ContinueSettings(Settings):
    """What a person can choose; see the descriptions."""

    bars: int = Field(8, ge=1, le=1000, description=later("How many bars to add."))
    count: int = Field(1, ge=1, le=64, description=later("How many continuations."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


class InfillSettings(Settings):
    """What a person can choose; see the descriptions."""

    first: int = Field(1, ge=1, description=later("The first bar to write anew, counted from 1."))
    last: int = Field(0, ge=0, description=later("The last bar to write anew; the first one when not given."))
    tries: int = Field(8, ge=1, le=64, description=later("How many fillings to write and weigh for each that is kept."))
    count: int = Field(1, ge=1, le=16, description=later("How many fillings to keep."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


def carry_on(works: Works, settings: ContinueSettings, job: Job) -> Made:
    """The score as it is, and after the last bar in which anything begins what the model adds."""
    import numpy as np

    from bottega.editing.scoring.parts import controls, heard, label_of, loudness, near, scoring, with_notes
    from bottega.forms.bars import Bars
    from bottega.models.scores import silences
    from bottega.objectives.decoding import write

    model, score = scoring(job), works["score"][0]
    grid = heard(model, score)
    known = int(np.searchsorted(grid.begins, grid.notes[:, 0].max(), side="right"))  # bars; then notes only end
    before, cut = near(model.events.bars(grid, left=settings.bars + known - len(grid))[:known], last=True)
    head = _head(model, grid, label_of(model, settings.label))
    amid = [model.events.words["gap"]] if cut else []
    opening = model.objective.opening(np.concatenate([amid, *before]).astype(np.int64), head)
    forms = [
        Bars(
            model.events, settings.bars, meter=grid.meters[-1], parts=voices(model, grid),
            held=silences(model.events, grid, known),
        )
        for _one in range(settings.count)
    ]  # fmt: skip
    made = write(
        model.objective, [opening] * settings.count, job.random("continue"), length=_room(settings.bars),
        constraints=forms, on_token=_watch(job, settings.bars * settings.count, model),
        **controls(model, settings.temperature),
    )  # fmt: skip
    notes = [loudness(model, grid, model.events.grid(ids).notes) for ids in made]
    begin = int(grid.begins[known])
    return Made([with_notes(model, score, some, begin) for some in notes], {"bars added": settings.bars})


def infill(works: Works, settings: InfillSettings, job: Job) -> Made:
    """The score with some bars written anew; of several fillings, those after which the rest is likeliest."""
    import numpy as np

    from bottega.editing.scoring import parts
    from bottega.forms.bars import Bars
    from bottega.models.scores import silences
    from bottega.objectives.decoding import write

    model, score = parts.scoring(job), works["score"][0]
    grid = parts.heard(model, score)
    last = settings.last or settings.first
    a, b = settings.first - 1, min(last, len(grid))
    if not 0 <= a < b:
        message = _("There are no bars {first} to {last} in a score of {bars} bars.")
        raise UsageError(message.format(first=settings.first, last=last, bars=len(grid)))
    bars = model.events.bars(grid)
    before, cut = parts.near(bars[:a], last=True)
    after, _cut = parts.near(bars[b:], last=False)
    head = _head(model, grid, parts.label_of(model, settings.label))
    first = np.concatenate([[model.events.words["gap"]] if cut else [], *before]).astype(np.int64)
    rest = np.concatenate([np.zeros(0, np.int64), *after])
    n = settings.count * settings.tries
    forms = [
        Bars(
            model.events, b - a, meter=grid.meters[a:b], parts=voices(model, grid), after=len(grid) - b,
            held=silences(model.events, grid, a),
        )
        for _one in range(n)
    ]  # fmt: skip
    made = write(
        model.objective, [model.objective.around(first, rest, head)] * n, job.random("infill"), length=_room(b - a),
        constraints=forms, on_token=_watch(job, (b - a) * n, model), **parts.controls(model, settings.temperature),
    )  # fmt: skip
    weighed = sorted((_weight(model, head, first, ids, rest), i) for i, ids in enumerate(made))
    begin, end = int(grid.begins[a]), int(grid.begins[b])
    bare, fills = parts.without(score, begin, end), []
    for _nats, i in weighed[: settings.count]:
        notes = parts.loudness(model, grid, model.events.grid(made[i]).notes)
        fills.append(parts.with_notes(model, bare, notes, begin))
    job.say(
        _("Of {tries} fillings, those after which the rest of the score is likeliest.").format(tries=settings.tries)
    )
    return Made(fills, {"bars made": b - a})


def voices(model: "ScoreModel", grid: "Grid") -> list[int]:
    """The parts that a score has."""
    return sorted({part for part in model.events.voices(grid.tracks) if part is not None})


def _head(model: "ScoreModel", grid: "Grid", label: int | None) -> list[int]:
    from bottega.models.scores import pitched
    from bottega.representations.events import tempo_bin
    from bottega.representations.grid import key_of

    return model.events.head(label, key=key_of(grid.notes, pitched(grid)), tempo=tempo_bin(grid.tempo))


def _weight(model: "ScoreModel", head: list[int], first: "np.ndarray", ids: "np.ndarray", rest: "np.ndarray") -> float:
    """How badly what follows fits a filling: its nats; where nothing follows those of the filling, for each event."""
    import numpy as np

    from bottega.editing.scoring.parts import cost

    before = model.objective.opening(np.concatenate([first, ids]), head)
    if len(rest):
        return float(cost(model, before, rest).sum())
    return float(cost(model, model.objective.opening(first, head), ids).mean())


def _room(bars: int) -> int:
    """More events than the bars can hold: what is written is bound by them."""
    from bottega.models.scores import EVENTS

    return bars * EVENTS


def _watch(job: Job, bars: int, model: "ScoreModel"):
    """Tells how far the writing is, by the bars that were begun."""
    begun = 0

    def tell(_score: int, token: int) -> None:
        nonlocal begun
        if model.events.bar <= token < model.events.position:
            begun += 1
            job.show(0.9 * begun / bars)

    return tell


CONTINUE = Operation(
    name="continue",
    title=later("Carry a score on in the manner of a model"),
    inputs=(SCORE,),
    settings=ContinueSettings,
    run=carry_on,
    model="required",
    examples=((later("Sixteen bars more, three ways"), "continue tune.mid --model my-tunes --bars 16 --count 3"),),
)

INFILL = Operation(
    name="infill",
    title=later("Write some bars of a score anew so that both sides fit"),
    inputs=(SCORE,),
    settings=InfillSettings,
    run=infill,
    model="required",
    examples=((later("Bars five to eight anew"), "infill tune.mid --first 5 --last 8 --model my-tunes"),),
)

"""Voices and chords for a melody, which stays as it is; and a score brought into another mood."""

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from bottega.editing.operation import CLASS, SCORE, TEMPERATURE, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later
from bottega.wishes import mood_from

if TYPE_CHECKING:
    import numpy as np

    from bottega.media.score import Score
    from bottega.models.scores import ScoreModel
    from bottega.representations.grid import Grid


class HarmonizeSettings(Settings):
    """What a person can choose; see the descriptions."""

    tries: int = Field(8, ge=1, le=64, description=later("How many to write and weigh for each that is kept."))
    count: int = Field(1, ge=1, le=16, description=later("How many harmonizations to keep."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


def _mood(value: Any) -> Any:
    """A mood as a person types it, also when it is told as two numbers."""
    valence, arousal = mood_from(value)
    return f"{valence:g},{arousal:g}"


class MoodSettings(Settings):
    """What a person can choose; see the descriptions."""

    mood: Annotated[str, BeforeValidator(_mood)] = Field(
        "0,0", description=later("Valence and arousal, from -1 to 1 each: 0.8,-0.2.")
    )
    melody: bool = Field(True, description=later("With a model: keep the melody and write the other parts anew."))
    tries: int = Field(4, ge=1, le=64, description=later("How many to write and weigh."))
    temperature: float | None = Field(None, ge=0, le=3, description=TEMPERATURE)


def harmonize(works: Works, settings: HarmonizeSettings, job: Job) -> Made:
    """The melody note for note, and the other parts of the model around it."""
    from bottega.editing.scoring.parts import heard, label_of, scoring, with_notes

    model, score = scoring(job), works["melody"][0]
    grid = heard(model, score)
    label = label_of(model, settings.label)
    found = around(model, grid, settings.count, settings.tries, settings.temperature, job, label=label)
    message = _("Of {tries} harmonizations, those that leave the fewest bars alone and make the melody likeliest.")
    job.say(message.format(tries=settings.tries))
    return Made([with_notes(model, score, notes) for notes in found], {"notes added": len(found[0])})


def around(
    model: "ScoreModel",
    grid: "Grid",
    count: int,
    tries: int,
    temperature: float | None,
    job: Job,
    *,
    label: int | None = None,
    mood: tuple[int | None, int | None] = (None, None),
) -> "list[np.ndarray]":
    """Notes of the other parts, written while what is given is forced note for note, int64 ``(N, 5)`` each.

    Of ``count * tries`` the ``count`` that leave the fewest bars alone, and of these those under which the given notes
    are likeliest: chords that lead where the melody goes.
    """
    import numpy as np

    from bottega.editing.scoring.carry_on import _room, _watch
    from bottega.editing.scoring.parts import controls, cost, loudness
    from bottega.forms.bars import Bars
    from bottega.models.scores import pitched
    from bottega.objectives.decoding import write
    from bottega.representations.events import tempo_bin
    from bottega.representations.grid import key_of

    events = model.events
    given = events.settled(grid)
    mine = set(np.unique(given[:, 4]).tolist())
    others = [part for part in range(len(events.parts)) if part not in mine]
    if not others:
        raise UsageError(
            _("This model knows no other parts than those that are there; learn from scores with more of them.")
        )
    head = events.head(label, mood, key_of(grid.notes, pitched(grid)), tempo_bin(grid.tempo))
    opening = model.objective.opening(np.zeros(0, np.int64), head)
    n = count * tries
    forms = [Bars(events, len(grid), meter=grid.meters, parts=others, given=given) for _one in range(n)]
    made = write(
        model.objective, [opening] * n, job.random("harmonize"), length=_room(len(grid)), constraints=forms,
        on_token=_watch(job, len(grid) * n, model), **controls(model, temperature),
    )  # fmt: skip
    grids = [events.grid(ids) for ids in made]
    weighed = sorted(
        (_alone(grids[i], mine), _surprise(events, ids, cost(model, opening, ids), mine), i)
        for i, ids in enumerate(made)
    )
    found = [grids[i].notes for _bars, _nats, i in weighed[:count]]
    return [loudness(model, grid, notes[~np.isin(notes[:, 4], list(mine))]) for notes in found]


def _alone(grid: "Grid", given: set[int]) -> int:
    """Bars in which given parts begin a note and no other part sounds; one is not counted: it may be an upbeat."""
    import numpy as np

    theirs = np.isin(grid.notes[:, 4], list(given))
    begins, ends = grid.notes[:, 0], grid.notes[:, 0] + grid.notes[:, 1]
    bars = 0
    for first, last in pairwise(grid.begins.tolist()):
        led = (theirs & (begins >= first) & (begins < last)).any()
        bars += bool(led and not (~theirs & (begins < last) & (ends > first)).any())
    return max(0, bars - 1)


def _surprise(events, ids: "np.ndarray", nats: "np.ndarray", given: set[int]) -> float:
    """How unlikely the pitches of the given parts are, nats."""
    total, part = 0.0, -1
    for token, cost in zip(ids.tolist(), nats.tolist(), strict=True):
        if events.length <= token < events.pitch:
            part = events.lengths[token - events.length][0]
        elif token >= events.pitch and part in given:
            total += cost
    return total


def re_mood(works: Works, settings: MoodSettings, job: Job) -> Made:
    """The score in another mood: its mode, tempo, loudness and articulation by rule, its other parts by the model."""
    from bottega.editing.scoring.moods import changed

    score = works["score"][0]
    anew = job.model is not None and settings.melody
    made = changed(score, *mood_from(settings.mood), octaves=not anew)  # the model's parts lie where they always do
    if anew:
        made = _accompanied(made, settings, job)
    return Made([made], _measured(score, made))


def _accompanied(score: "Score", settings: MoodSettings, job: Job) -> "Score":
    """Its highest part as it is, the others written anew by the model in that mood."""
    from dataclasses import replace

    from bottega.editing.scoring.parts import heard, scoring, with_notes
    from bottega.models.scores import fifth

    model = scoring(job)
    tunes = [track for track in score.tracks if not track.drums]
    if not tunes:
        raise UsageError(_("There is no melody in this score, only drums."))
    melody = max(tunes, key=lambda track: float(track.notes[:, 2].mean()))
    alone = replace(score, tracks=[melody])
    valence, arousal = mood_from(settings.mood)
    mood = fifth(valence), fifth(arousal)
    [notes] = around(model, heard(model, alone), 1, settings.tries, settings.temperature, job, mood=mood)
    return with_notes(model, alone, notes)


def _measured(before: "Score", after: "Score") -> dict[str, float | int | str]:
    """The mood of both, as it is measured."""
    from bottega.datasets.scores.moods import mood_of

    (v, a), (valence, arousal) = mood_of(before), mood_of(after)
    return {
        "valence before": round(v, 3), "valence": round(valence, 3),
        "arousal before": round(a, 3), "arousal": round(arousal, 3),
    }  # fmt: skip


HARMONIZE = Operation(
    name="harmonize",
    title=later("Give a melody voices or chords, and keep it note for note"),
    inputs=(Input("melody", later("The melody: a MIDI file or a tune in ABC."), kind="score"),),
    settings=HarmonizeSettings,
    run=harmonize,
    model="required",
    examples=((later("Chords for a tune"), "harmonize melody.mid --model my-tunes"),),
)

RE_MOOD = Operation(
    name="re-mood",
    title=later("Bring a score into another mood"),
    inputs=(SCORE,),
    settings=MoodSettings,
    run=re_mood,
    model="optional",
    examples=(
        (later("Darker and calmer, by rule"), "re-mood tune.mid --mood -0.8,-0.5"),
        (later("Brighter, with a new accompaniment"), "re-mood tune.mid --mood 0.8,0.5 --model my-tunes"),
    ),
)

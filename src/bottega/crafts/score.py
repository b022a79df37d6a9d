"""The craft of scores."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega import events
from bottega.crafts.schemas import ScoreMaking, ScorePreparation
from bottega.crafts.sources import at_hand
from bottega.datasets import scores
from bottega.datasets.scores import PreparedScores
from bottega.datasets.tunes import Tunes
from bottega.language import _
from bottega.media import score as media
from bottega.models.model import Work, class_shares, initialised
from bottega.models.scores import Plan, ScoreModel, pitched
from bottega.models.scores import sheet as rolls
from bottega.provenance.record import disclosed
from bottega.recipes.recipe import Recipe, load
from bottega.representations.events import MOODS, Events
from bottega.representations.grid import Grid, key_of, laid_out, trimmed
from bottega.representations.keys import number_of
from bottega.training.budget import Budget

if TYPE_CHECKING:
    from bottega.evaluation.scores.report import ScoreEvaluation
    from bottega.training.run import Preview, Rows

endings = frozenset(media.READ)
Preparation, Making = ScorePreparation, ScoreMaking

KEYS = range(-6, 6)
"""Semitones by which tunes are moved while they are learned."""
PREVIEW, PREVIEW_BARS = 3, 8
"""Tunes that training writes again and again from the same noise, and their bars."""
SAMPLES = 50
"""Tunes written to measure a model."""
PLANS = 512
"""Training works whose key, tempo, meter and mood are remembered, to plan new ones."""
LARGE = 1_000_000
"""Notes from which the Transformer is the better choice, when each is heard a few times."""
A_MINUTE = 400_000
"""Events that the Transformer learns from in a minute on two cores."""


def prepare(
    source: Path, wishes: ScorePreparation, minutes: float | None, say: events.Listener
) -> tuple[PreparedScores, dict[str, Any]]:
    """Scores in one file of the cache; ``minutes`` change nothing."""
    data = scores.prepare_scores(source, on_progress=lambda *done: say(events.Preparing(*done)))
    return data, wishes.model_dump()


def choose(data: PreparedScores, budget: Budget) -> tuple[str, str]:
    """The recipe for these tunes and this time, and why."""
    notes = data.report.notes
    steps = budget.in_steps(max(1, len(data.train)), load("tune-transformer").training.batch)
    heard = A_MINUTE * (budget.minutes or 0) if steps is None else steps * 4096
    if notes >= LARGE and heard >= 3 * LARGE:
        return "tune-transformer", _("because {notes:,} notes and the time are enough for it.").format(notes=notes)
    return "tune-rnn", _("because it learns the most from {notes:,} notes in the time.").format(notes=notes)


def begin(recipe: Recipe, data: PreparedScores, seed: int) -> tuple[ScoreModel, "Rows", Any]:
    """An untrained model with its vocabulary, and the events of the training tunes."""
    grids = [trimmed(laid_out(data.score(int(row)))) for row in data.train]
    vocabulary = Events.learn(grids, data.classes)
    objective = initialised(recipe, vocabulary, len(data.classes), seed)
    edges = np.quantile(data.moods[data.train], np.arange(1, MOODS) / MOODS, axis=0).T  # (2, 4)
    bars = [vocabulary.bars(grid) for grid in grids]
    plans = [
        plan(grid, form_of(some), data, int(row), edges)
        for grid, some, row in zip(grids, bars, data.train, strict=True)
    ]
    shares = class_shares(data.classes, data.labels, data.train)
    some = plans[:: -(-len(plans) // PLANS)]
    model = ScoreModel(recipe, vocabulary, data.classes, shares, objective, plans=some, edges=edges.tolist())
    assert recipe.rows is not None  # every recipe of scores says it
    rows = Tunes(
        bars,
        [np.array(one.head(vocabulary)) for one in plans],
        vocabulary.special,
        np.stack([vocabulary.transposed(by) for by in KEYS]),
        **recipe.rows.numbers(),
    )
    return model, rows, lambda ids: ids


def plan(grid: Grid, form: tuple[int, ...], data: PreparedScores, row: int, edges: np.ndarray) -> Plan:
    """What a work of the collection is."""
    label = None if data.labels is None or data.labels[row] >= len(data.classes) else int(data.labels[row])
    valence, arousal = (edges < data.moods[row][:, None]).sum(1).tolist()
    meter = max(set(grid.meters), key=lambda one: (grid.meters.count(one), one))
    return Plan(label, (valence, arousal), key_of(grid.notes, pitched(grid)), grid.tempo, meter, form)


def form_of(bars: list[np.ndarray]) -> tuple[int, ...]:
    """For each bar, as ``Events.bars`` gives it, the first one with the same events."""
    first: dict[bytes, int] = {}
    return tuple(first.setdefault(np.delete(bar, 1).tobytes(), i) for i, bar in enumerate(bars))  # 1: the bars left


def preview(model: ScoreModel, data: PreparedScores) -> "Preview | None":
    """Writes the tunes of a training's time-lapse, always from the same noise."""
    return lambda _objective: sheet(model.generate(PREVIEW, seed=0, bars=PREVIEW_BARS))


def make(
    model: ScoreModel,
    n: int,
    seed: int,
    label: str | None,
    wishes: ScoreMaking,
    works: Path | None,
    say: events.Listener,
) -> list[Work]:
    """New tunes. A SoundFont that cannot play them is refused first."""
    if wishes.soundfont:
        from bottega.media.synthesis.soundfont import SoundFont

        SoundFont(Path(wishes.soundfont))
    controls = wishes.model_dump(include={"guidance", "temperature", "top_p", "min_p"}, exclude_none=True)
    key = number_of(wishes.key) if wishes.key else None
    return model.generate(
        n, seed=seed, label=label, bars=wishes.bars, key=key, tempo=wishes.tempo, mood=wishes.mood, meter=wishes.meter,
        **controls,
    )  # fmt: skip


def collection(model: ScoreModel, works: Path | None, wishes: ScoreMaking, say: events.Listener) -> PreparedScores:
    """The tunes a model learned from. Raises DataError when nobody says where they are."""
    return prepare(at_hand(works), Preparation(**model.facts["prepared"]), None, say)[0]


def sheet(works: list[Work]) -> np.ndarray:
    """The piano rolls of all, below one another."""
    return rolls([work.content for work in works])


def beside(path: Path, content: Any, wishes: ScoreMaking | None = None) -> list[Path]:
    """The score played, by our own instruments or by the SoundFont that was wished for, and its piano roll."""
    from bottega.media import audio, image, roll, synthesis

    sound, picture = path.with_suffix(".wav"), path.with_suffix(".png")
    font = Path(wishes.soundfont) if wishes and wishes.soundfont else None
    disclosure = disclosed(media.read_record(path) or {})
    audio.write(sound, synthesis.render(content, soundfont=font), disclosure)
    image.write(picture, roll.picture(content), disclosure)
    return [sound, picture]


def evaluate(
    model: ScoreModel, data: PreparedScores, n: int | None, seed: int, say: events.Listener
) -> "ScoreEvaluation":
    """Likelihood of held-out tunes, what new ones are like, and copies."""
    from bottega.evaluation.scores import report

    return report.evaluate(model, data, n=n or SAMPLES, seed=seed)

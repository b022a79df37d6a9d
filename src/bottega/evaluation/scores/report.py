"""How good a model of scores is: what it foresees of tunes held out of training, what its own are like, and what it
recites.

Each figure stands beside what real tunes score in its place, and the likelihood beside that of a Markov chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.evaluation.figures import Figure, plainly
from bottega.evaluation.scores import habits
from bottega.evaluation.scores.copies import FEWEST, Audit, Library, audit, melody
from bottega.evaluation.scores.markov import Markov
from bottega.language import _
from bottega.models.scores import BARS, ScoreModel, pitched
from bottega.randomness import Random
from bottega.representations.events import tempo_bin
from bottega.representations.grid import Grid, key_of, laid_out, trimmed

if TYPE_CHECKING:
    from bottega.datasets.scores import PreparedScores

FORESEEN = 60_000
"""Events of held-out works that the likelihood is measured on, at most."""
SEARCHED = 5_000
"""Training works that are searched for copies, at most."""
SHOWN = 5  # copies in the sheet
PERCENT = ("copies", "in_scale", "groove")


@dataclass(frozen=True)
class ScoreEvaluation:
    """What was measured.

    Attributes:
        figures: by name: ``nats_per_event``, ``nats_per_bar`` (floor: training works), ``markov_nats_per_bar`` (the
            baseline: no floor), ``pitch_classes``, ``density``, ``in_scale``, ``groove``, ``copies``,
            ``longest_copy`` (floor: held-out works).
        samples: tunes written for it.
        held_out, train: works of the collection.
        bars: of held-out works that the likelihood was measured on.
        seed: of the samples.
        closest: the longest copies and where they come from, as Markdown.
    """

    figures: dict[str, Figure]
    samples: int
    held_out: int
    train: int
    bars: int
    seed: int
    closest: str

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names; ``floors``, ``errors`` and ``reasons`` under the same ones."""
        counts = ("samples", "held_out", "train", "bars", "seed")
        told = plainly(self.figures, "floors", "errors", "reasons")
        return told | {name: getattr(self, name) for name in counts}

    def show(self, folder: Path) -> list[str]:
        """Writes ``copies.md``; the line of Markdown that leads there."""
        (folder / "copies.md").write_text(self.closest, encoding="utf-8")
        return [f"[{_('The longest copies, and where they come from')}](copies.md)"]

    def text(self) -> str:
        """The same for people: a line for each figure."""
        counts = _("{samples} new tunes; {bars:,} bars that the model has not learned from.")
        lines = [counts.format(samples=self.samples, bars=self.bars)]
        lines.append(
            _("In brackets: for the likelihood what training works score, for new tunes what held-out works score.")
        )
        return "\n".join([*lines, *(line(name, figure) for name, figure in self.figures.items())])


def line(name: str, figure: Figure) -> str:
    """One figure for people, with what it means."""
    meaning = {
        "nats_per_event": _("Nats for each event, smaller is better"),
        "nats_per_bar": _("Nats for each bar, smaller is better"),
        "markov_nats_per_bar": _("The same for a table of what follows two notes, which a model must beat"),
        "pitch_classes": _("Divergence of the degrees of the scale from those of training works, nats"),
        "density": _("Onsets in a quarter"),
        "in_scale": _("Notes of the scale of their key"),
        "groove": _("Likeness of the rhythms of two bars in a row"),
        "copies": _("Copies, notes in runs of {notes} or more that stand in a training work, in any key").format(
            notes=FEWEST
        ),
        "longest_copy": _("Longest copy of a tune, in notes, on average"),
    }[name]
    return figure.line(meaning, percent=name in PERCENT)


def evaluate(model: ScoreModel, data: "PreparedScores", *, n: int = 50, seed: int = 0) -> ScoreEvaluation:
    """Let a model foresee tunes it has not learned from, write new ones, and look at these.

    Args:
        model: of scores.
        data: the collection it learned from, or another one.
        n: tunes to write, at least 1, of ``BARS`` bars.
        seed: of those tunes.
    """
    learned = model.facts.get("fingerprint") == data.fingerprint
    every = np.concatenate([data.train, data.held_out])
    train = [grid_of(data, row) for row in _some(data.train, seed, SEARCHED)]
    unseen = data.held_out if learned else np.sort(every)  # of other works it has learned from none
    held = [(row, grid_of(data, row)) for row in _some(unseen, seed, SEARCHED)]
    figures, bars = foresight(model, data, train, held, learned)
    made = [laid_out(work.content) for work in model.generate(n, seed=seed)]
    real = [beginning(grid, BARS) for _row, grid in held][: max(n, 50)]
    library = Library([melody(grid) for grid in train])
    found, chance = (audit([melody(grid) for grid in some], library) for some in (made, real))
    figures |= {
        "pitch_classes": Figure(habits.divergence(made, train), habits.divergence(real, train) if real else None),
        **{
            name: Figure(habits.mean(of, made), habits.mean(of, real) if real else None)
            for name, of in (("density", habits.density), ("in_scale", habits.in_scale), ("groove", habits.groove))
        },
        "copies": Figure(found.share, chance.share if real else None),
        "longest_copy": Figure(found.mean, chance.mean if real else None),
    }
    names = [data.names[int(row)] for row in _some(data.train, seed, SEARCHED)]
    return ScoreEvaluation(
        figures, len(made), len(data.held_out), len(data.train), bars, seed, sheet(found, chance, names)
    )


def foresight(
    model: ScoreModel, data: "PreparedScores", train: Sequence[Grid], held: Sequence[tuple[int, Grid]], learned: bool
) -> tuple[dict[str, Figure], int]:
    """The likelihood of held-out works beside that of as many training works and a Markov chain, and the bars."""
    names = ("nats_per_event", "nats_per_bar", "markov_nats_per_bar")
    events = model.events
    known = [grid for _row, grid in held if set(grid.meters) <= set(events.meters)]
    if not known:
        reason = _("no works are held out")
        return {name: Figure(None, None, reason=reason) for name in names}, 0
    nats, counts, bars, works = foreseen(model, known)
    beside = foreseen(model, train) if learned else None
    eos = np.array([events.words["eos"]])
    chain = Markov([np.append(np.concatenate(events.bars(grid)), eos) for grid in train], events.size)
    told = [chain.nats(np.append(work, eos))[~is_told(model, np.append(work, eos))].sum() for work in works]
    ratio = nats.sum() / bars.sum()
    off = nats - ratio * bars
    error = float(np.sqrt(np.square(off).sum() * len(off) / max(1, len(off) - 1)) / bars.sum())
    return {
        "nats_per_event": Figure(float(nats.sum() / counts.sum()), beside and float(beside[0].sum() / beside[1].sum())),
        "nats_per_bar": Figure(float(ratio), beside and float(beside[0].sum() / beside[2].sum()), error),
        "markov_nats_per_bar": Figure(float(sum(told) / bars.sum()), None),
    }, int(bars.sum())


def foreseen(model: ScoreModel, grids: Sequence[Grid]) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Nats, events and bars of works ``(N,)``, as many as ``FORESEEN`` allows; and their tokens.

    The model is told the key and the tempo of each, and how many bars follow; these words count for nothing.
    """
    works, heads, bars, total = [], [], [], 0
    for grid in grids:
        if total >= FORESEEN:
            break
        works.append(np.concatenate(model.events.bars(grid)))
        heads.append(model.events.head(key=key_of(grid.notes, pitched(grid)), tempo=tempo_bin(grid.tempo)))
        bars.append(len(grid))
        total += len(works[-1])
    nats = model.objective.nats(works, heads)
    counts = np.array([1 + (~is_told(model, work)).sum() for work in works])
    return nats, counts, np.array(bars), works


def is_told(model: ScoreModel, ids: np.ndarray) -> np.ndarray:
    """Which events are told, not predicted."""
    return (ids >= model.events.any) & (ids <= model.events.last_word)


def grid_of(data: "PreparedScores", row: int) -> Grid:
    """A work on the grid."""
    return trimmed(laid_out(data.score(int(row))))


def beginning(grid: Grid, bars: int) -> Grid:
    """The first bars of a work."""
    bars = min(bars, len(grid))
    notes = grid.notes[grid.notes[:, 0] < grid.begins[bars]]
    return Grid(grid.meters[:bars], grid.begins[: bars + 1], notes, grid.tracks, grid.tempo)


def sheet(found: Audit, chance: Audit, names: Sequence[str]) -> str:
    """The longest copies for people, as Markdown."""
    title = _("The longest runs of notes that stand in a training work too, in any key")
    floor = _("Of held-out works of the same length the longest is {longest} notes, {mean:.1f} on average.").format(
        longest=max((run.notes for run in chance.longest), default=0), mean=chance.mean
    )
    lines = [f"# {title}", "", floor, ""]
    order = sorted(range(len(found.longest)), key=lambda i: -found.longest[i].notes)
    for i in order[:SHOWN]:
        run = found.longest[i]
        if run.notes:
            told = _("new tune {number}: {notes} notes, from note {begin} on, as in {name}")
            said = told.format(number=i, notes=run.notes, begin=run.begin + 1, name=names[run.tune])
            lines.append(f"- {said}")
    return "\n".join([*lines, ""])


def _some(rows: np.ndarray, seed: int, most: int) -> list[int]:
    """At most so many rows, in an order that has nothing to do with names."""
    return rows[Random(seed, "floor").permutation(len(rows)).numpy()][:most].tolist()

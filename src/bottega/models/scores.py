"""A model of scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bottega.datasets.scores.moods import MAJOR, MINOR, fits, mood_of
from bottega.errors import UsageError
from bottega.forms.bars import Bars
from bottega.language import _
from bottega.media.score import Score
from bottega.models.model import Model, Work
from bottega.objectives.decoding import write
from bottega.provenance.record import says
from bottega.randomness import Random
from bottega.representations.events import MOODS, Events, tempo_bin
from bottega.representations.grid import Grid, as_score
from bottega.representations.keys import name_of, scale_of

CHUNK = 16
"""Scores are written this many at a time; the numbers of a score depend on its chunk, so it is fixed for good."""
BARS = 16
"""Bars of a score, when nothing else is asked for."""
SAMPLES = 6
EVENTS = 400  # of a bar, at most; what is written is bound by its form long before
LIFT = 1.25  # how much faster than its model the wildest tune is played
LOUDER = 16  # and how much louder
HIGHER = 3  # semitones by which the brightest tune lies above its model, where no key is asked for
NEAR = 4  # bars by which a tune may be longer than one whose form it takes, about
DRAFTS = 4
"""Where a key or a mood is asked for, so many are written for each work, and the one that comes nearest is kept."""
ELSEWHERE = 0.25  # by how much worse its key fits a tune that does not end on the tonic


@dataclass(frozen=True)
class Plan:
    """What a tune is going to be.

    Attributes:
        label: its class, if there are classes.
        mood: the fifths of the collection that its valence and its arousal lie in.
        key: as ``grid.key_of`` gives it.
        tempo: quarters a minute.
        meter: of all its bars.
        form: for each bar the earlier one that it repeats, or its own number.
    """

    label: int | None
    mood: tuple[int | None, int | None]
    key: int | None
    tempo: float
    meter: tuple[int, int]
    form: tuple[int, ...] = ()

    def head(self, events: Events) -> list[int]:
        """The words that say so."""
        return events.head(self.label, self.mood, self.key, tempo_bin(self.tempo))


@dataclass
class ScoreModel(Model):
    """A model of scores.

    Attributes:
        plans: what training works are, from which new ones are planned.
        edges: where fifths of the training works end in valence and in arousal, ``[2][4]``.
    """

    representation: Events
    plans: list[Plan] = field(default_factory=list)
    edges: list[list[float]] = field(default_factory=list)

    @property
    def events(self) -> Events:
        """The vocabulary."""
        return self.representation

    @staticmethod
    def between(folder: Path, config: dict[str, Any]) -> Events:
        return Events.of_model(folder, config)

    @property
    def makes_works(self) -> bool:
        return True

    def generate(
        self,
        n: int = 16,
        *,
        seed: int = 0,
        label: str | None = None,
        bars: int = BARS,
        key: int | None = None,
        tempo: float | None = None,
        mood: tuple[float, float] | None = None,
        meter: tuple[int, int] | None = None,
        **controls: Any,
    ) -> list[Work]:
        """New scores; one that is there already is carried on by ``bottega edit continue``.

        Args:
            bars: how many each has.
            key: 0 … 11 for C major to B major, 12 … 23 for the minor ones; without, that of some training work.
            tempo: quarters a minute; without, that of some training work.
            mood: valence and arousal from -1 to 1: the darkest or calmest fifth of the training works is -1.
            meter: numerator and denominator; without, that of some training work.
        """
        self.check(n, controls)
        if bars < 1:
            raise UsageError(_("A score has at least one bar."))
        if meter is not None:
            self.check_meters([meter])
        chosen = {**self.recipe.controls, **controls}
        names = self.class_names(self.labels(n, seed, label), n)
        labels = [None if name is None else self.classes.index(name) for name in names]
        plans = [self.plan(Random(seed, "plan", i), labels[i], key, tempo, mood, meter, bars) for i in range(n)]
        asked = {
            "bars": bars, "key": None if key is None else name_of(key), "tempo": tempo, "mood": mood, "meter": meter,
            **controls,
        }  # fmt: skip
        asked = {word: value for word, value in asked.items() if value is not None}
        drafts = 1 if mood is None and key is None else DRAFTS
        written = [plan for plan in plans for _draft in range(drafts)]
        scores: list[Score] = []
        for first in range(0, len(written), CHUNK):
            mine = written[first : first + CHUNK]
            for one, grid in zip(
                mine, self.write(mine, bars, Random(seed, "works", first), key, **chosen), strict=True
            ):
                higher = 0 if mood is None or key is not None else round(HIGHER * mood[0])
                scores.append(performed(grid, one.key, mood, higher))
        works = []
        for number in range(n):
            best = self.nearest(scores[number * drafts : (number + 1) * drafts], mood, key)
            works.append(Work(best, self.note(number, n, seed, names[number], label, asked)))
        return works

    def nearest(self, drafts: Sequence[Score], mood: tuple[float, float] | None, key: int | None = None) -> Score:
        """The draft that is most in the key and in the mood that are asked for; the first where neither is."""
        off = np.zeros(len(drafts))
        if key is not None:
            off += [strangeness(draft, key) for draft in drafts]
        if mood is not None:
            off += self.apart(drafts, mood)
        return drafts[int(np.argmin(off))]

    def apart(self, drafts: Sequence[Score], mood: tuple[float, float]) -> np.ndarray:
        """How far the measured mood of each draft is from the one that is asked for, ``(drafts,)``."""
        edges = np.array(self.edges)  # (2, 4)
        wide = edges[:, -1] - edges[:, 0] + 1e-9
        shares = np.arange(0, MOODS + 1) / MOODS  # the ends of the fifths, the outer ones as far out as the inner ones
        ends = np.column_stack([edges[:, 0] - wide / 3, edges, edges[:, -1] + wide / 3])
        target = [np.interp((mood[k] + 1) / 2, shares, ends[k]) for k in (0, 1)]
        return np.array([np.square((np.array(mood_of(draft)) - target) / wide).sum() for draft in drafts])

    def check_meters(self, meters: Sequence[tuple[int, int]]) -> None:
        """Raises UsageError for bars that this model does not know."""
        for meter in meters:
            if meter not in self.events.meters:
                message = _("This model knows no bars of {over}/{under}; it knows: {meters}.")
                known = ", ".join(f"{over}/{under}" for over, under in self.events.meters)
                raise UsageError(message.format(over=meter[0], under=meter[1], meters=known))

    def plan(
        self,
        random: Random,
        label: int | None = None,
        key: int | None = None,
        tempo: float | None = None,
        mood: tuple[float, float] | None = None,
        meter: tuple[int, int] | None = None,
        bars: int = BARS,
    ) -> Plan:
        """What a tune is going to be: what is asked for, and the rest as in a training work that comes near it; which
        of its bars come back, as in one of about that length."""
        fifths = (None, None) if mood is None else (fifth(mood[0]), fifth(mood[1]))
        far = np.zeros(len(self.plans))
        for i, one in enumerate(self.plans):
            far[i] += 100 * (label is not None and one.label != label)
            far[i] += 10 * (meter is not None and one.meter != meter)
            far[i] += 4 * (key is not None and one.key is not None and one.key // 12 != key // 12)
            far[i] += 3 * max(0.0, -mood[0]) * (one.key is None or one.key < 12) if mood and key is None else 0
            far[i] += sum(
                2.0 * abs(a - b) for a, b in zip(fifths, one.mood, strict=True) if a is not None and b is not None
            )
        like = self.drawn(far, random)
        lengths = np.array([len(one.form) for one in self.plans])
        strange = np.array([one.meter != (meter or like.meter) or one.label != like.label for one in self.plans])
        form = self.drawn(np.abs(lengths - bars) / NEAR + 2 * (lengths < bars) + 10 * strange, random).form
        if len(form) > bars:
            form = (*form[: bars - 1], bars - 1)  # what comes back in the middle of a longer tune would not be an end
        if mood is not None and tempo is None:
            tempo = like.tempo * LIFT ** mood[1] if self.one_tempo else like.tempo
        return Plan(
            label=label,
            mood=like.mood if mood is None else fifths,
            key=like.key if key is None else key,
            tempo=like.tempo if tempo is None else tempo,
            meter=like.meter if meter is None else meter,
            form=form,
        )

    def drawn(self, far: np.ndarray, random: Random) -> Plan:
        """One of the plans, the likelier the less ``far (plans,)`` it is."""
        share = np.exp(far.min(initial=0) - far).cumsum()
        pick = int(np.searchsorted(share, float(random.uniform(1)) * share[-1], side="right"))
        return self.plans[min(pick, len(self.plans) - 1)]

    @property
    def one_tempo(self) -> bool:
        """Whether all training works have the same tempo, so that nothing can be learned of it."""
        return len({tempo_bin(plan.tempo) for plan in self.plans}) == 1

    def write(
        self,
        plans: Sequence[Plan],
        bars: int,
        random: Random,
        key: int | None = None,
        **controls: Any,
    ) -> list[Grid]:
        """One tune for each plan, on the grid; a key that is given is kept."""
        events = self.events
        objective: Any = self.objective.eval()
        scale = None if key is None else scale_of(key)
        openings, forms = [], []
        for plan in plans:
            openings.append(objective.opening(np.zeros(0, np.int64), plan.head(events)))
            forms.append(Bars(events, bars, meter=plan.meter, scale=scale, form=plan.form))
        made = write(
            objective.writer(len(plans), random), openings, random, length=bars * EVENTS, constraints=forms, **controls
        )
        return [events.grid(np.asarray(ids, np.int64), plan.tempo) for plan, ids in zip(plans, made, strict=True)]

    def size(self) -> str:
        parts = len(self.events.parts)
        return _("{parts} parts, {tokens:,} kinds of events").format(parts=parts, tokens=self.events.size)

    def show(self, folder: Path) -> list[str]:
        from bottega.media import audio, image, synthesis

        made = self.generate(SAMPLES)
        image.write(folder / "samples.png", sheet([work.content for work in made]), says())
        audio.write(folder / "sample.flac", synthesis.render(made[0].content), says())
        title = _("Tunes written by this model")
        return [
            f"## {title}",
            "",
            f"![{title}](samples.png)",
            "",
            f"[{_('The first of them to hear')}](sample.flac)",
            "",
        ]

    def config(self) -> dict[str, Any]:
        plans = [[p.label, *p.mood, p.key, round(p.tempo, 2), *p.meter, " ".join(map(str, p.form))] for p in self.plans]
        return super().config() | {"plans": plans, "edges": self.edges}

    @staticmethod
    def more(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
        plans = [
            Plan(label, (valence, arousal), key, tempo, (over, under), tuple(map(int, form.split())))
            for label, valence, arousal, key, tempo, over, under, form in config["plans"]
        ]
        return {"plans": plans, "edges": config["edges"]}


def fifth(value: float) -> int:
    """The fifth of a collection that a wish from -1 to 1 stands for."""
    return int(np.clip(np.floor((value + 1) / 2 * MOODS), 0, MOODS - 1))


def strangeness(score: Score, key: int) -> float:
    """By how much another key fits a score better than this one (below 0: worse), and whether it ends elsewhere."""
    notes = np.concatenate([track.notes for track in score.tracks if not track.drums] or [np.zeros((0, 4), np.int32)])
    if not len(notes):
        return 0.0
    classes = np.bincount(notes[:, 2] % 12, weights=notes[:, 1], minlength=12)
    found = np.concatenate([fits(classes, MAJOR), fits(classes, MINOR)])
    ends = notes[:, 0] + notes[:, 1]
    bass = notes[ends == ends.max(), 2].min()
    return float(np.delete(found, key).max() - found[key] + ELSEWHERE * (bass % 12 != key % 12))


def pitched(grid: Grid) -> np.ndarray:
    """Which tracks of a grid are no drums, bool ``(tracks,)``."""
    return np.array([not drums for _program, drums, _rank in grid.tracks], bool)


def silences(events: Events, known: Grid, bar: int = -1) -> np.ndarray:
    """How long each part still sounds when a bar begins, in steps ``(parts,)``; the one after the last by default."""
    notes, begin = events.settled(known), known.begins[bar]
    notes = notes[notes[:, 0] < begin]
    held = np.zeros(len(events.parts), np.int64)
    np.maximum.at(held, notes[:, 4], notes[:, 0] + notes[:, 1] - begin)
    return held


def performed(grid: Grid, key: int | None, mood: tuple[float, float] | None, higher: int) -> Score:
    """Played as a mood asks: louder the wilder it is, and so many semitones higher where there is room."""
    if mood is None:
        return as_score(grid, key)
    notes = grid.notes.copy()
    notes[:, 3] = np.clip(notes[:, 3] + round(LOUDER * mood[1]), 1, 127)
    heard = notes[pitched(grid)[notes[:, 4]], 2]
    higher = higher if len(heard) and heard.min() + higher >= 0 and heard.max() + higher <= 127 else 0
    score = as_score(Grid(grid.meters, grid.begins, notes, grid.tracks, grid.tempo), key)
    return score.transposed(higher)


def sheet(scores: Sequence[Score], gap: int = 8) -> np.ndarray:
    """Piano rolls below one another, uint8 ``(H, W, 3)``."""
    from bottega.media import roll

    pictures = [roll.picture(score) for score in scores]
    wide = max(one.shape[1] for one in pictures)
    rows = []
    for one in pictures:
        filled = np.full((one.shape[0] + gap, wide, 3), 255, np.uint8)
        filled[: one.shape[0], : one.shape[1]] = one[:, :, :3]
        rows.append(filled)
    return np.concatenate(rows)[:-gap]

"""How good a model of texts is: what it foresees of texts held out of training, and what it recites of the others.

Each figure stands beside what real works score in its place.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.datasets.lines import cut
from bottega.datasets.passages import Passages, units
from bottega.evaluation.figures import Figure, plainly
from bottega.evaluation.texts.copies import as_long_as, audit
from bottega.evaluation.texts.likelihood import Likelihood, likelihood
from bottega.evaluation.texts.sheet import sheet
from bottega.language import _
from bottega.objectives.base import Objective
from bottega.randomness import Random

if TYPE_CHECKING:
    from bottega.datasets.texts import PreparedTexts
    from bottega.models import Model

FORESEEN = 1_000_000
"""Characters of held-out works that the likelihood is measured on, at most: enough for three digits."""
SEARCHED = 100_000_000
"""Characters of training works that are searched for copies, at most; a gigabyte of memory holds them."""
RUN = 4  # words that make a repetition when they come again in the same text
PERCENT = ("copies", "repetition")
WRITTEN = {
    "copies": lambda found, texts: found.share,
    "longest_copy": lambda found, texts: found.most,
    "repetition": lambda found, texts: repetition(texts),
}
"""What is measured of texts, from their audit and themselves."""


@dataclass(frozen=True)
class TextEvaluation:
    """What was measured.

    Attributes:
        figures: by name: ``nats_per_char``, ``bits_per_byte`` (floor: training works), ``copies``, ``longest_copy``,
            ``repetition`` (floor: held-out works).
        samples: texts written for it.
        held_out, train: works of the collection.
        foreseen: characters that the likelihood was measured on: of held-out works, or of texts from elsewhere.
        searched: characters of the training works that were searched for copies.
        seed: of the samples.
        closest: the longest copies beside their sources, as Markdown.
    """

    figures: dict[str, Figure]
    samples: int
    held_out: int
    train: int
    foreseen: int
    searched: int
    seed: int
    closest: str

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names; ``floors``, ``errors`` and ``reasons`` under the same ones."""
        counts = ("samples", "held_out", "train", "foreseen", "searched", "seed")
        told = plainly(self.figures, "floors", "errors", "reasons")
        return told | {name: getattr(self, name) for name in counts}

    def show(self, folder: Path) -> list[str]:
        """Writes ``copies.md``; the line of Markdown that leads there."""
        (folder / "copies.md").write_text(self.closest, encoding="utf-8")
        return [f"[{_('The longest copies, beside the training works they stand in')}](copies.md)"]

    def text(self) -> str:
        """The same for people: a line for each figure."""
        counts = _("{samples:,} new texts; {foreseen:,} characters that the model has not learned from.")
        lines = [counts.format(samples=self.samples, foreseen=self.foreseen)]
        lines.append(
            _("In brackets: for the likelihood what training works score, for new texts what held-out works score.")
        )
        return "\n".join([*lines, *(line(name, figure) for name, figure in self.figures.items())])


def line(name: str, figure: Figure) -> str:
    """One figure for people, with what it means."""
    meaning = {
        "nats_per_char": _("Nats for each character, the ends of works counted, smaller is better"),
        "bits_per_byte": _("Bits for each byte of UTF-8, smaller is better"),
        "copies": _("Copies, new text inside passages of 8 words (10 Chinese characters) or more of training works"),
        "longest_copy": _("Longest copy, in words or Chinese characters"),
        "repetition": _("Repetition, runs of {run} words that come again in the same text").format(run=RUN),
    }[name]
    return figure.line(meaning, percent=name in PERCENT)


def evaluate(
    model: "Model",
    data: "PreparedTexts",
    *,
    n: int = 100,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> TextEvaluation:
    """Let a model foresee texts it has not learned from, write new ones, and search these for copies.

    Args:
        model: of texts.
        data: the collection it learned from, or another one.
        n: texts to write, at least 1; a model that only answers answers as many held-out texts.
        seed: of those texts.
        on_progress: called with (texts searched, texts in all).
    """
    tell = on_progress or (lambda done, total: None)
    figures, foreseen = foresight(model, data, seed)
    searched, works = library(data, seed)
    passages = Passages(works)
    texts = written(model, data, n, seed)
    human = as_long_as(texts, list(within(sides(data, data.held_out), FORESEEN))) if texts else []
    found, chance = audit(texts, passages, lambda done: tell(done, len(texts))), audit(human, passages)
    for name, of in WRITTEN.items():
        reason = None if texts else _("this kind of model writes nothing by itself, and there are no pairs of texts")
        value, floor = (of(found, texts) if texts else None), (of(chance, human) if human else None)
        figures[name] = Figure(value, floor, reason=reason)
    return TextEvaluation(
        figures=figures,
        samples=len(texts),
        held_out=len(data.held_out),
        train=len(data.train),
        foreseen=foreseen,
        searched=sum(map(len, works)),
        seed=seed,
        closest=sheet(found, texts, works, [data.names[row] for row in searched], chance),
    )


def foresight(model: "Model", data: "PreparedTexts", seed: int) -> tuple[dict[str, Figure], int]:
    """The likelihood of held-out works beside that of as much training text, and the characters measured.

    Of a collection that the model has not learned from all works count, and nothing stands beside them.
    """
    names = ("nats_per_char", "bits_per_byte")
    if not knows_likelihood(model.objective, data.pairs):
        reason = _("this kind of model writes, but cannot say how likely a text is")
        return {name: Figure(None, None, reason=reason) for name in names}, 0
    learned = model.facts.get("fingerprint") == data.fingerprint
    unseen = data.held_out if learned else np.arange(len(data))  # of other texts the model has learned from none
    measured = foreseen(model, data, unseen, FORESEEN)
    characters = int(measured.characters.sum())
    if not characters:
        reason = _("no works are held out")
        return {name: Figure(None, None, reason=reason) for name in names}, 0
    train = foreseen(model, data, shuffled(data.train, seed), characters) if learned else None
    return {
        "nats_per_char": Figure(measured.nats_per_char, train and train.nats_per_char, measured.error),
        "bits_per_byte": Figure(measured.bits_per_byte, train and train.bits_per_byte, measured.error_in_bits),
    }, characters


def knows_likelihood(objective: Objective, pairs: bool) -> bool:
    """Whether it can say how likely a text is: by itself, or as the answer to another."""
    return hasattr(objective, "nats") and (pairs or not answers(objective))


def answers(objective: Objective) -> bool:
    """Whether it writes only in answer to other texts."""
    return hasattr(objective, "answers")


def written(model: "Model", data: "PreparedTexts", n: int, seed: int) -> list[str]:
    """New texts: as many as asked for, or the answers to as many held-out texts as there are."""
    if not answers(model.objective):
        return [str(work.content) for work in model.generate(n, seed=seed)] if model.makes_works else []
    if not data.pairs:
        return []
    tokens, rows = model.representation, shuffled(data.held_out, seed)[:n]
    sources = [model.objective.source(tokens.encode(text)) for text in data.texts(rows)]
    return [tokens.decode(ids) for ids in model.objective.answers(sources)]


def sides(data: "PreparedTexts", rows: Iterable[int]) -> Iterable[str]:
    """Some works; of parallel text the targets, which are what a model writes."""
    return data.targets(rows) if data.pairs else data.texts(rows)


def foreseen(model: "Model", data: "PreparedTexts", rows: Sequence[int], most: int) -> Likelihood:
    """What the first works of some rows cost the model, up to so many characters; each as its class, if it has one."""
    tokens, rows = model.representation, list(rows)
    if answers(model.objective):
        sources = (model.objective.source(tokens.encode(text)) for text in data.texts(rows))
        return likelihood(model.objective, tokens, within(data.targets(rows), most), sources)
    texts = list(within(data.texts(rows), most))
    labels: list[int | None] = [None] * len(texts)
    if model.classes and data.labels is not None and data.classes == model.classes:
        labels = [int(k) if k < len(data.classes) else None for k in data.labels[rows[: len(texts)]]]
    if model.recipe.rows and model.recipe.rows.name == "lines":  # it knows lines, or short works, and nothing longer
        parts = cut([tokens.encode(text) for text in texts], tokens.pieces, model.recipe.rows.numbers()["length"])
        labels = [label for label, lines in zip(labels, parts, strict=True) for _line in lines]
        texts = [tokens.decode(line) for lines in parts for line in lines]
    return likelihood(model.objective, tokens, texts, labels)


def library(data: "PreparedTexts", seed: int) -> tuple[list[int], list[str]]:
    """The training works that are searched for copies: all, or of a large collection as many as there is room for.

    Returns:
        their rows and texts.
    """
    rows = [int(row) for row in shuffled(data.train, seed)]
    works = list(within(sides(data, rows), SEARCHED))
    return rows[: len(works)], works


def within(texts: Iterable[str], most: int) -> Iterable[str]:
    """Texts until there are so many characters; the last one is cut."""
    for text in texts:
        if most <= 0:
            return
        yield text[:most]
        most -= len(text)


def shuffled(rows: np.ndarray, seed: int) -> np.ndarray:
    """The same rows in an order that has nothing to do with names and classes, so that any first part is a sample."""
    return rows[Random(seed, "floor").permutation(len(rows)).numpy()]


def repetition(texts: Sequence[str]) -> float:
    """The share of runs of four words or characters that stood earlier in the same text."""
    again = total = 0
    for text in texts:
        found = units(text)
        runs = list(zip(*(islice(found, k, None) for k in range(RUN)), strict=False))
        again, total = again + len(runs) - len(set(runs)), total + len(runs)
    return again / max(1, total)

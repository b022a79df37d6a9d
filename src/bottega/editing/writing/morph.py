"""From one line to another in small steps, along the way between their places in a model's latent space."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    from torch import Tensor

    from bottega.models.texts import TextModel

TRIES = 24  # texts drawn at each place, beside its likeliest
TEMPERATURE = 0.7  # of those
REPEAT = 2  # tokens that may come again in a row: what is likeliest of all likes to turn in circles
ODD, UNKNOWN = 0.05, 0.2  # what a nat a token costs beside the squares of the steps, and a word that nobody knows
AGAIN = 1.0  # what a text costs that says nothing but words it has said
LONGEST = 256  # tokens of a text
ROUGH = 0.6  # likeness of a text to what the model makes of it that is worth a note
Found = list[tuple[str, float]]
"""Texts of one place, each with what is odd about it."""


class MorphSettings(Settings):
    """What a person can choose; see the descriptions."""

    steps: int = Field(7, ge=2, le=60, description=later("Texts on the way, both ends as rebuilt included."))


def morph(works: Works, settings: MorphSettings, job: Job) -> Made:
    """The way between two texts as one text: as given, as rebuilt, what lies between, as rebuilt, as given."""
    import torch

    from bottega.objectives.latent import Place, between
    from bottega.objectives.sentences import Sentences

    if job.model is None or not isinstance(job.model.objective, Sentences):
        raise UsageError(_("Morphing needs a model in which every line has a place: train one with --recipe rnn-vae."))
    objective, tokens = job.model.objective, job.model.representation
    given = [text.strip() for text in works["text"]]
    if not all(given):
        raise UsageError(_("One of the two texts is empty: there is no way from nothing."))
    job.show(0.0)
    ids = [tokens.encode(text) for text in given]
    z = objective.locate(ids, lambda share: job.show(0.5 * share))
    way = between(Place(z[:1]), Place(z[1:]), torch.linspace(0, 1, settings.steps, device=z.device)).z
    found = _texts(job, way, length=min(LONGEST, 2 * max(map(len, ids)) + 8))
    first, last = likeness(given[0], found[0][0][0]), likeness(given[1], found[-1][0][0])
    if min(first, last) < ROUGH:
        job.say(
            _("This model rebuilds only {first} of the first and {last} of the last text. ").format(
                first=f"{first:.0%}", last=f"{last:.0%}"
            )
            + _("Single lines come back better with longer training and --set objective.free=0.5.")
        )
    shown = smoothest(given[0], found, given[1])
    between_texts = "\n\n" if any("\n" in text for text in shown) else "\n"
    return Made([between_texts.join(shown)], {"first rebuilt": first, "last rebuilt": last})


def _texts(job: Job, way: "Tensor", length: int) -> list[Found]:
    """What may stand at each place of the way ``(n, latent)``, the likeliest text of the place first.

    Words put together from pieces by chance are odd, where the training texts do not have them, and words said again.
    """
    import numpy as np

    from bottega.forms.writing import WORD

    model: TextModel = job.model  # type: ignore[assignment]
    objective, tokens = model.objective, model.representation
    lexicon = {word.casefold() for word in model.lexicon}
    many = way.repeat_interleave(TRIES, 0)
    with_limits = {"length": length, "never": tokens.spelling, "repeat": REPEAT}
    likeliest = objective.decode(way, job.random("morph"), **with_limits)
    drawn = objective.decode(many, job.random("morph", "more"), temperature=TEMPERATURE, **with_limits)
    found: list[Found] = []
    for place in range(len(way)):
        ids = [likeliest[place], *drawn[place * TRIES : (place + 1) * TRIES]]
        ids = [one for one in ids if tokens.decode(one).strip()] or [likeliest[place]]
        nats = objective.misfit(ids, way[place].expand(len(ids), -1))
        texts = [tokens.decode(one).strip() for one in ids]
        unknown = [sum(word.casefold() not in lexicon for word in WORD.findall(text)) for text in texts]
        again = AGAIN * np.array([said_again(text) for text in texts])
        odd = ODD * nats / [len(one) + 1 for one in ids] + UNKNOWN * np.array(unknown) + again
        found.append(list(zip(texts, odd.tolist(), strict=True)))
        job.show(0.5 + 0.5 * (place + 1) / len(way))
    return found


def said_again(text: str) -> float:
    """The share of the words or Chinese characters of a text that it has said before, in [0, 1)."""
    from bottega.datasets.passages import units

    said = units(text)
    return 1 - len(set(said)) / len(said) if said else 0.0


def smoothest(first: str, found: Sequence[Found], last: str) -> list[str]:
    """The way from one text to another by one of the texts of each place, in steps as even and small as can be.

    The shortest way (Viterbi 1967), where length is the squares of the steps, and what is odd about the texts.
    Texts that stay for longer are told once.
    """
    ways = [(0.0, [first])]
    for texts in [*found, [(last, 0.0)]]:
        ways = [
            min((cost + (1 - likeness(way[-1], text)) ** 2 + odd, [*way, text]) for cost, way in ways)
            for text, odd in texts
        ]
    way = ways[0][1]
    return [text for before, text in pairwise([None, *way]) if text != before]


def likeness(one: str, other: str) -> float:
    """How much of two texts is the same, in [0, 1]."""
    return round(SequenceMatcher(None, one, other, autojunk=False).ratio(), 4)


MORPH = Operation(
    name="morph",
    title=later("From one line to another in small steps"),
    inputs=(
        Input(
            "text",
            later("Two texts such as the model was trained on, lines or short poems: files, or the words themselves."),
            least=2,
            most=2,
            kind="text",
        ),
    ),
    settings=MorphSettings,
    run=morph,
    model="required",
    examples=(
        (later("Seven lines on the way from one to another"), 'morph "line one" "line two" --model my-lines --steps 7'),
    ),
)

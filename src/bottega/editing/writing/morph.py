"""From one line to another in small steps, along the way between their places in a model's latent space."""

from difflib import SequenceMatcher
from itertools import pairwise

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

FINE = 6  # places looked at for each step that is shown
LONGEST = 256  # tokens of a text


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
    z = objective.locate([tokens.encode(text) for text in given], lambda share: job.show(0.7 * share))
    shares = torch.linspace(0, 1, (settings.steps - 1) * FINE + 1, device=z.device)
    way = between(Place(z[:1]), Place(z[1:]), shares).z
    length = min(LONGEST, 2 * max(len(tokens.encode(text)) for text in given) + 8)
    found = objective.decode(way, job.random("morph"), length=length, never=tokens.spelling)
    texts = [tokens.decode(ids).strip() for ids in found]
    half = len(texts) // 2
    first = max((i for i in range(half) if texts[i] == given[0]), default=0)
    last = min((i for i in range(half, len(texts)) if texts[i] == given[1]), default=len(texts) - 1)
    chosen = evenly(texts[first : last + 1], settings.steps)
    shown = chosen[1:] if chosen[0] == given[0] else chosen
    shown = shown[:-1] if shown and shown[-1] == given[1] else shown
    shown = [given[0], *shown, given[1]]
    between_texts = "\n\n" if any("\n" in text for text in shown) else "\n"
    rebuilt: dict[str, float | int | str] = {
        "first rebuilt": likeness(given[0], chosen[0]),
        "last rebuilt": likeness(given[1], chosen[-1]),
    }
    return Made([between_texts.join(shown)], rebuilt)


def evenly(texts: list[str], count: int) -> list[str]:
    """At most ``count`` of the texts, the first and the last with them, as far from one to the next as can be.

    Equal places do not make equal steps: a text stays for a while, then a word turns over. Repeats are left out.
    """
    way = [0.0]
    for one, other in pairwise(texts):
        way.append(way[-1] + 1 - likeness(one, other))
    chosen = [texts[0]]
    for step in range(1, count - 1):
        goal = way[-1] * step / (count - 1)
        nearest = min(range(len(texts)), key=lambda i: abs(way[i] - goal))
        if texts[nearest] not in (*chosen, texts[-1]):
            chosen.append(texts[nearest])
    return [*chosen, texts[-1]]


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

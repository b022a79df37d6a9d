"""A text said otherwise: a draft in other words, at a distance one can choose, or in the other language of a pair."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import CLASS, TEXT, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

    from bottega.models import Model

TRIES = 6  # for each text that is asked for
SPREAD = (-0.1, 0.0, 0.1, 0.2, 0.35, 0.5)  # of the noise around the distance: what was taken is often guessed again
FAR = 0.1  # a distance missed by more than this is worth a note


class RewriteSettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(0.4, ge=0, le=1, description=later("The share of words to change: 0 is the draft itself."))
    count: int = Field(4, ge=1, le=64, description=later("How many texts to write."))
    temperature: float = Field(0.8, ge=0, le=2, description=later("Below 1 is careful, above 1 daring."))
    label: str = Field("", description=CLASS)


class TranslateSettings(Settings):
    """What a person can choose; see the descriptions."""

    beams: int = Field(5, ge=1, le=32, description=later("How many beginnings to weigh against each other at a time."))


@dataclass(frozen=True)
class Version:
    """A part in other words.

    Attributes:
        ids: its tokens.
        changed, words: how many words are others, of how many.
        keeps_lines: whether it has as many line breaks as the part.
    """

    ids: "np.ndarray"
    changed: int
    words: int
    keeps_lines: bool


def rewrite(works: Works, settings: RewriteSettings, job: Job) -> Made:
    """The draft in other words, part by part; of several tries those that changed about as much as was asked for."""
    import numpy as np

    from bottega.datasets.pairs import TOGETHER
    from bottega.editing.writing.parts import parts

    model, draft = _writer(job, rewrites=True), works["text"][0]
    tokens, ids = model.tokens, model.tokens.encode(draft)
    spans = parts(ids, tokens, TOGETHER, _length(model))
    if not spans:
        raise UsageError(_("There are no words to rewrite in this text."))
    made: list[list[np.ndarray]] = [[] for _text in range(settings.count)]
    moved = words = last = 0
    while spans:
        first, end = spans.pop(0)
        versions = _versions(ids[first:end], settings, job, first)
        alone = [(first + a, first + b) for a, b in parts(ids[first:end], tokens, 1, _length(model))]
        if not versions[0].keeps_lines and len(alone) > 1:  # it has never seen several lines together
            spans = alone + spans
            continue
        for k in range(settings.count):
            version = versions[k % len(versions)]
            made[k] += [ids[last:first], version.ids]
            moved, words = moved + version.changed, words + version.words
        last = end
        job.show(end / len(ids), tokens.decode(np.concatenate([*made[0], ids[last:]])))
    reached = moved / words
    if abs(reached - settings.distance) > FAR:
        job.say(
            _("Asked to change {asked} of the words, this model changed {reached}.").format(
                asked=f"{settings.distance:.0%}", reached=f"{reached:.0%}"
            )
        )
    whole = [tokens.decode(np.concatenate([*one, ids[last:]])) for one in made]
    return Made(whole, {"distance": round(reached, 4)})


def _versions(part: "np.ndarray", settings: RewriteSettings, job: Job, place: int) -> list[Version]:
    """Different versions of a part: those that keep its lines, if any does; the ones at the right distance first."""
    from bottega.datasets.noise import Seams, noisy
    from bottega.datasets.pairs import noise_token
    from bottega.editing.writing.parts import changed

    model, sources = job.model, []
    tokens, label, seams = model.tokens, _class(model, settings.label), Seams(model.tokens.pieces)
    for attempt in range(settings.count * TRIES):
        amount = min(max(settings.distance + SPREAD[attempt % TRIES], 0), 1)
        left = noisy(part, seams, amount, tokens.gap, job.random("noise", place, attempt))
        sources.append(model.objective.source(left, label, noise_token(tokens.size, amount)))
    random = job.random("rewrite", place)
    drawn = [one[0] for one in model.objective.drawn(sources, random, temperature=settings.temperature)]
    drawn += [part] if settings.distance < FAR else []  # nobody copies a draft as well as the draft itself
    draft, texts = tokens.decode(part), [tokens.decode(one) for one in drawn]
    versions = {
        text: Version(one, steps, words, text.count("\n") == draft.count("\n"))
        for text, one, steps, words in zip(texts, drawn, *changed(draft, texts), strict=True)
    }
    kept = [one for one in versions.values() if one.keeps_lines] or list(versions.values())
    return sorted(kept, key=lambda one: abs(one.changed / one.words - settings.distance))


def translate(works: Works, settings: TranslateSettings, job: Job) -> Made:
    """Each text in the language of the targets, line by line, and long lines by the sentence."""
    from bottega.datasets.pairs import TOGETHER
    from bottega.editing.writing.parts import joined, parts

    model = _writer(job, rewrites=False)
    objective, tokens, made = model.objective, model.tokens, []
    texts = works["text"]
    for number, text in enumerate(texts):
        sources, lines = [], []
        for line in text.splitlines():
            ids = tokens.encode(line)
            spans = parts(ids, tokens, TOGETHER, _length(model))
            lines.append(len(spans))
            sources += [objective.source(tokens.encode(tokens.decode(ids[a:b]).strip())) for a, b in spans]
        answers = iter([tokens.decode(one) for one in objective.answers(sources, beams=settings.beams)])
        made.append("\n".join(joined([next(answers) for _part in range(count)]) for count in lines))
        job.show((number + 1) / len(texts), made[-1])
    if not any(text.strip() for text in made):
        raise UsageError(_("There are no words to translate in this text."))
    return Made(made)


def _writer(job: Job, rewrites: bool) -> "Model":
    """The model of the job, ready. Raises UsageError when it has not learned this."""
    model = job.model
    able = model is not None and hasattr(model.objective, "rewrites")
    if not able and rewrites:
        raise UsageError(_("This model cannot rewrite: train one on your texts with --recipe seq2seq."))
    if not able:
        raise UsageError(_("This model cannot translate: train one on pairs of texts with --recipe seq2seq."))
    if rewrites and not model.objective.rewrites:
        raise UsageError(
            _("This model has learned from pairs of texts and can translate, not rewrite: ")
            + _("train one with --recipe seq2seq on texts alone.")
        )
    if not rewrites and model.objective.rewrites:
        raise UsageError(
            _("This model has learned from texts alone and can rewrite, not translate: ")
            + _("train one with --recipe seq2seq on pairs of texts.")
        )
    model.objective.eval().requires_grad_(False)
    return model


def _length(model: "Model") -> int:
    """The most tokens of a text that it has learned from."""
    return model.recipe.rows.numbers()["length"]


def _class(model: "Model", name: str) -> int | None:
    """The number of the class; None when nothing is named. Raises UsageError for an unknown one."""
    return int(model.labels(1, 0, name)[0]) if name else None


REWRITE = Operation(
    name="rewrite",
    title=later("Say a draft in other words, near or far"),
    inputs=(TEXT,),
    settings=RewriteSettings,
    run=rewrite,
    model="required",
    examples=(
        (later("Four versions in which two words of five are others"), "rewrite draft.txt --model my-rewriter"),
        (later("Only a touch"), "rewrite draft.txt --model my-rewriter --distance 0.15"),
    ),
)

TRANSLATE = Operation(
    name="translate",
    title=later("Answer a text as a model of pairs has learned it"),
    inputs=(Input("text", later("Texts to translate: files, or the words themselves."), most=None, kind="text"),),
    settings=TranslateSettings,
    run=translate,
    model="required",
    examples=((later("Translate with a model trained on two aligned files"), "translate text.txt --model my-pairs"),),
)

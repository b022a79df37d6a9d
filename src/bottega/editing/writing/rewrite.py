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

TRIES = 16  # for each text that is asked for
FAR = 0.1  # a distance missed by more than this is worth a note
STEP = 0.05  # distances as near as this to what is asked for are alike: of those the likeliest texts are taken


class RewriteSettings(Settings):
    """What a person can choose; see the descriptions."""

    distance: float = Field(0.4, ge=0, le=1, description=later("The share of words to change: 0 is the draft itself."))
    count: int = Field(4, ge=1, le=64, description=later("How many texts to write."))
    temperature: float = Field(0.6, ge=0, le=2, description=later("Below 1 is careful, above 1 daring."))
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
    """

    ids: "np.ndarray"
    changed: int
    words: int


def rewrite(works: Works, settings: RewriteSettings, job: Job) -> Made:
    """The draft in other words, part by part: some of its words give way to others that the model finds fitting."""
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
    for first, end in spans:
        versions = _versions(ids[first:end], settings, job, first)
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
    """Different versions of a part, the ones at the right distance first, and among those the likeliest."""
    from bottega.editing.writing.parts import changed

    if not settings.distance:
        return [Version(part, 0, 1)]
    tokens = job.model.tokens
    drawn, nats = _drawn(part, settings, job, place)
    draft, texts = tokens.decode(part), [tokens.decode(one) for one in drawn]
    found: dict[str, tuple[tuple[float, float], Version]] = {}
    for text, one, odd, steps, words in zip(texts, drawn, nats, *changed(draft, texts), strict=True):
        rank = (abs(steps / words - settings.distance) // STEP, odd)
        found.setdefault(text, (rank, Version(one, steps, words)))
    return [version for _rank, version in sorted(found.values(), key=lambda pair: pair[0])]


def _drawn(
    part: "np.ndarray", settings: RewriteSettings, job: Job, place: int
) -> tuple[list["np.ndarray"], list[float]]:
    """The part with other words in gaps, each time in others; and the nats a token of each."""
    import numpy as np

    from bottega.datasets.noise import Seams, with_gaps

    objective, tokens, random = job.model.objective, job.model.tokens, job.random("rewrite", place)
    seams, label = Seams(tokens.pieces), _class(job.model, settings.label)
    amount = max(settings.distance, 1 / len(seams.words(part)))
    tries = [random.child("gaps", k) for k in range(settings.count * TRIES)]
    pairs = [with_gaps(part, seams, amount, tokens.special, one) for one in tries]
    sources, targets = [objective.source(left, label) for left, _whole in pairs], [whole for _left, whole in pairs]
    never = np.concatenate([np.flatnonzero(seams.line), np.array(tokens.spelling, np.int64)])
    made = objective.filled(targets, sources, random, never=never, begins=seams.word, temperature=settings.temperature)
    nats = objective.nats(made, sources) / [len(one) for one in made]
    return [one[(one != tokens.gap) & (one != tokens.middle)] for one in made], nats.tolist()


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

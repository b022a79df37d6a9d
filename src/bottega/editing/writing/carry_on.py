"""A text carried on in the voice of a model, and a gap in a text filled so that both sides fit."""

import re
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import CLASS, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.forms.begins import Begins, opened
from bottega.language import _, later

if TYPE_CHECKING:
    from bottega.models.texts import TextModel
    from bottega.randomness import Random

NEAR = 400  # characters before a gap, and half as many after it, that a filling is weighed with
TEMPERATURE = later("Below 1 is careful, above 1 daring; 0 takes the likeliest.")


class ContinueSettings(Settings):
    """What a person can choose; see the descriptions."""

    length: int = Field(200, ge=1, le=100_000, description=later("The most tokens to add; a work may end earlier."))
    count: int = Field(1, ge=1, le=64, description=later("How many texts to write."))
    temperature: float = Field(0.9, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


class InfillSettings(Settings):
    """What a person can choose; see the descriptions."""

    gap: str = Field("___", min_length=1, description=later("What marks a gap in the text."))
    length: int = Field(32, ge=1, le=4096, description=later("The most tokens in a gap."))
    tries: int = Field(32, ge=1, le=256, description=later("How many fillings to write and weigh for each gap."))
    count: int = Field(1, ge=1, le=16, description=later("How many texts to write."))
    temperature: float = Field(0.8, ge=0, le=3, description=TEMPERATURE)
    label: str = Field("", description=CLASS)


def carry_on(works: Works, settings: ContinueSettings, job: Job) -> Made:
    """The draft, and what the model adds to it until the work ends or the length is reached."""
    from bottega.models.texts import Reader
    from bottega.objectives.decoding import write

    model, label = _model(job, settings.label)
    tokens, random = model.tokens, job.random("continue")
    draft = works["text"][0].removesuffix("\n")  # a file's last line ends
    kept, begun = opened(draft, tokens)
    writer = model.objective.writer(settings.count, random)
    opening = writer.opening(tokens.encode(kept), label)
    written, shown = 0, [kept]
    reader = Reader(tokens, 0, lambda _text, letters: shown.append(letters))

    def show(text: int, token: int) -> None:
        nonlocal written
        written += 1
        if text == 0:
            reader.take(token)
            job.show(min(1.0, written / settings.length / settings.count), "".join(shown))

    made = write(
        writer,
        [opening] * settings.count,
        random,
        length=settings.length,
        never=tokens.spelling,
        goes_on=tokens.goes_on,
        constraints=[Begins(tokens.pieces, begun) for _text in range(settings.count)],
        on_token=show,
        **_controls(model, settings.temperature),
    )
    texts = [kept + tokens.decode(one) for one in made]
    added = sum(len(text) - len(draft) for text in texts) / len(texts)
    return Made(texts, {"characters added": round(added)})


def infill(works: Works, settings: InfillSettings, job: Job) -> Made:
    """The text with each gap filled; of several fillings, those with which the whole text is likeliest."""
    model, label = _model(job, settings.label)
    parts = works["text"][0].strip("\n").split(settings.gap)
    if len(parts) == 1:
        raise UsageError(
            _("There is no gap in this text: mark it with “{gap}”, or say with --gap what marks it.").format(
                gap=settings.gap
            )
        )
    texts = [parts[0]]
    for number, after in enumerate(parts[1:]):
        found = [
            (nats, before, middle)
            for k, before in enumerate(texts)
            for nats, middle in _Gap(model, before, after, label).best(settings, job.random("infill", number, k))
        ]
        found.sort()
        texts = [_joined(before + middle, after) for _nats, before, middle in found[: settings.count]]
        job.show((number + 1) / (len(parts) - 1), texts[0])
    nats = model.objective.nats([model.tokens.encode(text) for text in texts], [label] * len(texts))
    each = [float(one) / len(text) for one, text in zip(nats, texts, strict=True)]
    job.say(
        _("Of {tries} fillings for each gap, cut at every word, those with which the text is likeliest.").format(
            tries=settings.tries
        )
    )
    return Made(texts, {"nats per character": round(each[0], 4)})


class _Gap:
    """One gap: fillings are written, cut at every word, weighed, and the likeliest kept.

    Args:
        before, after: the text on both sides, up to the next gap.
    """

    def __init__(self, model: "TextModel", before: str, after: str, label: int | None) -> None:
        self.model, self.before, self.after, self.label = model, before, after, label
        self.kept = before.rstrip(" \t")
        self.begun = b" " * (len(self.kept) < len(before))  # the word in the gap brings the space before it

    def best(self, settings: InfillSettings, random: "Random") -> list[tuple[float, str]]:
        """Fillings with the nats of what stands in and around the gap, likeliest first, no two of the same words."""
        from bottega.datasets.passages import units

        texts = self.written(settings, random)
        found = list(dict.fromkeys(cut for text in texts for cut in cuts(text, self.before, self.after)))
        middles = [middle for middle in found if units(middle)] or found or [""]
        near, beyond = self.before[-NEAR:], self.after[: NEAR // 2]
        whole = [self.model.tokens.encode(_joined(near + middle, beyond)) for middle in middles]
        nats = self.model.objective.nats(whole, [self.label] * len(whole))
        best: dict[tuple[str, ...], tuple[float, str]] = {}
        for judged, middle in sorted(zip(nats.tolist(), middles, strict=True)):
            best.setdefault(tuple(units(middle)), (judged, middle))
        return list(best.values())

    def written(self, settings: InfillSettings, random: "Random") -> list[str]:
        """What the model writes here: knowing both sides, if it has learned to, and going on from the left one."""
        from bottega.objectives.decoding import write

        objective, tokens = self.model.objective, self.model.tokens
        before, after = tokens.encode(self.kept), tokens.encode(self.after)
        room = max(getattr(objective.model, "context", 256) - settings.length - 4, 16)
        right = min(len(after), max(room // 2, room - len(before)))
        openings = [objective.opening(before[-room:], self.label)]
        if objective.infill:
            openings.append(objective.around(before[max(0, len(before) - room + right) :], after[:right], self.label))
        made = write(
            objective,
            [openings[k % len(openings)] for k in range(settings.tries)],
            random,
            length=settings.length,
            never=tokens.spelling,
            constraints=[Begins(tokens.pieces, self.begun, b"\n") for _try in range(settings.tries)],
            **_controls(self.model, settings.temperature),
        )
        return [tokens.decode(one).removeprefix(self.begun.decode()) for one in made]


def cuts(text: str, before: str, after: str) -> list[str]:
    """The beginnings of a filling that can stand between two texts.

    Where lines are missing, up to any line; elsewhere up to any word of the first line, and up to the space behind it
    where what follows brings none.
    """
    from bottega.datasets.passages import HAN, is_character

    if before[-1:] in ("", "\n") and after[:1] in ("", "\n"):
        return [text[: found.end()] for found in re.finditer(r"[^\n](?=\n)", text)]
    text = text.partition("\n")[0]
    ends = rf"[{HAN}]|[^\s{HAN}]+"
    if after[:1].isalnum() and not is_character(after[0]):
        ends = r"(?<=\S)\s+"
    return [text[: found.end()] for found in re.finditer(ends, text)]


def _joined(before: str, after: str) -> str:
    """Two texts, with one space between them where each brings one."""
    return before.rstrip(" ") + after if after[:1].isspace() else before + after


def _model(job: Job, label: str) -> "tuple[TextModel, int | None]":
    """The model, ready to write, and the number of a class. Raises UsageError when it cannot."""
    from bottega.objectives.autoregressive import Autoregressive

    model = job.model
    if model is None or not isinstance(model.objective, Autoregressive):
        raise UsageError(_("This model cannot carry a text on: train one with --recipe gpt on your texts."))
    model.objective.eval().requires_grad_(False)
    return model, int(model.labels(1, job.seed, label)[0]) if label else None


def _controls(model: "TextModel", temperature: float) -> dict[str, float]:
    return {**model.objective.controls, **model.recipe.controls, "temperature": temperature}


CONTINUE = Operation(
    name="continue",
    title=later("Carry a draft on in the voice of a model"),
    inputs=(Input("text", later("The draft: a file, or the words themselves."), kind="text"),),
    settings=ContinueSettings,
    run=carry_on,
    model="required",
    examples=(
        (later("Go on with a draft, three ways"), "continue draft.txt --model my-model --count 3"),
        (later("Go on with a line"), 'continue "The sea at night" --model my-model --length 40'),
    ),
)

INFILL = Operation(
    name="infill",
    title=later("Fill the gaps in a text so that both sides fit"),
    inputs=(Input("text", later("The text with its gaps: a file, or the words themselves."), kind="text"),),
    settings=InfillSettings,
    run=infill,
    model="required",
    examples=((later("Find the missing words"), 'infill "The sea ___ at night." --model my-model'),),
)

"""The craft of texts."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega import events
from bottega.crafts import moods
from bottega.crafts.schemas import TextMaking, TextPreparation
from bottega.crafts.sources import at_hand
from bottega.datasets import texts
from bottega.datasets.texts import PreparedTexts, TextSettings
from bottega.datasets.texts.files import TEXTS
from bottega.datasets.windows import Windows
from bottega.errors import UsageError
from bottega.language import _
from bottega.models.model import Work, class_shares, initialised
from bottega.models.texts import TextModel
from bottega.parts import Catalogue
from bottega.randomness import Random
from bottega.recipes.recipe import Recipe, load
from bottega.representations.tokens import Tokens
from bottega.training.budget import Budget

if TYPE_CHECKING:
    from bottega.datasets.passages import Passages
    from bottega.evaluation.texts.report import TextEvaluation
    from bottega.forms.constraint import Constraint
    from bottega.training.run import Preview, Rows

endings = frozenset(TEXTS)

ROWS = Catalogue(
    "order of rows",
    {
        "windows": "bottega.datasets.windows:Windows",
        "pairs": "bottega.datasets.pairs:Pairs",
        "lines": "bottega.datasets.lines:Lines",
    },
)
"""How works are laid out for training, by the name that recipes use."""

PREVIEW, PREVIEW_LENGTH = 3, 100
"""Texts that training writes again and again from the same noise, and their tokens."""
SAMPLES = 50
"""Texts written to measure a model."""
IDEOGRAPHS, MOSTLY = 0.05, 0.5
"""Shares of Chinese characters from which texts are of two languages, and from which they are written in characters."""
TWO_LANGUAGES = 4
"""How many times as many byte pairs texts of two languages need: each Chinese character is made of two."""
READ_PER_MINUTE = 1_500_000
"""Bytes that ``gpt`` reads in a minute on two cores."""
A_ROW = 600
"""Bytes in one of its rows, about."""
OFTEN, LARGE = 8, 700_000
"""How often all is read before another recipe is better, and the bytes from which that is the larger one."""
LONGEST_FORM = 4000
"""Tokens after which even a form has to be complete."""
BETWEEN = "\n\n* * *\n\n"


Preparation, Making = TextPreparation, TextMaking


def prepare(
    source: Path, wishes: TextPreparation, minutes: float | None, say: events.Listener
) -> tuple[PreparedTexts, dict[str, Any]]:
    """Texts in one file of the cache; ``minutes`` change nothing."""
    given = wishes.model_dump()
    settings = TextSettings(wishes.separate, wishes.column, wishes.target, wishes.class_column)
    return texts.prepare_texts(source, settings, on_progress=lambda *done: say(events.Preparing(*done))), given


def choose(data: PreparedTexts, budget: Budget) -> tuple[str, str]:
    """The recipe for these texts and this time, and why: the larger, or the more careful, the oftener all is read."""
    if data.pairs:
        return "seq2seq", _("because each text has one that answers it.")
    characters = data.report.characters
    size = characters * (1 + 2 * chinese_share(data))  # bytes of UTF-8, about
    steps = budget.in_steps(max(1, round(size / A_ROW)), load("gpt").training.batch)
    seen = READ_PER_MINUTE * (budget.minutes or 0) if steps is None else steps * load("gpt").training.batch * A_ROW
    looks = seen / max(size, 1)
    if looks < OFTEN:
        why = _("because it learns the most from {characters:,} characters in the time.")
        return "gpt", why.format(characters=characters)
    if size >= LARGE:
        why = _("because there is time to read all {characters:,} characters about {looks:.0f} times.")
        return "gpt-large", why.format(characters=characters, looks=looks)
    why = _("because {characters:,} characters would be read about {looks:.0f} times; it learns fewer by heart.")
    return "gpt-small", why.format(characters=characters, looks=looks)


def begin(recipe: Recipe, data: PreparedTexts, seed: int) -> tuple[TextModel, "Rows", Any]:
    """An untrained model with its vocabulary, and the tokens of the training texts."""
    from bottega.forms import lexicon

    steers = moods.steering(data.classes, data.labels, data.moods, data.train)
    tokens = Tokens.learn(_all(data), **vocabulary(recipe, data), words=steers.classes)
    objective = initialised(recipe, tokens, len(steers.classes), seed)
    shares = class_shares(steers.classes, steers.labels, data.train)
    model = TextModel(recipe, tokens, steers.classes, shares, objective)
    model.lexicon, model.moods = lexicon(data.texts(data.train)), steers.moods
    rows = rows_of(recipe, data, steers.labels, tokens)
    model.lead = "\n\n" if data.report.tail and isinstance(rows, Windows) else ""  # other rows begin as works do
    return model, rows, lambda ids: ids


def vocabulary(recipe: Recipe, data: PreparedTexts) -> dict[str, Any]:
    """What kind of tokens, and how many: byte pairs, more of them for two languages; but characters for Chinese."""
    given = dict(recipe.tokens)
    characters = given.pop("characters", 8192)
    if given.get("kind") == "auto":
        share = chinese_share(data)
        given["kind"] = "characters" if share > MOSTLY else "bpe"
        if share > IDEOGRAPHS:
            given["size"] = characters if share > MOSTLY else min(TWO_LANGUAGES * given["size"], characters)
    return given


def chinese_share(data: PreparedTexts) -> float:
    """The share of Chinese characters in the training texts, by the beginnings of some of them."""
    sample = "".join(text[:1000] for text in data.texts(data.train[:: max(1, len(data.train) // 200)]))
    return sum("\u3400" <= letter <= "\u9fff" for letter in sample) / max(1, len(sample))


def _all(data: PreparedTexts) -> Any:
    """Every training text, and those that answer them."""
    yield from data.texts(data.train)
    if data.pairs:
        yield from data.targets(data.train)


def rows_of(recipe: Recipe, data: PreparedTexts, labels: np.ndarray | None, tokens: Tokens) -> "Rows":
    """The training texts as the recipe lays them out.

    Raises:
        UsageError: the recipe names no rows, or pairs are there and it cannot use them.
    """
    assert recipe.rows is not None  # every recipe of texts says it
    known = inspect.signature(ROWS.find(recipe.rows.name)).parameters
    if data.pairs and "targets" not in known:
        message = _("A {recipe} model cannot learn from pairs of texts; take seq2seq, or leave out --target.")
        raise UsageError(message.format(recipe=recipe.name))
    given = {
        "works": [tokens.encode(text) for text in data.texts(data.train)],
        "tokens": tokens,
        "special": tokens.special,
        "labels": None if labels is None else labels[data.train],
        "targets": [tokens.encode(text) for text in data.targets(data.train)] if data.pairs else None,
    }
    return ROWS.build(
        recipe.rows.name, recipe.rows.numbers(), **{word: value for word, value in given.items() if word in known}
    )


def preview(model: TextModel, data: PreparedTexts) -> "Preview | None":
    """Writes the texts of a training's time-lapse, always from the same noise."""
    if not model.makes_works:
        return None
    return lambda _objective: sheet(model.generate(PREVIEW, seed=0, length=PREVIEW_LENGTH))


def make(
    model: TextModel, n: int, seed: int, label: str | None, wishes: TextMaking, works: Path | None, say: events.Listener
) -> list[Work]:
    """New texts, in form where that is wished for."""
    if wishes.rhyme and not wishes.form:
        raise UsageError(_("A rhyme needs a form: name one with --form, such as haiku or couplet."))
    own = {"mood", "prompt", "length", "form", "rhyme", "novel"}
    controls = wishes.model_dump(exclude=own, exclude_none=True)
    if wishes.mood is not None:
        label = of_mood(model, wishes.mood, say)
    learned = collection(model, works, wishes, say) if wishes.novel else None
    passages = None if learned is None else _passages(learned)
    made = model.generate(
        n,
        seed=seed,
        label=label,
        prompt=wishes.prompt,
        length=max(wishes.length, LONGEST_FORM) if wishes.form else wishes.length,
        constraints=lambda number: constraint(model, wishes, passages, seed, number),
        on_text=lambda number, text: say(events.Written(number, text)),
        **controls,
    )
    asked = wishes.model_dump(include={"form", "rhyme", "novel"}, exclude_defaults=True)
    for work in made:
        work.record["parameters"]["controls"] |= asked
        if learned is not None:
            work.record["parameters"]["works"] = learned.fingerprint
    return made


def of_mood(model: TextModel, mood: tuple[float, float], say: events.Listener) -> str:
    """The class nearest to a mood: by what columns told of its works, or else by its name.

    Raises:
        UsageError: neither tells a mood.
    """
    places = model.moods or moods.named(model.classes)
    if not places:
        raise moods.unknown(model.classes)
    label = moods.nearest(places, mood)
    by_works = _("The class nearest to this mood: {label}")
    by_name = _("The class nearest to this mood, by its name: {label}")
    say(events.Said((by_works if model.moods else by_name).format(label=label)))
    return label


def constraint(
    model: TextModel, wishes: TextMaking, passages: "Passages | None", seed: int, number: int
) -> "Constraint | None":
    """What a text has to keep to: its form, and its distance from the texts learned from."""
    from bottega import forms
    from bottega.forms.constraint import together
    from bottega.forms.novel import Novel

    form = novel = None
    if wishes.form:
        random = Random(seed, "form", number)
        form = forms.build(
            wishes.form, model.tokens, random, rhyme=wishes.rhyme, words=model.lexicon, opening=wishes.prompt
        )
    if passages is not None:
        novel = Novel(passages, model.tokens.pieces, model.tokens.encode(wishes.prompt.rstrip(" ")))
    return together([form, novel])


def collection(model: TextModel, works: Path | None, wishes: TextMaking, say: events.Listener) -> PreparedTexts:
    """The texts a model learned from. Raises DataError when nobody says where they are."""
    return prepare(at_hand(works), Preparation(**model.facts["prepared"]), None, say)[0]


def _passages(data: PreparedTexts) -> "Passages":
    from bottega.datasets.passages import Passages

    return Passages(data.texts(data.train))


def sheet(works: list[Work]) -> str:
    """All texts, one after the other."""
    return BETWEEN.join(str(work.content) for work in works)


def beside(path: Path, content: Any, wishes: TextMaking | None = None) -> list[Path]:
    """Nothing: a text is seen as it is."""
    return []


def evaluate(model: TextModel, data: PreparedTexts, n: int | None, seed: int, say: events.Listener) -> "TextEvaluation":
    """Likelihood of held-out texts, and copies."""
    from bottega.evaluation.texts import report

    return report.evaluate(model, data, n=n or SAMPLES, seed=seed)

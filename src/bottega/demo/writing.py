"""Texts in the demo: a model of short poems and prose, what it writes, in which forms, and whether it copies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega.demo.page import Block, Commands, Facts, Folded, Heading, Poem, Poems, Prose, Section, Words, figure
from bottega.events import Said
from bottega.language import _

if TYPE_CHECKING:
    from bottega.models import Model

EACH = 2  # texts of each class that are shown
MEASURED = 40  # texts written for the figures
TEMPERATURE = 0.6  # after so short a training it is the likelier words that make sense together
FORMS = (
    ("haiku", "haiku", Words("A haiku: 5, 7 and 5 syllables", "英文俳句：五、七、五个音节")),
    ("quatrain", "quatrain", Words("A quatrain: 8 syllables a line, ABAB", "英文四行诗：每行八个音节，韵脚 ABAB")),
    ("quatrain5", "wujue", Words("Wujue: 5 characters a line, tones and rhyme kept", "五言绝句：合平仄，押平水韵")),
    ("quatrain7", "qijue", Words("Qijue: 7 characters a line, tones and rhyme kept", "七言绝句：合平仄，押平水韵")),
)  # each with the class that knows its manner
DRAFTS = (
    ("lyric", Words("A first line carried on", "由一句英文开头续写"), "From the harbour wall"),
    ("xinshi", Words("A Chinese first line carried on", "由一句中文开头续写"), "灯塔下面"),
)


@dataclass(frozen=True)
class Writing:
    """What the page tells about texts.

    Attributes:
        originals, new: texts by class.
        forms, carried: what was written in form, and from a first line: a title and the text.
        figures: what ``evaluate`` measured: value and floor by name.
        previews: what it wrote while it learned, at each step.
    """

    originals: Mapping[str, Sequence[str]]
    new: Mapping[str, Sequence[str]]
    forms: Sequence[tuple[Words, str]]
    carried: Sequence[tuple[Words, str]]
    figures: Mapping[str, tuple[float, float | None]]
    previews: Sequence[tuple[int, str]]
    facts: Mapping[str, Any]
    recipe: str


def make(folder: Path, minutes: float, seed: int, say: Callable[[Any], None], count: int) -> Writing:
    """Learns from the built-in texts and writes; a model that is there is not trained anew."""
    from bottega import verbs
    from bottega.datasets.builtin_texts import write_collection
    from bottega.models import load_model

    say(Said(_("Writing {count:,} texts to learn from …").format(count=count)))
    collection, place = write_collection(folder / "texts", count=count), folder / "text-model"
    if (place / "config.json").exists():
        model = load_model(place)
    else:
        model = verbs.train(collection, to=place, minutes=minutes, seed=seed, on_event=say)
    say(Said(_("Writing new texts …")))
    new = {
        name: [
            str(work.content) for work in model.generate(EACH, seed=seed + number, label=name, temperature=TEMPERATURE)
        ]
        for number, name in enumerate(model.classes)
    }
    originals = {
        name: [path.read_text(encoding="utf-8").strip() for path in sorted((collection / name).iterdir())[:EACH]]
        for name in model.classes
    }
    forms = [(title, _one(model, seed, label, form=form)) for form, label, title in FORMS]
    carried = [(title, _one(model, seed, label, prompt=draft)) for label, title, draft in DRAFTS]
    say(Said(_("Measuring …")))
    evaluation = verbs.evaluate(model, against=collection, n=MEASURED, seed=seed, on_event=say)
    figures = {
        name: (figure.value, figure.floor) for name, figure in evaluation.figures.items() if figure.value is not None
    }
    previews = sorted((place / "training" / "previews").glob("*.txt"))
    shown = [(int(path.stem), path.read_text(encoding="utf-8")) for path in (previews[0], previews[len(previews) // 3])]
    return Writing(originals, new, forms, carried, figures, shown, model.facts, model.recipe.name)


def _one(model: "Model", seed: int, label: str, **wishes: Any) -> str:
    from bottega import verbs

    return str(verbs.make_works(model, 1, seed=seed, label=label, temperature=TEMPERATURE, **wishes)[0].content)


def section(made: Writing) -> Section:
    """What the page says about it."""
    facts = made.facts
    blocks: list[Block] = [
        Prose(
            Words(
                f"The same verbs, another medium: {facts['works']['train']:,} short poems and pieces of prose in "
                f"English and Chinese, {facts['minutes']:.1f} minutes, the recipe `{made.recipe}`. On the left is a "
                "text from the collection, on the right are the first ones the model wrote in that class.",
                f"同样的动词，另一种媒介：{facts['works']['train']:,} 篇中英文短诗与短文，{facts['minutes']:.1f} 分钟，"
                f"配方 `{made.recipe}`。左边是原文，右边是模型在该类别里最先写出的几篇。",
            )
        )
    ]
    for name in made.new:
        shown = [Poem(made.originals[name][0], Words("from the collection", "原文"))]
        shown += [Poem(text, Words("new", "新作")) for text in made.new[name]]
        blocks += [Heading(Words(name, name)), Poems(shown)]
    blocks += [
        Heading(Words("In form, by construction", "格律：由构造保证")),
        Prose(
            Words(
                "Syllables, rhymes and tones are kept while the text is written, letter by letter; nothing is thrown "
                "away until it happens to fit.",
                "音节、韵脚与平仄在逐字书写时就得到遵守，而不是写坏了重来、直到碰巧合格。",
            )
        ),
        Poems([Poem(text, title) for title, text in made.forms]),
        Heading(Words("Carried on from a first line", "由一句开头续写")),
        Poems([Poem(text, title) for title, text in made.carried]),
        Heading(Words("Does it copy?", "它在抄袭吗？")),
        Facts(
            [
                (_NAMES[name], figure(*made.figures[name], percent=name == "copies"))
                for name in _NAMES
                if name in made.figures
            ]
        ),
        Folded(
            Words("What it wrote before it had learned", "还没学会时写的"),
            [line for _step, text in made.previews for line in text.splitlines() if line.strip()],
        ),
        Commands(
            [
                (Words("Learn from your own texts:", "用你自己的文字来学习："), "bottega train my-poems --minutes 5"),
                (Words("Write in form:", "按格律写："), "bottega generate my-poems-gpt -n 4 --form haiku"),
                (
                    Words("Carry a draft on:", "续写草稿："),
                    'bottega edit continue "The lamp in the harbour" --model my-poems-gpt',
                ),
            ]
        ),
    ]
    return Section(Words("Texts, in two languages", "文字：两种语言"), blocks)


_NAMES = {
    "nats_per_char": Words(
        "nats a character on unseen texts (texts it learned from)", "未见文本每字奈特数（训练文本）"
    ),
    "copies": Words("share inside copied passages (human texts)", "抄录段落所占比例（真人文本）"),
    "longest_copy": Words("longest copy, in words (human texts)", "最长抄录，词数（真人文本）"),
}

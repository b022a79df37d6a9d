"""Matches are found wherever they stand, however a text is set, and in the works they come from."""

import numpy as np
import pytest

from bottega.datasets.passages import Passages, fold, is_character, spans, suffix_order, units

WORKS = [
    "The sea is calm tonight. The tide is full, the moon lies fair.",
    "白日依山盡,黃河入海流。欲窮千里目,更上一層樓。",
    "“Don't go,” she said; the tide is full.",
    "",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don’t STOP—now!", ["dont", "stop", "now"]),
        ("Café ﬁn, ２１ ÉTÉ", ["cafe", "fin", "21", "ete"]),
        ("春风ab又绿", ["春", "风", "ab", "又", "绿"]),
        ("snake_case  ...", ["snake", "case"]),
        ("e\u0301te\u0301 = été", ["ete", "ete"]),
        ("", []),
    ],
)
def test_a_text_is_read_as_words_and_characters(text: str, expected: list[str]) -> None:
    assert units(text) == expected
    assert [fold(text[first:last]) for first, last in spans(text)] == expected


def test_any_part_of_a_text_folds_as_in_the_whole() -> None:
    text = "İstanbul ﬀ ½ ẞ “naïve” e\u0301 日本語が ㈱ ™"
    assert "".join(map(fold, text)) == fold(text)
    assert [is_character(unit) for unit in ("a", "山", "ab")] == [False, True, False]


def test_suffixes_are_sorted() -> None:
    rng = np.random.default_rng(0)
    for row in (rng.integers(0, 3, 400), np.zeros(50, int), np.arange(9)[::-1], np.array([5]), np.tile([1, 2], 40)):
        suffixes = [tuple(row[at:]) for at in suffix_order(row.astype(np.int32))]
        assert suffixes == sorted(suffixes) and len(suffixes) == len(row)


def test_the_longest_match_and_its_work() -> None:
    passages = Passages(WORKS)
    length, place = passages.longest(units("And THE TIDE, is full? 欲穷千里目，更上一层楼 更上一層樓"))
    assert length.tolist()[:6] == [0, 4, 3, 2, 1, 1]
    assert length[-5:].tolist() == [5, 4, 3, 2, 1]
    assert passages.work_at(int(place[-5])) == (1, 15)
    assert passages.work_at(int(place[1]))[0] in (0, 2)
    assert passages.longest([])[0].tolist() == []
    assert Passages([]).longest(["sea"])[0].tolist() == [0]


def test_the_longest_match_is_what_a_plain_search_finds() -> None:
    rng = np.random.default_rng(1)
    works = [" ".join(rng.choice(list("abcd"), 60)) for _ in range(6)]
    query = list(rng.choice(list("abcde"), 300))
    length, place = (passages := Passages(works)).longest(query)
    for at in range(len(query)):
        most = max(n for n in range(20) if n == 0 or any(" ".join(query[at : at + n]) in work for work in works))
        assert length[at] == min(most, len(query) - at)
        if most:
            work, unit = passages.work_at(int(place[at]))
            assert works[work].split()[unit : unit + length[at]] == query[at : at + length[at]]


def test_a_stretch_narrows_and_tells_what_follows() -> None:
    passages = Passages(WORKS)
    tide = passages.find(["the", "tide"])
    assert tide.high - tide.low == 2
    assert passages.following(tide) == {"is"}
    assert passages.following(passages.find(["tide", "is", "full"])) == {"the"}  # a work's end is followed by nothing
    assert not passages.find(["tide", "the"]) and not passages.find(["unheard"])
    assert passages.following(passages.find(["樓"])) == set()

"""Texts that say the same are found, few others, and soon."""

import random
import time

import numpy as np
import pytest

from bottega.datasets.texts.alike import find_alike, kept, letters, shared, sketches

VOCABULARY = [f"{a}{b}{c}" for a in "bdfgklm" for b in "aeiou" for c in "nrst"]


def text(number: int, words: int = 40) -> str:
    return " ".join(random.Random(number).choices(VOCABULARY, k=words))


def alike(texts: list[str]) -> list[tuple[int, int]]:
    return find_alike(sketches(texts), texts.__getitem__)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("To be, or not to be: that is the question", "TO BE OR NOT TO BE\nthat is the question!"),
        ("野幕蔽琼筵\n羌戎贺劳旋\n醉和金甲舞\n雷鼓动山川", "野幕敞琼筵，羌戎贺劳旋。\n醉和金甲舞，雷鼓动山川。"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ ｗｏｒｄｓ", "full width words"),
        ("x", " X!"),
        (text(1), text(1) + " and one line more"),
        (text(2, 20_000), text(2, 20_000)[3_000:]),
        (text(2, 80_000), text(2, 80_000)[3_001:]),
    ],
)
def test_alike(one, other):
    assert alike(["something else entirely", one, text(77), other, ""]) == [(1, 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (text(1), text(2)),
        ("月落乌啼霜满天\n江枫渔火对愁眠", "月落参横夜已阑\n江枫如火照人寒"),
        ("a man is speaking", "a woman is at the podium speaking"),
        ("x", "y"),
        (text(3), text(3)[:60] + text(4)),
    ],
)
def test_not_alike(one, other):
    assert alike([one, other]) == []


def test_most_shared_are_found_whatever_the_order():
    texts = [text(number) for number in range(1_000)]
    draw = random.Random(0)
    for number in range(1_000):
        words = texts[number].split()
        for _change in range(3):
            words[draw.randrange(40)] = draw.choice(VOCABULARY)
        texts.append(" ".join(words))
    near = [n for n in range(1_000) if shared(kept(texts[n]), kept(texts[n + 1_000])) >= 0.5]
    _pairs, groups = find_alike(sketches(texts), texts.__getitem__)
    assert len(near) > 500 and sum(groups[n] != groups[n + 1_000] for n in near) <= 2
    order = list(range(2_000))
    draw.shuffle(order)
    mixed = [texts[place] for place in order]
    _pairs, again = find_alike(sketches(mixed), mixed.__getitem__)
    together = {frozenset(np.flatnonzero(groups == group).tolist()) for group in groups}
    assert together == {frozenset(order[row] for row in np.flatnonzero(again == group)) for group in again}


def test_a_batch_changes_nothing():
    texts = [text(n, n) for n in range(30)] + ["", "…", "月"]
    alone = np.concatenate([sketches([one]) for one in texts])
    assert (sketches(texts) == alone).all()


def test_letters():
    assert "".join(map(chr, letters("Ab-c\n 9 É…"))) == "abc9é"
    assert "".join(map(chr, letters("月a"))) == "月月a"  # a Chinese character says as much as two letters


def test_shared():
    assert shared(kept(text(1)), kept(text(1))) == 1 and shared(kept(text(1)), kept(text(2))) < 0.05
    long = [" ".join(text(n, 5_000) for n in numbers) for numbers in ([1, 2, 3], [2, 3, 4])]
    assert 0.4 < shared(kept(long[0]), kept(long[1])) < 0.6


def test_many_copies_take_no_time():
    texts = [text(0)] * 5_000 + [text(number) for number in range(1, 500)]
    started = time.process_time()
    pairs = alike(texts)
    assert len(pairs) == 4_999 and time.process_time() - started < 5

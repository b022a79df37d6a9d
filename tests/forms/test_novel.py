"""No text written under the guard holds a long match with the works, whatever writes it and whatever its tokens are."""

import numpy as np
import pytest

from bottega.datasets.passages import Passages, units, weight
from bottega.forms.novel import Novel
from bottega.representations.tokens import Tokens

ENGLISH = [
    "The curfew tolls the knell of parting day, the lowing herd winds slowly o'er the lea; "
    "the ploughman homeward plods his weary way, and leaves the world to darkness and to me.",
    "Now fades the glimmering landscape on the sight, and all the air a solemn stillness holds, "
    "save where the beetle wheels his droning flight, and drowsy tinklings lull the distant folds.",
]
CHINESE = ["白日依山尽，黄河入海流。欲穷千里目，更上一层楼。", "床前明月光，疑是地上霜。举头望明月，低头思故乡。"]


def heaviest(text: str, works: Passages, words: int, characters: int) -> float:
    """The weight of the heaviest match of a text, by looking at every one."""
    found = units(text)
    length, _place = works.longest(found)
    return max(sum(weight(u, words, characters) for u in found[at : at + n]) for at, n in enumerate(length))


def copy_as_well_as_possible(tokens: Tokens, guard: Novel, source: np.ndarray, steps: int, seed: int) -> np.ndarray:
    """A writer who wants nothing but to copy: the source's next token if the guard allows it, else any it allows."""
    rng, written, at = np.random.default_rng(seed), [], 0
    sayable = np.array([bool(piece) for piece in tokens.pieces])
    for _step in range(steps):
        allowed = guard.allowed()
        free = sayable if allowed is None else sayable & allowed
        token = source[at % len(source)]
        if not free[token]:
            token = rng.choice(np.flatnonzero(free))
            if rng.random() < 0.5:
                at += 1
        else:
            at += 1
        guard.take(int(token))
        written.append(token)
    return np.array(written)


@pytest.mark.parametrize("kind", ["bpe", "characters"])
@pytest.mark.parametrize(("works", "limits"), [(ENGLISH, (8, 10)), (CHINESE, (8, 10)), (ENGLISH + CHINESE, (3, 4))])
@pytest.mark.parametrize("size", [0, 420])
def test_no_output_holds_a_long_match(kind, works: list[str], limits: tuple[int, int], size: int) -> None:
    tokens = Tokens.learn(works * 3, kind, size)
    known = Passages(works)
    source = np.concatenate([tokens.encode(work + " ") for work in works])
    best = 0.0
    for seed in range(3):
        guard = Novel(known, tokens.pieces, words=limits[0], characters=limits[1])
        text = tokens.decode(copy_as_well_as_possible(tokens, guard, source, 250, seed))
        best = max(best, heaviest(text, known, *limits))
        assert best < 1 - 1e-9, text
    assert best > 0.65  # and hardly more is forbidden than has to be


def test_a_copier_without_the_guard_copies() -> None:
    known = Passages(ENGLISH)
    assert heaviest(ENGLISH[0], known, 8, 10) > 3


def test_what_stood_there_before_counts() -> None:
    tokens = Tokens.learn(ENGLISH, "bpe", 400)
    opening = "the ploughman homeward plods his weary way"
    guard = Novel(Passages(ENGLISH), tokens.pieces, tokens.encode(opening))
    allowed = guard.allowed()
    assert allowed is not None
    assert not allowed[tokens.encode(" and")[0]]
    assert allowed[tokens.encode(",")[0]] and allowed[tokens.eos] and allowed[tokens.encode(" world")[0]]


def test_far_from_any_copy_everything_is_allowed() -> None:
    tokens = Tokens.learn(ENGLISH, "bpe", 400)
    guard = Novel(Passages(ENGLISH), tokens.pieces)
    for token in tokens.encode("Nothing here was ever written by anybody before today, the curfew"):
        guard.take(int(token))
        assert guard.allowed() is None


def test_a_forbidden_word_may_be_the_beginning_of_another() -> None:
    tokens = Tokens.learn(["the cat sat on a mat"], "characters", 300)
    guard = Novel(Passages(["the cat sat on a mat"]), tokens.pieces, words=3)
    for token in tokens.encode("The cat sa"):
        guard.take(int(token))
    allowed = guard.allowed()
    assert allowed is not None
    assert not allowed[tokens.encode("t")[0]]
    assert allowed[tokens.encode("a")[0]] and allowed[tokens.encode(" ")[0]]

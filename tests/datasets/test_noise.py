import itertools

import numpy as np
import pytest

from bottega.datasets.noise import Seams, with_gaps
from bottega.randomness import Random
from bottega.representations.tokens import Tokens

TEXT = (
    "The sea is grey. “Is it?” asked the gull!\nIt is never still, and so am I.\n\n海上生明月，天涯共此时。情人怨遥夜。"
)


@pytest.fixture(scope="module", params=["bpe", "characters"])
def tokens(request):
    return Tokens.learn([TEXT, TEXT], request.param, 320)


def test_words_begin_where_people_say_they_do(tokens):
    ids, seams = tokens.encode(TEXT), Seams(tokens.pieces)
    starts = [*seams.words(ids).tolist(), len(ids)]
    words = [tokens.decode(ids[a:b]) for a, b in itertools.pairwise(starts)]
    assert words[:4] == ["The", " sea", " is", " grey."]
    assert "It" in words
    assert "".join(words) == TEXT


def test_lines_and_sentences(tokens):
    ids, seams = tokens.encode(TEXT), Seams(tokens.pieces)
    parts = [tokens.decode(ids[a:b]) for a, b in seams.parts(ids, 200)]
    assert parts[0] == "The sea is grey."
    assert "It is never still, and so am I." in parts
    assert not any("\n" in part for part in parts)
    short = seams.parts(ids, 6)
    assert ((short[:, 1] - short[:, 0]) <= 6).all()
    assert ((short[:, 1] - short[:, 0]) > 0).all()
    kept = np.zeros(len(ids), bool)
    for first, last in short:
        kept[first:last] = True
    assert (kept | seams.line[ids]).all()
    assert not len(seams.parts(ids[:0], 6))


def test_gaps_take_the_share_of_words_that_is_asked_for(tokens):
    ids, seams = tokens.encode(" ".join(["one two three\nfour five"] * 20)), Seams(tokens.pieces)
    left, whole = with_gaps(ids, seams, 0.0, tokens.special, Random(1))
    assert left.tolist() == whole.tolist() == ids.tolist()
    kept = [(with_gaps(ids, seams, 0.5, tokens.special, Random(k))[0] != tokens.gap).sum() for k in range(30)]
    assert 0.4 < np.mean(kept) / len(ids) < 0.65
    gone, _whole = with_gaps(ids, seams, 1.0, tokens.special, Random(1))
    assert set(gone.tolist()) == {tokens.gap, *tokens.encode("\n").tolist()}
    assert [len(part) for part in with_gaps(ids[:0], seams, 0.5, tokens.special, Random(1))] == [0, 0]


def test_both_texts_show_where_the_gaps_are(tokens):
    ids, seams = tokens.encode(TEXT), Seams(tokens.pieces)
    for key in range(20):
        left, whole = with_gaps(ids, seams, 0.4, tokens.special, Random(key))
        assert whole[(whole != tokens.gap) & (whole != tokens.middle)].tolist() == ids.tolist()
        open_ = np.cumsum((whole == tokens.gap).astype(int) - (whole == tokens.middle)) > 0
        inside = open_ & (whole != tokens.gap)
        assert left.tolist() == whole[~inside & (whole != tokens.middle)].tolist()
        assert not seams.line[whole[inside]].any()
        assert not ((left[1:] == tokens.gap) & (left[:-1] == tokens.gap)).any()


def test_the_same_key_makes_the_same_gaps(tokens):
    ids, seams = tokens.encode(TEXT), Seams(tokens.pieces)
    first, again, other = (with_gaps(ids, seams, 0.5, tokens.special, Random(key))[0].tolist() for key in (1, 1, 2))
    assert first == again != other

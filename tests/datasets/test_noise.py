import itertools

import numpy as np
import pytest

from bottega.datasets.noise import Seams, noisy
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


def test_how_much_noise_takes(tokens):
    ids, seams = tokens.encode(" ".join(["one two three\nfour five"] * 20)), Seams(tokens.pieces)
    assert (np.sort(noisy(ids, seams, 0.0, tokens.gap, Random(1))) == np.sort(ids)).all()
    left = [(noisy(ids, seams, 0.5, tokens.gap, Random(k)) != tokens.gap).sum() for k in range(30)]
    assert 0.4 < np.mean(left) / len(ids) < 0.65
    gone = noisy(ids, seams, 1.0, tokens.gap, Random(1))
    assert set(gone.tolist()) == {tokens.gap, *tokens.encode("\n").tolist()}
    strange = tokens.encode(" seven")
    assert " seven" in tokens.decode(noisy(ids, seams, 0.9, tokens.gap, Random(2), [strange]))
    assert not len(noisy(ids[:0], seams, 0.5, tokens.gap, Random(1)))


def test_the_same_key_makes_the_same_noise(tokens):
    ids, seams = tokens.encode(TEXT), Seams(tokens.pieces)
    first, again, other = (noisy(ids, seams, 0.5, tokens.gap, Random(key)).tolist() for key in (1, 1, 2))
    assert first == again != other

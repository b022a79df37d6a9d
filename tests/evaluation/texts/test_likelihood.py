"""Nats are counted for each character, the ends of works among them, whatever the tokens."""

import math

import numpy as np
import pytest
from collection import Writer, verses

from bottega.evaluation.texts import likelihood as module
from bottega.evaluation.texts.likelihood import likelihood
from bottega.representations.tokens import Tokens


class Even:
    """Knows nothing: every token is as likely as any other of ``size``."""

    def __init__(self, size: int) -> None:
        self.size = size

    def nats(self, ids, beside=None) -> np.ndarray:
        return np.array([(len(work) + 1) * math.log(self.size) for work in ids])


def test_a_model_that_knows_nothing() -> None:
    tokens = Tokens.learn(["abcd", "山水"], "characters", 300)
    found = likelihood(Even(tokens.size), tokens, ["abcd", "ab", "", "山水"])
    spelled = 5 + 3 + len(tokens.encode("山水")) + 1
    assert found.nats_per_char == pytest.approx(spelled * math.log(tokens.size) / 8)
    assert found.bits_per_byte == pytest.approx(spelled * math.log2(tokens.size) / 12)
    assert found.error is not None and found.error > 0
    assert likelihood(Even(10), tokens, ["abcd"]).error is None


def test_parts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, works = Writer([""]), verses(3, 9)
    whole = likelihood(model.objective, model.representation, works)
    monkeypatch.setattr(module, "TOGETHER", 200)
    parts = likelihood(model.objective, model.representation, iter(works))
    assert np.allclose(whole.nats, parts.nats, rtol=1e-5)
    assert whole.characters.tolist() == parts.characters.tolist() == [len(work) for work in works]


def test_the_class_is_told() -> None:
    model, works = Writer([""], classes=("sad", "glad")), verses(3, 4)
    told = [likelihood(model.objective, model.representation, works, [k] * 4).nats for k in (0, 1, None)]
    assert not np.allclose(told[0], told[1])
    assert np.array_equal(told[2], likelihood(model.objective, model.representation, works).nats)

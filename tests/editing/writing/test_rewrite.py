"""Rewriting and translating: small models that have learned a little, and models that cannot."""

import numpy as np
import pytest
import torch

from bottega.datasets.pairs import Pairs
from bottega.editing.operation import Job
from bottega.editing.writing import rewrite
from bottega.editing.writing.parts import changed, joined, parts
from bottega.errors import UsageError
from bottega.models.texts import TextModel
from bottega.networks.encoder_decoder import EncoderDecoder
from bottega.objectives.base import Objective, OptimizerSettings
from bottega.objectives.translation import Translation
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.tokens import Tokens
from bottega.training.turns import Turn

NOUNS, VERBS = ("sea", "moon", "gull", "stone", "rain", "hill"), ("sings", "sleeps", "waits", "falls", "turns")
LINES = [f"The {noun} {verb} by the {other}." for noun in NOUNS for verb in VERBS for other in NOUNS]
DRAFT = "The sea sings by the hill.\nThe moon sleeps by the rain.\n\nThe gull waits by the stone."


def trained(works, targets=None, classes=(), labels=None, steps=120):
    """A model of these works, for the few seconds a test may take."""
    tokens = Tokens.learn([*works, *(targets or [])], "bpe", 320, classes)
    torch.manual_seed(0)
    network = EncoderDecoder(vocabulary=tokens.size, width=64, encoder=1, decoder=1, heads=2, inner=96, dropout=0.0)
    settings = OptimizerSettings(lr=5e-3, muon=0.02, matrices=True, warmup=0.05, cooldown=0.5)
    objective = Translation(model=network, special=tokens.special, classes=len(classes), optimizers={"model": settings})
    answers = None if targets is None else [tokens.encode(text) for text in targets]
    pairs = Pairs([tokens.encode(text) for text in works], tokens, labels, answers)
    turn = Turn(objective, objective.phases()[0])
    for step in range(steps):
        batch, _labels = pairs.batch((0,), step, 32)
        turn.backward(objective.loss(torch.from_numpy(batch), None, Random(0, step), step / steps)["loss"])
        turn.step(step / steps, 1.0, torch.tensor(1.0))
        turn.close()
    shares = [1 / len(classes)] * len(classes) if classes else []
    return TextModel(load("seq2seq"), tokens, list(classes), shares, objective.eval())


@pytest.fixture(scope="module")
def rewriter():
    return trained(LINES, classes=("day", "night"), labels=np.arange(len(LINES)) % 2)


@pytest.fixture(scope="module")
def translator():
    return trained(LINES, [line.upper() for line in LINES])


def rewritten(model, draft=DRAFT, seed=1, **settings):
    job = Job(seed=seed, model=model)
    return rewrite.rewrite({"text": [draft]}, rewrite.RewriteSettings(**settings), job), job


def test_the_distance_is_what_was_asked_for_and_is_measured(rewriter):
    reached = {}
    for distance in (0.0, 0.2, 0.4):  # of seven words of a line four are always the same
        made, _job = rewritten(rewriter, distance=distance, count=2 if distance else 1)
        steps, words = changed(DRAFT, made.works)
        reached[distance] = sum(steps) / sum(words)
        assert made.facts["distance"] == pytest.approx(reached[distance], abs=0.06)  # there, part by part
    assert reached[0.0] == 0
    assert abs(reached[0.2] - 0.2) < 0.1
    assert abs(reached[0.4] - 0.4) < 0.1


def test_versions_differ_and_keep_their_lines(rewriter):
    made, _job = rewritten(rewriter, distance=0.4, count=3)
    assert len(set(made.works)) == 3
    assert all([bool(line) for line in text.split("\n")] == [True, True, False, True] for text in made.works)
    again, _job = rewritten(rewriter, distance=0.4, count=3)
    assert made.works == again.works
    assert made.works != rewritten(rewriter, seed=2, distance=0.4, count=3)[0].works


def test_a_distance_the_model_cannot_reach_is_said(rewriter):
    _made, job = rewritten(rewriter, draft="Xylophones quarrel quietly.", distance=0.11, count=1)
    assert any("Asked to change 11%" in note for note in job.notes)


def test_classes(rewriter):
    assert rewritten(rewriter, label="night", count=1)[0].works
    with pytest.raises(UsageError, match="no class “noon”"):
        rewritten(rewriter, label="noon")


def test_translation_goes_line_by_line(translator):
    job, shown = Job(model=translator), []
    job.listen = lambda share, text: shown.append((share, text))
    texts = [DRAFT, "The rain turns by the moon."]
    made = rewrite.translate({"text": texts}, rewrite.TranslateSettings(beams=3), job)
    assert [text.count("\n") for text in made.works] == [3, 0]
    right = [
        a == b for one, text in zip(made.works, texts, strict=True) for a, b in zip(one, text.upper(), strict=False)
    ]
    assert np.mean(right) > 0.8
    assert shown[-1] == (1.0, made.works[1])


@pytest.mark.parametrize("empty", ["", "\n \n"])
def test_nothing_to_do(rewriter, translator, empty):
    with pytest.raises(UsageError, match="no words to rewrite"):
        rewritten(rewriter, draft=empty)
    with pytest.raises(UsageError, match="no words to translate"):
        rewrite.translate({"text": [empty]}, rewrite.TranslateSettings(), Job(model=translator))


def test_models_that_cannot(rewriter, translator):
    other = TextModel(load("gpt"), rewriter.tokens, [], [], Objective())
    translated = lambda model: rewrite.translate({"text": ["x"]}, rewrite.TranslateSettings(), Job(model=model))  # noqa: E731
    for call, message in (
        (lambda: rewritten(other), "cannot rewrite: train one"),
        (lambda: translated(other), "cannot translate: train one"),
        (lambda: rewritten(translator), "can translate, not rewrite"),
        (lambda: translated(rewriter), "can rewrite, not translate"),
    ):
        with pytest.raises(UsageError, match=message):
            call()


def test_parts_never_cross_an_empty_line():
    tokens = Tokens.learn([DRAFT], "characters", 320)
    ids = tokens.encode(DRAFT)
    found = [tokens.decode(ids[a:b]) for a, b in parts(ids, tokens, 4, 200)]
    assert found == DRAFT.split("\n\n")
    assert [tokens.decode(ids[a:b]) for a, b in parts(ids, tokens, 1, 200)] == [s for s in DRAFT.split("\n") if s]
    assert parts(ids[:0], tokens, 4, 200) == []


def test_sentences_are_joined_as_their_signs_need_it():
    assert joined(["One.", "Two."]) == "One. Two."
    assert joined(["白日依山尽。", "黄河入海流。"]) == "白日依山尽。黄河入海流。"
    assert joined([]) == ""


def test_how_far_texts_are_from_each_other():
    assert changed("The sea, the sea!", ["the sea, the sea!", "The sea", "A sea, a hill!", ""]) == (
        [0, 4, 3, 6], [6, 6, 6, 6],
    )  # fmt: skip
    assert changed("海上生明月", ["海上升明月"]) == ([1], [5])
    assert changed("", [""]) == ([0], [1])

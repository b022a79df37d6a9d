from types import SimpleNamespace

import pytest
import torch

from bottega.datasets.lines import Lines
from bottega.editing.operation import Job
from bottega.editing.writing.morph import MORPH, MorphSettings, likeness, morph, said_again, smoothest
from bottega.errors import UsageError
from bottega.networks.sentence import Decoder, Encoder, Words
from bottega.objectives.sentences import Sentences
from bottega.randomness import Random
from bottega.representations.tokens import Tokens

LINES = ["the moon is low", "a crow calls once"]
TOKENS = Tokens.learn(LINES * 2, "characters", 400)


@pytest.fixture(scope="module")
def model():
    """A model that has seen two lines often enough to know them."""
    torch.manual_seed(0)
    sizes = {"vocabulary": TOKENS.size, "latent": 4, "width": 24, "embedded": 16, "dropout": 0.0}
    objective = Sentences(
        encoder=Encoder(**sizes),
        decoder=Decoder(**sizes),
        words=Words(vocabulary=TOKENS.size, latent=4, embedded=16),
        special=TOKENS.special,
        free=1.0,
    ).train()
    adam = torch.optim.Adam(objective.parameters(), 2e-2)
    batch = torch.from_numpy(Lines([TOKENS.encode(line) for line in LINES], TOKENS).batch((0,), 0, 2)[0])
    for step in range(80):
        adam.zero_grad()
        objective.loss(batch, None, Random(step), step / 80)["loss"].backward()
        adam.step()
    return SimpleNamespace(objective=objective.eval(), representation=TOKENS, lexicon=" ".join(LINES).split())


def test_the_ends_are_the_lines_as_given(model):
    made = morph({"text": LINES}, MorphSettings(steps=5), Job(model=model))
    lines = made.works[0].split("\n")
    assert (lines[0], lines[-1]) == tuple(LINES)
    assert made.facts == {"first rebuilt": 1.0, "last rebuilt": 1.0}
    assert len(lines) <= 5 and len(set(lines)) == len(lines)


def test_what_the_model_cannot_rebuild_is_shown_beside_what_was_given(model):
    job = Job(model=model)
    made = morph({"text": ["zzz 水", LINES[1]]}, MorphSettings(steps=4), job)
    assert "rebuilds only" in job.notes[0] and "100% of the last" in job.notes[0]
    lines = made.works[0].split("\n")
    assert lines[0] == "zzz 水" and lines[1] != "zzz 水"
    assert made.facts["first rebuilt"] < 1


def test_the_same_seed_gives_the_same_way(model):
    ways = [morph({"text": LINES}, MorphSettings(), Job(seed=3, model=model)).works for _again in range(2)]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("texts", [["", "a crow"], ["  \n", "a crow"]])
def test_an_empty_text_is_a_sentence(model, texts):
    with pytest.raises(UsageError, match="empty"):
        morph({"text": texts}, MorphSettings(), Job(model=model))


def test_another_kind_of_model_is_a_sentence():
    other = SimpleNamespace(objective=torch.nn.Linear(1, 1), representation=TOKENS)
    with pytest.raises(UsageError, match="rnn-vae"):
        morph({"text": LINES}, MorphSettings(), Job(model=other))


def test_of_all_ways_the_one_of_small_and_even_steps_is_taken():
    likely = lambda *texts: [(text, 0.1) for text in texts]  # noqa: E731
    found = [likely("aaaa", "aaab"), likely("bbbb", "aabb"), likely("cccc", "abbb")]
    assert smoothest("aaaa", found, "bbbb") == ["aaaa", "aaab", "aabb", "abbb", "bbbb"]
    assert smoothest("a", [likely("a"), likely("b")], "b") == ["a", "b"]
    assert smoothest("aa", [[("ab", 0.5), ("ba", 0.1)]], "bb") == ["aa", "ba", "bb"]
    assert likeness("abcd", "abce") == 0.75


def test_words_said_again_are_counted():
    assert said_again("秋风吹雨雨") == pytest.approx(1 / 5) and said_again("the world of the World") == pytest.approx(
        2 / 5
    )
    assert said_again("何处是秋风") == said_again("") == said_again("…") == 0


def test_the_operation_takes_two_texts():
    assert MORPH.inputs[0].kind == "text" and (MORPH.inputs[0].least, MORPH.inputs[0].most) == (2, 2)

"""Drafts are carried on letter for letter, gaps filled with what makes the whole text likeliest."""

from itertools import pairwise
from types import SimpleNamespace

import pytest
import torch

from bottega.editing.operation import Job
from bottega.editing.writing.carry_on import CONTINUE, INFILL, cuts
from bottega.errors import UsageError
from bottega.forms.begins import Begins
from bottega.models.texts import TextModel
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.representations.tokens import Tokens

TEXTS = ["The sea is calm tonight, the moon is fair.\nThe tide is full, the wind is low.", "海上生明月，天涯共此时。"]


def make(kind: str = "bpe", infill: float = 0.3, classes: tuple[str, ...] = ()) -> TextModel:
    tokens = Tokens.learn(TEXTS * 4, kind, 340, classes)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        network = Transformer(vocabulary=tokens.size, width=32, layers=1, heads=2, context=32)
        for parameter in network.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
    objective = Autoregressive(model=network, special=tokens.special, classes=len(classes), infill=infill)
    shares = [1 / len(classes)] * len(classes) if classes else []
    return TextModel(SimpleNamespace(name="gpt", controls={}), tokens, list(classes), shares, objective)


def run(operation, text: str, model: TextModel, seed: int = 0, **settings) -> tuple:
    job = Job(seed, model)
    heard: list = []
    job.listen = lambda share, preview: heard.append((share, preview))
    made = operation.run({"text": [text]}, operation.settings(**settings), job)
    return made, job, heard


@pytest.mark.parametrize("kind", ["bpe", "characters"])
@pytest.mark.parametrize("draft", ["The sea is ca", "The tide", "", "海上生明", "strange 龘🙂 ", "The sea.\n"])
def test_a_draft_is_carried_on(kind: str, draft: str) -> None:
    made, _job, heard = run(CONTINUE, draft, make(kind), count=3, length=12)
    assert len(made.works) == 3 and len(set(made.works)) == 3
    assert all(text.startswith(draft.rstrip()) and len(text) >= len(draft.rstrip()) for text in made.works)
    assert heard[-1][1] == made.works[0] or made.works[0].startswith(heard[-1][1])
    assert all(0 <= share <= 1 for share, _text in heard)
    assert all(after.startswith(before) for (_s, before), (_t, after) in pairwise(heard))
    again, _job, _heard = run(CONTINUE, draft, make(kind), count=3, length=12)
    assert again.works == made.works


@pytest.mark.parametrize("kind", ["bpe", "characters"])
def test_a_space_at_the_end_ends_the_word(kind: str) -> None:
    made, _job, _heard = run(CONTINUE, "The sea is ca ", make(kind), count=6, length=8)
    assert all(text.startswith("The sea is ca ") for text in made.works)
    made, _job, _heard = run(CONTINUE, "海上 ", make(kind), count=6, length=8)  # here no space parts words
    assert all(text.startswith("海上") for text in made.works) and not all(text[2:3] == " " for text in made.works)


def test_a_word_that_was_begun_can_end_in_any_way() -> None:
    tokens = make().tokens
    cut = tokens.encode("The sea")[-1]
    begins = Begins(tokens.pieces, tokens.pieces[cut])
    allowed = begins.allowed()
    assert allowed is not None and allowed[cut] and not allowed[tokens.eos]
    said = {tokens.pieces[n] for n in allowed.nonzero()[0]}
    assert b" sea" in said and all(piece.startswith(b" sea") for piece in said)  # " se" would stand for other words
    begins.take(int(cut))
    assert begins.allowed() is None


@pytest.mark.parametrize("kind", ["bpe", "characters"])
def test_gaps_are_filled_and_the_rest_is_kept(kind: str) -> None:
    made, job, heard = run(INFILL, "The sea is ___, the moon\n___\nThe wind.\n", make(kind), tries=4, count=2, length=5)
    assert len(made.works) == 2
    for text in made.works:
        assert text.startswith("The sea is ") and text.endswith("\nThe wind.") and ", the moon\n" in text
        assert "___" not in text
        middle = text.removeprefix("The sea is ").split(", the moon\n")[0]
        assert middle and not text.startswith("The sea is  ")
    assert "likeliest" in job.notes[0] and heard[-1] == (1.0, made.works[0])


def test_the_likeliest_filling_comes_first() -> None:
    model = make()
    made, _job, _heard = run(INFILL, "The sea is [] tonight", model, gap="[]", tries=8, count=4, length=4)
    cost = [model.objective.nats([model.tokens.encode(text)])[0] for text in made.works]
    assert cost == sorted(cost) and len(set(made.works)) == 4
    assert made.facts["nats per character"] == pytest.approx(cost[0] / len(made.works[0]), abs=1e-3)


@pytest.mark.parametrize(
    ("text", "before", "after", "expected"),
    [
        ("is calm to", "sea ", " night", ["is", "is calm", "is calm to"]),
        ("is calm to", "sea ", "night", ["is ", "is calm "]),
        ("明月ab", "海上", "共", ["明", "明月", "明月ab"]),
        ("one two\nthree\nfour", "\n", "\n", ["one two", "one two\nthree"]),
        ("one two\nthree four", "", ".", ["one", "one two"]),
        ("", "a ", " b", []),
    ],
)
def test_a_filling_is_cut_where_the_text_can_go_on(text: str, before: str, after: str, expected: list[str]) -> None:
    assert cuts(text, before, after) == expected


def test_a_model_that_learned_no_gaps_goes_on_from_the_left() -> None:
    made, _job, _heard = run(INFILL, "The sea ___ night", make(infill=0), tries=4)
    assert made.works[0].startswith("The sea ") and made.works[0].endswith(" night")


def test_long_texts_are_read_as_far_as_the_model_sees() -> None:
    made, _job, _heard = run(INFILL, "The sea is " * 40 + "___" + " the moon" * 40, make(), tries=2, length=6)
    assert made.works[0].startswith("The sea is " * 40) and made.works[0].endswith(" the moon" * 40)


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(UsageError, match="no gap"):
        run(INFILL, "no mark", make())
    with pytest.raises(UsageError, match="knows no classes"):
        run(CONTINUE, "a", make(), label="sad")
    other = make()
    other.objective = torch.nn.Linear(1, 1)
    for operation in (CONTINUE, INFILL):
        with pytest.raises(UsageError, match="--recipe gpt"):
            run(operation, "a ___", other)


def test_a_class_can_be_named() -> None:
    model = make(classes=("sad", "glad"))
    made, _job, _heard = run(CONTINUE, "The sea", model, label="glad", length=5)
    assert made.works[0].startswith("The sea")

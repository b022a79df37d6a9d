"""What a model of texts promises of its writing: whole characters, an end where the work ends, and no loops."""

from types import SimpleNamespace

import pytest
import torch

from bottega.forms.begins import Begins
from bottega.models.texts import TextModel
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.representations.tokens import Tokens

TEXTS = ["The sea is calm tonight, the moon is fair.\nThe tide is full.", "海上生明月，天涯共此时。"]


def model(network: torch.nn.Module, tokens: Tokens) -> TextModel:
    objective = Autoregressive(model=network, special=tokens.special)
    return TextModel(SimpleNamespace(name="gpt", controls={}), tokens, [], [], objective)


def untrained(tokens: Tokens, seed: int) -> Transformer:
    """Writes any token at all, the single bytes of Chinese characters among them."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Transformer(vocabulary=tokens.size, width=32, layers=1, heads=2, context=16)


class Circle(torch.nn.Module):
    """Goes round some tokens again and again, by ``pull`` nats likelier than anything else."""

    def __init__(self, tokens: Tokens, circle: list[int], pull: float) -> None:
        super().__init__()
        self.size, self.circle, self.pull = tokens.size, circle, pull
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.eos = tokens.eos

    def begin(self, n: int) -> None:
        return None

    def forward(self, ids, state=None):
        following = dict(zip(self.circle, [*self.circle[1:], self.circle[0]], strict=True))
        logits = torch.zeros(*ids.shape, self.size)
        logits[..., self.eos] = -20
        for place in torch.cartesian_prod(*map(torch.arange, ids.shape)).tolist():
            logits[*place, following.get(int(ids[*place]), self.circle[0])] = self.pull
        return logits, state


@pytest.mark.parametrize("kind", ["bpe", "characters"])
def test_what_is_heard_is_whole_characters_and_the_same_text(kind: str) -> None:
    tokens, heard = Tokens.learn(TEXTS * 3, kind, 300), {}

    def hear(number: int, text: str) -> None:
        assert text and "\ufffd" not in text
        text.encode("utf-8")
        heard[number] = heard.get(number, "") + text

    works = model(untrained(tokens, 0), tokens).generate(
        5, length=150, prompt="海", on_text=hear, temperature=1.0, min_p=0.0
    )
    assert any(ord(letter) > 127 for work in works for letter in str(work.content)[1:])
    for number, work in enumerate(works):
        assert heard[number].strip() == work.content and str(work.content).startswith("海")
        assert "\ufffd" not in str(work.content)


@pytest.mark.parametrize("kind", ["bpe", "characters"])
def test_a_text_that_is_long_enough_ends_with_its_word(kind: str) -> None:
    tokens = Tokens.learn(TEXTS * 3, kind, 300)
    circle = Circle(tokens, [int(n) for n in tokens.encode(" calm")], 50.0)
    for length in range(1, 12):
        heard: list[str] = []
        (work,) = model(circle, tokens).generate(
            1, length=length, temperature=0.0, repeat=0, on_text=lambda _number, text, heard=heard: heard.append(text)
        )
        assert set(str(work.content).split()) <= {"calm"}
        assert "".join(heard).strip() == work.content
        assert length <= len(tokens.encode("".join(heard))) <= length + 7


@pytest.mark.parametrize("kind", ["bpe", "characters"])
@pytest.mark.parametrize("formed", [False, True])
def test_a_space_behind_a_prompt_ends_its_word(kind: str, formed: bool) -> None:
    tokens = Tokens.learn(TEXTS * 3, kind, 300)
    free = (lambda number: Begins(tokens.pieces, b"")) if formed else (lambda number: None)
    works = model(untrained(tokens, 1), tokens).generate(4, prompt="The se ", length=9, constraints=free, min_p=0.0)
    assert all(f"{work.content} ".startswith("The se ") for work in works)


def test_a_text_ends_where_its_work_ends() -> None:
    tokens = Tokens.learn(TEXTS * 3, "bpe", 300)
    ending = Circle(tokens, [int(n) for n in tokens.encode(" tide")] + [tokens.eos], 50.0)
    works = model(ending, tokens).generate(3, length=90, temperature=0.0)
    assert [work.content for work in works] == ["tide"] * 3


@pytest.mark.parametrize("words", [" the", " the sea is", " the tide is full, the moon is fair, the sea is calm"])
@pytest.mark.parametrize("temperature", [0.0, 0.9])
def test_no_loop_goes_on(words: str, temperature: float) -> None:
    tokens = Tokens.learn(TEXTS * 3, "bpe", 320)
    circle = list(dict.fromkeys(int(n) for n in tokens.encode(words)))
    stuck = Circle(tokens, circle, 15.0)
    (work,) = model(stuck, tokens).generate(1, length=200, temperature=temperature)
    ids = tokens.encode(str(work.content)).tolist()
    longest = run = 0
    for now, before in zip(ids[len(circle) :], ids, strict=False):
        run = run + 1 if now == before else 0
        longest = max(longest, run)
    assert longest < 50
    (loop,) = model(stuck, tokens).generate(1, length=200, temperature=0.0, repeat=0)
    assert set(tokens.encode(str(loop.content)).tolist()) <= set(circle) | set(tokens.encode(words.strip()).tolist())

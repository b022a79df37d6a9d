import numpy as np
import pytest
import torch

from bottega.errors import UsageError
from bottega.forms import FORMS, build, check, lexicon
from bottega.forms.tones import tones
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.decoding import write
from bottega.randomness import Random
from bottega.representations.tokens import Tokens

PROSE = (
    "The gardener came at dawn, and Margaret was asleep. I don't know who waters the roses now; it is between you and "
    "me.\nNobody answers! The river carries yesterday's paper boats to the harbour, slowly, slowly.\n"
    "Shall we follow them? Brave little captains: the wind has other plans. We asked Margaret again.\n"
)
POEMS = (
    "白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。\n",
    "朝辞白帝彩云间，千里江陵一日还。\n两岸猿声啼不住，轻舟已过万重山。\n",
)
EVERY = "".join(sorted(c for c in tones() if "\u4e00" <= c <= "\u9fa5"))[::3]
LANGUAGE = {"en": PROSE, "zh": "".join(POEMS)}
CASES = [(name, rhyme) for name, form in FORMS.items() for rhyme in {form.rhyme == "always", form.rhyme != "never"}]


@pytest.fixture(scope="module", params=["characters", "bpe"])
def tokens(request) -> Tokens:
    """A vocabulary that holds both languages, with merges inside words and across characters."""
    return Tokens.learn([PROSE, *POEMS, EVERY] * 3, request.param, 4500 if request.param == "characters" else 900)


@pytest.fixture(scope="module")
def words() -> list[str]:
    return lexicon([PROSE, *POEMS, EVERY])


class Learned:
    """A small network that knows a few works by heart."""

    def __init__(self, tokens: Tokens) -> None:
        torch.manual_seed(0)
        model = Transformer(vocabulary=tokens.size, width=32, layers=1, heads=2, context=64)
        self.writer = Autoregressive(model=model, special=tokens.special)
        works = [[tokens.bos, *tokens.encode(text)[:60], tokens.eos] for text in (PROSE, *POEMS)]
        adam = torch.optim.Adam(self.writer.parameters(), 1e-2)
        for step in range(40):
            for work in works:
                loss = self.writer.loss(torch.tensor([work]), None, Random(step), 0)["loss"]
                adam.zero_grad()
                loss.backward()
                adam.step()
        self.writer.eval()


@pytest.fixture(scope="module")
def learned(tokens) -> Learned:
    return Learned(tokens)


def by_chance(tokens: Tokens, constraint, draw: np.random.Generator) -> str:
    """A text of tokens drawn with equal chances among those that are allowed."""
    ids: list[int] = []
    while not constraint.done:
        token = int(draw.choice(np.flatnonzero(constraint.allowed())))
        if token == tokens.eos:
            break
        constraint.take(token)
        ids.append(token)
    return tokens.decode(ids)


@pytest.mark.parametrize("form, rhyme", CASES)
def test_every_text_written_by_chance_is_in_form(tokens, words, form, rhyme):
    draw = np.random.default_rng(0)
    for n in range(15):
        text = by_chance(tokens, build(form, tokens, Random(n), words=words, rhyme=rhyme), draw)
        assert check(form, text, rhyme) == [], text


@pytest.mark.parametrize("form, rhyme", CASES)
@pytest.mark.parametrize("temperature", [0.0, 0.9, 50.0])
def test_every_text_written_by_a_model_is_in_form(tokens, words, learned, form, rhyme, temperature):
    texts = written(learned, tokens, 4, temperature, lambda n: build(form, tokens, Random(n), words=words, rhyme=rhyme))
    for text in texts:
        assert check(form, text, rhyme) == [], text


@pytest.mark.parametrize(
    "form, opening",
    [
        ("haiku", "Shall we "),
        ("haiku", "Brave fire, don't"),
        ("sonnet", "Brave little Margaret, who water"),
        ("quatrain", "Nobody answers! I don"),
        ("limerick", "Slow"),
        ("limerick", "the sea"),
        ("couplet-en", "I do not know, I do not know the of"),  # a person may end a line as they like
        ("quatrain5", "欲穷"),
        ("quatrain5", "白日依山尽，黄河"),
        ("quatrain7", "朝辞白帝彩云间\n千"),
        ("couplet", "海"),
    ],
)
def test_an_opening_is_carried_on_in_form(tokens, words, learned, form, opening):
    texts = written(
        learned, tokens, 4, 1.0, lambda n: build(form, tokens, Random(n), words=words, opening=opening), opening
    )
    for text in texts:
        assert text.startswith(opening.rstrip()) and check(form, text) == [], text


def written(learned: Learned, tokens: Tokens, n: int, temperature: float, constraint, opening: str = "") -> list[str]:
    start = opening.rstrip(" ")
    openings = [learned.writer.opening(tokens.encode(start))] * n
    constraints = [constraint(number) for number in range(n)]
    made = write(
        learned.writer, openings, Random(0), length=3000, temperature=temperature, min_p=0.0, constraints=constraints
    )
    return [(start + tokens.decode(ids)).strip() for ids in made]


@pytest.mark.parametrize(
    "form, opening, sentence",
    [
        ("quatrain5", "白日依山山", "“白日依山山” cannot begin “quatrain5”, .*: it breaks the form at “山”"),
        ("quatrain5", "白日依山尽黄", "at “黄”"),
        ("quatrain5", "白日x", "at “x”"),
        ("quatrain5", "白日依\n黄河", "“白日依 / 黄河” .* at “白日依”"),
        ("quatrain5", "白日𪚥", "“𪚥” is not in the tables of rhymes"),
        ("quatrain5", "白日依山尽\n黄河入海流\n欲穷千里目\n更上一层楼", "is complete"),
        ("haiku", "The river carries yesterday", "at “ yesterday”"),
        ("haiku", "The xqzzt", "“xqzzt” is not in the dictionary of sounds"),
        ("haiku", "Now 3", "at “3”"),
        ("sonnet", "Shall I compare thee to a silent silence", "at “silence”"),  # nothing rhymes with it
    ],
)
def test_an_opening_that_breaks_the_form_is_refused(tokens, words, form, opening, sentence):
    with pytest.raises(UsageError, match=sentence):
        build(form, tokens, Random(0), words=words, opening=opening)


def test_forms_need_words_of_their_language():
    chinese, english = (Tokens.learn([text] * 3, "characters", 900) for text in (POEMS[0], PROSE))
    with pytest.raises(UsageError, match="“haiku” needs English words"):
        build("haiku", chinese, Random(0), words=lexicon(POEMS))
    with pytest.raises(UsageError, match="“quatrain5” needs Chinese characters that rhyme"):
        build("quatrain5", english, Random(0), words=lexicon([PROSE]))
    with pytest.raises(UsageError, match="“couplet” has no rhyme"):
        build("couplet", chinese, Random(0), words=lexicon(POEMS), rhyme=True)


def test_a_poem_begins_as_chance_has_it(words):
    tokens = Tokens.learn([*POEMS, EVERY] * 3, "characters", 4500)
    draw = np.random.default_rng(0)
    second = [by_chance(tokens, build("couplet", tokens, Random(n), words=words), draw)[1] for n in range(20)]
    assert {"平", "仄"} <= {tones()[character] for character in second}


def test_the_lexicon_keeps_the_capitals_of_names():
    found = lexicon([PROSE, *POEMS, "THE END. ’Tis o’er\nThe pre-war rose--yes"])
    assert found[0] == "the" and {"Margaret", "I", "don't", "nobody", "’tis", "o’er", "yes", "白"} <= {*found}
    assert not {"pre", "war", "The", "Nobody", "Shall", "THE", "margaret"} & {*found}
    assert found.index("slowly") < found.index("little")

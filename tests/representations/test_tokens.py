import itertools

import numpy as np
import pytest

from bottega.errors import DataError
from bottega.representations.tokens import FIXED, Tokens, _parts

ENGLISH = "The sea was calm, the sea was grey.\nAnd nobody's boat went out that day.\n\n" * 30
CHINESE = "床前明月光，疑是地上霜。\n举头望明月，低头思故乡。\n" * 5
ODD = ["", "never seen: ßø 龘 🙂", "<eos><bos>", "a\u0000b", "half \ud800 pair", "\r\n\t  x ", "e\u0301"]


@pytest.fixture(params=["bpe", "characters"])
def tokens(request) -> Tokens:
    return Tokens.learn([ENGLISH, CHINESE], request.param, 400, ["sad", "joyful: yes>"])


def test_whatever_is_typed_comes_back(tokens):
    for text in [ENGLISH, CHINESE, *ODD]:
        ids = tokens.encode(text)
        assert ids.dtype == np.int64 and (ids < tokens.size).all()
        assert ids.min(initial=tokens.size) > max(tokens.special.values())  # nobody can type a special token
        assert tokens.decode(ids) == text.encode("utf-8", "replace").decode()


def test_a_file_keeps_everything(tokens, tmp_path):
    tokens.save(tmp_path)
    again = Tokens.load(tmp_path)
    assert (again.size, again.special, again.words, again.pieces) == (
        tokens.size, tokens.special, tokens.words, tokens.pieces,
    )  # fmt: skip
    assert again.word("joyful: yes>") == again.special["class 1"] == len(FIXED) + 1
    for text in [ENGLISH, CHINESE, *ODD]:
        text = text.encode("utf-8", "replace").decode()
        assert np.array_equal(again.encode(text), tokens.tokenizer.encode(text).ids)


def test_pieces_are_what_tokens_add(tokens):
    ids = tokens.encode(CHINESE + ENGLISH)
    assert b"".join(tokens.pieces[n] for n in ids).decode() == CHINESE + ENGLISH
    assert all(tokens.pieces[n] == b"" for n in tokens.special.values())
    assert len(tokens.pieces) == tokens.size and tokens.size % 8 == 0


def test_half_a_character_is_left_out(tokens):
    ids = tokens.encode("sea 🙂")
    assert tokens.decode(ids[:-1]) == "sea "


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("The sea was calm, nobody's", ["The", "sea", "was", "calm", ",", "nobody's"]),
        ("a--b\nWell-known ßø", ["a--b", "Well-known", "ßø"]),
        ("床前，龘 🙂x", ["床", "前", "，", "龘", "🙂x"]),
    ],
)
def test_a_text_ends_before_what_goes_on_with_no_word(tokens, text, ends):
    ids = tokens.encode(text).tolist()
    cut = [0, *(i for i in range(1, len(ids)) if not tokens.goes_on(ids[i - 1], ids[i])), len(ids)]
    parts = [tokens.decode(ids[a:b]).strip() for a, b in itertools.pairwise(cut)]
    assert [part for part in parts if part] == ends


def test_byte_pairs_are_shorter_and_characters_one_each():
    pairs = Tokens.learn([ENGLISH], "bpe", 400)
    assert len(pairs.encode(ENGLISH)) < len(ENGLISH) / 2
    letters = Tokens.learn([ENGLISH], "characters", 400)
    assert len(letters.encode(ENGLISH)) == len(ENGLISH)


def test_rare_characters_are_spelled():
    tokens = Tokens.learn(["aab"], "characters", 400)
    assert len(tokens.encode("a")) == 1 and len(tokens.encode("b")) == 1 and len(tokens.encode("龘")) == 3
    assert tokens.encode("b")[0] in tokens.spelling and tokens.encode("a")[0] not in tokens.spelling
    assert len(Tokens.learn(["aab"], "bpe", 400).spelling) == 0


def test_the_same_texts_give_the_same_vocabulary():
    one, other = (Tokens.learn([ENGLISH, CHINESE], "bpe", 350) for _try in range(2))
    assert one.tokenizer.to_str() == other.tokenizer.to_str()


def test_long_texts_are_cut_between_words(monkeypatch):
    monkeypatch.setattr("bottega.representations.tokens.CHUNK", 100)
    assert "".join(_parts(ENGLISH)) == ENGLISH and len(list(_parts(ENGLISH))) > 5
    tokens = Tokens.learn([ENGLISH], "bpe", 400)
    assert np.array_equal(tokens.encode(ENGLISH), tokens.tokenizer.encode(ENGLISH).ids)


def test_a_damaged_file_is_a_sentence(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(DataError, match=r"tokenizer\.json"):
        Tokens.load(tmp_path)

"""A model's folder opens in Hugging Face ``transformers``: the same logits, the same tokens, the same text."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bottega.export.huggingface import huggingface_config, write_beside
from bottega.networks.transformer import Transformer
from bottega.objectives.decoding import write
from bottega.randomness import Random
from bottega.representations.tokens import Tokens

STRANGE = "Ünknown “signs” 龘 and\r\n\n  spaces  ▁ 🙂 they're I'LL x2345\u00a0z"


@pytest.fixture
def folder(decoder, tmp_path: Path) -> Path:
    """The model as it lies on the disk, with the names its objective gives the weights."""
    save_file(decoder.objective.state_dict(), tmp_path / "model.safetensors", metadata={"format": "pt"})
    config = {"schema": 1, "recipe": {"name": "gpt"}, **huggingface_config(decoder.network, decoder.tokens.special)}
    (tmp_path / "config.json").write_text(json.dumps(config))
    write_beside(tmp_path, decoder.network, decoder.tokens)
    return tmp_path


def test_the_logits_are_equal(decoder, folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    ids = torch.from_numpy(decoder.tokens.encode("Whether 'tis 白日依山 x" * 9))[None]
    ids = ids[:, : 72 if decoder.network.normed else 24]  # three times the context, where their layout can forget too
    with torch.no_grad():
        ours, _state = decoder.network(ids, decoder.network.begin(1))
        found = theirs(ids).logits
    assert ours.abs().max() > 1
    torch.testing.assert_close(found, ours, rtol=1e-4, atol=1e-4)


def test_the_tokens_are_equal(decoder, folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    for text in (STRANGE, "To be, or not", "欲穷千里目"):
        ids = theirs(text)["input_ids"]
        assert ids == [decoder.tokens.bos, *decoder.tokens.encode(text)]
        assert theirs.decode(ids, skip_special_tokens=True) == text == decoder.tokens.decode(ids)
    assert (theirs.bos_token_id, theirs.eos_token_id) == (decoder.tokens.bos, decoder.tokens.eos)


def test_the_text_is_the_same(decoder, folder: Path) -> None:
    transformers = pytest.importorskip("transformers")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer, written = transformers.AutoTokenizer.from_pretrained(folder), 0
    for prompt in ("To be", "Or not", "", "白日"):
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        found = model.generate(ids, do_sample=False, max_new_tokens=12)[0, ids.shape[1] :].tolist()
        opening = decoder.objective.opening(decoder.tokens.encode(prompt))
        ours = write(decoder.objective, [opening], Random(0), length=12, temperature=0, repeat=0)[0].tolist()
        assert found[: len(ours)] == ours and (found[len(ours) :] or [decoder.tokens.eos])[0] == decoder.tokens.eos
        written += len(ours)
    assert written > 12


def test_a_model_with_classes_begins_with_any(tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    tokens = Tokens.learn(["sea and moon"] * 3, "bpe", 300, ["sad", "glad"])
    write_beside(tmp_path, Transformer(vocabulary=tokens.size, width=32, layers=1, heads=2), tokens)
    (tmp_path / "config.json").write_text('{"model_type": "qwen3"}')
    ids = transformers.AutoTokenizer.from_pretrained(tmp_path)("sea")["input_ids"]
    assert ids == [tokens.bos, tokens.any, *tokens.encode("sea")]


def test_only_what_others_know_is_described(tmp_path: Path) -> None:
    waves = Transformer(vocabulary=300, width=32, layers=1, heads=2, positions="sinusoidal")
    tokens = Tokens.learn(["sea"], "bpe", 300)
    assert huggingface_config(waves, tokens.special) == huggingface_config(torch.nn.Linear(2, 2), {}) == {}
    write_beside(tmp_path, waves, tokens)
    assert list(tmp_path.iterdir()) == []

"""llama.cpp reads the file, splits texts as we do, and writes the same text."""

from itertools import islice, takewhile
from pathlib import Path

import numpy as np
import pytest

from bottega.errors import UsageError
from bottega.export.gguf import write_gguf
from bottega.networks.transformer import Transformer
from bottega.objectives.decoding import write
from bottega.randomness import Random

STRANGE = "Ünknown “signs” 龘 and\r\n\n  spaces   🙂 they're I'LL x2345\u00a0z"


@pytest.fixture
def file(decoder, tmp_path: Path) -> Path:
    pytest.importorskip("gguf", reason="writing GGUF needs the extra “gguf”")
    return write_gguf(tmp_path / "small.gguf", decoder.network, decoder.tokens, "small")


@pytest.fixture
def theirs(file: Path):
    llama_cpp = pytest.importorskip("llama_cpp", reason="running GGUF needs llama-cpp-python, from the extra “gguf”")
    model = llama_cpp.Llama(str(file), n_ctx=64, n_threads=1, logits_all=True, verbose=False)
    yield model
    model.close()


def test_it_says_what_it_holds(decoder, file: Path) -> None:
    import gguf

    reader = gguf.GGUFReader(file)
    assert len(reader.tensors) == len(decoder.network.state_dict())
    assert str(reader.fields["general.architecture"].contents()) == ("qwen3" if decoder.network.normed else "llama")
    assert reader.fields["tokenizer.ggml.bos_token_id"].contents() == decoder.tokens.bos
    assert list(file.parent.iterdir()) == [file]


def test_texts_become_the_same_tokens(decoder, theirs) -> None:
    for text in (STRANGE, "To be, or not to be", "欲穷千里目，更上一层楼。"):
        found = theirs.tokenize(text.encode(), add_bos=True, special=False)
        assert found == [decoder.tokens.bos, *decoder.tokens.encode(text)]
        assert theirs.detokenize(found[1:]).decode() == text


def test_it_writes_the_same_text(decoder, theirs) -> None:
    silent = [number for name, number in decoder.tokens.special.items() if name != "eos"]
    written = 0

    def quiet(ids, scores):
        scores[silent] = -np.inf
        return scores

    for prompt in ("To be", "Or not", "", "白日"):
        opening = decoder.objective.opening(decoder.tokens.encode(prompt))
        ours = write(decoder.objective, [opening], Random(0), length=12, temperature=0, repeat=0)[0].tolist()
        stream = theirs.generate(opening.tolist(), temp=0, repeat_penalty=1.0, logits_processor=[quiet])
        found = list(takewhile(lambda token: token != decoder.tokens.eos, islice(stream, 12)))
        assert found == ours
        written += len(ours)
    assert written > 12


def test_a_network_it_does_not_know(tmp_path: Path, decoder) -> None:
    waves = Transformer(vocabulary=300, width=32, layers=1, heads=2, positions="sinusoidal")
    with pytest.raises(UsageError, match="gpt"):
        write_gguf(tmp_path / "waves.gguf", waves, decoder.tokens, "waves")

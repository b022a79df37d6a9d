"""A model of text as one GGUF file, which llama.cpp and the many programs built on it run.

Byte pairs are split before by GPT-2's rule, which llama.cpp knows as ``gpt-2``; characters with their bytes are what it
knows as a SentencePiece vocabulary without merges.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.errors import UsageError
from bottega.export.huggingface import can_be_exported
from bottega.language import _
from bottega.media.files import whole_file
from bottega.networks.memory import BASE, EPS

if TYPE_CHECKING:
    from torch import nn

    from bottega.representations.tokens import Tokens

NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
NORMAL, CONTROL, UNUSED, BYTE = 1, 3, 5, 6
SPACE = "▁"  # how SentencePiece writes one


def write_gguf(path: Path, network: "nn.Module | None", tokens: "Tokens", name: str) -> Path:
    """Write one file with weights (32 bits) and vocabulary.

    Args:
        path: the file.
        network: a decoder; its weights are written as they are.
        tokens: its vocabulary.
        name: of the model, for people.

    Raises:
        UsageError: a network that llama.cpp does not know, or the package ``gguf`` is missing.
        DataError, OutOfRoom: the file cannot be written.
    """
    if not can_be_exported(network):
        raise UsageError(_("llama.cpp knows no networks of this kind; models of the recipe “gpt” can be exported."))
    try:
        import gguf
    except ImportError as error:
        raise UsageError(_("Writing GGUF needs the package “gguf”: pip install 'bottega[gguf]'.")) from error
    with whole_file(path) as part:
        writer = gguf.GGUFWriter(str(part), "qwen3" if network.normed else "llama")
        writer.add_name(name)
        _describe(writer, network)
        _write_vocabulary(writer, tokens)
        for place, tensor in network.state_dict().items():
            values = tensor.detach().float().cpu().numpy()
            writer.add_tensor(_name(place), _interleaved(place, values, network))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return Path(path)


def _describe(writer: Any, network: Any) -> None:
    side = network.width // network.heads
    writer.add_vocab_size(network.vocabulary)
    writer.add_context_length(network.context)
    writer.add_embedding_length(network.width)
    writer.add_block_count(len(network.model.layers))
    writer.add_feed_forward_length(network.inner)
    writer.add_head_count(network.heads)
    writer.add_head_count_kv(network.heads)
    writer.add_key_length(side)
    writer.add_value_length(side)
    writer.add_rope_dimension_count(side)
    writer.add_rope_freq_base(BASE)
    writer.add_layer_norm_rms_eps(EPS)


def _write_vocabulary(writer: Any, tokens: "Tokens") -> None:
    kept = json.loads(tokens.tokenizer.to_str())
    words, kinds = [f"<unused {n}>" for n in range(tokens.size)], [UNUSED] * tokens.size
    for word, number in tokens.tokenizer.get_vocab().items():
        words[number] = word
        kinds[number] = NORMAL
    for number in tokens.special.values():
        kinds[number] = CONTROL
    if tokens.characters:
        for number in range(len(tokens.special), len(tokens.special) + 256):
            kinds[number] = BYTE
        words = [SPACE if word == " " else f"<{SPACE}>" if word == SPACE else word for word in words]
        writer.add_tokenizer_model("llama")
        writer.add_token_scores([0.0] * tokens.size)
        writer.add_add_space_prefix(False)
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_merges([" ".join(pair) for pair in kept["model"]["merges"]])
    writer.add_token_list(words)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(tokens.bos)
    writer.add_eos_token_id(tokens.eos)
    writer.add_pad_token_id(tokens.pad)
    writer.add_add_bos_token(True)


def _name(place: str) -> str:
    """llama.cpp's name of a tensor."""
    outer = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    if place in outer:
        return outer[place]
    _model, _layers, number, *inside = place.split(".")
    return f"blk.{number}.{NAMES['.'.join(inside[:-1])]}.weight"


def _interleaved(place: str, values: np.ndarray, network: Any) -> np.ndarray:
    """llama.cpp turns neighbouring features together in Llama's layout, where we turn those half a head apart."""
    if network.normed or not place.endswith(("q_proj.weight", "k_proj.weight")):
        return values
    halves = values.reshape(network.heads, 2, -1, values.shape[1])  # (H, 2, D / 2, C)
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(values.shape)

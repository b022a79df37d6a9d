"""What Hugging Face ``transformers`` wants to know of a model of text, so that its Auto classes open the folder.

The weights bear its names already: what is missing are a few words in ``config.json`` and beside it.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from bottega.networks.memory import BASE, EPS
from bottega.networks.transformer import Transformer

if TYPE_CHECKING:
    from torch import nn

    from bottega.representations.tokens import Tokens


def can_be_exported(network: "nn.Module | None") -> "TypeGuard[Transformer]":
    """Whether other programs know this kind of network: a decoder that turns its queries and keys."""
    return isinstance(network, Transformer) and network.turns


def huggingface_config(network: "nn.Module | None", special: dict[str, int]) -> dict[str, Any]:
    """What stands in ``config.json`` beside Bottega's own words; nothing for networks that only Bottega knows.

    Args:
        network: the one with the role ``model``.
        special: numbers of the special tokens, as ``Tokens.special``.
    """
    if not can_be_exported(network):
        return {}
    kind, name = ("qwen3", "Qwen3ForCausalLM") if network.normed else ("llama", "LlamaForCausalLM")
    config = {
        "model_type": kind,
        "architectures": [name],
        "vocab_size": network.vocabulary,
        "hidden_size": network.width,
        "intermediate_size": network.inner,
        "num_hidden_layers": len(network.model.layers),
        "num_attention_heads": network.heads,
        "num_key_value_heads": network.heads,
        "head_dim": network.width // network.heads,
        "hidden_act": "silu",
        "max_position_embeddings": network.context,
        "rms_norm_eps": EPS,
        "rope_theta": BASE,  # transformers 4
        "rope_parameters": {"rope_type": "default", "rope_theta": BASE},  # and 5
        "tie_word_embeddings": True,
        "attention_bias": False,
        "mlp_bias": False,
        "dtype": "float32",
        "bos_token_id": special["bos"],
        "eos_token_id": special["eos"],
        "pad_token_id": special["pad"],
    }
    if network.normed:  # beyond the context each token sees as many before it as with us; Llama cannot say so
        config |= {"use_sliding_window": True, "sliding_window": network.context, "max_window_layers": 0}
    return config


def write_beside(folder: Path, network: "nn.Module | None", tokens: "Tokens") -> None:
    """Write ``tokenizer_config.json`` and ``generation_config.json``, and let ``tokenizer.json`` begin each text.

    A text begins as in training: with ``<bos>`` and, for a model that knows classes, ``<any>``. Nothing is written for
    networks that only Bottega knows.
    """
    from tokenizers.processors import TemplateProcessing

    if not can_be_exported(network):
        return
    head = ["<bos>", "<any>"] if tokens.words else ["<bos>"]
    numbers = {"<bos>": tokens.bos, "<any>": tokens.any}
    text = [*head, "$A"]
    tokens.tokenizer.post_processor = TemplateProcessing(
        single=text, pair=[*text, "$B"], special_tokens=[(name, numbers[name]) for name in head]
    )
    tokens.save(folder)
    special = {f"{name}_token": f"<{name}>" for name in ("bos", "eos", "pad")}
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_max_length": network.context,
        **special,
    }
    silent = [number for name, number in tokens.special.items() if name != "eos"]
    generation = {f"{name}_id": tokens.special[name[:3]] for name in special}
    generation |= {"do_sample": True, "temperature": 0.9, "min_p": 0.02, "suppress_tokens": silent}
    for name, content in (("tokenizer_config", tokenizer), ("generation_config", generation)):
        text_of = json.dumps(content, indent=2, ensure_ascii=False)
        (Path(folder) / f"{name}.json").write_text(text_of, encoding="utf-8")

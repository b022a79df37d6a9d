"""How fast a model writes one text, beside ``generate()`` of ``transformers`` with the same weights; and its memory.

``python -m benchmarks writing_speed [--recipe gpt] [--tokens 400]``. The weights are those of an untrained network made
random, which costs as much as any other; both draw with temperature and min-p. Medians over the tokens of each run,
three runs in turns. Memory is what the process gained from the first thousand tokens to the last of some thousands.
"""

import argparse
import resource
import statistics
import time

import numpy as np
import torch

from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.decoding import write
from bottega.randomness import Random
from bottega.recipes.recipe import load
from bottega.representations.tokens import FIXED

VOCABULARY, RUNS, LONG = 1024, 3, 6000


def clock() -> float:
    """Seconds; with one thread those of the processor, so that others on the machine do not count."""
    return time.thread_time() if torch.get_num_threads() == 1 else time.perf_counter()


def ours(objective: Autoregressive, opening: np.ndarray, tokens: int, seed: int, note=lambda: None) -> float:
    """Median seconds of a token."""
    times = [clock()]

    def tick(_text: int, _token: int) -> None:
        times.append(clock())
        note()

    write(objective, [opening], Random(seed), length=tokens, never=[FIXED.index("eos")], on_token=tick)
    return statistics.median(np.diff(times))


class Ticks:
    """What ``generate()`` streams its tokens to."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, _token: torch.Tensor) -> None:
        """A token came."""
        self.times.append(clock())

    def end(self) -> None:
        """Nothing to do."""


def theirs(model, opening: np.ndarray, tokens: int, seed: int) -> float:
    """Median seconds of a token."""
    torch.manual_seed(seed)
    ticks = Ticks()
    ids = torch.from_numpy(opening)[None]
    model.generate(
        ids, attention_mask=torch.ones_like(ids), min_new_tokens=tokens, max_new_tokens=tokens, do_sample=True,
        temperature=0.9, min_p=0.02, top_k=0, streamer=ticks,
    )  # fmt: skip
    return statistics.median(np.diff(ticks.times[1:]))


def same_weights(network):
    """The network as ``transformers`` runs it."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    config = Qwen3Config(
        vocab_size=network.vocabulary, hidden_size=network.width, intermediate_size=network.inner,
        num_hidden_layers=len(network.model.layers), num_attention_heads=network.heads,
        num_key_value_heads=network.heads, head_dim=network.width // network.heads, rms_norm_eps=1e-6,
        rope_theta=1e4, tie_word_embeddings=True, bos_token_id=0, eos_token_id=1, pad_token_id=2,
    )  # fmt: skip
    model = Qwen3ForCausalLM(config).eval()
    model.load_state_dict(network.state_dict(), strict=False)
    return model


def main() -> None:
    """Both in turns, then a long text."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipe", default="gpt")
    parser.add_argument("--tokens", type=int, default=400)
    given = parser.parse_args()
    torch.manual_seed(0)
    special = {name: n for n, name in enumerate(FIXED)}

    class Vocabulary:
        for_networks = staticmethod(lambda classes: {"vocabulary": VOCABULARY})
        for_objective = staticmethod(lambda: {"special": special})

    objective = load(given.recipe).build(Vocabulary, 0).eval()
    for p in objective.parameters():
        torch.nn.init.normal_(p, std=0.05) if p.ndim > 1 else None
    opening = objective.opening(np.arange(10, 26))
    reference = same_weights(objective.model)
    ours(objective, opening, 20, 0), theirs(reference, opening, 20, 0)
    mine, others = [], []
    for seed in range(RUNS):
        mine.append(ours(objective, opening, given.tokens, seed))
        others.append(theirs(reference, opening, given.tokens, seed))
    fast, slow = 1 / statistics.median(mine), 1 / statistics.median(others)
    size = sum(p.numel() for p in objective.parameters())
    print(f"{given.recipe}: {size:,} numbers, {torch.get_num_threads()} threads, one text\n")
    print("| | tokens/s |\n|---|--:|")
    print(f"| bottega | {fast:,.0f} |\n| transformers.generate | {slow:,.0f} |\n| times | {fast / slow:.1f} |")
    memory: list[int] = []
    peak = lambda: memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # noqa: E731
    ours(objective, opening, LONG, 0, peak)
    context = objective.model.context
    print(f"\nmemory gained from token {context * 4:,} to token {LONG:,}: {memory[-1] - memory[context * 4]:,} kB")


if __name__ == "__main__":
    main()

"""The map of lines beside the plain language model: equal decoders, equal time, the same held-out works.

    python -m benchmarks sentences quatrains_keywords.jsonl --minutes 4

Trains the recipe ``rnn-vae`` and then its decoder without latent space, for the same minutes each, and asks both for
the nats of each held-out work: the plain model exactly, the map by importance weighting. Then it shows what the map
makes of held-out works and of places drawn by chance, unedited.
"""

import json

import numpy as np
import torch

from bottega.crafts import text as craft
from bottega.datasets.lines import cut
from bottega.networks.sentence import Decoder
from bottega.objectives.autoregressive import Autoregressive
from bottega.objectives.decoding import write
from bottega.objectives.sentences import Sentences
from bottega.randomness import Random
from bottega.recipes.recipe import load
from on_texts import arguments, prepared, train

SHOWN = 10


def plain(recipe, tokens, seed: int, optimizer) -> Autoregressive:
    """The recipe's decoder without places, as a language model."""
    torch.manual_seed(seed)
    decoder = Decoder(**recipe.networks["decoder"].numbers() | {"latent": 0, "vocabulary": tokens.size})
    masked = recipe.objective.numbers()["forgotten"]
    return Autoregressive(model=decoder, special=tokens.special, optimizers={"model": optimizer}, masked=masked)


def show(objective: Sentences, tokens, texts: list[str], seed: int) -> None:
    """Held-out works and what comes back of them; then works by chance."""
    random, nothing = Random(seed, "shown"), np.empty(0, np.int64)
    z = objective.locate([tokens.encode(text) for text in texts])
    print("\nheld-out works → rebuilt")
    for text, ids in zip(texts, objective.decode(z, random, length=80), strict=True):
        print(f"  {in_a_row(text)} → {in_a_row(tokens.decode(ids))}")
    writer = objective.writer(SHOWN, random)
    print(f"\ndrawn by chance (seed {seed})")
    for ids in write(writer, [writer.opening(nothing)] * SHOWN, random, length=80, temperature=0.7):
        print(f"  {in_a_row(tokens.decode(ids))}")


def in_a_row(text: str) -> str:
    return text.strip().replace("\n", " / ")


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--samples", type=int, default=128, help="places tried for each held-out work")
    parser.add_argument("--works", type=int, default=1000, help="held-out works, at most")
    parser.add_argument("--set", action="append", default=[], help="a number of the recipe, such as objective.free=0.2")
    chosen = parser.parse_args()
    data = prepared(chosen)
    recipe = load("rnn-vae", dict(pair.split("=", 1) for pair in chosen.set))
    model, rows, _encode = craft.begin(recipe, data, chosen.seed)
    tokens, objective = model.tokens, model.objective
    held_out = list(data.texts(data.held_out[: chosen.works]))
    length = recipe.rows.numbers()["length"]
    ids = [row for found in cut([tokens.encode(text) for text in held_out], tokens.pieces, length) for row in found]
    print(f"{len(rows)} rows, {len(ids)} held out, {tokens.size} tokens, {chosen.minutes:g} minutes each", flush=True)
    steps = train(objective, rows, recipe, chosen.minutes, chosen.seed)
    report = objective.report(ids, samples=chosen.samples)
    other = plain(recipe, tokens, chosen.seed, objective.optimizers["autoencoder"])
    other_steps = train(other, rows, recipe, chosen.minutes, chosen.seed)
    nll = float(other.nats(ids).mean())
    print("\n| model | steps | NLL | -ELBO | KL | MI | AU |\n|---|--:|--:|--:|--:|--:|--:|")
    print(f"| plain RNN | {other_steps} | {nll:.2f} | – | – | – | – |")
    units = f"{report.active} / {report.units}"
    figures = f"{report.nll:.2f} | {report.bound:.2f} | {report.kl:.2f} | {report.information:.2f} | {units}"
    print(f"| rnn-vae | {steps} | {figures} |")
    print(f"\nNLL rnn-vae / plain RNN: {report.nll / nll:.4f}", flush=True)
    show(objective, tokens, [tokens.decode(work) for work in ids[:SHOWN]], chosen.seed)
    if chosen.json:
        figures = {"plain": nll, **vars(report), "ratio": report.nll / nll, "minutes": chosen.minutes}
        chosen.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

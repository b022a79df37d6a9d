"""Translation: the recipe seq2seq on aligned files, scored with sacrebleu, and PyTorch's own Transformer beside it.

    python -m benchmarks translation FOLDER [--minutes 20] [--baseline] [--steps N]

FOLDER holds ``train.de``, ``train.en``, ``test_2016_flickr.de`` and ``.en`` (Multi30k, task 1; other names with
``--pair`` and ``--test``). The minutes hold everything: learning the vocabulary from the training pairs, and training
on all of them. The test is translated line by line, greedily and with five beams; BLEU and chrF are those of sacrebleu
with its defaults (cased, 13a, one reference), on the text as it stands in the files.

``--baseline`` trains ``torch.nn.Transformer`` of the same width, depth and vocabulary for as long, as tutorials do:
Adam (0.9, 0.98) with the schedule of Vaswani et al. 2017, dropout 0.1, label smoothing 0.1, 128 pairs at a time in
random order, and greedy decoding that computes everything again for each token.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from sacrebleu.metrics import BLEU, CHRF
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from bottega.datasets.pairs import Pairs
from bottega.models.model import initialised
from bottega.networks.transformer import waves
from bottega.objectives.translation import Translation
from bottega.recipes.recipe import load
from bottega.representations.tokens import Tokens
from bottega.training.loop import Budget, TrainingSettings, fit

SHOWN = 10
BATCH, WARMUP = 128, 4000  # of the baseline


class Plain(nn.Module):
    """``torch.nn.Transformer`` between shared embeddings and a linear layer."""

    def __init__(self, tokens: Tokens, width: int, layers: tuple[int, int], heads: int, inner: int) -> None:
        super().__init__()
        self.special, self.width = tokens.special, width
        self.embedding = nn.Embedding(tokens.size, width, padding_idx=tokens.pad)
        nn.init.normal_(self.embedding.weight, std=width**-0.5)
        self.transformer = nn.Transformer(width, heads, *layers, inner, dropout=0.1, batch_first=True)
        self.dropout, self.out = nn.Dropout(0.1), nn.Linear(width, tokens.size)

    def embed(self, ids: Tensor) -> Tensor:
        places = torch.cat(waves(0, ids.shape[1], self.width, ids.device), 1)
        return self.dropout(self.embedding(ids) * self.width**0.5 + places)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        there, ahead = source == self.special["pad"], nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        features = self.transformer(
            self.embed(source),
            self.embed(target),
            tgt_mask=ahead,
            src_key_padding_mask=there.float() * -1e9,
            memory_key_padding_mask=there.float() * -1e9,
            tgt_is_causal=True,
        )
        return self.out(features)

    @torch.no_grad()
    def answers(self, sources: list[np.ndarray], *, beams: int) -> list[np.ndarray]:
        """Greedy answers, 100 at a time; ``beams`` is not offered."""
        found = []
        for first in range(0, len(sources), 100):
            source = padded(sources[first : first + 100], self.special["pad"])
            target = torch.full((len(source), 1), self.special["bos"])
            while target.shape[1] < 2 * source.shape[1] + 10 and not (target == self.special["eos"]).any(1).all():
                target = torch.cat([target, self(source, target)[:, -1:].argmax(2)], 1)
            for row in target[:, 1:].tolist():
                found.append(np.array(row[: row.index(self.special["eos"])] if self.special["eos"] in row else row))
        return found


def padded(texts: list[np.ndarray], pad: int) -> Tensor:
    return pad_sequence([torch.from_numpy(text) for text in texts], batch_first=True, padding_value=pad)


def train_plain(pairs: Pairs, tokens: Tokens, recipe, budget: Budget, began: float) -> tuple[Plain, int]:
    """The baseline after as long a training, and its steps."""
    numbers = recipe.networks["model"].numbers()
    torch.manual_seed(0)
    layers = (numbers["encoder"], numbers["decoder"])
    model = Plain(tokens, numbers["width"], layers, numbers["heads"], numbers["inner"])
    adam = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9)
    order, steps = np.random.default_rng(0), 0
    while steps < (budget.steps or 10**9) and time.perf_counter() - began < 60 * (budget.minutes or 1e9):
        steps += 1
        adam.param_groups[0]["lr"] = model.width**-0.5 * min(steps**-0.5, steps * WARMUP**-1.5)
        rows = order.integers(len(pairs), size=BATCH)
        source = padded([np.append(pairs.works[row], tokens.eos) for row in rows], tokens.pad)
        target = padded([np.concatenate([[tokens.bos], pairs.targets[row], [tokens.eos]]) for row in rows], tokens.pad)
        logits = model(source, target[:, :-1])
        wanted = target[:, 1:].flatten()
        loss = cross_entropy(logits.flatten(0, 1), wanted, ignore_index=tokens.pad, label_smoothing=0.1)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return model.eval(), steps


def train_ours(pairs: Pairs, tokens: Tokens, recipe, budget: Budget, seed: int) -> tuple[Translation, int]:
    """The recipe in the real loop, and its steps."""
    objective = initialised(recipe, tokens, 0, seed)
    settings = TrainingSettings(recipe.training.batch, recipe.training.ema, previews=0, seed=seed, report_seconds=60)
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit(
            objective,
            pairs,
            lambda ids: ids,
            settings,
            budget,
            Path(folder) / "run",
            description={},
            resume=False,
            on_event=tell,
        )
    return objective.requires_grad_(False), outcome.steps


def tell(event) -> None:
    """The losses, now and then."""
    if hasattr(event, "losses"):
        shown = ", ".join(f"{name} {value:.3f}" for name, value in event.losses.items())
        print(f"  step {event.step}: {shown}", flush=True)


def row(name: str, steps: int, model, tokens: Tokens, source: list[str], target: list[str], beams: int) -> list[str]:
    """A line of the table, printed; the translations."""
    sources = [np.append(tokens.encode(text), tokens.eos) for text in source]
    began = time.perf_counter()
    made = [tokens.decode(ids) for ids in model.answers(sources, beams=beams)]
    rate = len(made) / (time.perf_counter() - began)
    bleu, chrf = BLEU().corpus_score(made, [target]).score, CHRF().corpus_score(made, [target]).score
    print(f"| {name} | {steps} | {bleu:.2f} | {chrf:.2f} | {rate:.1f} |", flush=True)
    return made


def lines(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pair", nargs=2, default=("de", "en"), help="endings of the two sides")
    parser.add_argument("--test", default="test_2016_flickr", help="stem of the files to translate")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--steps", type=int, help="instead of minutes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="a number of the recipe, as training.batch=64")
    parser.add_argument("--baseline", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    recipe = load("seq2seq", dict(one.split("=", 1) for one in chosen.set))
    began = time.perf_counter()
    first, second = (lines(chosen.folder / f"train.{ending}") for ending in chosen.pair)
    tokens = Tokens.learn([*first, *second], "bpe", recipe.tokens["size"])
    length = recipe.rows.numbers()["length"]
    pairs = Pairs([tokens.encode(t) for t in first], tokens, targets=[tokens.encode(t) for t in second], length=length)
    used = time.perf_counter() - began
    print(f"{len(pairs)} pairs, {tokens.size} tokens, {used:.0f} s until training", flush=True)
    left = Budget(steps=chosen.steps) if chosen.steps else Budget(minutes=chosen.minutes - used / 60)
    objective, steps = train_ours(pairs, tokens, recipe, left, chosen.seed)
    source, target = (lines(chosen.folder / f"{chosen.test}.{ending}") for ending in chosen.pair)
    print("\n| model | steps | BLEU | chrF | sentences/s |\n|---|--:|--:|--:|--:|")
    row("seq2seq, greedy", steps, objective, tokens, source, target, 1)
    made = row("seq2seq, 5 beams", steps, objective, tokens, source, target, 5)
    if chosen.baseline:
        plain, steps = train_plain(pairs, tokens, recipe, left, time.perf_counter())
        row("torch.nn.Transformer, greedy", steps, plain, tokens, source, target, 1)
    print("\nThe first, unedited:")
    for one, answer, wanted in list(zip(source, made, target, strict=True))[:SHOWN]:
        print(f"  {one}\n    → {answer}\n    = {wanted}")


if __name__ == "__main__":
    main()

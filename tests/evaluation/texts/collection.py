"""A collection of texts in memory, and models that write what they are told to."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import numpy as np
import torch

from bottega.datasets.texts import PreparedTexts
from bottega.networks.transformer import Transformer
from bottega.objectives.autoregressive import Autoregressive
from bottega.representations.tokens import Tokens

WORDS = "sea moon tide stone wind gull salt night rain lamp door song field owl frost path"


def verses(seed: int, count: int, lines: int = 4) -> list[str]:
    """Poems of chance words: two of different seeds have hardly a run of four words in common."""
    rng = np.random.default_rng(seed)
    return ["\n".join(" ".join(rng.choice(WORDS.split(), 6)) for _ in range(lines)) for _ in range(count)]


class Collection(PreparedTexts):
    """What a prepared collection offers, of texts in memory."""

    pairs, moods, fingerprint = False, None, "these works"

    def __init__(self, train: Sequence[str], held_out: Sequence[str], labels: Sequence[int] | None = None) -> None:
        self.all = [*train, *held_out]
        self.names = [f"{i}.txt" for i in range(len(self.all))]
        self.train, self.held_out = np.arange(len(train)), np.arange(len(train), len(self.all))
        self.classes = [] if labels is None else [f"class {k}" for k in range(max(labels) + 1)]
        self.labels = None if labels is None else np.array(labels, np.int64)

    def __len__(self) -> int:
        return len(self.all)

    def text(self, row: int) -> str:
        return self.all[row]

    def targets(self, rows) -> Iterator[str]:
        return (self.all[row].upper() for row in rows)


class Writer:
    """A model as far as ``evaluate`` can see: it writes given texts, and foresees with a small untrained network."""

    makes_works = True
    recipe = SimpleNamespace(rows=None)

    def __init__(self, texts: Sequence[str], classes: Sequence[str] = ()) -> None:
        self.texts, self.classes = texts, list(classes)
        self.facts = {"fingerprint": Collection.fingerprint}
        self.representation = Tokens.learn(verses(0, 30), "bpe", 300, classes)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = Transformer(vocabulary=self.representation.size, width=32, layers=1, heads=2, context=32)
        self.objective = Autoregressive(model=network, special=self.representation.special, classes=len(classes)).eval()

    def generate(self, n: int, *, seed: int = 0) -> list[SimpleNamespace]:
        return [SimpleNamespace(content=self.texts[i % len(self.texts)]) for i in range(n)]

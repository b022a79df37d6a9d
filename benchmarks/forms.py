"""How long a form takes to say what may follow, and how many texts are in form; how many by people are.

``python -m benchmarks forms TEXTS [--texts 40]``, where TEXTS holds ``tinyshakespeare.txt`` and
``quatrains_keywords.jsonl``. The texts are drawn with equal chances among the tokens allowed, which is the hardest
case: no model helps, and no two go the same way. Seconds are those of the processor.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from bottega.forms import FORMS, build, check, lexicon
from bottega.randomness import Random
from bottega.representations.tokens import Tokens

VOCABULARIES = {"zh": (("characters", 8192), ("bpe", 4096)), "en": (("characters", 300), ("bpe", 1024), ("bpe", 4096))}


def by_chance(form: str, tokens: Tokens, words: list[str], seed: int) -> tuple[str, list[float]]:
    """A text, and the seconds of each mask."""
    draw, ids, seconds = np.random.default_rng(seed), [], []
    constraint = build(form, tokens, Random(seed), words=words)
    while not constraint.done:
        begin = time.process_time()
        allowed = constraint.allowed()
        seconds.append(time.process_time() - begin)
        token = int(draw.choice(np.flatnonzero(allowed)))
        if token == tokens.eos:
            break
        constraint.take(token)
        ids.append(token)
    return tokens.decode(ids), seconds


def measure(language: str, texts: list[str], n: int) -> None:
    """Print a row for each vocabulary and form."""
    words = lexicon(texts)
    for kind, size in VOCABULARIES[language]:
        tokens = Tokens.learn(texts, kind, size)
        for form in (name for name, form in FORMS.items() if form.language == language):
            begin = time.process_time()
            build(form, tokens, Random(0), words=words)
            start = time.process_time() - begin
            made = [by_chance(form, tokens, words, seed) for seed in range(n)]
            good = sum(check(form, text) == [] for text, _seconds in made)
            mask = 1e3 * np.mean([second for _text, seconds in made for second in seconds])
            print(f"| {kind}, {tokens.size} | {form} | {start:.2f} s | {mask:.2f} ms | {good} of {n} |", flush=True)


def people(poems: list[str]) -> None:
    """Print how many quatrains by people keep the rule."""
    for length in (5, 7):
        mine = [poem for poem in poems if {len(line) for line in poem.split("\n")} == {length}]
        good = sum(check(f"quatrain{length}", poem) == [] for poem in mine)
        print(f"by people: {good} of {len(mine)} quatrains of {length} characters a line are regulated")


def main() -> None:
    """Measure both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--texts", dest="n", type=int, default=40)
    given = parser.parse_args()
    print("| vocabulary | form | tables | a mask | in form |\n|---|---|---|---|---|")
    measure("en", [(given.texts / "tinyshakespeare.txt").read_text(encoding="utf-8")], given.n)
    lines = (given.texts / "quatrains_keywords.jsonl").read_text(encoding="utf-8").splitlines()
    poems = [json.loads(line)["content"].replace("|", "\n") for line in lines]
    measure("zh", poems, given.n)
    people(poems)


if __name__ == "__main__":
    main()

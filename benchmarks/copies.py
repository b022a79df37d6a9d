"""The copy audit: how long it takes, and what works score that nobody can have copied.

    python -m benchmarks copies FILE [FILE …] [--megabytes 100] [--length 370]

Of each file the last tenth is held out (of a .jsonl file with a column "poem", "content" or "text" every tenth record);
pieces of it, as long as a new text would be, are searched for passages of the rest. Then a library of so many megabytes
is made of words of the first file, pasted together anew, and searched as well.
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np

from bottega.datasets.passages import Passages, units
from bottega.evaluation.texts.copies import as_long_as, audit
from bottega.evaluation.texts.report import repetition

PIECES = 300


def parts(file: Path) -> tuple[list[str], list[str]]:
    """Texts to learn from, and texts held out."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".jsonl":
        cut = len(text) - len(text) // 10
        return [text[:cut]], [text[cut:]]
    rows = [json.loads(line) for line in text.splitlines()]
    works = [next(row[name] for name in ("poem", "content", "text") if name in row).replace("|", "\n") for row in rows]
    return [work for i, work in enumerate(works) if i % 10], works[::10]


def library(file: Path, megabytes: float, seed: int) -> list[str]:
    """New texts of about a megabyte each, made of runs of 3 to 11 words of a file."""
    rng, words, made = np.random.default_rng(seed), np.array(units(file.read_text(encoding="utf-8"))), []
    while sum(map(len, made)) < megabytes * 1e6:
        starts, lengths = rng.integers(0, len(words) - 12, 27_000), rng.integers(3, 12, 27_000)
        made.append(" ".join(" ".join(words[a : a + n]) for a, n in zip(starts, lengths, strict=True)))
    return made


def line(name: str, train: list[str], texts: list[str]) -> None:
    """Build, search, and print a row."""
    began = time.process_time()
    passages = Passages(train)
    built = time.process_time()
    found = audit(texts, passages)
    searched = time.process_time()
    size = sum(map(len, train)) / 1e6
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{name:<28}{size:>8.2f}{built - began:>9.2f}{searched - built:>9.2f}{memory:>8.2f}{len(texts):>7}"
        f"{found.share:>8.2%}{found.copied:>8.1%}{found.most:>9}{repetition(texts):>11.2%}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks copies", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--length", type=int, default=370, help="characters of a piece; shorter works stay whole")
    chosen = parser.parse_args()
    names = ("M chars", "index s", "audit s", "GB", "pieces", "copied", "pieces", "longest", "repetition")
    print(f"{'':<28}" + "".join(f"{name:>{w}}" for name, w in zip(names, (8, 9, 9, 8, 7, 8, 8, 9, 11), strict=True)))
    for file in chosen.files:
        train, held_out = parts(file)
        line(file.name, train, as_long_as(["x" * chosen.length] * PIECES, held_out))
    pieces = as_long_as(["x" * chosen.length] * PIECES, parts(chosen.files[0])[1])
    line(f"{chosen.megabytes:g} MB pasted together", library(chosen.files[0], chosen.megabytes, 0), pieces)


if __name__ == "__main__":
    main()

"""Does a poem have the mood it was asked for? A judge that learned from real poems says.

    python -m benchmarks mood quatrains_sentiment.jsonl --minutes 4 [--more quatrains_keywords.jsonl]

The poems are split three ways: the recipe ``gpt`` learns from the first part, with the five moods as classes; the
judge, naive Bayes over characters and pairs of them, from the poles of the second (negative: 1 and 2, positive: 4 and
5), which the model never sees; the third says how often the judge is right about real poems. Then the model writes as
many negative as positive poems at every strength of guidance, and the judge says whether they are what was asked for.

``--more`` adds poems without a mood to the first part, but for those that stand in the others.
"""

import argparse
import json
import math
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np

from bottega import verbs
from bottega.datasets.passages import Passages
from bottega.evaluation.texts.copies import as_long_as, audit
from bottega.randomness import Random

SHARES = (0.7, 0.2, 0.1)  # of the model, of the judge, of the judge's examination
POLES = {"negative": ("1", "2"), "positive": ("4", "5")}


def read(file: Path) -> list[tuple[str, str | None]]:
    """Poems, a line of verse on each line, and their moods as far as they are known."""
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        mood = row.get("setiments", {}).get("holistic")
        found.append((row.get("poem", row.get("content")).replace("|", "\n"), mood))
    return found


def split(poems: list[tuple[str, str | None]], seed: int) -> list[list[tuple[str, str | None]]]:
    """Three parts by poem; a poem that shares a line with one of an earlier part is left out of the later ones."""
    order = Random(seed, "split").permutation(len(poems)).tolist()
    cuts = [round(sum(SHARES[:k]) * len(poems)) for k in range(len(SHARES) + 1)]
    seen: set[str] = set()
    parts = []
    for first, last in pairwise(cuts):
        part = [poems[i] for i in order[first:last] if not seen & set(poems[i][0].split("\n"))]
        seen |= {line for text, _mood in part for line in text.split("\n")}
        parts.append(part)
    return parts


class Judge:
    """Naive Bayes: which of two poles the characters of a poem, and their pairs, speak for."""

    def __init__(self, poems: list[tuple[str, str | None]], smooth: float = 1.0) -> None:
        counts = {pole: Counter[str]() for pole in POLES}
        sizes = Counter[str]()
        for text, mood in poems:
            for pole in (name for name, moods in POLES.items() if mood in moods):
                counts[pole].update(signs(text))
                sizes[pole] += 1
        known = [sign for sign, n in sum(counts.values(), Counter()).items() if n > 1]
        negative, positive = counts.values()
        total = sizes["negative"] + 2 * smooth, sizes["positive"] + 2 * smooth
        self.prior = math.log(sizes["positive"] / sizes["negative"])
        self.speaks = {
            sign: math.log((positive[sign] + smooth) / total[1]) - math.log((negative[sign] + smooth) / total[0])
            for sign in known
        }

    def __call__(self, text: str) -> str:
        said = self.prior + sum(self.speaks.get(sign, 0.0) for sign in signs(text))
        return "positive" if said > 0 else "negative"


def signs(text: str) -> set[str]:
    """Characters, and pairs that stand side by side in a line."""
    lines = text.split("\n")
    return {line[i : i + n] for line in lines for n in (1, 2) for i in range(len(line) - n + 1)}


def collection(folder: Path, poems: list[tuple[str, str | None]], more: list[str]) -> Path:
    """The file the model learns from."""
    rows = [{"text": text, "label": mood} for text, mood in poems] + [{"text": text} for text in more]
    file = folder / "poems.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return file


def poems_of(model, pole: str, n: int, seed: int, guidance: float) -> list[str]:
    """Poems of one pole; its two moods come as often as among real poems."""
    shares = np.array([model.class_shares[model.classes.index(mood)] for mood in POLES[pole]])
    counts = np.round(n * shares / shares.sum()).astype(int)
    return [
        str(work.content)
        for mood, count in zip(POLES[pole], counts, strict=True)
        for work in model.generate(int(count), seed=seed, label=mood, length=60, guidance=guidance)
    ]


def in_shape(text: str) -> bool:
    """Four lines of five or of seven characters."""
    return [len(line) for line in text.split("\n")] in ([5] * 4, [7] * 4)


def measure(model, judge: Judge, train: list[str], n: int, seed: int, guidance: float) -> dict:
    """What the judge says of new poems, and whether they are poems of the model's own."""
    made = {pole: poems_of(model, pole, n, seed, guidance) for pole in POLES}
    agrees = {pole: float(np.mean([judge(text) == pole for text in texts])) for pole, texts in made.items()}
    texts = [text for both in made.values() for text in both]
    copied = audit(texts, Passages(train))
    return {
        "guidance": guidance,
        "poems": len(texts),
        "agreement": sum(agrees.values()) / 2,
        **agrees,
        "in shape": float(np.mean([in_shape(text) for text in texts])),
        "copied": copied.copied,
        "longest copy": copied.most,
        "shown": {pole: both[:2] for pole, both in made.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks mood", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--more", type=Path, help="poems without a mood, to learn verse from")
    parser.add_argument("--minutes", type=float, default=4, help="of training")
    parser.add_argument("--steps", type=int, help="of training, instead of minutes")
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.0, 1.5, 2.0, 3.0])
    parser.add_argument("--n", type=int, default=200, help="poems of each pole")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], metavar="PLACE=VALUE", help="numbers of the recipe")
    chosen = parser.parse_args()
    learned, judged, examined = split(read(chosen.file), chosen.seed)
    others = {line for text, _mood in judged + examined for line in text.split("\n")}
    more = [text for text, _mood in read(chosen.more)] if chosen.more else []
    more = [text for text in more if not others & set(text.split("\n"))]
    judge = Judge(judged)
    poles = {mood: pole for pole, moods in POLES.items() for mood in moods}
    exam = [judge(text) == poles[mood] for text, mood in examined if mood in poles]
    print(f"model: {len(learned)} poems and {len(more)} without mood; judge: {len(judged)} poems, right about")
    print(f"{np.mean(exam):.1%} ± {np.std(exam) / len(exam) ** 0.5:.1%} of {len(exam)} others that are real")
    with tempfile.TemporaryDirectory() as folder:
        source = collection(Path(folder), learned, more)
        settings = dict(pair.split("=", 1) for pair in chosen.set)
        budget = {"steps": chosen.steps} if chosen.steps else {"minutes": chosen.minutes}
        model = verbs.train(
            source, to=Path(folder) / "model", recipe="gpt", seed=chosen.seed, settings=settings, **budget
        )
        seen = f"{model.facts['seen']:,} {model.facts['unit']} seen in {model.facts['minutes']:g} minutes"
        print(f"{model.facts['steps']:,} steps, {seen}, losses {model.facts['losses']}")
        train = [text for text, _mood in learned] + more
        human = audit(as_long_as(train[:400], [text for text, _mood in judged]), Passages(train))
        columns = {"agreement": 11, "negative": 10, "positive": 10, "in shape": 10, "copied": 8, "longest": 9}
        print("guidance" + "".join(f"{name:>{width}}" for name, width in columns.items()))
        rows = [measure(model, judge, train, chosen.n, chosen.seed, guidance) for guidance in chosen.guidance]
    for row in rows:
        shares = "".join(f"{row[name]:>{width}.1%}" for name, width in (("agreement", 11), ("negative", 10)))
        shares += f"{row['positive']:>10.1%}{row['in shape']:>10.1%}{row['copied']:>8.1%}{row['longest copy']:>9}"
        print(f"{row['guidance']:>8g}{shares}")
    print(f"{'real':>8}{'':>41}{human.copied:>8.1%}{human.most:>9}   (poems the model has not seen)")
    for row in rows:
        for pole, texts in row["shown"].items():
            print(
                f"\nguidance {row['guidance']:g}, {pole}:", *(text.replace("\n", " / ") for text in texts), sep="\n  "
            )


if __name__ == "__main__":
    main()

"""How good works get in equal time: the default recipe against ``dcgan``, and how fast each draws.

    python -m benchmarks quality [FOLDER] [--minutes 4 10] [--recipes flow dcgan] [--n 2000]

Every recipe trains for the same minutes on the same collection, one after the other in this process, and makes ``n``
works from the same seed. They are compared with the works held out in two spaces that no recipe was trained with:
the fixed one of ``bottega evaluate``, and the last features of a ``classifier`` trained on the labels of the training
works. The real-versus-real floor is what as many training works score.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

from bottega import verbs
from bottega.datasets.prepared import Prepared, prepare
from bottega.evaluation.distances import density_coverage, frechet_distance, kernel_distance
from bottega.evaluation.features import classifier_features, fixed_features
from bottega.media import image

SEED = 1


def figures(space, held_out: np.ndarray, works: np.ndarray) -> dict[str, float]:
    """Distances and coverage of some works from the held-out ones."""
    real, made = space(held_out), space(works)
    scale = np.sqrt(real.var(0).mean())
    real, made = real / scale, made / scale
    return {
        "frechet": frechet_distance(real, made),
        "kernel": kernel_distance(real, made).value,
        "coverage": density_coverage(real, made[: len(real)])[1],  # more works than real ones would flatter
    }


def measure(source: Path, out: Path, minutes: float, recipes: list[str], n: int) -> list[dict]:
    """Train, draw and compare every recipe."""
    data: Prepared = prepare(source, size=(32, 32))
    judge = out / "classifier"
    if not (judge / "config.json").exists():
        verbs.train(source, to=judge, recipe="classifier", minutes=3, size=(32, 32))
    labels = verbs.load_model(judge)
    spaces = {"fixed": fixed_features(), "labels": classifier_features(labels.objective, labels.shape)}
    held_out = data.rows(data.held_out)
    rng = np.random.default_rng(SEED)
    floor = data.rows(rng.choice(data.train, min(n, len(data.train)), replace=False))
    rows = [{"recipe": "real works", **{name: figures(space, held_out, floor) for name, space in spaces.items()}}]
    for recipe in recipes:
        model = verbs.train(source, to=out / f"{recipe}-{minutes:g}", recipe=recipe, minutes=minutes, size=(32, 32))
        started = time.perf_counter()
        works = model.generate_pixels(n, seed=SEED)
        drawn = n / (time.perf_counter() - started)
        image.write(out / f"{recipe}-{minutes:g}.png", image.sheet(works[:100], columns=10), None)
        row = {name: figures(space, held_out, works) for name, space in spaces.items()}
        speeds = {"trained_per_second": model.facts["seen_per_second"], "drawn_per_second": round(drawn, 1)}
        rows.append({"recipe": recipe, "minutes": minutes, **speeds, **row})
        print(json.dumps(rows[-1]), flush=True)
    return rows


def table(rows: list[dict]) -> str:
    """Rows for people."""
    lines = [
        f"{'recipe':<12}{'min':>5}{'seen/s':>8}{'drawn/s':>9}"
        + "".join(
            f"{space + ' ' + what:>17}" for space in ("fixed", "labels") for what in ("frechet", "kernel", "coverage")
        )
    ]
    for row in rows:
        line = f"{row['recipe']:<12}{row.get('minutes', 0):>5g}{row.get('trained_per_second', 0):>8.0f}"
        line += f"{row.get('drawn_per_second', 0):>9.0f}"
        for space in ("fixed", "labels"):
            line += "".join(f"{row[space][what]:>17.4f}" for what in ("frechet", "kernel", "coverage"))
        lines.append(line)
    return "\n".join(lines)


def main() -> None:
    """Print a table for each number of minutes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks quality", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[4.0])
    parser.add_argument("--recipes", nargs="+", default=["dcgan", "flow"])
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/out"))
    chosen = parser.parse_args()
    for minutes in chosen.minutes:
        print(table(measure(chosen.folder, chosen.out, minutes, chosen.recipes, chosen.n)), flush=True)


if __name__ == "__main__":
    main()

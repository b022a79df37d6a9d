"""How good a model is: its works against held-out works, each figure beside what real works score; and its copies."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega.evaluation import copies
from bottega.evaluation.distances import frechet_distance, kernel_distance, neighbourhoods
from bottega.evaluation.features import FeatureSpace, fixed_features
from bottega.evaluation.figures import Figure, too_few
from bottega.evaluation.inception import find_weights, inception_features
from bottega.language import _
from bottega.media import image
from bottega.provenance.record import says
from bottega.randomness import Random

if TYPE_CHECKING:
    from bottega.datasets.prepared import Prepared
    from bottega.models import Model

SHARES = ("precision", "recall", "density", "coverage")
FEWEST = {"kernel_distance": 20, "frechet_distance": 100, **dict.fromkeys(SHARES, 20)}
"""Works needed on each side; below, chance is larger than what is measured."""
PERCENT = ("precision", "recall", "coverage", "copies")


@dataclass(frozen=True)
class Evaluation:
    """What was measured.

    Attributes:
        figures: by name: ``kernel_distance``, ``frechet_distance``, ``precision``, ``recall``, ``density``,
            ``coverage``, ``copies``, and ``fid`` where the weights of Inception are on this machine.
        feature_space, description: where the distances were measured.
        samples: works made for it; compared: those, and as many training works for the floor, in the distances.
        held_out, train: works of the collection.
        seed: of the samples.
        closest_pairs: sheet of the samples nearest to training works, uint8 ``(H, W, 3)``.
    """

    figures: dict[str, Figure]
    feature_space: str
    description: str
    samples: int
    compared: int
    held_out: int
    train: int
    seed: int
    closest_pairs: np.ndarray

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names; a figure without a value says why."""
        return {
            "feature_space": {"name": self.feature_space, "description": self.description},
            "samples": self.samples,
            "compared": self.compared,
            "held_out": self.held_out,
            "train": self.train,
            "seed": self.seed,
            **{name: figure.as_json() for name, figure in self.figures.items()},
        }

    def show(self, folder: Path) -> list[str]:
        """Writes ``closest-pairs.png``; the line of Markdown that shows it."""
        image.write(folder / "closest-pairs.png", self.closest_pairs, says(composite=True))
        return [f"![{_('Samples beside the training works nearest to them')}](closest-pairs.png)"]

    def text(self) -> str:
        """The same for people: a line for each figure."""
        counts = _("{samples:,} new works, compared with {held_out:,} works held out of training.")
        lines = [counts.format(samples=self.samples, held_out=self.held_out)]
        lines.append(_("In brackets: what as many training works score, the best there is to reach."))
        lines += [line(name, figure) for name, figure in self.figures.items()]
        return "\n".join([*lines, _("Distances are measured in {space}.").format(space=self.description)])


def line(name: str, figure: Figure) -> str:
    """One figure for people, with what it means."""
    meaning = {
        "kernel_distance": _("Kernel distance, smaller is better"),
        "frechet_distance": _("Fréchet distance, smaller is better"),
        "fid": _("FID (Inception), smaller is better"),
        "precision": _("Precision, new works that look real"),
        "recall": _("Recall, real works that could have been made"),
        "density": _("Density, new works where real ones are many"),
        "coverage": _("Coverage, real works with a new one near them"),
        "copies": _("Copies, new works too close to a training work"),
    }[name]
    return figure.line(meaning, percent=name in PERCENT)


def evaluate(
    model: "Model",
    data: "Prepared",
    *,
    n: int = 1000,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Make works and measure them against works the model has not learned from.

    Distances compare as many samples as there are training works, at most ``n``, so that the floor is fair; precision,
    recall, density and coverage as many as there are held-out works.

    Args:
        model: makes works of ``data``'s shape.
        data: the collection it learned from, or another one.
        n: works to make, at least 2.
        seed: of those works.
        on_progress: called with (works made, works in all).

    Raises:
        UsageError: the model makes no works.
    """
    samples = model.generate_pixels(n, seed=seed, on_progress=on_progress)
    train, held_out = shuffled(data, data.train, seed), shuffled(data, data.held_out, seed)
    compared = min(n, len(train))
    space = fixed_features(64 if min(data.shape[1:]) >= 64 else 32)
    stand_in = Rows(data, train.rows[:compared])
    figures = compare(seen(space, held_out), seen(space, samples[:compared]), seen(space, stand_in))
    if weights := find_weights():
        there = inception_features(weights)
        figures["fid"] = frechet(seen(there, held_out), seen(there, samples[:compared]), seen(there, stand_in))
    figures["copies"], sheet = copy_audit(samples, Rows(data, data.train), held_out)
    return Evaluation(
        figures=figures,
        feature_space=space.name,
        description=space.description,
        samples=n,
        compared=compared,
        held_out=len(data.held_out),
        train=len(data.train),
        seed=seed,
        closest_pairs=sheet,
    )


@dataclass(frozen=True)
class Rows:
    """Some works of a prepared collection, read when they are asked for."""

    data: "Prepared"
    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, wanted: np.ndarray) -> np.ndarray:
        return self.data.rows(self.rows[wanted])


def shuffled(data: "Prepared", rows: np.ndarray, seed: int) -> Rows:
    """The same works in an order that has nothing to do with names and classes, so that any first part is a sample."""
    return Rows(data, rows[Random(seed, "floor").permutation(len(rows)).numpy()])


def seen(space: FeatureSpace, works: copies.Works) -> np.ndarray:
    """Features of works ``(N, D)``, read a few megabytes at a time."""
    return np.concatenate([space(pictures) for pictures in copies.chunks(works)])


def compare(real: np.ndarray, fake: np.ndarray, floor: np.ndarray) -> dict[str, Figure]:
    """Figures of features ``fake`` against ``real``, beside those of ``floor``, real works in the place of samples."""
    there = min(len(real), len(fake), len(floor))
    figures = {name: too_few(FEWEST[name], there) for name in FEWEST}
    if there >= FEWEST["kernel_distance"]:
        ours, base = kernel_distance(real, fake), kernel_distance(real, floor)
        figures["kernel_distance"] = Figure(ours.value, base.value, error=ours.error)
    figures["frechet_distance"] = frechet(real, fake, floor)
    if there >= FEWEST["coverage"]:
        mine, best = (neighbourhoods(real[:there], other[:there]) for other in (fake, floor))
        figures |= {name: Figure(getattr(mine, name), getattr(best, name)) for name in SHARES}
    return figures


def frechet(real: np.ndarray, fake: np.ndarray, floor: np.ndarray) -> Figure:
    """The Fréchet distance of ``fake`` and of ``floor`` from ``real``."""
    there = min(len(real), len(fake), len(floor))
    if there < FEWEST["frechet_distance"]:
        return too_few(FEWEST["frechet_distance"], there)
    return Figure(frechet_distance(real, fake), frechet_distance(real, floor))


def copy_audit(samples: np.ndarray, train: copies.Works, held_out: copies.Works) -> tuple[Figure, np.ndarray]:
    """The share of copies, and the sheet of closest pairs; with hardly any training works only the sheet."""
    if len(train) >= copies.FEWEST:
        found = copies.audit(samples, train, held_out)
        return Figure(found.share, found.floor), copies.closest_pairs_sheet(found, samples, train)
    reason = _("too few works to tell: {needed} training works are needed, there are {there}")
    beside = [copies.Pair(i, i % len(train), 1.0, False) for i in range(len(samples))]
    sheet = copies.closest_pairs_sheet(copies.CopyAudit(0.0, 0.0, 0.0, beside), samples, train)
    return Figure(None, None, reason=reason.format(needed=copies.FEWEST, there=len(train))), sheet

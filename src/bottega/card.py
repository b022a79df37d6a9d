"""The card of a model: what it learned from, how long, on what machine, how good it is, and whether it copies."""

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch

from bottega.language import _, later
from bottega.models import Model
from bottega.provenance.record import versions

if TYPE_CHECKING:
    import numpy as np

    from bottega.training.run import Rows
    from bottega.training.settings import Outcome


class Collection(Protocol):
    """A prepared collection of any medium."""

    classes: list[str]
    labels: "np.ndarray | None"
    train: "np.ndarray"
    held_out: "np.ndarray"
    fingerprint: str
    report: Any


class Evaluation(Protocol):
    """What was measured, in any medium."""

    def as_json(self) -> dict[str, Any]:
        """Plain numbers under stable names."""
        ...

    def text(self) -> str:
        """The same for people."""
        ...

    def show(self, folder: Path) -> list[str]:
        """Writes what can be looked at into the model's folder; the lines of Markdown that show it."""
        ...


PIPELINES = {
    ("image", True): "unconditional-image-generation",
    ("image", False): "image-classification",
    ("audio", True): "text-to-audio",
    ("audio", False): "audio-to-audio",
    ("score", True): "text-to-audio",
    ("text", True): "text-generation",
    ("text", False): "text2text-generation",
    ("video", True): "text-to-video",
    ("video", False): "video-to-video",
}
"""What the Hugging Face Hub calls a model of each medium that makes works by itself, or does not."""

BUDGETS = {
    "minutes": later("{n} min"),
    "steps": later("{n} steps"),
    "epochs": later("{n} epochs"),
}
"""What a training was planned for, in words."""


CARD = "README.md"
MEASURED = "<!-- measured -->"
"""Stands in a card above its figures, which a new measurement replaces."""


def facts(data: Collection, rows: "Rows", outcome: "Outcome", prepared: dict[str, Any], seed: int) -> dict[str, Any]:
    """What is worth knowing about a training, as plain JSON; no path and no name of a person."""
    seen = round(outcome.works_seen * rows.per_row)
    return {
        "works": {"train": len(data.train), "held_out": len(data.held_out), "skipped": len(data.report.skipped)},
        "fingerprint": data.fingerprint,
        "prepared": prepared,
        "seed": seed,
        "steps": outcome.steps,
        "budget": outcome.budget.given(),
        "progress": round(outcome.progress, 4),
        "unit": rows.unit,
        "seen": seen,
        "minutes": round(outcome.seconds / 60, 2),
        "seen_per_second": round(seen / max(outcome.seconds, 1e-9), 1),
        "losses": {name: round(value, 5) for name, value in outcome.losses.items()},
        "machine": f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads",
        "versions": versions(),
    }


def write(model: Model) -> None:
    """Writes ``README.md`` into the model's folder with what it makes; there are no figures yet."""
    assert model.folder is not None
    below = [MEASURED, "", _("Not measured yet: “bottega evaluate” does it."), ""]
    (model.folder / CARD).write_text(_above(model) + "\n".join(below), encoding="utf-8")


def measured(model: Model, evaluation: Evaluation) -> None:
    """Writes figures into the model's folder, and at the end of its card: people write above."""
    assert model.folder is not None
    text = json.dumps(evaluation.as_json(), indent=2, ensure_ascii=False)
    (model.folder / "evaluation.json").write_text(text, encoding="utf-8")
    card, whatever = model.folder / CARD, ("utf-8", "surrogateescape")
    above, mark, _before = card.read_text(*whatever).partition(MEASURED) if card.exists() else ("", "", "")
    figures = [f"## {_('Measured')}", "", "```", evaluation.text(), "```", "", *evaluation.show(model.folder)]
    card.write_text((above if mark else _above(model)) + "\n".join([MEASURED, "", *figures, ""]), *whatever)


def _above(model: Model) -> str:
    """What stands in a card above its figures: what the model makes, drawn into its folder, and what is known of it."""
    assert model.folder is not None
    lines = [*_head(model), *model.show(model.folder), *(f"- {line}" for line in _told(model)), "", ""]
    return "\n".join(lines)


def _head(model: Model) -> list[str]:
    return [
        "---",
        "library_name: bottega",
        "license: other",
        f"pipeline_tag: {PIPELINES[model.recipe.medium, model.makes_works]}",
        f"tags: [bottega, {model.recipe.name}, {model.recipe.medium}]",
        "---",
        "",
        f"# {model.recipe.said('title')}",
        "",
    ]


def _told(model: Model) -> list[str]:
    known = model.facts
    seen = _("{seen:,} {unit}").format(seen=known["seen"], unit=_(known["unit"]))
    return [
        _("Learned from {train:,} works ({held_out:,} more were held out), {size}.").format(
            size=model.size(), **known["works"]
        ),
        _("Recipe “{name}” ({source}).").format(name=model.recipe.name, source=model.recipe.source),
        _("Trained {minutes} minutes, {steps:,} steps, {seen} seen, on {machine}.").format(**(known | {"seen": seen})),
        *_ended_early(known),
        _("Classes: {classes}.").format(classes=", ".join(model.classes) or "–"),
        _("Collection (content hash): {fingerprint}.").format(**known),
        _("Rights: the works belong to whoever made them; say here what others may do with this model."),
    ]


def _ended_early(known: dict[str, Any]) -> list[str]:
    """What was planned, of a training that somebody ended before: its learning rate had not come down yet."""
    if known.get("progress", 1) >= 1:
        return []
    ((unit, n),) = known["budget"].items()
    said = _("Ended early, after {share} of what was planned: {planned}.")
    return [said.format(share=f"{known['progress']:.0%}", planned=_(BUDGETS[unit]).format(n=f"{round(n, 2):,}"))]

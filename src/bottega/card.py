"""The card of a model: what it learned from, how long, on what machine, how good it is, and whether it copies."""

import json
import platform
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from bottega.language import _
from bottega.media import image
from bottega.models import Model
from bottega.provenance.record import versions

if TYPE_CHECKING:
    from bottega.datasets.prepared import Prepared
    from bottega.evaluation.report import Evaluation
    from bottega.training.settings import Outcome


def facts(data: "Prepared", outcome: "Outcome", prepared: dict[str, Any], seed: int) -> dict[str, Any]:
    """What is worth knowing about a training, as plain JSON; no path and no name of a person."""
    return {
        "works": {"train": len(data.train), "held_out": len(data.held_out), "skipped": len(data.report.skipped)},
        "fingerprint": data.fingerprint,
        "prepared": {"size": list(prepared["size"]), "fit": prepared["fit"], "alpha": prepared["alpha"]},
        "seed": seed,
        "steps": outcome.steps,
        "works_seen": outcome.works_seen,
        "minutes": round(outcome.seconds / 60, 2),
        "works_per_second": round(outcome.works_seen / max(outcome.seconds, 1e-9), 1),
        "losses": {name: round(value, 5) for name, value in outcome.losses.items()},
        "machine": f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads",
        "versions": versions(),
    }


def write(model: Model, evaluation: "Evaluation | None" = None) -> None:
    """Writes ``README.md`` into the model's folder, with a sheet of samples, and the figures when there are any."""
    assert model.folder is not None
    if model.makes_works and evaluation is None:
        image.write(model.folder / "samples.png", image.sheet(model.generate_pixels(64)), None)
        _time_lapse(model.folder)
    if evaluation is not None:
        text = json.dumps(evaluation.as_json(), indent=2, ensure_ascii=False)
        (model.folder / "evaluation.json").write_text(text, encoding="utf-8")
        image.write(model.folder / "closest-pairs.png", evaluation.closest_pairs, None)
    (model.folder / "README.md").write_text(_text(model, evaluation), encoding="utf-8")


def _time_lapse(folder: Path) -> None:
    """``time-lapse.webp`` from the previews of the training: the same works, again and again, as they were learned."""
    frames = [image.read(path) for path in sorted((folder / "training" / "previews").glob("*.png"))]
    if frames:
        image.write_time_lapse(folder / "time-lapse.webp", frames)


def _text(model: Model, evaluation: "Evaluation | None") -> str:
    known, works = model.facts, model.facts["works"]
    head = [
        "---",
        "library_name: bottega",
        "license: other",
        f"pipeline_tag: {'unconditional-image-generation' if model.makes_works else 'image-classification'}",
        f"tags: [bottega, {model.recipe.name}, {model.recipe.medium}]",
        "---",
        "",
        f"# {model.recipe.said('title')}",
        "",
    ]
    if model.makes_works:
        head += [
            f"![{_('Works made by this model')}](samples.png)",
            "",
            f"![{_('How they were learned')}](time-lapse.webp)",
            "",
        ]
    size = f"{model.shape[2]}×{model.shape[1]}"
    lines = [
        _("Learned from {train:,} works ({held_out:,} more were held out), {size} pixels.").format(size=size, **works),
        _("Recipe “{name}” ({source}).").format(name=model.recipe.name, source=model.recipe.source),
        _("Trained {minutes} minutes, {steps:,} steps, {works_seen:,} works seen, on {machine}.").format(**known),
        _("Classes: {classes}.").format(classes=", ".join(model.classes) or "–"),
        _("Collection (content hash): {fingerprint}.").format(**known),
        _("Rights: the works belong to whoever made them; say here what others may do with this model."),
    ]
    body = [f"- {line}" for line in lines]
    if evaluation is not None:
        body += ["", f"## {_('Measured')}", "", "```", evaluation.text(), "```", ""]
        body += [f"![{_('Samples beside the training works nearest to them')}](closest-pairs.png)"]
    else:
        body += ["", _("Not measured yet: “bottega evaluate” does it.")]
    return "\n".join([*head, *body, ""])

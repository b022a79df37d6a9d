"""The craft of pictures."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bottega import events
from bottega.crafts.schemas import ImageMaking, ImagePreparation
from bottega.crafts.sources import at_hand
from bottega.datasets import prepared
from bottega.datasets.order import Shuffled
from bottega.datasets.prepared import Prepared
from bottega.language import _
from bottega.media import image
from bottega.models.model import Work, class_shares, initialised
from bottega.models.pictures import PictureModel
from bottega.randomness import Random
from bottega.recipes.recipe import Recipe, load
from bottega.representations.pixels import Pixels
from bottega.training.budget import Budget

if TYPE_CHECKING:
    from bottega.evaluation.report import Evaluation
    from bottega.training.run import Preview

endings = frozenset(image.READ)

PREVIEW = 36
"""Works on the contact sheet that training draws again and again from the same noise."""
FEW, OFTEN = 1000, 50
"""Fewer works than this, seen more often than this, are learned by heart."""
DETAIL, LARGEST_FINISH = 1000, 1024
"""Works from which the detail of finished pictures is taken, and the longest side they can be finished at."""
SEEN_PER_MINUTE = 20_000
"""Works at 32 pixels that the default recipe sees in a minute on two cores."""


Preparation, Making = ImagePreparation, ImageMaking


def prepare(
    source: Path, wishes: ImagePreparation, minutes: float | None, say: events.Listener, largest: int = prepared.LARGEST
) -> tuple[Prepared, dict[str, Any]]:
    """32 pixels for a short training; 64, which takes four times as long, when there is time for it."""
    size = wishes.size or ((64, 64) if minutes and minutes >= 30 else (32, 32))
    given = {"size": size, "fit": wishes.fit, "alpha": wishes.alpha}
    data = prepared.prepare(
        source, **given, on_progress=lambda done, total: say(events.Preparing(done, total)), largest=largest
    )
    return data, given


def choose(data: Prepared, budget: Budget) -> tuple[str, str]:
    """The recipe for so many works and so much time, and why.

    A model that looks at each work hundreds of times learns it by heart, so few works and much time call for variations
    (see docs/lab/few.md); where time is short, even a few works are not seen often enough for that.
    """
    works = len(data.train)
    steps = budget.in_steps(works, load("flow").training.batch)
    seen = SEEN_PER_MINUTE * (budget.minutes or 0) if steps is None else steps * load("flow").training.batch
    looks = seen / works
    if works < FEW and looks > OFTEN:
        why = _(
            "because {works} works would be seen about {looks:.0f} times each and learned by heart; it varies them."
        )
        return "flow-few", why.format(works=works, looks=looks)
    return "flow", _("because it learns the most from {works:,} works in the time.").format(works=works)


def begin(recipe: Recipe, data: Prepared, seed: int) -> tuple[PictureModel, Shuffled, Any]:
    """An untrained model, its pictures one by one, and pixels as numbers."""
    pixels = Pixels(data.shape)
    objective = initialised(recipe, pixels, len(data.classes), seed)
    return (
        PictureModel(recipe, pixels, data.classes, class_shares(data.classes, data.labels, data.train), objective),
        Shuffled(data),
        pixels.encode,
    )


def preview(model: PictureModel, data: Prepared) -> "Preview | None":
    """Draws the contact sheet of a training's time-lapse: always from the same noise, and quickly."""
    if not model.makes_works:
        return None
    quick = model.objective.quick
    return lambda _objective: image.sheet(model.generate_pixels(PREVIEW, seed=0, label=None, on_progress=None, **quick))


def make(
    model: PictureModel,
    n: int,
    seed: int,
    label: str | None,
    wishes: ImageMaking,
    works: Path | None,
    say: events.Listener,
) -> list[Work]:
    """New pictures, finished when that is wished for."""
    controls = wishes.model_dump(exclude={"finish"}, exclude_none=True)
    made = model.generate(n, seed=seed, label=label, **controls)
    if wishes.finish is None:
        return made
    from bottega.editing.operation import Job
    from bottega.editing.patchwork.upscale import finish

    data = collection(model, works, wishes, say)
    chosen = np.sort(Random(seed, "detail").permutation(len(data.train)).numpy()[:DETAIL])
    sources = list(data.rows(data.train[chosen]))
    job = Job(seed, model, lambda share, preview: say(events.Editing(share, preview)))
    pictures = finish([work.content for work in made], sources, wishes.finish, job)
    for sentence in job.notes:
        say(events.Said(sentence))
    for work, picture in zip(made, pictures, strict=True):
        work.content = picture
        work.record["parameters"]["controls"]["finish"] = wishes.finish
        work.record["parameters"]["works"] = data.fingerprint
    return made


def collection(model: PictureModel, works: Path | None, wishes: ImageMaking, say: events.Listener) -> Prepared:
    """The works a model learned from, as large as finished pictures are to be.

    Raises:
        DataError: nobody says where they are.
    """
    given = model.facts["prepared"]
    scale = (wishes.finish or max(given["size"])) / max(given["size"])
    height, width = (max(16, round(side * scale / 8) * 8) for side in given["size"])
    larger = Preparation(**(given | {"size": (height, width)}))
    return prepare(at_hand(works), larger, None, say, LARGEST_FINISH)[0]


def sheet(works: list[Work]) -> np.ndarray:
    """All pictures side by side."""
    return image.sheet(np.stack([work.content for work in works]))


def beside(path: Path, content: Any, wishes: ImageMaking | None = None) -> list[Path]:
    """Nothing: a picture is seen as it is."""
    return []


SAMPLES = 1000
"""Works made to measure a model."""


def evaluate(model: PictureModel, data: Prepared, n: int | None, seed: int, say: events.Listener) -> "Evaluation":
    """Distances to held-out works, and copies."""
    from bottega.evaluation import report

    return report.evaluate(model, data, n=n or SAMPLES, seed=seed)

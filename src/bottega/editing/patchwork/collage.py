"""One picture of the patches of several works, or of one in the shape of another."""

from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

LARGEST_SIDE = 2_048  # of a collage whose size nobody said


class CollageSettings(Settings):
    """What a person can choose; see the descriptions."""

    mingle: float = Field(
        0.4, ge=0, le=1, description=later("How much the works mingle: 0 is large regions of each, 1 small ones.")
    )
    weights: str = Field(
        "", description=later("How much of each work, as numbers such as 2,1,1; the same of all if empty.")
    )
    size: str = Field("", description=later("The size of the result as WxH; that of the first work if empty."))


class AnalogySettings(Settings):
    """What a person can choose; see the descriptions."""

    likeness: float = Field(
        0.5, ge=0, le=1, description=later("How closely the result follows light and dark of the first picture.")
    )


def collage(works: Works, settings: CollageSettings, job: Job) -> Made:
    """Mingle the works."""
    from bottega.editing import pixels
    from bottega.editing.masks import size_of
    from bottega.patches import arranging, measure

    pictures = works["picture"]
    size = pixels.checked(size_of(settings.size) if settings.size else own_size(pictures[0]), job)
    sources = [pixels.no_larger(pixels.to_tensor(picture), size) for picture in pictures]
    weights = weights_of(settings.weights, len(sources))
    made = arranging.collage(
        sources,
        size,
        weights,
        settings.mingle,
        job.random("collage"),
        lambda share, x: job.show(share, pixels.preview(x)),
    )
    facts = {f"coverage_{i}": round(measure.coverage(source, made), 3) for i, source in enumerate(sources, start=1)}
    return Made([pixels.to_picture(made)], dict(facts))


def own_size(picture: "np.ndarray") -> tuple[int, int]:
    """The size of a picture, in proportion no longer than 2,048 pixels."""
    from bottega.patches import in_proportion

    height, width = picture.shape[:2]
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    return in_proportion((height, width), scale)


def weights_of(text: str, count: int) -> list[float]:
    """``"2,1,1"`` as the share of each source, in proportion; ones for none.

    Raises:
        UsageError: not as many positive numbers as there are works.
    """
    if not text:
        return [1.0] * count
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(0 < number < 1e6 for number in numbers):
        message = _("The weights must be {count} numbers above 0 with commas between them; they are “{text}”.")
        raise UsageError(message.format(count=count, text=text))
    return numbers


def analogy(works: Works, settings: AnalogySettings, job: Job) -> Made:
    """Make the first picture of the patches of the others."""
    from bottega.editing import pixels
    from bottega.patches import arranging

    structure = pixels.to_tensor(works["picture"][0])
    size = pixels.checked((structure.shape[1], structure.shape[2]), job)
    sources = [pixels.no_larger(pixels.to_tensor(picture), size) for picture in works["patches"]]
    made = arranging.analogy(
        structure,
        sources,
        settings.likeness,
        job.random("analogy"),
        lambda share, x: job.show(share, pixels.preview(x)),
    )
    return Made([pixels.to_picture(made)], {"likeness": round(alike(structure, made), 3)})


def alike(structure: "Tensor", made: "Tensor") -> float:
    """How well light and dark agree, by rank, at 32 pixels: 1 is the same order, 0 none."""
    import torch

    from bottega.patches import arranging, resize
    from bottega.patches.measure import within

    size = within(tuple(made.shape[1:]), 32)
    pair = torch.stack([arranging.ranks(arranging.lightness(resize(x, size))).flatten() for x in (structure, made)])
    if bool((pair.amax(1) - pair.amin(1) < 1e-6).any()):
        return 0.0
    return float(torch.corrcoef(pair.double())[0, 1])


COLLAGE = Operation(
    name="collage",
    title=later("One new picture from several works"),
    inputs=(Input("picture", later("The works to take patches from."), least=2, most=None),),
    settings=CollageSettings,
    run=collage,
    examples=(
        (later("Three works in one"), "collage one.jpg two.jpg three.jpg"),
        (later("Mostly the first, finely mingled"), "collage one.jpg two.jpg --weights 3,1 --mingle 0.9"),
    ),
)

ANALOGY = Operation(
    name="analogy",
    title=later("One picture made of the patches of others"),
    inputs=(
        Input("picture", later("The picture whose light and dark are kept.")),
        Input("patches", later("The works to take patches from."), most=None),
    ),
    settings=AnalogySettings,
    run=analogy,
    examples=(
        (later("A photograph made of a painting"), "analogy photo.jpg painting.jpg"),
        (later("Closer to the photograph"), "analogy photo.jpg painting.jpg --likeness 0.9"),
    ),
)

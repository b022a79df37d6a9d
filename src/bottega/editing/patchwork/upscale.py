"""Make works larger, with detail from the artist's own works or from the picture itself."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from bottega.editing.operation import PICTURE, Input, Job, Made, Operation, Settings, Works
from bottega.errors import UsageError
from bottega.language import _, later

if TYPE_CHECKING:
    import numpy as np

WORKS_PER_LAYOUT = 8


class UpscaleSettings(Settings):
    """What a person can choose; see the descriptions."""

    factor: float = Field(2.0, gt=1, le=32, description=later("How many times larger."))
    size: str = Field("", description=later("Or the size it should fill, as WxH; the proportions stay."))
    faithful: float = Field(
        2.0, ge=0.1, le=10, description=later("How closely to keep to the small picture, next to drawing freely.")
    )


def upscale(works: Works, settings: UpscaleSettings, job: Job) -> Made:
    """Enlarge one picture with the patches of the works, if there are any, and its own."""
    from bottega.editing.patchwork.enlarging import in_tiles
    from bottega.editing.pixels import shown

    picture = works["picture"][0]
    size = wanted_size(settings, picture.shape[:2])
    others = works.get("works", [])
    made = in_tiles(picture, others, size, job.random("upscale"), settings.faithful, shown(job))
    return Made([made], {"factor": round(size[1] / picture.shape[1], 3)})


def wanted_size(settings: UpscaleSettings, size: tuple[int, int]) -> tuple[int, int]:
    """The size ``(H, W)`` of the result. Raises UsageError when it is no larger than the picture, or too large."""
    from bottega.editing.pixels import within_limit
    from bottega.patches import in_proportion

    height, width = size
    factor = settings.factor
    if settings.size:
        from bottega.editing.masks import size_of

        high, wide = size_of(settings.size)
        factor = min(high / height, wide / width)
    high, wide = in_proportion((height, width), factor)
    if (high, wide) == size or factor < 1:
        message = _("The picture is {width}×{height} already; to upscale it, ask for more.")
        raise UsageError(message.format(width=width, height=height))
    return within_limit((high, wide))


def finish(
    pictures: "Sequence[np.ndarray]", sources: "Sequence[np.ndarray]", size: int, job: Job
) -> "list[np.ndarray]":
    """Turn layouts, such as a model makes, into finished pictures with the patches of the artist's larger works.

    Args:
        pictures: uint8 ``(h, w, 3)`` or premultiplied ``(h, w, 4)``.
        sources: the artist's works, of any size; those of some size give the most.
        size: the longer side of the results.
        job: its seed; told how far it is, with the last finished picture.

    Returns:
        uint8 pictures with the proportions and the channels of the layouts.

    Raises:
        UsageError: there are no sources, or the layouts are that large already.
    """
    from bottega.editing.patchwork.enlarging import enlarged, kindred, library
    from bottega.editing.pixels import to_picture, to_tensor
    from bottega.patches import in_proportion

    if not pictures:
        return []
    if not sources:
        raise UsageError(_("To finish pictures, works are needed to take the detail from."))
    if any(max(picture.shape[:2]) >= size for picture in pictures):
        raise UsageError(_("The pictures have {size} pixels already; ask for more.").format(size=size))
    channels = pictures[0].shape[2]
    share = max(pictures[0].shape[:2]) / size
    shelf = library([scaled_to(work, size, channels) for work in sources], share)
    if sorted(max(work.shape[:2]) for work in sources)[len(sources) // 2] < size:
        job.say(_("Most works are smaller than {size} pixels: the detail is as coarse as theirs.").format(size=size))
    finished = []
    for number, picture in enumerate(pictures):
        layout = to_tensor(picture)
        scale = size / max(picture.shape[:2])
        full = in_proportion(picture.shape[:2], scale)

        def told(share: float, level: object, number: int = number) -> None:
            job.show((number + share) / len(pictures), finished[-1] if finished else None)

        chosen = kindred(layout, shelf, WORKS_PER_LAYOUT)
        made = enlarged(layout, chosen, full, job.random("finish", number), told=told)
        finished.append(to_picture(made))
        job.show((number + 1) / len(pictures), finished[-1])
    return finished


def scaled_to(work: "np.ndarray", size: int, channels: int) -> "np.ndarray":
    """A work with its longer side brought to ``size`` and with the channels of the layouts."""
    from bottega.editing.pixels import with_channels
    from bottega.media.image import fit
    from bottega.patches import in_proportion

    work = with_channels(work, channels)
    scale = size / max(work.shape[:2])
    return fit(work, in_proportion(work.shape[:2], scale), "stretch")


UPSCALE = Operation(
    name="upscale",
    title=later("Make a picture larger, with detail from its own patches or those of other works"),
    inputs=(
        PICTURE,
        Input("works", later("Works to take detail from, at their own size."), least=0, most=None),
    ),
    settings=UpscaleSettings,
    run=upscale,
    examples=(
        (later("Twice as large"), "upscale photo.jpg"),
        (later("Four times, with the strokes of two paintings"), "upscale sketch.png night.jpg scream.jpg --factor 4"),
    ),
)
